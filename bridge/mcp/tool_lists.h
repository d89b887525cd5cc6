// The answers to tools/list, written once per catalog and served as they are: no JSON of a tool is
// built per request. Most clients read one page, so that all tools are on it unless the operator
// asks for smaller ones. Their order is the catalog's.
//
// A Surface is immutable and shared by all threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace bridge::mcp {

// Whether a tool is listed with title and outputSchema, which revisions before 2025-06-18 lack.
enum class ListForm : uint8_t { kFull, kPlain };

struct ListOptions {
  size_t page_tools = 10'000;
  size_t page_bytes = 16u << 20;  // a page ends before it would grow beyond, after one tool
};

struct ListPage {
  std::shared_ptr<const std::string> tools;  // JSON text of the array, without white space
  std::string next_cursor;                   // empty for the last page
};

// A tool as tools/list gives it, without white space.
std::string ToolJson(const catalog::Tool& tool, ListForm form);

class Surface final {
 public:
  // `numbers`: of the tools' series, in the catalog's order; none: 0 for each.
  Surface(std::shared_ptr<const catalog::Catalog> catalog, const ListOptions& options,
          std::vector<uint16_t> numbers = {});

  const catalog::Catalog& catalog() const { return *catalog_; }
  // CallRecord::tool_number of a tool of this catalog.
  uint16_t NumberOf(const catalog::Tool& tool) const {
    return numbers_.empty() ? uint16_t{0} : numbers_[&tool - catalog_->tools().data()];
  }

  // The page that `cursor` names; the first one without a cursor. Null when the cursor is none of
  // ours or of another catalog. Cursors hold the page and a digest of the list, so any replica with
  // the same tools understands them. Valid as long as this Surface.
  const ListPage* Page(ListForm form, std::optional<std::string_view> cursor) const;

 private:
  std::vector<ListPage> MakePages(ListForm form, const ListOptions& options) const;
  std::string Cursor(ListForm form, size_t page) const;

  std::shared_ptr<const catalog::Catalog> catalog_;
  std::vector<uint16_t> numbers_;
  std::string digest_;                          // of names and schemas, 16 hex digits
  std::array<std::vector<ListPage>, 2> pages_;  // by ListForm
};

}  // namespace bridge::mcp
