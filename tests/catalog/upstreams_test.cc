// What an upstream must not do to the tools of another: take their names. And how many it may have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "tests/catalog/source_text.h"

namespace bridge::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A service `package`.OrderService with the methods.
Source MakeSource(size_t index, const std::string& alias, const std::string& package,
                  const std::string& service, const std::vector<std::string>& methods) {
  std::string text = "name: '" + alias + ".proto' package: '" + package +
                     "' message_type { name: 'T' } service { name: '" + service + "'";
  const std::string type = package.empty() ? ".T" : "." + package + ".T";
  for (const std::string& method : methods) {
    text +=
        " method { name: '" + method + "' input_type: '" + type + "' output_type: '" + type + "' }";
  }
  return {.upstream = alias,
          .index = index,
          .services = {package.empty() ? service : package + "." + service},
          .files = {FromText(text + " }")}};
}

TEST(Upstreams, ANameThatTwoWantNobodyGets) {
  const Source honest = MakeSource(0, "orders", "shop.v1", "OrderService", {"Create", "Get"});
  for (const auto& [package, service] :
       {std::pair("", "OrderService"), std::pair("_1", "OrderService"),
        std::pair("shop.v1", "OrderService"), std::pair("shop.v1", "orderService")}) {
    SCOPED_TRACE(package);
    const Source other = MakeSource(1, "evil", package, service, {"Create"});
    for (const bool first : {true, false}) {
      const std::vector<Source> sources =
          first ? std::vector<Source>{other, honest} : std::vector<Source>{honest, other};
      std::vector<std::string> problems;
      const auto catalog = Catalog::Make(sources, {}, {}, &problems);
      ASSERT_NE(catalog->Find("orders_Order_Create"), nullptr);
      EXPECT_EQ(catalog->Find("orders_Order_Create")->upstream, 0u);
      EXPECT_EQ(catalog->Find("Order_Create"), nullptr);
      ASSERT_NE(catalog->Find("Order_Get"), nullptr);
      EXPECT_EQ(catalog->Find("Order_Get")->upstream, 0u);
      EXPECT_EQ(catalog->tools().size(), 3u);
    }
  }
}

TEST(Upstreams, ANameWithAnAliasIsNotTakenEither) {
  const std::vector<Source> sources = {
      MakeSource(0, "orders", "shop.v1", "OrderService", {"Create"}),
      MakeSource(1, "other", "b", "OrderService", {"Create"}),
      MakeSource(2, "evil", "", "orders_OrderService", {"Create"})};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make(sources, {}, {}, &problems);
  EXPECT_THAT(ToolNames(*catalog),
              ElementsAre("evil_orders_Order_Create", "orders_Order_Create", "other_Order_Create"));
  EXPECT_EQ(catalog->Find("orders_Order_Create")->upstream, 0u);
}

TEST(Upstreams, WhatIsTooMuchIsLeftOutAndTold) {
  std::vector<std::string> methods;
  for (int i = 0; i < 5'010; ++i) methods.push_back("M" + std::to_string(i));
  const std::vector<Source> sources = {MakeSource(0, "many", "p", "ManyService", methods),
                                       MakeSource(1, "few", "q", "FewService", {"One"})};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make(sources, {}, {}, &problems);
  EXPECT_EQ(catalog->tools().size(), 5'001u);
  EXPECT_NE(catalog->Find("Few_One"), nullptr);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("upstream many: 10 methods beyond 5000 tools")));
}

}  // namespace
}  // namespace bridge::catalog
