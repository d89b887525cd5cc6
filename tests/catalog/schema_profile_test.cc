// What a tool advertises in a profile is what its codec reads.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::catalog {
namespace {

using schema::SchemaProfile;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kLabels = R"(
  name: 'labels.proto' package: 'p' syntax: 'proto3'
  message_type { name: 'M'
    field { name: 'labels' number: 1 label: LABEL_REPEATED type: TYPE_MESSAGE type_name: '.p.M.LabelsEntry' }
    nested_type { name: 'LabelsEntry' options { map_entry: true }
      field { name: 'key' number: 1 label: LABEL_OPTIONAL type: TYPE_STRING }
      field { name: 'value' number: 2 label: LABEL_OPTIONAL type: TYPE_STRING } } }
  service { name: 'S' method { name: 'Do' input_type: '.p.M' output_type: '.p.M' } })";

std::string Call(SchemaProfile profile, const std::string& arguments) {
  google::protobuf::FileDescriptorProto file;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(kLabels, &file));
  const Source source = {
      .upstream = "up", .services = {"p.S"}, .files = {file.SerializeAsString()}};
  schema::SchemaOptions options;
  options.profile = profile;
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, options, &problems);
  EXPECT_THAT(problems, IsEmpty());
  const Tool& tool = *catalog->Find("S_Do");
  EXPECT_EQ(tool.text.input_schema.find(R"("key")") != std::string::npos,
            profile == SchemaProfile::kOpenAiStrict);
  std::string wire, json;
  transcode::CodecError error;
  if (!tool.codec->ArgumentsToWire(*tool.input, arguments, &wire, &error) ||
      !tool.codec->WireToStructured(*tool.output, wire, &json, &error)) {
    return error.path + ": " + error.message;
  }
  return json;
}

TEST(SchemaProfiles, EachToolReadsWhatItAdvertises) {
  const std::string strict = R"({"labels":[{"key":"a","value":"b"}]})";
  const std::string json = R"({"labels":{"a":"b"}})";
  EXPECT_EQ(Call(SchemaProfile::kOpenAiStrict, strict), json);
  for (const SchemaProfile profile : {SchemaProfile::kPortable, SchemaProfile::kStandard}) {
    EXPECT_EQ(Call(profile, json), json);
    EXPECT_THAT(Call(profile, strict), HasSubstr("expected an object"));
  }
}

}  // namespace
}  // namespace bridge::catalog
