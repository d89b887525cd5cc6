// Wire -> JSON text: what is accepted becomes the same JSON whichever of the codec's two passes
// writes it, and JSON that can be read, but for an Any of a type nobody described.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

void Run(const Subject& subject, std::string_view wire) {
  std::string json;
  transcode::CodecError error;
  if (!subject.codec->WireToJson(*subject.plan, wire, &json, &error)) {
    Check(json.empty() && !error.message.empty(), "a refusal says why");
    return;
  }
  Check(IsJson(json), "what is written is JSON", json);
  std::string untidy;
  Check(subject.codec->WireToJson(*subject.plan, subject.before + std::string(wire) + subject.after,
                                  &untidy, &error),
        "the order of fields means nothing", error);
  Check(untidy == json, "the order of fields means nothing", untidy + "\n" + json);
  if (json.find("@type") == std::string::npos) CheckReadable(subject, json);
}

}  // namespace
}  // namespace bridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return bridge::fuzz::RunOnSubject(data, size, bridge::fuzz::Run);
}
