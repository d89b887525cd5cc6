// A FileDescriptorSet -> graph, tools and plans: whatever describes itself is refused with a
// reason, or its tools are well-formed and its messages can be converted.

#include <cstddef>
#include <cstdint>
#include <span>

#include "bridge/schema/tool.h"
#include "google/protobuf/descriptor.pb.h"
#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

constexpr size_t kMostMethods = 20;
constexpr size_t kMostMessages = 50;

void CheckTools(const descriptor::Graph& graph) {
  std::vector<const descriptor::Method*> methods;
  for (const auto& service : graph.services()) {
    for (const auto& method : service.methods) {
      if (methods.size() < kMostMethods) methods.push_back(&method);
    }
  }
  Check(schema::ToolNames(methods).size() == methods.size(), "every method has a name");
  for (const auto* const method : methods) {
    const schema::Tool tool = schema::MakeTool(*method);
    Check(!tool.description.empty(), "every tool has a description");
    Check(IsJson(tool.input_schema), "an input schema is JSON", tool.input_schema);
    Check(IsJson(tool.output_schema), "an output schema is JSON", tool.output_schema);
  }
}

void CheckMessages(const std::shared_ptr<const descriptor::Graph>& graph) {
  const auto codec = transcode::Codec::Make(graph);
  size_t count = 0;
  for (const auto& message : graph->messages()) {
    if (++count > kMostMessages) return;
    Check(IsJson(schema::InputSchema(message)), "an input schema is JSON", message.full_name);
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
