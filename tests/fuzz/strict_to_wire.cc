// Arguments of an openai-strict schema -> ProtoJSON -> wire: what is accepted is JSON, becomes JSON
// that is no longer, and from there on is as json_to_wire says; what is refused says where and why.

#include <cstddef>
#include <cstdint>

#include "bridge/transcode/strict_arguments.h"
#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

void Run(const Subject& subject, std::string_view strict) {
  std::string json, wire;
  transcode::CodecError error;
  if (!transcode::StrictToProtoJson(*subject.plan, strict, kMaxDepth, &json, &error)) {
    return CheckRefusal(error);
  }
  Check(IsJson(strict), "what is accepted is JSON");
  Check(IsJson(json), "what becomes of it is JSON", json);
  Check(json.size() <= strict.size(), "it does not get longer", json);
  if (!subject.codec->ArgumentsToWire(*subject.plan, json, &wire, &error)) {
    return CheckRefusal(error);
  }
  std::string answer, again;
  Check(subject.codec->WireToStructured(*subject.plan, wire, &answer, &error),
        "what is read can be written", error);
  Check(IsJson(answer), "what is written is JSON", answer);
  Check(subject.codec->ArgumentsToWire(*subject.plan, answer, &again, &error),
        "what is written can be read", error);
}

}  // namespace
}  // namespace bridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return bridge::fuzz::RunOnSubject(data, size, bridge::fuzz::Run);
}
