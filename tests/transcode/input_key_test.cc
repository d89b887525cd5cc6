#include <gtest/gtest.h>

#include "bridge/transcode/codec.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::transcode {
namespace {

// A field whose json_name no model vendor takes as a property name is called by another name in the
// tool's schema; the codec must understand what the schema asks for, and ProtoJSON's own names.
TEST(InputKey, TheSchemasNameOfAFieldIsAccepted) {
  descriptor::ProtoSource source(std::map<std::string, std::string>{{"t.proto", R"(
      syntax = "proto3"; package t;
      message M { string with_sign = 1 [json_name = "@sign"]; })"}});
  const auto graph = descriptor::Graph::Build(descriptor::PointersTo(source.Compile("t.proto")));
  ASSERT_TRUE(graph.ok()) << graph.status();
  const descriptor::Message* message = (*graph)->FindMessage("t.M");
  EXPECT_EQ(message->fields[0].input_key, "with_sign");
  const auto codec = Codec::Make(*graph);
  const Plan* plan = codec->Compile(*message);
  for (const char* json : {R"({"@sign":"x"})", R"({"with_sign":"x"})"}) {
    std::string wire;
    CodecError error;
    EXPECT_TRUE(codec->ArgumentsToWire(*plan, json, &wire, &error)) << json << error.message;
    EXPECT_EQ(wire, "\x0a\x01x") << json;
  }
}

TEST(InputKey, AShortenedNameIsAccepted) {
  const std::string name = "a" + std::string(80, 'b');
  descriptor::ProtoSource source(std::map<std::string, std::string>{
      {"t.proto", "syntax = \"proto3\"; package t; message M { string " + name + " = 1; }"}});
  const auto graph = descriptor::Graph::Build(descriptor::PointersTo(source.Compile("t.proto")));
  ASSERT_TRUE(graph.ok()) << graph.status();
  const descriptor::Message* message = (*graph)->FindMessage("t.M");
  const std::string key = message->fields[0].input_key;
  EXPECT_LE(key.size(), 64u);
  EXPECT_NE(key, name);
  const auto codec = Codec::Make(*graph);
  std::string wire;
  CodecError error;
  EXPECT_TRUE(
      codec->ArgumentsToWire(*codec->Compile(*message), "{\"" + key + "\":\"x\"}", &wire, &error))
      << error.message;
  EXPECT_EQ(wire, "\x0a\x01x");
}

}  // namespace
}  // namespace bridge::transcode
