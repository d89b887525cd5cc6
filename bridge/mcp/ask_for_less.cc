#include "bridge/mcp/ask_for_less.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace bridge::mcp {
namespace {

using descriptor::Field;
using descriptor::Kind;
using descriptor::Message;
using descriptor::WellKnown;

constexpr size_t kMaxListed = 3;  // of one kind

constexpr std::array<std::string_view, 11> kPageSizes = {
    "limit",    "max_count",  "max_entries", "max_items", "max_page_size",   "max_results",
    "page_len", "page_limit", "page_size",   "per_page",  "results_per_page"};
constexpr std::array<std::string_view, 9> kFilters = {"filter", "filters",        "query",
                                                      "search", "search_query",   "selector",
                                                      "where",  "label_selector", "field_selector"};

template <typename Names>
bool IsOneOf(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "page_size" of "pageSize", as some write their fields.
std::string SnakeCase(std::string_view name) {
  std::string out;
  for (const char c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && !out.empty() && out.back() != '_') out.push_back('_');
    out.push_back(upper ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

bool IsNumber(const Field& field) {
  if (field.repeated) return false;
  if (field.kind >= Kind::kInt32 && field.kind <= Kind::kFixed64) return true;
  return field.message != nullptr && field.message->well_known >= WellKnown::kInt64Value &&
         field.message->well_known <= WellKnown::kUint32Value;
}

bool IsMask(const Field& field, const std::string& name) {
  const bool mask = field.message != nullptr && field.message->well_known == WellKnown::kFieldMask;
  return (mask && !name.starts_with("update")) || name == "read_mask";
}

// Collects the ways, each with the names of the arguments that are one.
struct Ways {
  std::vector<std::string> pages, masks, views, filters;

  void Look(const Message& message, const std::string& prefix) {
    for (const Field& field : message.fields) {
      if (!field.IsArgument() || field.map) continue;
      const std::string path = prefix + field.input_key;
      const std::string name = SnakeCase(field.name);
      if (IsNumber(field) && IsOneOf(name, kPageSizes)) {
        pages.push_back(path);
      } else if (IsMask(field, name)) {
        masks.push_back(path);
      } else if (name == "view" && field.enumeration != nullptr) {
        views.push_back(path);
      } else if (IsOneOf(name, kFilters)) {
        filters.push_back(path);
      } else if (prefix.empty() && field.message != nullptr && !field.repeated &&
                 field.message->well_known == WellKnown::kNone) {
        Look(*field.message, path + ".");
      }
    }
  }
};

std::string OrList(const std::vector<std::string>& items) {
  std::string out;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out.append(i + 1 == items.size() ? " or " : ", ");
    out.append(items[i]);
  }
  return out;
}

// `a smaller "pageSize" or "limit"`; nothing if there are no names.
void Add(std::string_view what, std::vector<std::string> names, std::vector<std::string>* out) {
  if (names.empty()) return;
  if (names.size() > kMaxListed) names.resize(kMaxListed);
  for (std::string& name : names) name = '"' + name + '"';
  out->push_back(std::string(what) + " " + OrList(names));
}

}  // namespace

std::string HowToAskForLess(const Message& input) {
  Ways ways;
  ways.Look(input, "");
  std::vector<std::string> out;
  Add("a smaller", std::move(ways.pages), &out);
  Add("only some paths in", std::move(ways.masks), &out);
  Add("a smaller", std::move(ways.views), &out);
  Add("a narrower", std::move(ways.filters), &out);
  return OrList(out);
}

std::string HowToSendLess(const Message& input) {
  std::vector<std::string> lists;
  for (const Field& field : input.fields) {
    if (field.repeated && field.IsArgument()) lists.push_back(field.input_key);
  }
  std::vector<std::string> out;
  Add("fewer elements in", std::move(lists), &out);
  out.emplace_back("shorter texts");
  return OrList(out);
}

}  // namespace bridge::mcp
