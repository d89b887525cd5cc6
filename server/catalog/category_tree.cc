#include "server/catalog/category_tree.h"

#include <algorithm>
#include <utility>

namespace server::catalog {
namespace {

using shop::catalog::v1::Category;

Category MakeCategory(std::string id, std::string title, std::vector<Category> children = {}) {
  Category category;
  category.set_category_id(std::move(id));
  category.set_title(std::move(title));
  for (Category& child : children) *category.add_children() = std::move(child);
  return category;
}

const Category* FindBelow(const Category& category, const std::string& id) {
  if (category.category_id() == id) return &category;
  for (const Category& child : category.children()) {
    if (const Category* found = FindBelow(child, id)) return found;
  }
  return nullptr;
}

}  // namespace

const std::vector<Category>& CategoryTree() {
  static const auto* const tree = new std::vector<Category>{
      MakeCategory("electronics", "Electronics",
                   {MakeCategory("audio", "Audio",
                                 {MakeCategory("headphones", "Headphones"),
                                  MakeCategory("speakers", "Speakers")}),
                    MakeCategory("computing", "Computing",
                                 {MakeCategory("keyboards", "Keyboards"),
                                  MakeCategory("storage", "Storage",
                                               {MakeCategory("ssd", "Solid-state drives")})})}),
      MakeCategory("home", "Home",
                   {MakeCategory("kitchen", "Kitchen"), MakeCategory("lighting", "Lighting")}),
      MakeCategory("media", "Media",
                   {MakeCategory("ebooks", "E-books"), MakeCategory("software", "Software")}),
  };
  return *tree;
}

const Category* FindCategory(const std::string& category_id) {
  for (const Category& top : CategoryTree()) {
    if (const Category* found = FindBelow(top, category_id)) return found;
  }
  return nullptr;
}

std::set<std::string> CollectIds(const Category& category) {
  std::set<std::string> ids{category.category_id()};
  for (const Category& child : category.children()) ids.merge(CollectIds(child));
  return ids;
}

Category CountedCategory(const Category& category, int max_depth,
                         const std::map<std::string, std::set<std::string>>& product_categories) {
  Category counted;
  counted.set_category_id(category.category_id());
  counted.set_title(category.title());
  const std::set<std::string> below = CollectIds(category);
  counted.set_product_count(static_cast<int32_t>(std::count_if(
      product_categories.begin(), product_categories.end(), [&below](const auto& product) {
        return std::any_of(product.second.begin(), product.second.end(),
                           [&below](const std::string& id) { return below.contains(id); });
      })));
  if (max_depth == 1) return counted;
  for (const Category& child : category.children()) {
    *counted.add_children() =
        CountedCategory(child, max_depth == 0 ? 0 : max_depth - 1, product_categories);
  }
  return counted;
}

}  // namespace server::catalog
