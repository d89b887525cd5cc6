#include "bridge/descriptor/repair.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::descriptor {
namespace {

// What @grpc/reflection 1.0.4 says of a package that imports google/api/field_behavior.proto and
// has a proto3 optional, shortened to what matters.
constexpr char kOptionsFile[] = R"(
    name: "google_protobuf.proto" package: "google.protobuf" syntax: "proto3"
    message_type {
      name: "FieldOptions"
      field { name: "deprecated" number: 3 label: LABEL_OPTIONAL type: TYPE_BOOL }
      field { name: ".google.api.field_behavior" number: 1052 label: LABEL_REPEATED
              type: TYPE_ENUM type_name: "google.api.FieldBehavior" }
    })";
constexpr char kServiceFile[] = R"(
    name: "p.proto" package: "p" syntax: "proto3"
    message_type {
      name: "Outer"
      nested_type {
        name: "M"
        field { name: "x" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 0 options {} }
        field { name: "a" number: 2 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 1 }
        field { name: "b" number: 3 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 1 }
        field { name: "c" number: 4 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 2 }
        oneof_decl { name: "_x" } oneof_decl { name: "_a" } oneof_decl { name: "only" }
      }
    })";

TEST(Repair, CopiesOfExtensionsAreNoFields) {
  Files files = {FromText(kOptionsFile)};
  EXPECT_FALSE(Graph::Build(PointersTo(files)).ok());
  RepairFile(&files[0]);
  const auto graph = BuildOrThrow(files);
  const Message& options = *graph->FindMessage("google.protobuf.FieldOptions");
  ASSERT_EQ(options.fields.size(), 1u);
  EXPECT_EQ(options.fields[0].name, "deprecated");
}

TEST(Repair, TheOnlyMemberOfItsOneofIsAnOptional) {
  Files files = {FromText(kServiceFile)};
  RepairFile(&files[0]);
  const auto graph = BuildOrThrow(files);
  const Message& message = *graph->FindMessage("p.Outer.M");
  ASSERT_EQ(message.oneofs.size(), 2u);
  EXPECT_EQ(message.oneofs[0].name, "_a") << "two members: somebody's real oneof";
  EXPECT_EQ(message.oneofs[1].name, "only") << "another name: somebody's real oneof";
  EXPECT_EQ(FieldOf(*graph, "p.Outer.M", "x").oneof, -1);
  EXPECT_TRUE(FieldOf(*graph, "p.Outer.M", "x").presence);
}

TEST(Repair, AFieldOfAProto2FileHasPresence) {
  Files files = {FromText(R"(name: "old.proto" package: "old" syntax: "proto3"
      message_type {
        name: "M"
        field { name: "a" number: 1 label: LABEL_OPTIONAL type: TYPE_INT32 options { packed: false } }
        field { name: "b" number: 2 label: LABEL_REPEATED type: TYPE_INT32 options { packed: false } }
        field { name: "c" number: 3 label: LABEL_OPTIONAL type: TYPE_INT32 oneof_index: 0
                options { packed: false } }
        field { name: "d" number: 4 label: LABEL_OPTIONAL type: TYPE_INT32 }
        oneof_decl { name: "choice" }
      })")};
  RepairFile(&files[0]);
  const auto graph = BuildOrThrow(files);
  EXPECT_TRUE(FieldOf(*graph, "old.M", "a").presence);
  EXPECT_TRUE(FieldOf(*graph, "old.M", "b").repeated);
  EXPECT_FALSE(FieldOf(*graph, "old.M", "b").packed);
  EXPECT_FALSE(FieldOf(*graph, "old.M", "d").presence) << "of a proto3 file of the same package";
  const Message& message = *graph->FindMessage("old.M");
  ASSERT_EQ(message.oneofs.size(), 1u);
  EXPECT_EQ(message.oneofs[0].fields, std::vector<int>{2});
}

TEST(Repair, AMessageWithAMapIsNoMapEntry) {
  Files files = {FromText(R"(name: "p.proto" package: "p" syntax: "proto3"
      message_type {
        name: "M" options { map_entry: true deprecated: true }
        field { name: "by_name" number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE
                type_name: "ByNameEntry" }
        nested_type {
          name: "ByNameEntry" options { map_entry: true }
          field { name: "key" number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
          field { name: "value" number: 2 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: "M" }
        }
      })")};
  EXPECT_FALSE(Graph::Build(PointersTo(files)).ok());
  RepairFile(&files[0]);
  const auto graph = BuildOrThrow(files);
  EXPECT_FALSE(graph->FindMessage("p.M")->map_entry);
  EXPECT_TRUE(graph->FindMessage("p.M")->deprecated);
  EXPECT_TRUE(FieldOf(*graph, "p.M", "by_name").map);
}

TEST(Repair, WhatACompilerMadeStaysAsItIs) {
  for (const char* name : {"google/protobuf/descriptor.proto", "google/api/annotations.proto",
                           "grpc/reflection/v1/reflection.proto"}) {
    for (const auto& file : ProtoSource().Compile(name)) {
      auto repaired = file;
      RepairFile(&repaired);
      EXPECT_EQ(repaired.SerializeAsString(), file.SerializeAsString()) << file.name();
    }
  }
}

TEST(Repair, IndicesOutOfRangeAreLeftToTheGraph) {
  auto file = FromText(R"(name: "p.proto" package: "p" syntax: "proto3" message_type {
      name: "M" field { name: "x" number: 1 type: TYPE_INT32 oneof_index: 7 } })");
  const std::string before = file.SerializeAsString();
  RepairFile(&file);
  EXPECT_EQ(file.SerializeAsString(), before);
}

}  // namespace
}  // namespace bridge::descriptor
