// Bytes with a field beside them that says what they are: google.api.HttpBody, and messages like
// it. Pure functions; any thread.
#pragma once

#include <string_view>

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// The string of `owner` that has the media type of its single bytes `field`: `data_content_type` of
// `data`, else `content_type`, `mime_type` or `media_type` if `field` is what such a message is
// for: its only bytes, or called data, body, content, contents or payload. Null if there is none.
const Field* FindMediaType(const Message& owner, const Field& field);

// True if a value of this media type is text in UTF-8: text/*, JSON, XML, YAML and the like, and no
// parameter that names another charset.
bool IsTextType(std::string_view media_type);

}  // namespace bridge::descriptor
