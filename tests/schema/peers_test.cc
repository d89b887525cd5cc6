// What broke in other bridges from gRPC to MCP, by the numbers of the list of findings: the part of
// it that is decided by schemas, names and texts.
#include <algorithm>
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class Service final {
 public:
  explicit Service(const std::vector<google::protobuf::FileDescriptorProto>& files)
      : graph_(descriptor::BuildOrThrow(files)), codec_(transcode::Codec::Make(graph_)) {}
  explicit Service(const std::string& text) : Service(descriptor::CompileText(text)) {}

  std::vector<const descriptor::Method*> methods() const {
    std::vector<const descriptor::Method*> all;
    for (const auto& service : graph_->services()) {
      for (const auto& method : service.methods) all.push_back(&method);
    }
    return all;
  }
  const descriptor::Method& method() const { return *methods().front(); }
  Tool tool() const { return MakeTool(method()); }
  Json input() const { return Json::parse(tool().input_schema)["properties"]; }

  // A service that echoes its arguments; or the error.
  std::string Call(const std::string& arguments) const {
    std::string wire, json;
    transcode::CodecError error;
    if (!codec_->ArgumentsToWire(*codec_->Compile(*method().input), arguments, &wire, &error) ||
        !codec_->WireToStructured(*codec_->Compile(*method().output), wire, &json, &error)) {
      return error.path + ": " + error.message;
    }
    return json;
  }

 private:
  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const transcode::Codec> codec_;
};

TEST(PeersAcceptance, No1_ServiceInTwoFilesHasAllTools) {
  auto files =
      descriptor::ProtoSource(
          {{"types.proto", R"(syntax = "proto3"; package p; message M { string id = 1; })"},
           {"service.proto", R"(syntax = "proto3"; package p; import "types.proto";
                                service Things { rpc Get(M) returns (M); rpc List(M) returns (M);
                                                 rpc Drop(M) returns (M); })"}})
          .Compile("service.proto");
  do {
    const Service service(files);
    EXPECT_THAT(ToolNames(service.methods()),
                ElementsAre("Things_Get", "Things_List", "Things_Drop"));
    EXPECT_TRUE(service.input().contains("id"));
  } while (std::next_permutation(files.begin(), files.end(),
                                 [](const auto& a, const auto& b) { return a.name() < b.name(); }));
}

TEST(PeersAcceptance, No3_RecursiveMessageStructValueAny) {
  const Service service(R"(
    syntax = "proto3"; import "google/protobuf/struct.proto"; import "google/protobuf/any.proto";
    import "google/protobuf/duration.proto";
    message Tree { string name = 1; repeated Tree children = 2; google.protobuf.Struct labels = 3;
                   google.protobuf.Value extra = 4; google.protobuf.Any any = 5;
                   google.protobuf.ListValue list = 6; }
    service Trees { rpc Grow(Tree) returns (Tree); })");
  EXPECT_LT(service.tool().input_schema.size(), 5000u);
  const std::string tree =
      R"({"name":"a","children":[{"name":"b","children":[{"name":"c","children":[{"name":"d"}]}]}],)"
      R"("labels":{"x":[1,null,{"y":"z"}]},"extra":[true],)"
      R"("any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"},)"
      R"("list":[1,"a"]})";
  EXPECT_EQ(service.Call(tree), tree) << "deeper than the schema is unrolled";
}

TEST(PeersAcceptance, No4_WellKnownTypesAreScalarsInTheSchemaAndOnTheWire) {
  const Service service(R"(
    syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
    import "google/protobuf/field_mask.proto"; import "google/protobuf/wrappers.proto";
    message Inner { google.protobuf.Timestamp at = 1; }
    message M { google.protobuf.Timestamp when = 1; google.protobuf.Duration ttl = 2;
                google.protobuf.FieldMask mask = 3; google.protobuf.Int64Value count = 4;
                google.protobuf.BoolValue flag = 5; Inner inner = 6; }
    service S { rpc Do(M) returns (M); })");
  const Json input = service.input();
  for (const char* name : {"when", "ttl", "mask", "count"})
    EXPECT_EQ(input[name]["type"], "string") << name;
  EXPECT_EQ(input["flag"]["type"], "boolean");
  EXPECT_EQ(input["inner"]["properties"]["at"]["format"], "date-time");
  EXPECT_FALSE(input["ttl"].contains("format")) << "ISO 8601 has another form";
  const std::string arguments =
      R"({"when":"2025-01-31T12:00:00Z","ttl":"1.500s","mask":"displayName,labels","count":"5",)"
      R"("flag":false,"inner":{"at":"1970-01-01T00:00:00Z"}})";
  EXPECT_EQ(service.Call(arguments), arguments);
}

TEST(PeersAcceptance, No6_OneofIsClearWithoutAUnionAtTheRoot) {
  const Service service(R"(
    syntax = "proto3";
    message Pay { oneof method { string card_token = 1; string iban = 2; } }
    service Payments { rpc Charge(Pay) returns (Pay); })");
  const Tool tool = service.tool();
  EXPECT_THAT(tool.description, HasSubstr("Set at most one of: cardToken, iban."));
  for (const char* keyword : {"oneOf", "anyOf", "allOf", "not"}) {
    EXPECT_FALSE(Json::parse(tool.input_schema).contains(keyword));
  }
  EXPECT_EQ(service.Call(R"({"iban":""})"), R"({"iban":""})");
  const std::string error = service.Call(R"({"cardToken":"a","iban":"b"})");
  EXPECT_THAT(error, HasSubstr("cardToken"));
  EXPECT_THAT(error, HasSubstr("iban"));
}

TEST(PeersAcceptance, No7_Proto3OptionalAddsNothing) {
  const Service plain(R"(syntax = "proto3"; message M { int32 a = 1; }
                         service S { rpc Do(M) returns (M); })");
  const Service optional(R"(syntax = "proto3"; message M { optional int32 a = 1; }
                            service S { rpc Do(M) returns (M); })");
  EXPECT_EQ(optional.tool().input_schema, plain.tool().input_schema);
  // A result has the zero of what is not optional.
  Json output = Json::parse(plain.tool().output_schema);
  EXPECT_EQ(output["required"], Json({"a"}));
  output.erase("required");
  EXPECT_EQ(Json::parse(optional.tool().output_schema), output);
  EXPECT_EQ(optional.tool().description, plain.tool().description);
}

TEST(PeersAcceptance, No9_RequiredOnlyWhereSomebodySaysSo) {
  const Service service(R"(
    syntax = "proto3"; import "test_options.proto";
    message Sub { string x = 1; }
    message M { string plain = 1; Sub message = 2; repeated string list = 3; optional string maybe = 4;
                string behavior = 5 [(test.field_behavior) = REQUIRED];
                string rule = 6 [(test.rules).required = true]; }
    service S { rpc Do(M) returns (M); })");
  EXPECT_EQ(Json::parse(service.tool().input_schema)["required"], Json({"behavior", "rule"}));
  EXPECT_EQ(Json::parse(service.tool().output_schema)["required"],
            Json({"plain", "behavior", "rule"}));
  const Service proto2(
      R"(syntax = "proto2"; message M { optional string a = 1; required string b = 2; }
                          service S { rpc Do(M) returns (M); })");
  EXPECT_EQ(Json::parse(proto2.tool().input_schema)["required"], Json({"b"}));
}

TEST(PeersAcceptance, No10_MadeUpDescriptionsAreTrueAndEssaysStayOut) {
  const Service service(R"(
    syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/protobuf/any.proto";
    message M { google.protobuf.Timestamp when = 1; google.protobuf.Any any = 2; }
    service OrderService { rpc CreateOrder(M) returns (M); rpc Now(M) returns (google.protobuf.Timestamp); })");
  EXPECT_EQ(service.tool().description, "Create Order, a method of the Order service. Returns M.");
  for (const auto* method : service.methods()) {
    const Tool tool = MakeTool(*method);
    for (const std::string& text : {tool.description, tool.input_schema, tool.output_schema}) {
      EXPECT_THAT(text, Not(HasSubstr("independent of any time zone")));
      EXPECT_THAT(text, Not(HasSubstr("arbitrary serialized protocol buffer")));
    }
  }
}

TEST(PeersAcceptance, No14_BothReflectionVersionsHaveNamesOfTheirOwn) {
  std::vector<google::protobuf::FileDescriptorProto> files;
  for (const char* name :
       {"grpc/reflection/v1/reflection.proto", "grpc/reflection/v1alpha/reflection.proto",
        "grpc/health/v1/health.proto"}) {
    files.push_back(descriptor::ProtoSource().Compile(name).back());
  }
  EXPECT_THAT(ToolNames(Service(files).methods()),
              ElementsAre("reflection_v1_ServerReflection_ServerReflectionInfo",
                          "reflection_v1alpha_ServerReflection_ServerReflectionInfo",
                          "Health_Check", "Health_Watch"));
}

}  // namespace
}  // namespace bridge::schema
