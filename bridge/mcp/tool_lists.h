// The answers to tools/list, written once per catalog and served as they are: no JSON is built per
// request. Pages are cut by count and by bytes; their order is the catalog's.
//
// A Surface is immutable and shared by all threads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::mcp {

// The forms a list comes in: with resultType and cache hints; with title and outputSchema; plain.
inline constexpr size_t kModernList = 0;
inline constexpr size_t kStructuredList = 1;
inline constexpr size_t kPlainList = 2;
inline constexpr size_t kListForms = 3;

struct ListOptions {
  size_t page_tools = 100;
  size_t page_bytes = 128 * 1024;  // a page ends before it would grow beyond, after one tool
  int ttl_ms = 0;                  // cache hint of 2026-07-28
};

// A tool as tools/list gives it, without white space.
std::string ToolJson(const catalog::Tool& tool, size_t form);

class Surface final {
 public:
  Surface(std::shared_ptr<const catalog::Catalog> catalog, const ListOptions& options);

  const catalog::Catalog& catalog() const { return *catalog_; }

  // The whole `result` of the page `cursor` names ("" with has_cursor false: the first). Null when
  // the cursor is none of ours or of another catalog. Cursors hold the page and a digest of the
  // list, so any replica with the same tools understands them.
  std::shared_ptr<const std::string> Page(size_t form,
                                          std::optional<std::string_view> cursor) const;

 private:
  std::string Cursor(size_t form, size_t page) const;

  std::shared_ptr<const catalog::Catalog> catalog_;
  std::string digest_;  // of names and schemas, 16 hex digits
  std::vector<std::shared_ptr<const std::string>> pages_[kListForms];
};

}  // namespace bridge::mcp
