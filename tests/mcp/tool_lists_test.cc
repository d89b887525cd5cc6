#include "bridge/mcp/tool_lists.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/described_server.h"

namespace bridge::mcp {
namespace {

using nlohmann::json;

std::shared_ptr<const catalog::Catalog> Many(int count) {
  std::vector<std::string> methods;
  for (int i = 0; i < count; ++i) methods.push_back("Method" + std::to_string(i));
  catalog::Source source{.upstream = "up", .services = {"t.Wide.Wide"}};
  source.files = {testing::TextService("Wide", methods).SerializeAsString()};
  std::vector<std::string> problems;
  auto catalog = catalog::Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(problems, ::testing::IsEmpty());
  return catalog;
}

// The number of tools on each page, in the order of their cursors.
std::vector<size_t> PageSizes(const Surface& surface, ListForm form) {
  std::vector<size_t> sizes;
  const ListPage* page = surface.Page(form, std::nullopt);
  while (page != nullptr) {
    sizes.push_back(json::parse(*page->tools).size());
    page = page->next_cursor.empty() ? nullptr : surface.Page(form, page->next_cursor);
  }
  return sizes;
}

TEST(B27OnePage, HoldsAllToolsUnlessSmallerOnesAreAskedFor) {
  const auto catalog = Many(500);
  for (const ListForm form : {ListForm::kFull, ListForm::kPlain}) {
    EXPECT_EQ(PageSizes(Surface(catalog, {}), form), std::vector<size_t>{500});
    EXPECT_EQ(PageSizes(Surface(catalog, {.page_tools = 200}), form),
              (std::vector<size_t>{200, 200, 100}));
    EXPECT_EQ(PageSizes(Surface(catalog, {.page_tools = 250}), form),
              (std::vector<size_t>{250, 250}));
    EXPECT_EQ(PageSizes(Surface(catalog, {.page_tools = 500}), form), std::vector<size_t>{500});
  }
  EXPECT_EQ(PageSizes(Surface(Many(0), {}), ListForm::kFull), std::vector<size_t>{0});
}

TEST(B27OnePage, EndsBeforeItWouldBeLargerThanItMay) {
  const auto catalog = Many(50);
  const Surface whole(catalog, {});
  const size_t bytes = whole.Page(ListForm::kFull, std::nullopt)->tools->size();
  EXPECT_EQ(PageSizes(Surface(catalog, {.page_bytes = bytes}), ListForm::kFull),
            std::vector<size_t>{50});
  const std::vector<size_t> halves =
      PageSizes(Surface(catalog, {.page_bytes = bytes / 2}), ListForm::kFull);
  EXPECT_GE(halves.size(), 2u);
  EXPECT_LE(halves.size(), 3u);
  EXPECT_EQ(PageSizes(Surface(catalog, {.page_bytes = 1}), ListForm::kFull),
            std::vector<size_t>(50, 1));
}

TEST(B27OnePage, ACursorIsOfOneListAndOneForm) {
  const Surface surface(Many(10), {.page_tools = 4});
  const std::string full = surface.Page(ListForm::kFull, std::nullopt)->next_cursor;
  const std::string plain = surface.Page(ListForm::kPlain, std::nullopt)->next_cursor;
  EXPECT_NE(full, plain);
  EXPECT_EQ(surface.Page(ListForm::kPlain, full), nullptr);
  EXPECT_EQ(Surface(Many(11), {.page_tools = 4}).Page(ListForm::kFull, full), nullptr);
  for (const char* cursor : {"", "x", "0.1", "0.0000000000000000.1"}) {
    EXPECT_EQ(surface.Page(ListForm::kFull, cursor), nullptr) << cursor;
  }
}

TEST(ToolForms, ThePlainOneHasNeitherTitleNorOutputSchema) {
  const auto catalog = Many(1);
  const json full = json::parse(ToolJson(catalog->tools()[0], ListForm::kFull));
  const json plain = json::parse(ToolJson(catalog->tools()[0], ListForm::kPlain));
  EXPECT_TRUE(full.contains("outputSchema"));
  EXPECT_FALSE(plain.contains("outputSchema"));
  EXPECT_FALSE(plain.contains("title"));
  EXPECT_EQ(full["inputSchema"], plain["inputSchema"]);
}

}  // namespace
}  // namespace bridge::mcp
