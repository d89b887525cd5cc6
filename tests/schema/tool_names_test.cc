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
      EXPECT_THAT(names[i], testing::MatchesRegex("[A-Za-z][A-Za-z0-9_-]{0,63}"));
      EXPECT_TRUE(unique.insert(Lower(names[i])).second) << names[i];
      EXPECT_EQ(first.emplace(full_names[i], names[i]).first->second, names[i]);
    }
    std::shuffle(full_names.begin(), full_names.end(), random);
  }
}

TEST(B36ServicesOfOneName, TakeThePartOfThePackageThatDiffers) {
  struct Row {
    std::vector<std::string> methods, expected;
  };
  for (const Row& row : {
           Row{{"acme.audit.v1.Events.Forward", "acme.billing.v1.Events.Forward"},
               {"audit_v1_Events_Forward", "billing_v1_Events_Forward"}},
           // containerd's
           Row{{"containerd.services.events.v1.Events.Forward",
                "containerd.services.events.ttrpc.v1.Events.Forward",
                "containerd.services.events.v1.Events.Publish"},
               {"events_v1_Events_Forward", "ttrpc_v1_Events_Forward", "Events_Publish"}},
           Row{{"shop.v1.Orders.Get", "shop.v1beta1.Orders.Get", "shop.v2.OrderService.Get"},
               {"shop_v1_Orders_Get", "shop_v1beta1_Orders_Get", "Order_Get"}},
           Row{{"a.x.api.v1.S.Do", "a.y.api.v1.S.Do", "b.z.S.Do"},
               {"x_api_v1_S_Do", "y_api_v1_S_Do", "z_S_Do"}},
           Row{{"a.b.c.d.S.Do", "z.b.c.d.S.Do"}, {"a-b-c-d-S_Do", "z-b-c-d-S_Do"}},
           // One package is the end of another: neither gets what both could mean.
           Row{{"grpc.health.v1.Health.Check", "health.v1.Health.Check"},
               {"grpc_health_v1_Health_Check", "health-v1-Health_Check"}},
           Row{{"v1.S.Do", "v2.S.Do"}, {"v1_S_Do", "v2_S_Do"}},
           // 64 bytes, and one more.
           Row{{"p.division_of_the_company_which_sells.v1.EventsOfTheDay.ForwardAll",
                "q.v1.EventsOfTheDay.ForwardAll"},
               {"division_of_the_company_which_sells_v1_EventsOfTheDay_ForwardAll",
                "q_v1_EventsOfTheDay_ForwardAll"}},
           Row{{"p.division_of_the_company_which_sells_it.v1.EventsOfTheDay.ForwardAll",
                "q.v1.EventsOfTheDay.ForwardAll"},
               {"EventsOfTheDay_ForwardAll_HASH", "q_v1_EventsOfTheDay_ForwardAll"}},
       }) {
    std::vector<std::string> names = NamesOf(row.methods);
    ASSERT_EQ(names.size(), row.expected.size());
    for (size_t i = 0; i < names.size(); ++i) {
      EXPECT_LE(names[i].size(), kMaxToolName);
      if (row.expected[i].ends_with("_HASH")) {
        EXPECT_THAT(names[i], testing::MatchesRegex("EventsOfTheDay_ForwardAll_[a-z2-7]{8}"));
      } else {
        EXPECT_EQ(names[i], row.expected[i]);
      }
    }
  }
}

// Whatever comes after, a name is the same method's or nobody's.
TEST(B36ServicesOfOneName, NoNameComesToMeanAnother) {
  std::vector<std::string> all;
  for (const char* package :
       {"audit.v1.", "audit.v1beta1.", "acme.audit.v1.", "acme.audit.", "", "acme.audit.v2.",
        "other.acme.audit.v1.", "audit_v1.", "v1.", "x.other.acme.audit.v1.",
        "y.x.other.acme.audit.v1.", "billing.v1."}) {
    for (const char* service : {"Events", "EventsService", "audit_v1_Events"}) {
      all.push_back(std::string(package) + service + ".Forward");
    }
  }
  std::mt19937 random(36);
  for (int round = 0; round < 300; ++round) {
    std::shuffle(all.begin(), all.end(), random);
    std::map<std::string, std::string> meant;  // by every name there ever was
    for (size_t size = 1; size <= all.size(); size += 1 + random() % 6) {
      const std::vector<std::string> some(all.begin(), all.begin() + static_cast<long>(size));
      const auto names = NamesOf(some);
      for (size_t i = 0; i < size; ++i) {
        const std::string& owner = meant.emplace(Lower(names[i]), some[i]).first->second;
        ASSERT_EQ(owner, some[i]) << names[i];
      }
    }
  }
}

TEST(A18ToolNames, ANumberIsNeverAnothersName) {
  EXPECT_THAT(NamesOf({"p.S.Do", "p.S.Do", "p.S.Do_2"}), ElementsAre("S_Do", "S_Do_3", "S_Do_2"));
  EXPECT_THAT(NamesOf({"p.S.Do_2", "p.S.Do", "p.S.Do", "p.S.Do"}),
              ElementsAre("S_Do_2", "S_Do", "S_Do_3", "S_Do_4"));
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
      EXPECT_THAT(more_names[i], testing::MatchesRegex("[A-Za-z][A-Za-z0-9_-]{0,63}"));
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
