#include "tests/schema/corpus.h"

#include <unistd.h>

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

TEST(Corpus, EverySchemaPassesEveryVendorAndTheMetaSchema) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "_schemas.jsonl";
  std::ofstream file(path);
  std::set<std::string> written;
  size_t messages = 0;
  for (const CorpusFile& source : LoadCorpus()) {
    for (const auto& message : source.graph->messages()) {
      if (message.map_entry) continue;
      ++messages;
      const std::string input = InputSchema(message);
      const std::string output = OutputSchema(message);
      EXPECT_EQ(VendorLint::Input(input), std::vector<std::string>{})
          << source.name << " " << message.full_name << " " << input;
      EXPECT_EQ(VendorLint::Output(output), std::vector<std::string>{})
          << source.name << " " << message.full_name << " " << output;
      EXPECT_LE(input.size(), SchemaOptions().max_bytes) << message.full_name;
      EXPECT_LE(output.size(), SchemaOptions().max_bytes) << message.full_name;
      for (const std::string& schema : {input, output}) {
        if (written.insert(schema).second) file << "{\"schema\":" << schema << "}\n";
      }
    }
  }
  EXPECT_GT(messages, 1000u) << "the packages with .proto files are not installed";
  file.close();
  // Needs the package python3-jsonschema.
  const std::string command =
      "/usr/bin/python3 " TESTDATA_DIR "/../schema/check_schemas.py " + path;
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

TEST(Corpus, EveryMethodIsATool) {
  std::vector<const descriptor::Method*> methods;
  const std::vector<CorpusFile> corpus = LoadCorpus();
  std::set<std::string> seen;
  for (const CorpusFile& source : corpus) {
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
    EXPECT_THAT(names[i], testing::MatchesRegex("[A-Za-z][A-Za-z0-9_-]{0,47}"));
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
