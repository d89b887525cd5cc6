// Schema and codec tell the same story: what the input schema describes is accepted, and what the
// codec writes is what the output schema describes.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/schema/corpus.h"
#include "tests/schema/instance.h"
#include "tests/schema/random_wire.h"
#include "tests/schema/strict_form.h"

namespace bridge::schema {
namespace {

constexpr unsigned kRounds = 4;

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

class Agreement : public testing::TestWithParam<SchemaProfile> {
 protected:
  Agreement() { options_.profile = GetParam(); }

  // Calls `visit` once for each message type of the corpus, with a codec as the catalog makes it.
  template <typename Visit>
  void ForEachCodec(Visit visit) const {
    const bool strict = GetParam() == SchemaProfile::kOpenAiStrict;
    std::map<const CorpusFile*, std::shared_ptr<const transcode::Codec>> codecs;
    ForEachMessage([&](const descriptor::Message& message, const CorpusFile& file) {
      if (message.message_set) return;
      auto& codec = codecs[&file];
      if (codec == nullptr) {
        codec = transcode::Codec::Make(
            file.graph, {},
            strict ? transcode::ArgumentForm::kStrict : transcode::ArgumentForm::kProtoJson);
      }
      visit(message, *codec);
    });
  }

  SchemaOptions options_;
};

// A JSON text that stands for a message with a proto2 required field may be too short.
bool IsAboutWhatWasCut(const transcode::CodecError& error) {
  return error.message.find("required") != std::string::npos;
}

TEST_P(Agreement, ArgumentsMadeFromTheSchemaAreAccepted) {
  Instances arguments("bridge_arguments.jsonl");
  Instances results("bridge_results.jsonl");
  size_t cut = 0;
  ForEachCodec([&](const descriptor::Message& message, const transcode::Codec& codec) {
    const transcode::Plan* const plan = codec.Compile(message);
    const std::string input_schema = InputSchema(message, options_);
    std::vector<std::string> inputs, outputs;
    for (unsigned round = 0; round < kRounds; ++round) {
      InstanceMaker maker(input_schema, round + 1);
      inputs.push_back(maker.Make(RootChoices(message)).dump());
      std::string wire, json;
      transcode::CodecError error;
      if (!codec.ArgumentsToWire(*plan, inputs.back(), &wire, &error)) {
        ++cut;
        ASSERT_TRUE(GetParam() == SchemaProfile::kOpenAiStrict && IsAboutWhatWasCut(error))
            << message.full_name << " " << error.path << ": " << error.message << "\n"
            << inputs.back() << "\n"
            << input_schema;
        continue;
      }
      ASSERT_TRUE(codec.WireToStructured(*codec.CompileAnswer(message), wire, &json, &error))
          << message.full_name << " " << error.path << ": " << error.message << "\n"
          << inputs.back();
      outputs.push_back(json);
    }
    arguments.Add(message.full_name, input_schema, inputs);
    results.Add(message.full_name, OutputSchema(message, options_), outputs);
  });
  EXPECT_LT(cut, 20u);
  arguments.ExpectValid();
  results.ExpectValid();
}

TEST_P(Agreement, WhateverAServerSendsIsWhatTheOutputSchemaPromises) {
  Instances results("bridge_random_results.jsonl");
  ForEachCodec([&](const descriptor::Message& message, const transcode::Codec& codec) {
    const transcode::Plan* const plan = codec.CompileAnswer(message);
    std::vector<std::string> outputs;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::string wire = RandomWire(round + 1).Message(message);
      std::string json;
      transcode::CodecError error;
      ASSERT_TRUE(codec.WireToStructured(*plan, wire, &json, &error))
          << message.full_name << " " << error.path << ": " << error.message;
      outputs.push_back(json);
    }
    results.Add(message.full_name, OutputSchema(message, options_), outputs);
  });
  results.ExpectValid();
}

// What a server sends, written as a model writes it by the profile, reads back as the same.
TEST_P(Agreement, ResultsReadBackAsArguments) {
  size_t messages = 0;
  ForEachCodec([&](const descriptor::Message& message, const transcode::Codec& codec) {
    const transcode::Plan* const plan = codec.Compile(message);
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::string wire = RandomWire(round + 1).Message(message);
      std::string json, arguments_wire, again;
      transcode::CodecError error;
      ASSERT_TRUE(codec.WireToStructured(*plan, wire, &json, &error));
      const std::string arguments =
          GetParam() == SchemaProfile::kOpenAiStrict
              ? StrictForm::Arguments(message, StrictForm::Json::parse(json)).dump()
              : json;
      ASSERT_TRUE(codec.ArgumentsToWire(*plan, arguments, &arguments_wire, &error))
          << message.full_name << " " << error.path << ": " << error.message << "\n"
          << arguments;
      ASSERT_TRUE(codec.WireToStructured(*plan, arguments_wire, &again, &error));
      EXPECT_EQ(again, json) << message.full_name << "\n" << arguments;
      ++messages;
    }
  });
  EXPECT_GT(messages, 300 * kRounds);
}

// A schema that was made small must still be true.
TEST_P(Agreement, SmallBudgetsStayTrue) {
  SchemaOptions small = options_;
  small.max_inline_bytes = 300;
  Instances arguments("bridge_small_arguments.jsonl");
  Instances results("bridge_small_results.jsonl");
  ForEachCodec([&](const descriptor::Message& message, const transcode::Codec& codec) {
    for (const size_t budget : {2000u, 600u, 100u}) {
      small.max_bytes = budget;
      const std::string input_schema = InputSchema(message, small);
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
      ASSERT_TRUE(codec.WireToStructured(*codec.CompileAnswer(message), wire, &json, &error))
          << message.full_name;
      results.Add(message.full_name, OutputSchema(message, small), {json});
    }
  });
  arguments.ExpectValid();
  results.ExpectValid();
}

INSTANTIATE_TEST_SUITE_P(Profiles, Agreement,
                         testing::Values(SchemaProfile::kPortable, SchemaProfile::kStandard,
                                         SchemaProfile::kOpenAiStrict),
                         [](const auto& test) { return std::string(NameOf(test.param)); });

}  // namespace
}  // namespace bridge::schema
