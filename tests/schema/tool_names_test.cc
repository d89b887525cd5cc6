#include <algorithm>
#include <cctype>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace bridge::schema {
namespace {

using ::testing::ElementsAre;

// Methods by full name: "pkg.Service.Method".
class Methods final {
 public:
  explicit Methods(const std::vector<std::string>& full_names) {
    for (const std::string& full_name : full_names) {
      auto& service = services_.emplace_back();
      auto& method = methods_.emplace_back();
      const size_t dot = full_name.rfind('.');
      service.full_name = full_name.substr(0, dot);
      service.name = service.full_name.substr(service.full_name.rfind('.') + 1);
      method.name = full_name.substr(dot + 1);
      method.full_name = full_name;
      method.service = &service;
    }
  }

  std::vector<const descriptor::Method*> all() const {
    std::vector<const descriptor::Method*> all;
    for (const auto& method : methods_) all.push_back(&method);
    return all;
  }

 private:
  std::deque<descriptor::Service> services_;
  std::deque<descriptor::Method> methods_;
};

std::vector<std::string> NamesOf(const std::vector<std::string>& full_names) {
  return ToolNames(Methods(full_names).all());
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

TEST(ToolNames, AreServiceAndMethod) {
  EXPECT_THAT(
      NamesOf({"shop.orders.v1.OrdersService.CreateOrder", "a.Topics.Get", "Service.Do",
               "p.Service.Do_it", "_x._9Service.Go"}),
      ElementsAre("Orders_CreateOrder", "Topics_Get", "Service_Do", "Service_Do_it", "Tool_Go"));
}

TEST(ToolNames, AllWhoClashGetTheirPackage) {
  EXPECT_THAT(NamesOf({"shop.v1.Orders.Get", "shop.v2.OrdersService.Get", "shop.v1.Orders.List"}),
              ElementsAre("shop_v1_Orders_Get", "shop_v2_Orders_Get", "Orders_List"));
  // Names that differ in case only are one name to some clients.
  EXPECT_THAT(NamesOf({"a.Orders.get", "b.Orders.Get"}),
              ElementsAre("a_Orders_get", "b_Orders_Get"));
}

TEST(ToolNames, WhatThePackageCanNotTellApartGetsAHash) {
  const auto names = NamesOf({"a.b.C.Do", "a.b.CService.Do", "x.C.Do"});
  EXPECT_THAT(names[0], testing::MatchesRegex("C_Do_[a-z2-7]{8}"));
  EXPECT_THAT(names[1], testing::MatchesRegex("C_Do_[a-z2-7]{8}"));
  EXPECT_NE(names[0], names[1]);
  EXPECT_EQ(names[2], "x_C_Do");
}

TEST(ToolNames, LongNamesEndInAHashOfTheFullName) {
  const auto names = NamesOf({"p.VeryLongServiceNameForTheManagementOfThingsService.CreateThing",
                              "p.S.AMethodNameThatIsSoLongThatNothingElseWillEverFitBesideIt",
                              "p.S.Exactly48BytesLongExactly48BytesLongExactly48x"});
  EXPECT_THAT(names[0],
              testing::MatchesRegex("VeryLongServiceNameForTheMa_CreateThing_[a-z2-7]{8}"));
  EXPECT_EQ(names[0].size(), 48u);
  EXPECT_THAT(names[1], testing::MatchesRegex("S_AMethodNameThat.*_[a-z2-7]{8}"));
  EXPECT_EQ(names[1].size(), 48u);
  EXPECT_EQ(names[2], "S_Exactly48BytesLongExactly48BytesLongExactly48x");
  EXPECT_EQ(NamesOf({"q.VeryLongServiceNameForTheManagementOfThingsService.CreateThing"})[0].substr(
                0, 39),
            names[0].substr(0, 39));
  EXPECT_NE(NamesOf({"q.VeryLongServiceNameForTheManagementOfThingsService.CreateThing"})[0],
            names[0])
      << "the hash is of the full name";
}

TEST(ToolNames, KnownHash) {
  // First 40 bits of SHA-256("p.VeryLongServiceNameForTheManagementOfThingsService.CreateThing").
  EXPECT_EQ(NamesOf({"p.VeryLongServiceNameForTheManagementOfThingsService.CreateThing"})[0],
            "VeryLongServiceNameForTheMa_CreateThing_2uuciutz");
}

TEST(ToolNames, OneMethodTwiceIsNumbered) {
  EXPECT_THAT(NamesOf({"p.S.Do", "p.S.Do"}), ElementsAre("S_Do", "S_Do_2"));
}

TEST(ToolNames, DependOnTheSetAndNotOnItsOrder) {
  std::vector<std::string> full_names;
  for (const char* package : {"a", "b.v1", "b.v2", "very.long.package.name.of.somebody.v1alpha1"}) {
    for (const char* service :
         {"Orders", "OrdersService", "ORDERS", "AnotherServiceWithAVeryLongName"}) {
      for (const char* method : {"Get", "get", "CreateSomethingWithAVeryLongNameThatDoesNotFit"}) {
        full_names.push_back(std::string(package) + "." + service + "." + method);
      }
    }
  }
  std::map<std::string, std::string> first;
  std::mt19937 random(1);
  for (int round = 0; round < 10; ++round) {
    const auto names = NamesOf(full_names);
    std::set<std::string> unique;
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_THAT(names[i], testing::MatchesRegex("[A-Za-z][A-Za-z0-9_-]{0,47}"));
      EXPECT_TRUE(unique.insert(Lower(names[i])).second) << names[i];
      EXPECT_EQ(first.emplace(full_names[i], names[i]).first->second, names[i]);
    }
    std::shuffle(full_names.begin(), full_names.end(), random);
  }
}

// Names of random sets: legal, unique ignoring case, and none ever comes to mean another method.
TEST(ToolNames, AreStableWhenServicesAreAdded) {
  const std::vector<std::string> packages = {"", "a.", "a.b.", "a_b.", "x.v1.", "X.v1."};
  const std::vector<std::string> services = {
      "B", "b", "BService", "a_B", "Service", "AVeryLongServiceNameThatNeedsToBeCut", "_9"};
  const std::vector<std::string> methods = {"Do", "do", "B_Do",
                                            "AMethodWithANameThatIsLongerThanWhatRemains"};
  std::vector<std::string> all;
  for (const std::string& package : packages) {
    for (const std::string& service : services) {
      for (const std::string& method : methods) all.push_back(package + service + "." + method);
    }
  }
  std::mt19937 random(20261121);
  size_t renamed = 0;
  for (int round = 0; round < 200; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    const size_t before = 1 + random() % 40;
    const std::vector<std::string> few(all.begin(), all.begin() + static_cast<long>(before));
    const std::vector<std::string> more(all.begin(), all.begin() + static_cast<long>(before + 10));
    const auto few_names = NamesOf(few);
    const auto more_names = NamesOf(more);
    std::map<std::string, std::string> owner;  // of names in lower case
    for (size_t i = 0; i < more.size(); ++i) {
      EXPECT_THAT(more_names[i], testing::MatchesRegex("[A-Za-z][A-Za-z0-9_-]{0,47}"));
      EXPECT_TRUE(owner.emplace(Lower(more_names[i]), more[i]).second) << more_names[i];
    }
    for (size_t i = 0; i < few.size(); ++i) {
      if (few_names[i] == more_names[i]) continue;
      ++renamed;
      const auto now = owner.find(Lower(few_names[i]));
      EXPECT_TRUE(now == owner.end())
          << few_names[i] << " was " << few[i] << " and is " << now->second;
    }
  }
  EXPECT_GT(renamed, 0u) << "no clash was made";
}

// Who clashes with nobody keeps the short name, whatever is added.
TEST(ToolNames, OnlyAClashRenames) {
  std::vector<std::string> full_names = {"shop.v1.Orders.Get", "shop.v1.Orders.List"};
  const auto before = NamesOf(full_names);
  for (int i = 0; i < 50; ++i) {
    full_names.push_back("other.p" + std::to_string(i) + ".Things.Get");
  }
  const auto after = NamesOf(full_names);
  EXPECT_EQ(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
}

}  // namespace
}  // namespace bridge::schema
