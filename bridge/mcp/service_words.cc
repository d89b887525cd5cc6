#include "bridge/mcp/service_words.h"

#include <algorithm>

#include "bridge/base/text.h"

namespace bridge::mcp {
namespace {

constexpr std::string_view kEllipsis = "…";

std::string Escaped(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (const char c : line) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string Cut(std::string_view line, size_t max_bytes) {
  std::string cut = CutText(line, max_bytes);
  if (cut.size() == line.size() || cut.ends_with(kEllipsis)) return cut;
  // Whole sentences of it: a reader should see that there are more.
  cut = CutText(line, max_bytes - std::min(max_bytes, kEllipsis.size()));
  return cut.ends_with(kEllipsis) ? cut : cut.append(kEllipsis);
}

}  // namespace

std::string OneLine(std::string_view words, size_t max_bytes) {
  std::string line;
  // Most of what cannot be seen has three bytes a character; more than that says nothing.
  for (const char c : VisibleText(words.substr(0, 4 * max_bytes + 64))) {
    const bool space = c == ' ' || c == '\n';
    if (!space) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return Cut(line, max_bytes);
}

std::string Quoted(std::string_view words, size_t max_bytes) {
  const std::string line = OneLine(words, max_bytes);
  std::string escaped = Escaped(line);
  if (escaped.size() > max_bytes) escaped = Escaped(Cut(line, max_bytes / 2));
  return '"' + escaped + '"';
}

}  // namespace bridge::mcp
