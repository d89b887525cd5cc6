// Regular expressions that mean the same in RE2, where rules are written, and in ECMA-262 with the
// `u` flag, where clients evaluate JSON Schema. Pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace bridge::schema {

// True if `pattern` is valid in both languages and means the same. A client drops a whole tool for
// one pattern it can not compile, so a doubt is a no.
bool IsPortablePattern(std::string_view pattern);

// `literal` as a pattern that matches exactly it.
std::string EscapePattern(std::string_view literal);

}  // namespace bridge::schema
