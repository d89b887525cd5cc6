#include "bridge/base/markdown.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "bridge/base/text.h"

namespace bridge {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr std::string_view kEllipsis = "…";
constexpr size_t kFarthestEnd = 2'000;  // of inline marks; what is longer is none

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \n");
  if (first == kNone) return {};
  return text.substr(first, text.find_last_not_of(" \n") + 1 - first);
}

// The first line of `text` with its end.
std::string_view FirstLine(std::string_view text) {
  return text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
}

size_t RunLength(std::string_view text, char c) {
  return std::min(text.find_first_not_of(c), text.size());
}

// Something that is whole only with its end.
struct Span {
  size_t size = 0;   // 0: there is none
  size_t marks = 0;  // how many bytes of marks it begins with
};

// What ends with the first `end` behind `marks` bytes, in the same paragraph.
Span UntilMark(std::string_view text, size_t marks, std::string_view end) {
  const size_t found = text.find(end, marks);
  if (found == kNone || found == marks || text.substr(0, found).find("\n\n") != kNone) return {};
  return {found + end.size(), marks};
}

// `[text](target)`
Span Link(std::string_view text) {
  const Span label = UntilMark(text, 1, "](");
  if (label.size == 0) return {};
  const size_t close = text.find_first_of(")\n", label.size);
  if (close == kNone || text[close] == '\n') return {};
  return {close + 1, 1};
}

// `<!-- -->`; without an end it goes on to the end of the text.
Span HtmlComment(std::string_view text) {
  if (!text.starts_with("<!--")) return {};
  const size_t end = text.find("-->");
  return {end == kNone ? text.size() : end + 3, 4};
}

// A tag; of an element within a line also what is up to its closing tag.
Span HtmlElement(std::string_view text) {
  static constexpr std::array<std::string_view, 12> kInline = {
      "a", "b", "code", "em", "i", "pre", "span", "strong", "sub", "sup", "tt", "u"};
  size_t name_end = 1;
  while (name_end < text.size() && std::isalnum(static_cast<unsigned char>(text[name_end])) != 0) {
    ++name_end;
  }
  if (name_end == 1) return {};
  const size_t close = text.find_first_of(">\n", name_end);
  if (close == kNone || text[close] == '\n') return {};
  const size_t tag = close + 1;
  const std::string name(text.substr(1, name_end - 1));
  if (std::find(kInline.begin(), kInline.end(), name) == kInline.end()) return {tag, tag};
  const std::string closing = "</" + name + ">";
  const size_t end = text.find(closing, tag);
  return {end == kNone ? tag : end + closing.size(), tag};
}

Span SpanAt(std::string_view text) {
  if (const Span comment = HtmlComment(text); comment.size > 0) return comment;
  text = text.substr(0, kFarthestEnd);
  switch (text.front()) {
    case '`':
      return {InlineCodeSize(text), RunLength(text, '`')};
    case '[':
      return Link(text);
    case '<':
      return HtmlElement(text);
    case '*':
      return text.starts_with("**") ? UntilMark(text, 2, "**") : Span();
    default:
      return {};
  }
}

// What is open at `end` of `text`: where it begins, and its marks; `end` if nothing is.
struct Open {
  size_t start = 0;
  size_t marks = 0;
  bool code_block = false;
};
Open FindOpen(std::string_view text, size_t end) {
  bool line_start = true;
  for (size_t at = 0; at < end;) {
    const std::string_view rest = text.substr(at);
    if (const size_t block = line_start ? CodeBlockSize(rest) : 0; block > 0) {
      const size_t last_end = text[at + block - 1] == '\n' ? 1 : 0;
      if (at + block - last_end > end) return {at, block, true};
      at += block;
      continue;
    }
    const Span span = SpanAt(rest);
    if (at + span.size > end) return {at, span.marks, false};
    line_start = rest.front() == '\n' && span.size == 0;
    at += span.size > 0 ? span.size : rest.front() == '`' ? RunLength(rest, '`') : 1;
  }
  return {end, 0, false};
}

// Without a last sentence that announces what is gone.
std::string_view WithoutAnnouncement(std::string_view text) {
  text = Trim(text);
  if (!text.ends_with(':')) return text;
  size_t last = 0;
  for (std::string_view rest = text; !rest.empty();) {
    last = text.size() - rest.size();
    TakeSentence(&rest);
  }
  return last > 0 ? Trim(text.substr(0, last)) : text.substr(0, text.size() - 1);
}

}  // namespace

std::string_view OpeningFence(std::string_view line) {
  if (!line.starts_with("```") && !line.starts_with("~~~")) return {};
  const size_t marks = RunLength(line, line.front());
  // "```x```" is inline code.
  if (line.front() == '`' && line.find('`', marks) != kNone) return {};
  return line.substr(0, marks);
}

bool IsClosingFence(std::string_view line, std::string_view fence) {
  return line.size() >= fence.size() && RunLength(line, fence.front()) == line.size();
}

size_t CodeBlockSize(std::string_view text) {
  if (text.empty()) return 0;
  size_t size = FirstLine(text).size();
  const std::string_view fence = OpeningFence(Trim(text.substr(0, size)));
  if (fence.empty()) return 0;
  while (size < text.size()) {
    const std::string_view line = FirstLine(text.substr(size));
    size += line.size();
    const std::string_view trimmed = Trim(line);
    if (!trimmed.empty() && IsClosingFence(trimmed, fence)) break;
  }
  return size;
}

size_t InlineCodeSize(std::string_view text) {
  text = text.substr(0, kFarthestEnd);
  const size_t marks = RunLength(text, '`');
  for (size_t at = marks; marks > 0 && (at = text.find('`', at)) != kNone;) {
    const size_t run = RunLength(text.substr(at), '`');
    if (run == marks) return at + run;
    at += run;
  }
  return 0;
}

std::string WithoutFences(std::string_view text) {
  const auto has = [text](std::string_view marks) { return text.find(marks) != kNone; };
  if (!has("```") && !has("~~~") && !has("<!--")) return std::string(Trim(text));
  std::string out;
  out.reserve(text.size());
  for (bool line_start = true; !text.empty();) {
    if (const size_t block = line_start ? CodeBlockSize(text) : 0; block > 0) {
      std::string_view code = text.substr(0, block);
      const std::string_view first = FirstLine(code);
      const std::string_view fence = OpeningFence(Trim(first));
      code.remove_prefix(first.size());
      while (!code.empty()) {
        const std::string_view line = FirstLine(code);
        const std::string_view trimmed = Trim(line);
        if (trimmed.empty() || !IsClosingFence(trimmed, fence)) out += line;
        code.remove_prefix(line.size());
      }
      text.remove_prefix(block);
      continue;
    }
    if (const Span comment = HtmlComment(text); comment.size > 0) {
      text.remove_prefix(comment.size);
      continue;
    }
    line_start = text.front() == '\n';
    out += text.front();
    text.remove_prefix(1);
  }
  return std::string(Trim(out));
}

std::string CutMarkdown(std::string_view text, size_t max_bytes) {
  constexpr int kMostTries = 8;
  text = Trim(text);
  if (text.size() <= max_bytes) return WithoutFences(text);
  size_t limit = max_bytes;
  for (int tries = 0; tries < kMostTries; ++tries) {
    std::string cut = CutText(text, limit);
    // Where its words end: an ellipsis is none of them.
    const auto words = std::mismatch(cut.begin(), cut.end(), text.begin(), text.end()).first;
    auto end = static_cast<size_t>(words - cut.begin());
    if (tries > 0 && end < cut.size() && limit + kEllipsis.size() <= max_bytes) {
      end = limit;  // where a word ends already
      cut = std::string(text.substr(0, end)).append(kEllipsis);
    }
    const Open open = FindOpen(text, end);
    if (open.start == end) {
      return WithoutFences(end == cut.size() ? WithoutAnnouncement(cut) : std::string_view(cut));
    }
    limit = Trim(text.substr(0, open.start)).size();
    if (limit > 0) continue;
    // It is all there is.
    return open.code_block ? std::string() : cut.substr(std::min(open.marks, cut.size()));
  }
  return {};
}

}  // namespace bridge
