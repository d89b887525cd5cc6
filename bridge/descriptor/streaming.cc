#include "bridge/descriptor/streaming.h"

#include <unordered_set>

#include "bridge/descriptor/well_known.h"

namespace bridge::descriptor {
namespace {

std::string FreeKey(const Message& request) {
  std::unordered_set<std::string_view> taken;
  // Of a type with a JSON form of its own no field is an argument.
  if (request.well_known == WellKnown::kNone) {
    for (const Field& field : request.fields) {
      taken.insert({field.name, field.json_name, field.input_key});
    }
  }
  const std::string plain = "stream_limit";
  std::string key = plain;
  for (int n = 1; taken.contains(key); ++n) key = plain + "_" + (n == 1 ? "" : std::to_string(n));
  return key;
}

}  // namespace

Streaming StreamingOf(const Method& method) {
  if (method.client_streaming) {
    if (!method.server_streaming) return {Shape::kClientStream, {}};
    return {Shape::kBidi, "stream_limit"};  // it stands beside no field
  }
  if (!method.server_streaming) return {};
  return {Shape::kServerStream, FreeKey(*method.input)};
}

}  // namespace bridge::descriptor
