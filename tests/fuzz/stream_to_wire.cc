// The arguments of methods that stream -> wire: a message in a list, or beside a limit, is what it
// is alone; what is refused says where and why, and leaves nothing behind.

#include <cstddef>
#include <cstdint>

#include "bridge/transcode/stream_arguments.h"
#include "tests/fuzz/property.h"

namespace bridge::fuzz {
namespace {

using descriptor::Shape;
using descriptor::Streaming;

bool Read(const Subject& subject, const Streaming& streaming, std::string_view json,
          bool with_repairs, transcode::StreamArguments* stream) {
  int repairs = 0;
  transcode::ParseOptions options;
  if (with_repairs) options.repairs = &repairs;
  transcode::CodecError error;
  if (!transcode::StreamArgumentsToWire({*subject.codec, *subject.plan, streaming}, json, options,
                                        stream, &error)) {
    Check(stream->wire.empty() && stream->ends.empty(), "a refusal leaves nothing behind");
    CheckRefusal(error);
    return false;
  }
  for (size_t i = 0; i < stream->ends.size(); ++i) {
    std::string answer;
    Check(subject.codec->WireToStructured(*subject.plan, stream->message(i), &answer, &error),
          "what is read can be written", error);
  }
  return true;
}

void Run(const Subject& subject, std::string_view json) {
  const Streaming one = {Shape::kServerStream, "stream_limit"};
  const Streaming list = {Shape::kClientStream, {}};
  const Streaming both = {Shape::kBidi, "stream_limit"};
  transcode::StreamArguments stream;
  for (const Streaming* const streaming : {&one, &list, &both}) {
    for (const bool with_repairs : {false, true}) {
      if (!Read(subject, *streaming, json, with_repairs, &stream)) continue;
      Check(json.empty() || IsJson(json), "what is accepted is JSON");
    }
  }
  if (!IsJson(json)) return;
  std::string wire;
  transcode::CodecError error;
  const bool accepted = subject.codec->ArgumentsToWire(*subject.plan, json, &wire, &error);
  const std::string in_list = "{\"messages\":[" + std::string(json) + "]}";
  Check(Read(subject, list, in_list, false, &stream) == accepted,
        "a message in a list is accepted if it is alone");
  if (accepted) Check(stream.wire == wire, "a message in a list is what it is alone");
  const bool may_have_limit =
      json.find("limit") != std::string_view::npos || json.find('\\') != std::string_view::npos;
  if (may_have_limit) return;
  Check(Read(subject, one, json, false, &stream) == accepted,
        "a message without a limit is accepted if it is alone");
  if (accepted) Check(stream.wire == wire, "a message without a limit is what it is alone");
}

}  // namespace
}  // namespace bridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  return bridge::fuzz::RunOnSubject(data, size, bridge::fuzz::Run);
}
