// Schema and codec tell the same story: what the input schema describes is accepted, and what the
// codec writes is what the output schema describes.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "bridge/descriptor/well_known.h"
#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/schema/corpus.h"
#include "tests/schema/instance.h"
#include "tests/schema/random_wire.h"

namespace bridge::schema {
namespace {

constexpr unsigned kRounds = 4;

// Calls `visit` once for each message type of the corpus, with a codec of its graph.
template <typename Visit>
void ForEachMessage(Visit visit) {
  std::set<std::string> seen;
  for (const CorpusFile& file : LoadCorpus()) {
    const auto codec = transcode::Codec::Make(file.graph);
    for (const auto& message : file.graph->messages()) {
      if (message.map_entry || message.message_set || !seen.insert(message.full_name).second)
        continue;
      visit(message, *codec);
    }
  }
  EXPECT_GT(seen.size(), 300u);
}

class Instances final {
 public:
  // The process is in the name: the same test may run in another build at the same time.
  explicit Instances(const std::string& name)
      : path_(testing::TempDir() + std::to_string(getpid()) + "_" + name), file_(path_) {}
  ~Instances() { std::remove(path_.c_str()); }

  void Add(const std::string& name, const std::string& schema,
           const std::vector<std::string>& all) {
    if (all.empty()) return;
    file_ << R"({"name":")" << name << R"(","schema":)" << schema << R"(,"instances":[)";
    for (size_t i = 0; i < all.size(); ++i) file_ << (i == 0 ? "" : ",") << all[i];
    file_ << "]}\n";
  }

  // Needs the package python3-jsonschema.
  void ExpectValid() {
    file_.close();
    const std::string command =
        "/usr/bin/python3 " TESTDATA_DIR "/../schema/check_schemas.py " + path_;
    EXPECT_EQ(std::system(command.c_str()), 0) << command;
  }

 private:
  const std::string path_;
  std::ofstream file_;
};

std::vector<std::vector<std::string>> RootChoices(const descriptor::Message& message) {
  std::vector<std::vector<std::string>> choices;
  for (const auto& oneof : message.oneofs) {
    choices.emplace_back();
    for (const int index : oneof.fields) {
      choices.back().push_back(message.fields[static_cast<size_t>(index)].input_key);
    }
  }
  return choices;
}

TEST(Agreement, ArgumentsMadeFromTheSchemaAreAccepted) {
  Instances arguments("bridge_arguments.jsonl");
  Instances results("bridge_results.jsonl");
  ForEachMessage([&](const descriptor::Message& message, const transcode::Codec& codec) {
    const transcode::Plan* const plan = codec.Compile(message);
    const std::string input_schema = InputSchema(message);
    std::vector<std::string> inputs, outputs;
    for (unsigned round = 0; round < kRounds; ++round) {
      InstanceMaker maker(input_schema, round + 1);
      inputs.push_back(maker.Make(RootChoices(message)).dump());
      std::string wire, json;
      transcode::CodecError error;
      ASSERT_TRUE(codec.ArgumentsToWire(*plan, inputs.back(), &wire, &error))
          << message.full_name << " " << error.path << ": " << error.message << "\n"
          << inputs.back() << "\n"
          << input_schema;
      ASSERT_TRUE(codec.WireToStructured(*plan, wire, &json, &error))
          << message.full_name << " " << error.path << ": " << error.message << "\n"
          << inputs.back();
      outputs.push_back(json);
    }
    arguments.Add(message.full_name, input_schema, inputs);
    results.Add(message.full_name, OutputSchema(message), outputs);
  });
  arguments.ExpectValid();
  results.ExpectValid();
}

TEST(Agreement, WhateverAServerSendsIsWhatTheOutputSchemaPromises) {
  Instances results("bridge_random_results.jsonl");
  ForEachMessage([&](const descriptor::Message& message, const transcode::Codec& codec) {
    const transcode::Plan* const plan = codec.Compile(message);
    std::vector<std::string> outputs;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::string wire = RandomWire(round + 1).Message(message);
      std::string json;
      transcode::CodecError error;
      ASSERT_TRUE(codec.WireToStructured(*plan, wire, &json, &error))
          << message.full_name << " " << error.path << ": " << error.message;
      outputs.push_back(json);
    }
    results.Add(message.full_name, OutputSchema(message), outputs);
  });
  results.ExpectValid();
}

// A schema that was made small must still be true.
TEST(Agreement, SmallBudgetsStayTrue) {
  SchemaOptions options;
  options.max_inline_bytes = 300;
  Instances arguments("bridge_small_arguments.jsonl");
  Instances results("bridge_small_results.jsonl");
  ForEachMessage([&](const descriptor::Message& message, const transcode::Codec& codec) {
    for (const size_t budget : {2000u, 600u, 100u}) {
      options.max_bytes = budget;
      const std::string input_schema = InputSchema(message, options);
      const std::string input = InstanceMaker(input_schema, 7).Make(RootChoices(message)).dump();
      const transcode::Plan* const plan = codec.Compile(message);
      std::string wire, json;
      transcode::CodecError error;
      if (!codec.ArgumentsToWire(*plan, input, &wire, &error)) {
        // What was left out may have had a proto2 required field.
        EXPECT_THAT(error.message, testing::HasSubstr("required")) << message.full_name << input;
        continue;
      }
      arguments.Add(message.full_name, input_schema, {input});
      ASSERT_TRUE(codec.WireToStructured(*plan, wire, &json, &error)) << message.full_name;
      results.Add(message.full_name, OutputSchema(message, options), {json});
    }
  });
  arguments.ExpectValid();
  results.ExpectValid();
}

TEST(Agreement, BothWrapTheSameMessages) {
  ForEachMessage([](const descriptor::Message& message, const transcode::Codec&) {
    EXPECT_EQ(descriptor::NeedsWrapping(message), transcode::NeedsWrapping(message))
        << message.full_name;
  });
}

}  // namespace
}  // namespace bridge::schema
