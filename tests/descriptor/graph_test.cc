#include "bridge/descriptor/graph.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/rules.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Graph, Proto3FieldsHaveTheirBits) {
  const auto graph = BuildOrThrow(CompileText(R"(
    syntax = "proto3"; package p;
    enum E { ZERO = 0; }
    message M {
      int32 plain = 1; optional int32 maybe = 2; repeated int32 list = 3;
      repeated int32 loose = 4 [packed = false]; string text = 5; E e = 6; M m = 7;
      oneof choice { string a = 8; M b = 9; }
      map<string, M> by_name = 10; bytes raw = 11 [deprecated = true];
    })"));
  struct Row {
    std::string_view name;
    Kind kind;
    bool repeated, presence, packed, utf8;
  };
  for (const Row& row : {Row{"plain", Kind::kInt32, false, false, false, false},
                         Row{"maybe", Kind::kInt32, false, true, false, false},
                         Row{"list", Kind::kInt32, true, false, true, false},
                         Row{"loose", Kind::kInt32, true, false, false, false},
                         Row{"text", Kind::kString, false, false, false, true},
                         Row{"e", Kind::kEnum, false, false, false, false},
                         Row{"m", Kind::kMessage, false, true, false, false},
                         Row{"a", Kind::kString, false, true, false, true},
                         Row{"b", Kind::kMessage, false, true, false, false},
                         Row{"by_name", Kind::kMessage, true, false, false, false},
                         Row{"raw", Kind::kBytes, false, false, false, false}}) {
    const Field& field = FieldOf(*graph, "p.M", row.name);
    EXPECT_EQ(field.kind, row.kind) << row.name;
    EXPECT_EQ(field.repeated, row.repeated) << row.name;
    EXPECT_EQ(field.presence, row.presence) << row.name;
    EXPECT_EQ(field.packed, row.packed) << row.name;
    EXPECT_EQ(field.check_utf8, row.utf8) << row.name;
    EXPECT_FALSE(field.required) << row.name;
    EXPECT_EQ(field.map, row.name == "by_name") << row.name;
    EXPECT_EQ(field.deprecated, row.name == "raw") << row.name;
  }
  const Message& m = *graph->FindMessage("p.M");
  ASSERT_EQ(m.oneofs.size(), 1u) << "the synthetic oneof of `maybe` is not listed";
  EXPECT_EQ(m.oneofs[0].name, "choice");
  EXPECT_EQ(m.oneofs[0].fields, (std::vector<int>{7, 8}));
  EXPECT_EQ(FieldOf(*graph, "p.M", "maybe").oneof, -1);
  EXPECT_EQ(FieldOf(*graph, "p.M", "a").oneof, 0);
  EXPECT_EQ(FieldOf(*graph, "p.M", "m").message, &m);
  EXPECT_FALSE(graph->FindEnum("p.E")->closed);
  const Message& entry = *FieldOf(*graph, "p.M", "by_name").message;
  ASSERT_TRUE(entry.map_entry);
  EXPECT_EQ(entry.fields[0].kind, Kind::kString);
  EXPECT_EQ(entry.fields[1].message, &m);
}

TEST(Graph, Proto2RequiredDefaultsGroupsAndExtensions) {
  const auto graph = BuildOrThrow(CompileText(R"(
    syntax = "proto2"; package p;
    enum E { ONE = 1; }
    message M {
      required int32 id = 1; optional string s = 2 [default = "x"]; repeated int32 list = 3;
      repeated int32 packed = 4 [packed = true];
      optional group Part = 5 { optional int32 n = 1; }
      extensions 100 to 200;
    }
    extend M { optional int32 extra = 100; repeated M more = 101; }
    message Scope { extend M { optional string inner = 102; } })"));
  EXPECT_TRUE(FieldOf(*graph, "p.M", "id").required);
  EXPECT_TRUE(FieldOf(*graph, "p.M", "id").presence);
  EXPECT_EQ(FieldOf(*graph, "p.M", "s").default_text, "x");
  EXPECT_FALSE(FieldOf(*graph, "p.M", "s").check_utf8);
  EXPECT_FALSE(FieldOf(*graph, "p.M", "list").packed);
  EXPECT_TRUE(FieldOf(*graph, "p.M", "packed").packed);
  EXPECT_EQ(FieldOf(*graph, "p.M", "part").kind, Kind::kGroup);
  EXPECT_EQ(FieldOf(*graph, "p.M", "part").message, graph->FindMessage("p.M.Part"));
  EXPECT_TRUE(graph->FindEnum("p.E")->closed);
  const auto& extensions = graph->FindMessage("p.M")->extensions;
  ASSERT_EQ(extensions.size(), 3u);
  EXPECT_EQ(extensions[0]->extension_name, "p.Scope.inner");
  EXPECT_EQ(extensions[1]->extension_name, "p.extra");
  EXPECT_TRUE(extensions[1]->presence);
  EXPECT_EQ(extensions[2]->message, graph->FindMessage("p.M"));
}

// Sets feature `number` of the FeatureSet that is field `features_number` of `options`.
template <typename Options>
void SetFeature(Options* options, int features_number, int number, int value) {
  pb::UnknownFieldSet features;
  features.AddVarint(number, static_cast<uint64_t>(value));
  std::string bytes;
  features.SerializeToString(&bytes);
  options->GetReflection()->MutableUnknownFields(options)->AddLengthDelimited(features_number,
                                                                              bytes);
}

pb::FileDescriptorProto MakeEdition(pb::FileDescriptorProto file, int edition) {
  file.set_syntax("editions");
  file.GetReflection()->MutableUnknownFields(&file)->AddVarint(14, static_cast<uint64_t>(edition));
  return file;
}

TEST(Graph, EditionsFeaturesAreInheritedAndOverridden) {
  pb::FileDescriptorProto file = CompileText(R"(
    syntax = "proto2"; package p;
    enum Open { A = 0; }
    enum Closed { B = 0; }
    message M {
      optional int32 plain = 1; optional int32 implicit = 2; optional int32 must = 3;
      repeated int32 list = 4; repeated int32 expanded = 5; optional string text = 6;
      optional string loose = 7; optional M child = 8; optional M delimited = 9;
      map<string, M> by_name = 10;
      oneof choice { int32 x = 11; }
    }
    message Delimited { optional M child = 1; map<string, M> by_name = 2; optional int32 n = 3; })")
                                     .back();
  for (auto& message : *file.mutable_message_type()) {
    for (auto& field : *message.mutable_field()) field.clear_options();
  }
  auto* m = file.mutable_message_type(0);
  SetFeature(m->mutable_field(1)->mutable_options(), 21, 1, 2);
  SetFeature(m->mutable_field(2)->mutable_options(), 21, 1, 3);
  SetFeature(m->mutable_field(4)->mutable_options(), 21, 3, 2);
  SetFeature(m->mutable_field(6)->mutable_options(), 21, 4, 3);
  SetFeature(m->mutable_field(8)->mutable_options(), 21, 5, 2);
  SetFeature(file.mutable_enum_type(1)->mutable_options(), 7, 2, 2);
  SetFeature(file.mutable_message_type(1)->mutable_options(), 12, 5, 2);
  for (const int edition : {1000, 1001}) {
    const auto graph = BuildOrThrow({MakeEdition(file, edition)});
    EXPECT_TRUE(FieldOf(*graph, "p.M", "plain").presence);
    EXPECT_FALSE(FieldOf(*graph, "p.M", "implicit").presence);
    EXPECT_TRUE(FieldOf(*graph, "p.M", "must").required);
    EXPECT_TRUE(FieldOf(*graph, "p.M", "must").presence);
    EXPECT_FALSE(FieldOf(*graph, "p.M", "plain").required);
    EXPECT_TRUE(FieldOf(*graph, "p.M", "list").packed);
    EXPECT_FALSE(FieldOf(*graph, "p.M", "expanded").packed);
    EXPECT_TRUE(FieldOf(*graph, "p.M", "text").check_utf8);
    EXPECT_FALSE(FieldOf(*graph, "p.M", "loose").check_utf8);
    EXPECT_EQ(FieldOf(*graph, "p.M", "child").kind, Kind::kMessage);
    EXPECT_EQ(FieldOf(*graph, "p.M", "delimited").kind, Kind::kGroup);
    EXPECT_EQ(FieldOf(*graph, "p.Delimited", "child").kind, Kind::kGroup);
    EXPECT_EQ(FieldOf(*graph, "p.Delimited", "by_name").kind, Kind::kMessage);
    EXPECT_EQ(FieldOf(*graph, "p.Delimited", "by_name").message->fields[1].kind, Kind::kMessage);
    EXPECT_TRUE(FieldOf(*graph, "p.M", "x").presence);
    EXPECT_FALSE(graph->FindEnum("p.Open")->closed);
    EXPECT_TRUE(graph->FindEnum("p.Closed")->closed);
  }
  SetFeature(file.mutable_options(), 50, 1, 2);
  const auto implicit = BuildOrThrow({MakeEdition(file, 1000)});
  EXPECT_FALSE(FieldOf(*implicit, "p.M", "plain").presence) << "the file's features are inherited";
  EXPECT_TRUE(FieldOf(*implicit, "p.M", "child").presence) << "messages always have presence";
  EXPECT_TRUE(FieldOf(*implicit, "p.M", "x").presence) << "members of a oneof always have presence";

  const auto unknown = Graph::Build(PointersTo({MakeEdition(file, 1999)}));
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("edition"));
}

TEST(Graph, FilesComeInAnyOrderAndTwice) {
  Files files = ProtoSource({{"a.proto", R"(syntax = "proto3"; package a; message A {})"},
                             {"b.proto", R"(syntax = "proto3"; package b; import "a.proto";
                                            message B { a.A a = 1; })"},
                             {"c.proto", R"(syntax = "proto3"; package c; import "b.proto";
                                            service C { rpc Do(b.B) returns (b.B); })"}})
                    .Compile("c.proto");
  std::reverse(files.begin(), files.end());
  files.push_back(files.front());
  const auto graph = BuildOrThrow(files);
  ASSERT_EQ(graph->services().size(), 1u);
  const Method& method = graph->services()[0].methods[0];
  EXPECT_EQ(method.path, "/c.C/Do");
  EXPECT_EQ(method.full_name, "c.C.Do");
  EXPECT_EQ(method.service, graph->FindService("c.C"));
  EXPECT_EQ(method.input, graph->FindMessage("b.B"));
  EXPECT_EQ(FieldOf(*graph, "b.B", "a").message, graph->FindMessage("a.A"));
}

TEST(Graph, AMissingImportMattersOnlyIfItIsUsed) {
  Files files =
      ProtoSource({{"opt.proto", R"(syntax = "proto3"; import "google/protobuf/descriptor.proto";
                                    message Info { int32 format = 1; }
                                    extend google.protobuf.FieldOptions { Info info = 291403980; })"},
                   {"used.proto", R"(syntax = "proto3"; package u; message U {})"},
                   {"a.proto", R"(syntax = "proto3"; package a; import "opt.proto";
                                  import "used.proto"; message A { u.U u = 1 [(info) = { format: 1 }]; })"}})
          .Compile("a.proto");
  const auto without = [&files](std::string_view name) {
    Files rest;
    for (const auto& file : files) {
      if (file.name() != name && file.name() != "google/protobuf/descriptor.proto") {
        rest.push_back(file);
      }
    }
    return rest;
  };
  const auto graph = BuildOrThrow(without("opt.proto"));
  ASSERT_NE(FieldOf(*graph, "a.A", "u").rules, nullptr);
  EXPECT_EQ(FieldOf(*graph, "a.A", "u").rules->format, TextFormat::kUuid);

  const auto broken = Graph::Build(PointersTo(without("used.proto")));
  EXPECT_EQ(broken.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(broken.status().message()),
              AllOf(HasSubstr("a.proto"), HasSubstr("a.A.u"), HasSubstr("u.U"),
                    HasSubstr("\"used.proto\"")));
}

TEST(Graph, WellKnownTypesAreKnownWithoutTheirFiles) {
  const auto graph = BuildOrThrow({FromText(R"pb(
    name: "a.proto"
    syntax: "proto3"
    message_type {
      name: "A"
      field {
        name: "when"
        number: 1
        label: LABEL_OPTIONAL
        type: TYPE_MESSAGE
        type_name: ".google.protobuf.Timestamp"
      }
    })pb")});
  EXPECT_EQ(FieldOf(*graph, "A", "when").message->well_known, WellKnown::kTimestamp);
  struct Row {
    std::string_view name;
    WellKnown type;
  };
  for (const Row& row :
       {Row{"Timestamp", WellKnown::kTimestamp}, Row{"Duration", WellKnown::kDuration},
        Row{"FieldMask", WellKnown::kFieldMask}, Row{"Struct", WellKnown::kStruct},
        Row{"Value", WellKnown::kValue}, Row{"ListValue", WellKnown::kListValue},
        Row{"Any", WellKnown::kAny}, Row{"Empty", WellKnown::kEmpty},
        Row{"DoubleValue", WellKnown::kDoubleValue}, Row{"UInt64Value", WellKnown::kUint64Value},
        Row{"BytesValue", WellKnown::kBytesValue}}) {
    EXPECT_EQ(graph->FindMessage("google.protobuf." + std::string(row.name))->well_known, row.type);
  }
  EXPECT_TRUE(graph->FindEnum("google.protobuf.NullValue")->null_value);
}

TEST(Graph, AnImpostorOfAWellKnownTypeIsAnOrdinaryMessage) {
  const auto graph = BuildOrThrow({FromText(R"pb(
    name: "a.proto"
    package: "google.protobuf"
    syntax: "proto3"
    message_type {
      name: "Timestamp"
      field { name: "iso" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
    }
    message_type { name: "Empty" }
    message_type {
      name: "StringValue"
      field { name: "value" number: 1 label: LABEL_REPEATED type: TYPE_STRING }
    })pb")});
  EXPECT_EQ(graph->FindMessage("google.protobuf.Timestamp")->well_known, WellKnown::kNone);
  EXPECT_EQ(graph->FindMessage("google.protobuf.StringValue")->well_known, WellKnown::kNone);
  EXPECT_EQ(graph->FindMessage("google.protobuf.Empty")->well_known, WellKnown::kEmpty);
}

// Of the right kinds, but not of the right types: the codec would follow them without end.
TEST(Graph, AnImpostorOfADynamicTypeIsAnOrdinaryMessage) {
  const std::string head = "syntax = \"proto3\"; package google.protobuf;";
  const std::string null = "enum NullValue { NULL_VALUE = 0; }";
  const std::string value = R"(
    message Value { oneof kind { NullValue a = 1; double b = 2; string c = 3; bool d = 4; )";
  const std::string list = "message ListValue { repeated Value values = 1; }";
  const std::string dynamic = "message Struct { map<string, Value> fields = 1; }";
  struct Row {
    std::string text;
    const char* impostor;
  };
  for (const Row& row :
       {Row{null + value + "Value e = 5; ListValue f = 6; } }" + list + dynamic, "Value"},
        Row{null + value + "Struct e = 5; Struct f = 6; } }" + list + dynamic, "Value"},
        Row{null + value + "} Struct e = 5; ListValue f = 6; }" + list + dynamic, "Value"},
        Row{"enum Other { A = 0; } enum NullValue { NULL_VALUE = 0; }" + value +
                "Struct e = 5; ListValue f = 6; } }"
                "message ListValue { repeated Struct values = 1; }" +
                dynamic,
            "ListValue"},
        Row{null + value + "Struct e = 5; ListValue f = 6; } }" + list +
                "message Struct { map<string, ListValue> fields = 1; }",
            "Struct"},
        Row{null + value + "Struct e = 5; ListValue f = 6; } }" + list +
                "message Struct { map<int32, Value> fields = 1; }",
            "Struct"}}) {
    const auto graph = BuildOrThrow(CompileText(head + row.text));
    for (const char* const name : {"Value", "ListValue", "Struct"}) {
      EXPECT_EQ(graph->FindMessage(std::string("google.protobuf.") + name)->well_known ==
                    WellKnown::kNone,
                name == std::string_view(row.impostor))
          << name << " in " << row.text;
    }
  }
}

TEST(Graph, TheSameTypeInTwoFilesIsTakenOnce) {
  const std::string a = R"pb(package: "p"
                             syntax: "proto3"
                             message_type { name: "A" })pb";
  const std::string b = R"pb(package: "p"
                             syntax: "proto3"
                             message_type { name: "A" reserved_name: "x" })pb";
  const Files alike = {FromText("name: 'x/a.proto'" + a), FromText("name: 'a.proto'" + a)};
  EXPECT_TRUE(Graph::Build(PointersTo(alike)).ok());
  const Files unlike = {FromText("name: 'x/a.proto'" + a), FromText("name: 'a.proto'" + b)};
  const auto clash = Graph::Build(PointersTo(unlike));
  EXPECT_THAT(std::string(clash.status().message()),
              AllOf(HasSubstr("p.A"), HasSubstr("\"a.proto\""), HasSubstr("\"x/a.proto\"")));
}

TEST(Graph, JsonNamesComeFromTheDescriptorAndStayUnique) {
  const auto graph = BuildOrThrow({FromText(R"pb(
    name: "a.proto"
    syntax: "proto3"
    message_type {
      name: "A"
      field { name: "foo_bar" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
      field { name: "fooBar" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "fooBar" }
      field { name: "given" number: 3 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "@id" }
      field { name: "_x__y_9z" number: 4 label: LABEL_OPTIONAL type: TYPE_INT32 }
      field {
        name: "a_very_long_name_that_no_vendor_accepts_as_a_property_key_of_a_tool_input"
        number: 5
        label: LABEL_OPTIONAL
        type: TYPE_INT32
      }
    })pb")});
  const auto& fields = graph->FindMessage("A")->fields;
  EXPECT_EQ(fields[0].json_name, "foo_bar") << "fooBar belongs to the field of that name";
  EXPECT_EQ(fields[1].json_name, "fooBar");
  EXPECT_EQ(fields[2].json_name, "@id");
  EXPECT_EQ(fields[2].input_key, "given");
  EXPECT_EQ(fields[3].json_name, "XY9z");
  EXPECT_EQ(fields[4].json_name, "aVeryLongNameThatNoVendorAcceptsAsAPropertyKeyOfAToolInput");
  EXPECT_EQ(fields[4].input_key, fields[4].json_name);
  const auto longer = BuildOrThrow({FromText(R"pb(
    name: "a.proto"
    syntax: "proto3"
    message_type {
      name: "A"
      field {
        name: "a_very_long_name_that_no_vendor_accepts_as_a_property_key_of_any_tools_input_schema"
        number: 5
        label: LABEL_OPTIONAL
        type: TYPE_INT32
      }
    })pb")});
  EXPECT_EQ(longer->FindMessage("A")->fields[0].input_key,
            "a_very_long_name_that_no_vendor_accepts_as_a_property__5");
}

// `@type` beside the fields of a message in an Any says which message it is; `[x]` is an extension.
TEST(Graph, KeysThatMeanSomethingElseAreNotTaken) {
  const auto graph = BuildOrThrow({FromText(R"pb(
    name: "a.proto"
    syntax: "proto3"
    message_type {
      name: "A"
      field { name: "kind" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "@type" }
      field { name: "ext" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 json_name: "[a.b]" }
    })pb")});
  EXPECT_EQ(FieldOf(*graph, "A", "kind").json_name, "kind");
  EXPECT_EQ(FieldOf(*graph, "A", "ext").json_name, "ext");
}

TEST(Graph, FieldsAreFoundByNameHoweverMany) {
  for (const int count : {1, 32, 33, 500}) {
    google::protobuf::FileDescriptorProto file = FromText(R"pb(name: "a.proto"
                                                               syntax: "proto3"
                                                               message_type { name: "A" })pb");
    for (int i = count; i > 0; --i) {
      auto* const field = file.mutable_message_type(0)->add_field();
      field->set_name("f" + std::to_string(i));
      field->set_number(i);
      field->set_type(google::protobuf::FieldDescriptorProto::TYPE_BOOL);
    }
    const auto graph = BuildOrThrow({file});
    for (int i = 1; i <= count; ++i) {
      EXPECT_EQ(FieldOf(*graph, "A", "f" + std::to_string(i)).number, i);
    }
    for (const char* absent : {"", "f", "f0", "f501", "g"}) {
      EXPECT_EQ(graph->FindMessage("A")->FindField(absent), nullptr) << absent;
    }
  }
}

TEST(Graph, MessageSetExtensionsAreUnknownFields) {
  const auto graph = BuildOrThrow(CompileText(R"(
    syntax = "proto2"; package p;
    message Set { option message_set_wire_format = true; extensions 4 to max; }
    message M { extend Set { optional M in_set = 100; } })"));
  EXPECT_TRUE(graph->FindMessage("p.Set")->message_set);
  EXPECT_TRUE(graph->FindMessage("p.Set")->extensions.empty());
}

TEST(Graph, RelativeTypeNamesAndMissingTypesAreResolvedByScope) {
  const auto graph = BuildOrThrow({FromText(R"pb(
    name: "a"
    package: "p.q"
    syntax: "proto3"
    message_type { name: "In" }
    message_type {
      name: "M"
      nested_type {
        name: "In"
        field { name: "n" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 }
      }
      enum_type {
        name: "E"
        value { name: "Z" number: 0 }
      }
      field { name: "inner" number: 1 label: LABEL_OPTIONAL type_name: "In" }
      field { name: "e" number: 2 label: LABEL_OPTIONAL type_name: "E" }
      field { name: "outer" number: 3 label: LABEL_OPTIONAL type_name: "q.In" }
    })pb")});
  EXPECT_EQ(FieldOf(*graph, "p.q.M", "inner").message, graph->FindMessage("p.q.M.In"));
  EXPECT_EQ(FieldOf(*graph, "p.q.M", "e").kind, Kind::kEnum);
  EXPECT_EQ(FieldOf(*graph, "p.q.M", "outer").message, graph->FindMessage("p.q.In"));
}

}  // namespace
}  // namespace bridge::descriptor
