#include "tests/schema/corpus.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/schema/vendor_lint.h"

namespace bridge::schema {
namespace {

class CorpusTest : public testing::TestWithParam<SchemaProfile> {
 protected:
  CorpusTest() { options_.profile = GetParam(); }

  std::vector<std::string> Lint(const std::string& input_schema) const {
    switch (GetParam()) {
      case SchemaProfile::kPortable:
        return VendorLint::Input(input_schema);
      case SchemaProfile::kStandard:
        return VendorLint::Standard(input_schema);
      case SchemaProfile::kOpenAiStrict:
        return VendorLint::Strict(input_schema);
    }
    return {"no profile"};
  }

  SchemaOptions options_;
};

TEST_P(CorpusTest, EverySchemaPassesItsVendorsAndTheMetaSchema) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "_schemas.jsonl";
  std::ofstream file(path);
  size_t messages = 0;
  size_t bytes = 0;
  ForEachMessage([&](const descriptor::Message& message, const CorpusFile&) {
    const std::string input = InputSchema(message, options_);
    const std::string output = OutputSchema(message, options_);
    EXPECT_EQ(Lint(input), std::vector<std::string>{}) << message.full_name << " " << input;
    EXPECT_LE(input.size(), options_.max_bytes) << message.full_name;
    EXPECT_LE(output.size(), options_.max_bytes) << message.full_name;
    file << "{\"schema\":" << input << "}\n{\"schema\":" << output << "}\n";
    ++messages;
    bytes += input.size();
    if (GetParam() == SchemaProfile::kStandard) return;
    EXPECT_EQ(VendorLint::Output(output), std::vector<std::string>{}) << message.full_name;
  });
  std::printf("%s: %zu messages, %zu bytes of input schemas\n", NameOf(GetParam()).data(), messages,
              bytes);
  file.close();
  // Needs the package python3-jsonschema.
  const std::string command =
      "/usr/bin/python3 " TESTDATA_DIR "/../schema/check_schemas.py " + path;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::remove(path.c_str());
}

// The same files in another order, as another server may send them.
TEST_P(CorpusTest, SchemasAreTheSameToTheByte) {
  for (const CorpusFile& source : Corpus()) {
    descriptor::Files files(source.files.rbegin(), source.files.rend());
    const auto graph = descriptor::BuildOrThrow(files);
    for (const auto& type : source.files.back().message_type()) {
      const std::string package = source.files.back().package();
      const std::string name = package.empty() ? type.name() : package + "." + type.name();
      const descriptor::Message& first = *source.graph->FindMessage(name);
      const descriptor::Message& second = *graph->FindMessage(name);
      ASSERT_EQ(InputSchema(first, options_), InputSchema(second, options_)) << name;
      ASSERT_EQ(OutputSchema(first, options_), OutputSchema(second, options_)) << name;
    }
    for (const auto& service : source.graph->services()) {
      const descriptor::Service& other = *graph->FindService(service.full_name);
      for (size_t i = 0; i < service.methods.size(); ++i) {
        const Tool first = MakeTool(service.methods[i], options_);
        const Tool second = MakeTool(other.methods[i], options_);
        ASSERT_EQ(first.description, second.description);
        ASSERT_EQ(first.input_schema, second.input_schema);
        ASSERT_EQ(first.output_schema, second.output_schema);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Profiles, CorpusTest,
                         testing::Values(SchemaProfile::kPortable, SchemaProfile::kStandard,
                                         SchemaProfile::kOpenAiStrict),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

TEST(Corpus, EveryMethodIsATool) {
  std::vector<const descriptor::Method*> methods;
  std::set<std::string> seen;
  for (const CorpusFile& source : Corpus()) {
    for (const auto& service : source.graph->services()) {
      for (const auto& method : service.methods) {
        if (seen.insert(method.full_name).second) methods.push_back(&method);
      }
    }
  }
  EXPECT_GT(methods.size(), 40u);
  const std::vector<std::string> names = ToolNames(methods);
  std::set<std::string> unique(names.begin(), names.end());
  EXPECT_EQ(unique.size(), names.size());
  for (size_t i = 0; i < methods.size(); ++i) {
    const Tool tool = MakeTool(*methods[i]);
    EXPECT_TRUE(VendorLint::IsToolName(names[i])) << names[i];
    EXPECT_LE(names[i].size(), kMaxToolName);
    EXPECT_FALSE(tool.title.empty());
    EXPECT_FALSE(tool.description.empty());
    EXPECT_LE(tool.description.size(), SchemaOptions().max_tool_description) << names[i];
    // The words of Google's essays about Timestamp and Any.
    for (const std::string& text : {tool.description, tool.input_schema, tool.output_schema}) {
      EXPECT_EQ(text.find("civil time"), std::string::npos) << names[i];
      EXPECT_EQ(text.find("Example 1: Pack"), std::string::npos) << names[i];
    }
  }
}

}  // namespace
}  // namespace bridge::schema
