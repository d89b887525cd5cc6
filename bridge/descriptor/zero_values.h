// Which zero values an answer has. ProtoJSON leaves out a scalar without presence that is zero, so
// that "not allowed" is {} and a count of nothing has no number: schema and transcode ask here what
// is written all the same. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/masked_messages.h"

namespace bridge::descriptor {

enum class ZeroValues : uint8_t {
  kNone,  // as ProtoJSON
  kAuto,  // of the answer's own message, if its type has few fields (checks, counts, states) and
          // the request does not choose among them: what it left out is not zero
  kTop,   // of the answer's own message
  kAll,   // of every message
};

inline constexpr size_t kFewFields = 8;

// True if objects of `message` have their zero values; `is_answer`: as the answer itself, of
// `method`, which may be null.
inline bool WritesZeros(const Message& message, bool is_answer, ZeroValues values,
                        const Method* method) {
  if (message.well_known != WellKnown::kNone || message.map_entry) return false;
  if (values == ZeroValues::kAll) return true;
  if (!is_answer || values == ZeroValues::kNone) return false;
  if (values == ZeroValues::kTop) return true;
  return message.fields.size() <= kFewFields && (method == nullptr || !ChoosesFields(*method));
}

// True for a field that such an object always has.
inline bool HasWrittenZero(const Field& field) {
  return !field.repeated && !field.presence && field.message == nullptr && !field.hidden &&
         (field.behavior & kInputOnly) == 0 &&
         (field.enumeration == nullptr || !field.enumeration->null_value);
}

}  // namespace bridge::descriptor
