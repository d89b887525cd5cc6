#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/schema/corpus.h"

namespace bridge::schema {
namespace {

using Json = nlohmann::ordered_json;

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

Json ToJson(const Tool& tool) {
  Json json;
  json["name"] = tool.name;
  json["title"] = tool.title;
  json["description"] = tool.description;
  Json hints = Json::object();
  if (tool.annotations.read_only) hints["readOnlyHint"] = *tool.annotations.read_only;
  if (tool.annotations.destructive) hints["destructiveHint"] = *tool.annotations.destructive;
  if (tool.annotations.idempotent) hints["idempotentHint"] = *tool.annotations.idempotent;
  json["annotations"] = hints;
  json["inputSchema"] = Json::parse(tool.input_schema);
  json["outputSchema"] = Json::parse(tool.output_schema);
  return json;
}

struct GoldenCase {
  std::string proto;
  SchemaProfile profile;
};

class GoldenTest : public testing::TestWithParam<GoldenCase> {};

// Rewrite the files with UPDATE_GOLDEN=1 and read the difference before you commit it.
TEST_P(GoldenTest, ToolsAreAsRecorded) {
  const auto graph =
      descriptor::BuildOrThrow(descriptor::ProtoSource().Compile(GetParam().proto + ".proto"));
  SchemaOptions options;
  options.profile = GetParam().profile;
  std::vector<const descriptor::Method*> methods;
  for (const auto& service : graph->services()) {
    for (const auto& method : service.methods) methods.push_back(&method);
  }
  ASSERT_FALSE(methods.empty());
  const std::vector<std::string> names = ToolNames(methods);
  Json tools = Json::array();
  for (size_t i = 0; i < methods.size(); ++i) {
    Tool tool = MakeTool(*methods[i], options);
    tool.name = names[i];
    tools.push_back(ToJson(tool));
  }
  std::string suffix = ".golden.json";
  if (options.profile != SchemaProfile::kPortable) {
    suffix = "." + std::string(NameOf(options.profile)) + suffix;
  }
  const std::filesystem::path golden =
      std::string(TESTDATA_DIR "/schema/") + GetParam().proto + suffix;
  const std::string text = tools.dump(1) + "\n";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << text;
  EXPECT_EQ(text, ReadFile(golden)) << "UPDATE_GOLDEN=1 rewrites " << golden;
}

std::vector<GoldenCase> Cases() {
  std::vector<GoldenCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(TESTDATA_DIR "/schema")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() != ".proto" || path.stem() == "test_options") continue;
    for (const SchemaProfile profile :
         {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
      cases.push_back({path.stem(), profile});
    }
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Schema, GoldenTest, testing::ValuesIn(Cases()), [](const auto& test) {
  return test.param.proto + "_" + std::string(NameOf(test.param.profile));
});

}  // namespace
}  // namespace bridge::schema
