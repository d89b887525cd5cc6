// Wire -> JSON text: what is accepted becomes the same JSON whichever of the codec's two passes
// writes it, and JSON that can be read, but for an Any of a type nobody described.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

// An answer of a tool never fails for a value that the plain codec writes.
void RunAsAnswer(const Subject& subject, std::string_view wire, bool plain) {
  std::string json;
  transcode::CodecError error;
  const bool done = subject.codec->WireToStructured(*subject.plan, wire, &json, &error);
  Check(done || !plain, "a tool's answer takes more", error);
  if (done) Check(IsJson(json), "an answer is JSON", json);
}

void Run(const Subject& subject, std::string_view wire) {
  std::string json;
  transcode::CodecError error;
  const bool plain = subject.codec->WireToJson(*subject.plan, wire, &json, &error);
  RunAsAnswer(subject, wire, plain);
  if (!plain) {
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
