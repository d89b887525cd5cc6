// What all fuzzers share: the messages they are about, and the end of a run that found something.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
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

constexpr int kMaxDepth = 30;

struct Subject {
  std::shared_ptr<const transcode::Codec> codec;
  const descriptor::Message* message;
  const transcode::Plan* plan;
  // Empty packed lists that mean nothing and are in no serializer's order.
  std::string before, after;
};

inline Subject MakeSubject(const char* proto, const char* name, std::string before = "",
                           std::string after = "") {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(proto));
  auto codec = transcode::Codec::Make(graph, {.max_depth = kMaxDepth});
  const descriptor::Message* const message = graph->FindMessage(name);
  const transcode::Plan* const plan = codec->Compile(*message);
  return {std::move(codec), message, plan, std::move(before), std::move(after)};
}

inline const std::vector<Subject>& Subjects() {
  using std::string_literals::operator""s;
  static const auto* const subjects = new std::vector<Subject>{
      MakeSubject(transcode::kKindsProto, "t.Kinds", "\xCA\x02\0"s, "\xFA\x01\0"s),
      MakeSubject(transcode::kProto2, "p2.Old", "\x3A\0"s, "\x1A\0"s),
      MakeSubject(transcode::kKindsProto, "google.protobuf.Struct"),
      MakeSubject(transcode::kKindsProto, "google.protobuf.Value"),
      MakeSubject(transcode::kKindsProto, "google.protobuf.Any"),
      MakeSubject(transcode::kKindsProto, "google.protobuf.Timestamp")};
  return *subjects;
}

// The rest of the input is about the subject that its first byte chooses. -1: nothing to keep.
inline int RunOnSubject(const uint8_t* data, size_t size,
                        void (*run)(const Subject&, std::string_view)) {
  if (size == 0) return -1;
  run(Subjects()[data[0] % Subjects().size()],
      std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1));
  return 0;
}

inline void CheckRefusal(const transcode::CodecError& error) {
  Check(!error.message.empty() && error.path.starts_with('$'), "a refusal says where and why",
        error);
  Check(error.more.size() < 5, "at most five faults are told");
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

// What was read can be written, as JSON that can be read.
inline void CheckWritable(const Subject& subject, std::string_view wire) {
  std::string json;
  transcode::CodecError error;
  Check(subject.codec->WireToJson(*subject.plan, wire, &json, &error),
        "what is read can be written", error);
  Check(IsJson(json), "what is written is JSON", json);
  CheckReadable(subject, json);
}

}  // namespace bridge::fuzz
