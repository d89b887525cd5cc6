// Comments and descriptions are Markdown more often than not: what a cut must not leave open.
// Pure functions over UTF-8; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bridge {

// The marks that open a block of code if `line` is such a fence ("```sh", "~~~"), else empty.
// `line` has no space at its ends.
std::string_view OpeningFence(std::string_view line);

// True if `line` closes a block that `fence` has opened.
bool IsClosingFence(std::string_view line, std::string_view fence);

// The size of the block of code that `text` begins with, with its fences and the end of the last
// line; all of `text` if nothing closes it, 0 if it does not begin with one.
size_t CodeBlockSize(std::string_view text);

// The size of the inline code (`x`, ``x``) that `text` begins with; 0 if it does not.
size_t InlineCodeSize(std::string_view text);

// `text` without the fences of its code, whose lines stay, and without HTML comments.
std::string WithoutFences(std::string_view text);

// WithoutFences of what CutText leaves of `text`, but no end lies within a block of code, inline
// code, a link, an HTML element or bold text: these are there as a whole or not at all. Nor does a
// text that is cut end in what announces a thing that is gone ("Example:").
std::string CutMarkdown(std::string_view text, size_t max_bytes);

}  // namespace bridge
