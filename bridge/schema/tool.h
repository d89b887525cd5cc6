// One gRPC method as an MCP tool: name, texts, hints and JSON Schemas, all derived from its
// descriptor (MCP 2026-07-28, server/tools). Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/zero_values.h"
#include "bridge/schema/operations.h"

namespace bridge::schema {

// For whom schemas are written.
enum class SchemaProfile : uint8_t {
  kPortable,      // what Anthropic, OpenAI and Gemini all accept; the rest is words
  kStandard,      // JSON Schema 2020-12 with all it can say, for clients that validate by it
  kOpenAiStrict,  // arguments in the form of OpenAI's strict mode, which the codec has to be told
};

struct SchemaOptions {
  SchemaProfile profile = SchemaProfile::kPortable;
  bool whole_comments = false;  // of fields; else what is short, or the first sentence
  // What answers have, which the codec has to be told too: it is required of results.
  descriptor::ZeroValues zero_values = descriptor::ZeroValues::kAuto;
  size_t max_inline_bytes = 16'384;    // above it, messages used twice go to $defs
  size_t max_bytes = 65'536;           // above it, subtrees are cut by depth
  int max_recursion = 2;               // how often a recursive type is unrolled when inlined
  size_t max_enum_values = 50;         // a longer enum is described, not listed
  size_t max_field_description = 200;  // bytes
  size_t max_tool_description = 1'024;
};

// Whole comments, and room for them.
void UseWholeComments(SchemaOptions* options);

inline constexpr size_t kMaxToolName = 64;  // bytes; what all model vendors take

struct Tool {
  std::string name;           // ^[A-Za-z][A-Za-z0-9_-]{0,63}$
  std::string title;          // "Create Order"
  std::string description;    // never empty
  std::string input_schema;   // JSON text, root type "object"
  std::string output_schema;  // JSON text, root type "object"
  descriptor::ToolHints annotations;
  // Fields of the input that its schema requires, but those whose zero is not written; none where
  // arguments are a list of messages. They live as long as the method.
  std::vector<const descriptor::Field*> required;
};

// Names for `methods`, in their order: what a method's options ask for, unless two ask for the
// same; else Service_Method without the suffix "Service", in at most 48 bytes, and what is longer
// ends in a hash of the full name. Where two clash, all of that name get the last part of their
// package in front (audit_v1_Events_Forward), then one more and one more, then all of it, as far as
// that fits 64 bytes; at last a hash. No name is anybody's that was given up so. The result depends
// on the set only, not on its order. All are unique ignoring case.
std::vector<std::string> ToolNames(std::span<const descriptor::Method* const> methods);

// `name`, if it has more than kMaxToolName bytes cut and with a hash of `full_name` at its end.
std::string FitToolName(std::string name, std::string_view full_name);

// What a model reads of the tool of `method`, whose operation `operations` follow.
std::string Describe(const descriptor::Method& method, const SchemaOptions& options,
                     const OperationTools& operations = {});

// Everything but the name, and with no tool that follows an operation: tools have no names yet.
Tool MakeTool(const descriptor::Method& method, const SchemaOptions& options = {});

// The schema of a message as tool arguments / as structuredContent. Exactly what transcode's
// ArgumentsToWire accepts (minus what it tolerates silently) and WireToStructured emits. Results
// are ProtoJSON in every profile.
std::string InputSchema(const descriptor::Message& message, const SchemaOptions& options = {});
std::string OutputSchema(const descriptor::Message& message, const SchemaOptions& options = {});

}  // namespace bridge::schema
