// What all fuzzers share: the messages they are about, and the end of a run that found something.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/base/json_cursor.h"
#include "bridge/transcode/codec.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"
#include "tests/transcode/kinds_proto.h"

namespace bridge::fuzz {

// libFuzzer keeps the input of a run that aborts.
inline void Check(bool holds, const char* what, const std::string& detail = "") {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%s\n", what, detail.c_str());
  std::abort();
}

inline void Check(bool holds, const char* what, const transcode::CodecError& error) {
  if (!holds) Check(false, what, error.path + ": " + error.message);
}

inline bool IsJson(std::string_view text) {
  constexpr int kDeep = 10'000;
  return IsValidJson(text, kDeep);
}

// The first byte of an input chooses one of these.
struct Subject {
  std::shared_ptr<const transcode::Codec> codec;
  const descriptor::Message* message;
  const transcode::Plan* plan;
};

inline const std::vector<Subject>& Subjects() {
  static const auto* const subjects = [] {
    auto* const all = new std::vector<Subject>;
    for (const char* const text : {transcode::kKindsProto, transcode::kProto2}) {
      const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(text));
      const auto codec = transcode::Codec::Make(graph, {.max_depth = 30});
      for (const char* const name : {"t.Kinds", "p2.Old"}) {
        const descriptor::Message* const message = graph->FindMessage(name);
        if (message != nullptr) all->push_back({codec, message, codec->Compile(*message)});
      }
    }
    return all;
  }();
  return *subjects;
}

// What the writer wrote can be read, and says the same when it is written again.
inline void CheckReadable(const Subject& subject, std::string_view json) {
  std::string wire, again;
  transcode::CodecError error;
  Check(subject.codec->JsonToWire(*subject.plan, json, {}, &wire, &error),
        "what is written can be read", error);
  Check(subject.codec->WireToJson(*subject.plan, wire, &again, &error),
        "what was read can be written", error);
  Check(IsJson(again), "what is written is JSON", again);
}

}  // namespace bridge::fuzz
