// Where "@type" stands in the objects of a JSON text. In an Any it decides about all other members
// and may be behind them, at every level of Anys in Anys: the text is read once for all of them.
#pragma once

#include <string_view>
#include <vector>

#include "bridge/base/json_cursor.h"

namespace bridge::transcode {

// The member of an Any that has its type.
inline constexpr std::string_view kTypeMember = "@type";

class TypeMembers final {
 public:
  // Where the value of "@type" begins in the object that `object` is at, whose first member is
  // another one. Null if there is none, or if the object is not JSON. What is in the object is
  // remembered, as places in its text, until another text is asked about.
  const char* Find(const JsonCursor& object);

 private:
  struct Place {
    const char* object;
    const char* type;  // null: none, or the first member
  };

  bool Read(JsonCursor* cursor);
  bool ReadObject(JsonCursor* cursor);

  const char* begin_ = nullptr;  // of what has been read
  const char* end_ = nullptr;
  std::vector<Place> places_;  // in the order of the text
};

}  // namespace bridge::transcode
