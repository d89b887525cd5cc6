// A codec over the .proto text of a test.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bridge/transcode/codec.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::transcode {

class CodecCase {
 public:
  explicit CodecCase(const std::string& proto_text, CodecLimits limits = {})
      : graph_(descriptor::BuildOrThrow(descriptor::CompileText(proto_text))),
        codec_(Codec::Make(graph_, limits)) {}

  const Codec& codec() const { return *codec_; }
  const Plan& plan(std::string_view message) const {
    const descriptor::Message* const found = graph_->FindMessage(message);
    if (found == nullptr) throw std::runtime_error("no message " + std::string(message));
    return *codec_->Compile(*found);
  }

  // The bytes, or "path: message".
  std::string Wire(std::string_view message, std::string_view json,
                   const ParseOptions& options = {}) const {
    std::string wire;
    CodecError error;
    if (codec_->JsonToWire(plan(message), json, options, &wire, &error)) return wire;
    return error.path + ": " + error.message;
  }
  std::string Json(std::string_view message, std::string_view wire) const {
    std::string json;
    CodecError error;
    if (codec_->WireToJson(plan(message), wire, &json, &error)) return json;
    return error.path + ": " + error.message;
  }
  // The same for tools: the bytes, or "path: message"; with `repairs`, what clients get wrong is
  // repaired and counted.
  std::string Arguments(std::string_view message, std::string_view json,
                        int* repairs = nullptr) const {
    std::string wire;
    CodecError error;
    if (codec_->ArgumentsToWire(plan(message), json, &wire, &error, {.repairs = repairs})) {
      return wire;
    }
    return error.path + ": " + error.message;
  }
  std::string Answer(std::string_view message, std::string_view wire) const {
    std::string json;
    CodecError error;
    if (codec_->WireToStructured(plan(message), wire, &json, &error)) return json;
    return error.path + ": " + error.message;
  }
  // Arguments as an answer; both refusals too.
  std::string Tool(std::string_view message, std::string_view json, int* repairs = nullptr) const {
    const std::string wire = Arguments(message, json, repairs);
    return wire.starts_with("$") ? wire : Answer(message, wire);
  }
  // There and back again.
  std::string Round(std::string_view message, std::string_view json,
                    const ParseOptions& options = {}) const {
    std::string wire;
    CodecError error;
    if (!codec_->JsonToWire(plan(message), json, options, &wire, &error)) {
      return error.path + ": " + error.message;
    }
    return Json(message, wire);
  }

 private:
  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> codec_;
};

}  // namespace bridge::transcode
