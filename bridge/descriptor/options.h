// The options that conversion needs, from the encoded bytes of protobuf's option messages: the
// built-in ones that protobuf 3.21 does not know, and Google's, by extension number. Values; any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// google.api.field_behavior (1052) and debug_redact (16) of encoded FieldOptions.
struct FieldMarks {
  uint16_t behavior = 0;  // Behavior bits
  bool debug_redact = false;
};
FieldMarks ParseFieldMarks(std::string_view options);

// The verb of google.api.http (72295728) in encoded MethodOptions.
HttpVerb ParseHttpVerb(std::string_view options);

// The response_type of google.longrunning.operation_info (1049) in encoded MethodOptions; empty if
// it is none that could be a type's name.
std::string ParseOperationResponse(std::string_view options);

// (buf.validate.oneof).required or (validate.required) in encoded OneofOptions.
bool ParseOneofRequired(std::string_view options);

// True if the encoded options hold a field outside google/protobuf/descriptor.proto.
bool HasExtension(std::string_view options);

}  // namespace bridge::descriptor
