#include "bridge/mcp/tool_lists.h"

#include <charconv>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/mcp/results.h"

namespace bridge::mcp {
namespace {

// FNV-1a, 64 bits: a cursor's digest tells lists apart, it protects nothing.
uint64_t Hash(uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  return hash;
}

std::string Hex(uint64_t value) {
  char digits[16];
  for (int i = 15; i >= 0; --i, value >>= 4) digits[i] = "0123456789abcdef"[value & 15];
  return {digits, 16};
}

void AppendHint(std::string* out, const char* key, const std::optional<bool>& hint, bool* first) {
  if (!hint.has_value()) return;
  out->append(*first ? "" : ",").append("\"").append(key).append(*hint ? "\":true" : "\":false");
  *first = false;
}

void AppendAnnotations(std::string* out, const descriptor::ToolHints& annotations) {
  std::string hints;
  bool first = true;
  AppendHint(&hints, "readOnlyHint", annotations.read_only, &first);
  AppendHint(&hints, "destructiveHint", annotations.destructive, &first);
  AppendHint(&hints, "idempotentHint", annotations.idempotent, &first);
  AppendHint(&hints, "openWorldHint", annotations.open_world, &first);
  if (!first) out->append(",\"annotations\":{").append(hints).append("}");
}

}  // namespace

std::string ToolJson(const catalog::Tool& tool, size_t form) {
  const bool structured = form != kPlainList;
  std::string out = "{\"name\":";
  AppendJsonString(&out, tool.text.name);
  if (structured && !tool.text.title.empty()) {
    out.append(",\"title\":");
    AppendJsonString(&out, tool.text.title);
  }
  out.append(",\"description\":");
  AppendJsonString(&out, tool.text.description);
  out.append(",\"inputSchema\":").append(tool.text.input_schema);
  if (structured) out.append(",\"outputSchema\":").append(tool.text.output_schema);
  AppendAnnotations(&out, tool.text.annotations);
  out.push_back('}');
  return out;
}

Surface::Surface(std::shared_ptr<const catalog::Catalog> catalog, const ListOptions& options)
    : catalog_(std::move(catalog)) {
  uint64_t hash = 14695981039346656037ULL;
  for (const catalog::Tool& tool : catalog_->tools()) hash = Hash(hash, ToolJson(tool, 0));
  digest_ = Hex(hash);
  for (size_t form = 0; form < kListForms; ++form) {
    std::vector<std::string> pages(1);
    size_t count = 0;
    for (const catalog::Tool& tool : catalog_->tools()) {
      const std::string json = ToolJson(tool, form);
      const bool full = count == options.page_tools ||
                        (count > 0 && pages.back().size() + json.size() > options.page_bytes);
      if (full) {
        pages.emplace_back();
        count = 0;
      }
      if (count++ > 0) pages.back().push_back(',');
      pages.back().append(json);
    }
    for (size_t page = 0; page < pages.size(); ++page) {
      auto result = std::make_shared<std::string>("{");
      if (form == kModernList) AppendCacheableHead(result.get(), options.ttl_ms);
      result->append("\"tools\":[").append(pages[page]).append("]");
      if (page + 1 < pages.size()) {
        result->append(",\"nextCursor\":\"").append(Cursor(form, page + 1)).append("\"");
      }
      if (form == kModernList) result->append(",").append(ServerMeta());
      result->push_back('}');
      result->shrink_to_fit();
      pages_[form].push_back(std::move(result));
    }
  }
}

std::string Surface::Cursor(size_t form, size_t page) const {
  return std::to_string(form) + "." + digest_ + "." + std::to_string(page);
}

std::shared_ptr<const std::string> Surface::Page(size_t form,
                                                 std::optional<std::string_view> cursor) const {
  if (!cursor.has_value()) return pages_[form].front();
  const size_t dot = cursor->rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  size_t page = 0;
  const char* end = cursor->data() + cursor->size();
  const auto [parsed, error] = std::from_chars(cursor->data() + dot + 1, end, page);
  if (error != std::errc() || parsed != end || page == 0 || page >= pages_[form].size()) {
    return nullptr;
  }
  return *cursor == Cursor(form, page) ? pages_[form][page] : nullptr;
}

}  // namespace bridge::mcp
