// Bytes that are text by the field beside them: what an answer has, and what schemas say of it.
#include "bridge/descriptor/media_type.h"

#include <string>
#include <string_view>

#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kProto[] = R"(
  syntax = "proto3"; package google.api;
  message HttpBody { string content_type = 1; bytes data = 2; }
  message Late { bytes body = 1; string mime_type = 7; bytes sha256 = 8; }
  message Two { bytes a = 1; string a_mime_type = 2; bytes b = 3; string media_type = 4; }
  message Plain { bytes data = 1; string type = 2; }
  message Outer { HttpBody first = 1; repeated HttpBody more = 2; map<string, HttpBody> named = 3; }
)";

std::string Field(char number, std::string_view text) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(text.size())}.append(
      text);
}

std::string Answer(const std::string& message, const std::string& wire) {
  static const auto& graph =
      *new std::shared_ptr(descriptor::BuildOrThrow(descriptor::CompileText(kProto)));
  static const auto& codec = *new std::shared_ptr(transcode::Codec::Make(graph));
  std::string json;
  transcode::CodecError error;
  const auto* plan = codec->Compile(*graph->FindMessage("google.api." + message));
  EXPECT_TRUE(codec->WireToStructured(*plan, wire, &json, &error)) << error.message;
  return json;
}

TEST(B47MediaType, TextIsTextInAnswers) {
  struct Row {
    std::string_view type, data, expected;
  };
  for (const Row& row : {
           Row{"text/plain", "a \"b\"\n\u00fc", R"("a \"b\"\nü")"},
           Row{"text/html; charset=UTF-8", "<p>", R"("<p>")"},
           Row{"Text/CSV", "a,b", R"("a,b")"},
           Row{"application/json", R"({"a":1})", R"("{\"a\":1}")"},
           Row{"application/problem+json;charset=utf-8", "{}", R"("{}")"},
           Row{"image/svg+xml", "<svg/>", R"("<svg/>")"},
           Row{"application/x-yaml", "a: b", R"("a: b")"},
           // No text, or not to be read as UTF-8.
           Row{"image/png", "abc", R"("YWJj")"},
           Row{"application/octet-stream", "abc", R"("YWJj")"},
           Row{"text/plain; charset=iso-8859-1", "abc", R"("YWJj")"},
           Row{"text/plain", "a\xff", R"("Yf8=")"},
           Row{"text", "abc", R"("YWJj")"},
           Row{"texts/plain", "abc", R"("YWJj")"},
       }) {
    const std::string wire = Field(1, row.type) + Field(2, row.data);
    const std::string body = R"({"contentType":")" + std::string(row.type) + R"(","data":)" +
                             std::string(row.expected) + "}";
    EXPECT_EQ(Answer("HttpBody", wire), body);
    // The other way round on the wire, and inside of others.
    EXPECT_EQ(Answer("HttpBody", Field(2, row.data) + Field(1, row.type)), body);
    EXPECT_EQ(
        Answer("Outer", Field(1, wire) + Field(2, wire) + Field(2, "") +
                            Field(3, Field(1, "k") + Field(2, wire))),
        R"({"first":)" + body + R"(,"more":[)" + body + R"(,{}],"named":{"k":)" + body + "}}");
  }
  EXPECT_EQ(Answer("HttpBody", Field(2, "abc")), R"({"data":"YWJj"})");
  EXPECT_EQ(Answer("HttpBody", Field(1, "text/plain")), R"({"contentType":"text/plain"})");
}

TEST(B47MediaType, TheFieldBesideThemSaysOfWhichBytes) {
  EXPECT_EQ(Answer("Late", Field(1, "abc") + Field(7, "text/css") + Field(8, "abc")),
            R"({"body":"abc","mimeType":"text/css","sha256":"YWJj"})");
  EXPECT_EQ(Answer("Two",
                   Field(1, "abc") + Field(2, "text/css") + Field(3, "abc") + Field(4, "text/css")),
            R"({"a":"abc","aMimeType":"text/css","b":"YWJj","mediaType":"text/css"})");
  EXPECT_EQ(Answer("Plain", Field(1, "abc") + Field(2, "text/css")),
            R"({"data":"YWJj","type":"text/css"})");
}

// For each bytes field all others would be looked at.
TEST(B47MediaType, IsNotLookedForInAMessageOfVeryManyFields) {
  for (const int more : {254, 255}) {
    std::string proto =
        "syntax = \"proto3\"; package t; message M { string content_type = 1; bytes data = 2; ";
    for (int i = 0; i < more; ++i) {
      proto += "int32 f" + std::to_string(i) + " = " + std::to_string(i + 3) + "; ";
    }
    const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(proto + "}"));
    const descriptor::Message& message = *graph->FindMessage("t.M");
    EXPECT_EQ(descriptor::FindMediaType(message, *message.FindField("data")) != nullptr,
              more == 254);
  }
}

TEST(B47MediaType, TextTypesOfLines) {
  for (const char* type :
       {"application/jsonl", "application/x-jsonlines", "application/json-seq"}) {
    EXPECT_TRUE(descriptor::IsTextType(type)) << type;
  }
}

TEST(B47MediaType, SchemasSayIt) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(kProto));
  const descriptor::Message& body = *graph->FindMessage("google.api.HttpBody");
  for (const SchemaProfile profile : {SchemaProfile::kPortable, SchemaProfile::kStandard}) {
    SchemaOptions options;
    options.profile = profile;
    const Json out = Json::parse(OutputSchema(body, options))["properties"]["data"];
    EXPECT_EQ(
        out,
        Json::parse(
            R"({"type":"string","description":)"
            R"("Text if contentType is a type of text and the bytes are UTF-8, else Base64."})"));
    const Json in = Json::parse(InputSchema(body, options))["properties"]["data"];
    EXPECT_THAT(in["description"].get<std::string>(),
                testing::EndsWith(" Text too is given in Base64."));
  }
  const Json plain =
      Json::parse(OutputSchema(*graph->FindMessage("google.api.Plain")))["properties"]["data"];
  EXPECT_FALSE(plain.contains("description")) << plain;
}

}  // namespace
}  // namespace bridge::schema
