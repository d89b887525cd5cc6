#include "bridge/mcp/tool_lists.h"

#include <charconv>
#include <utility>

#include "bridge/base/json_text.h"

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

std::string ToolJson(const catalog::Tool& tool, ListForm form) {
  const bool full = form == ListForm::kFull;
  std::string out = "{\"name\":";
  AppendJsonString(&out, tool.text.name);
  if (full && !tool.text.title.empty()) {
    out.append(",\"title\":");
    AppendJsonString(&out, tool.text.title);
  }
  out.append(",\"description\":");
  AppendJsonString(&out, tool.text.description);
  out.append(",\"inputSchema\":").append(tool.text.input_schema);
  if (full) out.append(",\"outputSchema\":").append(tool.text.output_schema);
  AppendAnnotations(&out, tool.text.annotations);
  out.push_back('}');
  return out;
}

Surface::Surface(std::shared_ptr<const catalog::Catalog> catalog, const ListOptions& options,
                 std::vector<uint16_t> numbers)
    : catalog_(std::move(catalog)), numbers_(std::move(numbers)) {
  uint64_t hash = 14695981039346656037ULL;
  for (const catalog::Tool& tool : catalog_->tools()) {
    hash = Hash(hash, ToolJson(tool, ListForm::kFull));
  }
  digest_ = Hex(hash);
  for (const ListForm form : {ListForm::kFull, ListForm::kPlain}) {
    pages_[static_cast<size_t>(form)] = MakePages(form, options);
  }
}

std::vector<ListPage> Surface::MakePages(ListForm form, const ListOptions& options) const {
  std::vector<ListPage> pages;
  std::string page = "[";
  size_t count = 0;
  const auto end_page = [&] {
    page.push_back(']');
    page.shrink_to_fit();
    pages.push_back({std::make_shared<const std::string>(std::move(page)), {}});
    page = "[";
    count = 0;
  };
  for (const catalog::Tool& tool : catalog_->tools()) {
    const std::string json = ToolJson(tool, form);
    const bool full = count == options.page_tools ||
                      (count > 0 && page.size() + json.size() > options.page_bytes);
    if (full) {
      end_page();
      pages.back().next_cursor = Cursor(form, pages.size());
    }
    if (count++ > 0) page.push_back(',');
    page.append(json);
  }
  end_page();
  return pages;
}

std::string Surface::Cursor(ListForm form, size_t page) const {
  return std::to_string(static_cast<size_t>(form)) + "." + digest_ + "." + std::to_string(page);
}

const ListPage* Surface::Page(ListForm form, std::optional<std::string_view> cursor) const {
  const std::vector<ListPage>& pages = pages_[static_cast<size_t>(form)];
  if (!cursor.has_value()) return &pages.front();
  const size_t dot = cursor->rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  size_t page = 0;
  const char* end = cursor->data() + cursor->size();
  const auto [parsed, error] = std::from_chars(cursor->data() + dot + 1, end, page);
  if (error != std::errc() || parsed != end || page == 0 || page >= pages.size()) return nullptr;
  return *cursor == Cursor(form, page) ? &pages[page] : nullptr;
}

}  // namespace bridge::mcp
