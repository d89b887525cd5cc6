// JSON text -> wire: what is accepted is JSON and can be written; what is refused says where and
// why.

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

void Run(const Subject& subject, std::string_view json) {
  int repairs = 0;
  for (const transcode::ParseOptions& options :
       {transcode::ParseOptions{}, {.ignore_unknown = true}, {.repairs = &repairs}}) {
    std::string wire;
    transcode::CodecError error;
    if (!subject.codec->JsonToWire(*subject.plan, json, options, &wire, &error)) {
      Check(wire.empty(), "a refusal leaves nothing behind");
      CheckRefusal(error);
      continue;
    }
    Check(IsJson(json), "what is accepted is JSON");
    CheckWritable(subject, wire);
  }
}

}  // namespace
}  // namespace bridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return bridge::fuzz::RunOnSubject(data, size, bridge::fuzz::Run);
}
