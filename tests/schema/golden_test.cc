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
#include "tests/schema/vendor_lint.h"

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

class GoldenTest : public testing::TestWithParam<std::string> {};

// Rewrite the files with UPDATE_GOLDEN=1 and read the difference before you commit it.
TEST_P(GoldenTest, ToolsAreAsRecorded) {
  const auto graph =
      descriptor::BuildOrThrow(descriptor::ProtoSource().Compile(GetParam() + ".proto"));
  std::vector<const descriptor::Method*> methods;
  for (const auto& service : graph->services()) {
    for (const auto& method : service.methods) methods.push_back(&method);
  }
  ASSERT_FALSE(methods.empty());
  const std::vector<std::string> names = ToolNames(methods);
  Json tools = Json::array();
  for (size_t i = 0; i < methods.size(); ++i) {
    Tool tool = MakeTool(*methods[i]);
    tool.name = names[i];
    EXPECT_EQ(VendorLint::Input(tool.input_schema), std::vector<std::string>{}) << tool.name;
    EXPECT_EQ(VendorLint::Output(tool.output_schema), std::vector<std::string>{}) << tool.name;
    tools.push_back(ToJson(tool));
  }
  const std::filesystem::path golden =
      std::string(TESTDATA_DIR "/schema/") + GetParam() + ".golden.json";
  const std::string text = tools.dump(1) + "\n";
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << text;
  EXPECT_EQ(text, ReadFile(golden)) << "UPDATE_GOLDEN=1 rewrites " << golden;
}

std::vector<std::string> Cases() {
  std::vector<std::string> cases;
  for (const auto& entry : std::filesystem::directory_iterator(TESTDATA_DIR "/schema")) {
    const std::filesystem::path& path = entry.path();
    if (path.extension() == ".proto" && path.stem() != "test_options") cases.push_back(path.stem());
  }
  std::sort(cases.begin(), cases.end());
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Schema, GoldenTest, testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace bridge::schema
