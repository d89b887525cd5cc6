// ProtoJSON text <-> protobuf wire bytes, by plans compiled once per message type from the
// descriptor graph. No message objects, no DOM, no protobuf library on the path of a call.
//
// Mapping: https://protobuf.dev/programming-guides/json/ (2026); the official conformance suite
// passes with an empty failure list.
//
// A Codec is immutable; any number of threads may use one. Plans live as long as their Codec, which
// keeps the graph alive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/zero_values.h"

namespace bridge::transcode {

class AnyTypes;
class Plan;  // one message type, compiled
enum class Dialect : uint8_t;
class UnknownTypes;

struct CodecLimits {
  int max_depth = 100;                // nesting of messages, lists and Struct values
  size_t max_json_bytes = 16u << 20;  // output of WireToJson
  size_t max_wire_bytes = 16u << 20;  // output of JsonToWire
  size_t max_elements = 1'000'000;    // of one list or map that JsonToWire reads
  size_t max_messages = 10'000;       // of one stream that arguments may have
  int max_faults = 5;                 // of one text that are told at once
};

// Why a conversion failed. `path` is a JSON path to the place ("$.order.lines[2].sku"); `message`
// says what was found, what is expected, and where it helps the nearest legal name. Both are safe
// to show to a model; `message` quotes at most 64 bytes of the input, never a redacted field.
// `more` are further faults of the same JSON text, in its order; they have no more of their own.
// `and_more` says that there are others still, beyond CodecLimits::max_faults.
struct CodecError {
  std::string path;
  std::string message;
  std::vector<CodecError> more = {};
  bool and_more = false;
  bool too_large = false;  // the output is beyond its limit
};

struct ParseOptions {
  bool ignore_unknown = false;  // skip unknown members instead of refusing them
  // Models and the clients they live in send "{\"a\":1}", a string, where an object or a list has
  // to be, "true" for true, one value for a list of one. If set, what can mean one thing only is
  // read as that (docs/conversion.md has all of it), and `*repairs` says how often. Where a string
  // may be the value (string, bytes, enum, Timestamp, Value ...) it stays a string.
  int* repairs = nullptr;
  // If set: which fields of the message, not of those inside, have been written. Bit i is the i-th
  // of descriptor::Message::fields; those from the 65th on have none. A type with a JSON form of
  // its own sets none.
  uint64_t* given = nullptr;
};

// The form in which ArgumentsToWire takes its text.
enum class ArgumentForm : uint8_t {
  kProtoJson,
  kStrict,  // of the openai-strict schemas, see strict_arguments.h
};

class Codec final {
 public:
  // The type of an Any is looked for in `graph`, then in `others`. `unknown` is told the types that
  // encoded messages name and `graph` does not have. Both may be null.
  static std::shared_ptr<const Codec> Make(
      std::shared_ptr<const descriptor::Graph> graph, CodecLimits limits = {},
      ArgumentForm form = ArgumentForm::kProtoJson,
      descriptor::ZeroValues zero_values = descriptor::ZeroValues::kAuto,
      std::shared_ptr<const AnyTypes> others = nullptr,
      std::shared_ptr<UnknownTypes> unknown = nullptr);
  ~Codec();

  const CodecLimits& limits() const;

  // The plan for `message`, which must belong to this codec's graph. Never null. Compile at
  // start-up: the first request for a type compiles it and all it reaches, under a lock.
  const Plan* Compile(const descriptor::Message& message) const;
  // The same for a message that is the answer of `method`, which may be null: with it, both
  // functions that write JSON write the zero values that `zero_values` asks for.
  const Plan* CompileAnswer(const descriptor::Message& message,
                            const descriptor::Method* method = nullptr) const;

  // The plan for a message that the upstream named by its full name, such as a detail of an error.
  // Null if nobody describes it. What the upstream itself does not describe it is asked for. As for
  // Compile.
  const Plan* Find(std::string_view full_name) const;
  // Makes this codec's types known to the conversions of others; it must outlive them.
  void AddTo(AnyTypes* types) const;

  // Converts one JSON value (an object for ordinary messages) and appends the bytes to `wire`.
  // Rejects unknown members, duplicates, and two members of one oneof. On failure returns false,
  // fills `error`, and leaves `wire` as it was.
  bool JsonToWire(const Plan& plan, std::string_view json, const ParseOptions& options,
                  std::string* wire, CodecError* error) const;

  // Converts one encoded message and appends compact JSON to `json`. Unknown fields are dropped;
  // fields with implicit presence and a zero value are omitted. On failure as above.
  bool WireToJson(const Plan& plan, std::string_view wire, std::string* json,
                  CodecError* error) const;

  // The same for tools. MCP needs objects at the root: a type whose JSON form is not an object
  // (Timestamp, Value, a wrapper ...) is wrapped as {"value": ...} in both directions. Empty `json`
  // means {}. Beyond ProtoJSON, an answer does not fail for one value that has no JSON form: that
  // value is written in a readable one, and bytes that a field beside them says are text are
  // written as that. Arguments take what answers have, but for such bytes, which they want in
  // base64; paths of a mask are resolved by the fields they are about; base64 has to be as it is
  // written.
  bool ArgumentsToWire(const Plan& plan, std::string_view json, std::string* wire,
                       CodecError* error, const ParseOptions& options = {}) const;
  bool WireToStructured(const Plan& plan, std::string_view wire, std::string* json,
                        CodecError* error) const;

 private:
  Codec();
  bool ReadJson(const Plan& plan, Dialect dialect, std::string_view json,
                const ParseOptions& options, std::string* wire, CodecError* error) const;
  bool WriteJson(const Plan& plan, Dialect dialect, std::string_view wire, std::string* json,
                 CodecError* error) const;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bridge::transcode
