// Methods of each kind are tools, and a tool says what its call needs.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "bridge/transcode/stream_arguments.h"

namespace bridge::catalog {
namespace {

using descriptor::Shape;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Streaming, EveryKindOfMethodIsATool) {
  google::protobuf::FileDescriptorProto file;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(
        name: "kinds.proto"
        syntax: "proto3"
        message_type {
          name: "M"
          field {
            name: "n"
            number: 1
            label: LABEL_OPTIONAL
            type: TYPE_INT32
            json_name: "stream_limit"
          }
        }
        service {
          name: "KindsService"
          method { name: "Get" input_type: "M" output_type: "M" }
          method { name: "Watch" input_type: "M" output_type: "M" server_streaming: true }
          method { name: "Send" input_type: "M" output_type: "M" client_streaming: true }
          method {
            name: "Talk"
            input_type: "M"
            output_type: "M"
            client_streaming: true
            server_streaming: true
          }
        })pb",
      &file));
  const Source source = {
      .upstream = "kinds", .services = {"KindsService"}, .files = {file.SerializeAsString()}};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(problems, IsEmpty());
  std::vector<std::string> names;
  for (const Tool& tool : catalog->tools()) names.push_back(tool.text.name);
  EXPECT_THAT(names, ElementsAre("Kinds_Get", "Kinds_Send", "Kinds_Talk", "Kinds_Watch"));

  const struct {
    std::string_view tool;
    Shape shape;
    std::string_view limit_key, arguments, wire;
    size_t messages;
  } rows[] = {
      {"Kinds_Send", Shape::kClientStream, "", R"({"messages":[{"n":1},{}]})", "\x08\x01", 2},
      {"Kinds_Talk", Shape::kBidi, "stream_limit", R"({"messages":[{"n":2}]})", "\x08\x02", 1},
      {"Kinds_Watch", Shape::kServerStream, "stream_limit_",
       R"({"n":3,"stream_limit_":{"seconds":1}})", "\x08\x03", 1},
  };
  for (const auto& row : rows) {
    const Tool& tool = *catalog->Find(row.tool);
    EXPECT_EQ(tool.streaming.shape, row.shape) << row.tool;
    EXPECT_EQ(tool.streaming.limit_key, row.limit_key) << row.tool;
    transcode::StreamArguments stream;
    transcode::CodecError error;
    EXPECT_TRUE(transcode::StreamArgumentsToWire({*tool.codec, *tool.input, tool.streaming},
                                                 row.arguments, {}, &stream, &error))
        << error.message;
    EXPECT_EQ(stream.wire, row.wire) << row.tool;
    EXPECT_EQ(stream.ends.size(), row.messages) << row.tool;
  }
  EXPECT_EQ(catalog->Find("Kinds_Get")->streaming.shape, Shape::kUnary);
}

}  // namespace
}  // namespace bridge::catalog
