// A FileDescriptorSet -> graph, tools and plans: whatever describes itself is refused with a
// reason, or its tools keep the rules of each profile and its messages can be converted.

#include <cstddef>
#include <cstdint>
#include <span>

#include "bridge/schema/tool.h"
#include "google/protobuf/descriptor.pb.h"
#include "tests/fuzz/property.h"
#include "tests/schema/vendor_lint.h"

namespace bridge::fuzz {
namespace {

constexpr size_t kMostMethods = 3;
constexpr size_t kMostMessages = 5;

using Lint = schema::VendorLint::Problems(const std::string&);

struct Profile {
  schema::SchemaOptions options;
  Lint* input;
  Lint* output;  // null where there are no rules for it, or it is as in the portable one
};

std::vector<Profile> AllProfiles() {
  using schema::SchemaProfile;
  using schema::VendorLint;
  return {
      {{}, VendorLint::Input, VendorLint::Output},
      {{.profile = SchemaProfile::kOpenAiStrict}, VendorLint::Strict, nullptr},
      {{.profile = SchemaProfile::kStandard, .whole_comments = true},
       VendorLint::Standard,
       nullptr},
  };
}

void CheckSchema(const std::string& schema, Lint* lint) {
  Check(IsJson(schema), "a schema is JSON", schema);
  if (lint == nullptr) return;
  for (const std::string& problem : lint(schema)) Check(false, problem.c_str(), schema);
}

void CheckTool(const schema::Tool& tool, const Profile& profile) {
  Check(!tool.description.empty(), "every tool has a description");
  CheckSchema(tool.input_schema, profile.input);
  CheckSchema(tool.output_schema, profile.output);
}

void CheckTools(const descriptor::Graph& graph) {
  std::vector<const descriptor::Method*> methods;
  for (const auto& service : graph.services()) {
    for (const auto& method : service.methods) {
      if (methods.size() < kMostMethods) methods.push_back(&method);
    }
  }
  Check(schema::ToolNames(methods).size() == methods.size(), "every method has a name");
  for (const auto* const method : methods) {
    for (const Profile& each : AllProfiles()) {
      CheckTool(schema::MakeTool(*method, each.options), each);
    }
  }
}

void CheckMessages(const std::shared_ptr<const descriptor::Graph>& graph) {
  const auto codec = transcode::Codec::Make(graph);
  size_t count = 0;
  for (const auto& message : graph->messages()) {
    if (++count > kMostMessages) return;
    for (const Profile& each : AllProfiles()) {
      CheckSchema(schema::InputSchema(message, each.options), each.input);
    }
    const transcode::Plan* const plan = codec->Compile(message);
    std::string wire, json;
    transcode::CodecError error;
    codec->ArgumentsToWire(*plan, "{}", &wire, &error);
    if (codec->WireToStructured(*plan, "", &json, &error)) Check(IsJson(json), "is JSON", json);
  }
}

void Run(const void* data, size_t size) {
  google::protobuf::FileDescriptorSet set;
  if (!set.ParseFromArray(data, static_cast<int>(size))) return;
  const std::span files(set.file().data(), static_cast<size_t>(set.file_size()));
  const auto graph = descriptor::Graph::Build(files, files);
  if (!graph.ok()) {
    Check(!graph.status().message().empty(), "a refusal says why");
    return;
  }
  CheckTools(**graph);
  CheckMessages(*graph);
}

}  // namespace
}  // namespace bridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const logged = google::protobuf::SetLogHandler(nullptr);
  (void)logged;
  bridge::fuzz::Run(data, size);
  return 0;
}
