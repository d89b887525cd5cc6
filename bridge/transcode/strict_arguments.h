// Arguments in the form that the openai-strict schemas ask for, back to ProtoJSON. There every
// property is given, so that null stands for an absent field; a map is a list of {"key", "value"};
// Struct, Value, ListValue, Any and what lies too deep are JSON in a string. Only codecs that are
// told to (ArgumentForm::kStrict) come here; the ordinary pass then reads the result.
//
// What is unambiguous is read in its ProtoJSON form too: an object for a map, an array for a
// ListValue. What does not fit at all is handed on as it is, for the ordinary pass to complain.
#pragma once

#include <string>
#include <string_view>

#include "bridge/transcode/codec.h"

namespace bridge::transcode {

// Appends the ProtoJSON form of the arguments `json` of the message of `plan` to `proto_json`. It
// is never longer than `json`. False, with `error` filled, for text that is no JSON, is nested
// deeper than twice `max_depth` (an entry of a map is two levels), or gives a field or a member of
// an entry twice. Any thread.
bool StrictToProtoJson(const Plan& plan, std::string_view json, int max_depth,
                       std::string* proto_json, CodecError* error);

}  // namespace bridge::transcode
