// Small operations on human text: names people mistype, comments that reach a model.
// Pure functions over UTF-8; any thread.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bridge {

// The candidate most like `name`, ignoring case, '_' and '-', and the words that all candidates
// begin with (COLOR_RED, COLOR_BLUE), which `name` may lack. Of those as near the one with fewer
// differences in all characters. Empty if none is near enough to be worth suggesting (more than a
// third of the letters differ), or if two are equally near.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates);

// `text` without what a reader can not see: bytes that are not UTF-8, control characters (but not
// '\n'; a tab becomes a space), zero-width, bidirectional and tag characters and all else that
// Unicode says to be ignored (Default_Ignorable_Code_Point), and the blank braille pattern U+2800.
// Untrusted text goes through here before a model or a log sees it.
std::string VisibleText(std::string_view text);

// `text` on one line and without what cannot be seen; of more than `max_bytes` the beginning and an
// ellipsis.
std::string OneLine(std::string_view text, size_t max_bytes);

// The first sentence of `text` on one line: up to a full stop that ends a sentence, or the end of
// the first line. Labels before it belong to it, and what a line that ends in a colon announces.
std::string FirstSentence(std::string_view text);

// Steps over the first sentence of `text`, or the rest of its first line, and the space after it,
// and returns it.
std::string_view TakeSentence(std::string_view* text);

// All of `text` if it has at most 150 bytes, else its first sentence.
std::string ShortText(std::string_view text);

// Steps over the label that `text` begins with, such as "Required.", "[Required]" or "REQUIRED:",
// and returns it in lower case; empty if there is none.
std::string_view TakeLabel(std::string_view* text);

// Appends `sentence` to `text` with a space between them, and a full stop if `text` has none.
void AddSentence(std::string* text, std::string_view sentence);

// At most `max_bytes` of `text`: all of it, else the whole sentences that fit, else the words that
// fit and an ellipsis. Never splits a character.
std::string CutText(std::string_view text, size_t max_bytes);

// True for one or more of [A-Za-z0-9_], the characters of a protobuf identifier.
bool IsIdentifier(std::string_view text);
constexpr bool IsIdentifierByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace bridge
