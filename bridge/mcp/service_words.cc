#include "bridge/mcp/service_words.h"

#include "bridge/base/text.h"

namespace bridge::mcp {
namespace {

std::string Escaped(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (const char c : line) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

}  // namespace

std::string Quoted(std::string_view words, size_t max_bytes) {
  const std::string line = OneLine(words, max_bytes);
  std::string escaped = Escaped(line);
  if (escaped.size() > max_bytes) escaped = Escaped(OneLine(line, max_bytes / 2));
  return '"' + escaped + '"';
}

}  // namespace bridge::mcp
