#include "server/catalog/search.h"

#include <absl/strings/ascii.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>

#include "server/catalog/category_tree.h"

namespace server::catalog {
namespace {

using google::protobuf::util::MessageDifferencer;
using shop::catalog::v1::Product;
using shop::catalog::v1::SearchProductsRequest;

std::vector<std::string> SplitWords(const std::string& query) {
  std::istringstream stream(absl::AsciiStrToLower(query));
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

bool HasWords(const Product& product, const std::vector<std::string>& words) {
  const std::string text = absl::AsciiStrToLower(product.title() + "\n" + product.description());
  return std::all_of(words.begin(), words.end(), [&text](const std::string& word) {
    return text.find(word) != std::string::npos;
  });
}

bool HasAttributes(const Product& product, const SearchProductsRequest& request) {
  for (const auto& [key, value] : request.attributes()) {
    const auto it = product.attributes().fields().find(key);
    if (it == product.attributes().fields().end()) return false;
    if (!MessageDifferencer::Equals(it->second, value)) return false;
  }
  return true;
}

bool IsDeliverable(const Product& product) {
  if (product.has_download()) return true;
  return std::any_of(product.stock().begin(), product.stock().end(),
                     [](const auto& level) { return level.second.available() > 0; });
}

}  // namespace

int64_t EffectivePriceMinor(const Product& product) {
  return product.has_sale_price_minor() ? product.sale_price_minor().value()
                                        : product.price().amount_minor();
}

std::function<bool(const Product&)> MakeMatcher(const SearchProductsRequest& request) {
  std::set<std::string> categories;
  if (request.has_category_id()) categories = CollectIds(*FindCategory(request.category_id()));
  return [&request, categories, words = SplitWords(request.query())](const Product& product) {
    const auto& kinds = request.kinds();
    if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), product.kind()) == kinds.end()) {
      return false;
    }
    const auto& ids = product.category_ids();
    if (request.has_category_id() &&
        std::none_of(ids.begin(), ids.end(),
                     [&categories](const std::string& id) { return categories.contains(id); })) {
      return false;
    }
    const int64_t price = EffectivePriceMinor(product);
    if (request.has_min_price_minor() && price < request.min_price_minor()) return false;
    if (request.has_max_price_minor() && price > request.max_price_minor()) return false;
    if (request.in_stock() && !IsDeliverable(product)) return false;
    return HasAttributes(product, request) && HasWords(product, words);
  };
}

void Sort(SearchProductsRequest::SortOrder order, std::vector<Product>* products) {
  switch (order) {
    case SearchProductsRequest::PRICE_ASCENDING:
      std::stable_sort(products->begin(), products->end(), [](const auto& a, const auto& b) {
        return EffectivePriceMinor(a) < EffectivePriceMinor(b);
      });
      break;
    case SearchProductsRequest::PRICE_DESCENDING:
      std::stable_sort(products->begin(), products->end(), [](const auto& a, const auto& b) {
        return EffectivePriceMinor(a) > EffectivePriceMinor(b);
      });
      break;
    case SearchProductsRequest::RATING:
      std::stable_sort(products->begin(), products->end(),
                       [](const auto& a, const auto& b) { return a.rating() > b.rating(); });
      break;
    default:
      break;
  }
}

}  // namespace server::catalog
