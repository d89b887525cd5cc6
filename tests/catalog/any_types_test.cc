// Files that are needed for options at most, and the types that only an Any holds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "tests/catalog/source_text.h"

namespace bridge::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kField[] = "number: 1 label: LABEL_OPTIONAL type: TYPE_";

// A service whose method takes and returns {google.protobuf.Any any = 1}.
std::string AnyService(const std::string& package, const std::string& rest = "") {
  const std::string type = "'." + package + ".Holder'";
  return FromText("name: '" + package + ".proto' package: '" + package +
                  "' syntax: 'proto3' message_type { name: 'Holder' field { name: 'any' " + kField +
                  "MESSAGE type_name: '.google.protobuf.Any' } } service { name: '" + package +
                  "Service' method { name: 'Do' input_type: " + type + " output_type: " + type +
                  " } } " + rest);
}

// package `package`: message `name` { string `field` = 1; }
std::string TextMessage(const std::string& package, const std::string& name,
                        const std::string& field, const std::string& more = "") {
  return FromText("name: '" + package + "/" + name + ".proto' package: '" + package +
                  "' syntax: 'proto3' message_type { name: '" + name + "' field { name: '" + field +
                  "' " + kField + "STRING } } " + more);
}

// Holder{any: {type_url: ".../`type`", value: {1: "x"}}} on the wire.
std::string Held(const std::string& type) {
  const std::string url = "type.googleapis.com/" + type;
  const std::string any = "\x0a" + std::string(1, static_cast<char>(url.size())) + url +
                          std::string("\x12\x03\x0a\x01x", 5);
  return "\x0a" + std::string(1, static_cast<char>(any.size())) + any;
}

std::string Json(const Catalog& catalog, const std::string& tool, const std::string& type) {
  const Tool* found = catalog.Find(tool);
  if (found == nullptr) return "no such tool";
  std::string json;
  transcode::CodecError error;
  if (!found->codec->WireToStructured(*found->output, Held(type), &json, &error)) {
    return error.message;
  }
  return json;
}

std::string Decoded(const std::string& type, const std::string& field) {
  return R"({"any":{"@type":"type.googleapis.com/)" + type + R"(",")" + field + R"(":"x"}})";
}

std::string Opaque(const std::string& type) {
  return R"({"any":{"@type":"type.googleapis.com/)" + type + R"(","value":"CgF4"}})";
}

std::string Wire(const Catalog& catalog, const std::string& tool, const std::string& json) {
  const Tool* found = catalog.Find(tool);
  std::string wire;
  transcode::CodecError error;
  return found->codec->ArgumentsToWire(*found->input, json, &wire, &error) ? wire : error.message;
}

std::shared_ptr<const Catalog> MakeCatalog(const std::vector<Source>& sources,
                                           const std::vector<std::string>& sets = {},
                                           std::vector<std::string>* problems = nullptr) {
  std::vector<std::string> ignored;
  return Catalog::Make(sources, sets, {}, problems == nullptr ? &ignored : problems);
}

TEST(B7OptionsOnly, AFileThatDeclaresNothingHarmsNobody) {
  for (const char* empty : {"name: 'o.proto' syntax: '<unknown:0>'", "name: 'o.proto'",
                            "syntax: '<unknown:0>'", "name: 'o.proto' package: '-'", ""}) {
    SCOPED_TRACE(empty);
    std::vector<std::string> problems;
    const auto catalog =
        MakeCatalog({{.services = {"a.aService"},
                      .files = {AnyService("a", "dependency: 'o.proto'"), FromText(empty)}}},
                    {}, &problems);
    EXPECT_THAT(ToolNames(*catalog), ElementsAre("a_Do"));
    EXPECT_THAT(problems, IsEmpty());
  }
}

// Its types are missing, so what needs them is left out, and told why.
TEST(B7OptionsOnly, WhereATypeOfItIsNeededTheFileIsNamed) {
  const std::string needs = FromText(
      "name: 'a.proto' package: 'a' dependency: 'o.proto' message_type { name: 'M' field { name: "
      "'f' number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.o.Rule' } } service { "
      "name: 'S' method { name: 'Do' input_type: '.a.M' output_type: '.a.M' } }");
  std::vector<std::string> problems;
  const auto catalog = MakeCatalog(
      {{.services = {"a.S"}, .files = {needs, FromText("name: 'o.proto' syntax: '<unknown:0>'")}}},
      {}, &problems);
  EXPECT_THAT(ToolNames(*catalog), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("\".o.Rule\" is declared in none of the files; its "
                                              "imports that were not given: \"o.proto\"")));
}

// Broken in other ways, and imported: no type of them is named.
TEST(B7OptionsOnly, ABrokenFileThatOnlyOptionsNeedIsLeftOutAlone) {
  for (const char* broken :
       {"name: 'o.proto' syntax: 'proto9' message_type { name: 'Rule' }",
        "name: 'o.proto' package: 'o' message_type { name: '-' }",
        "name: 'o.proto' package: 'o' message_type { name: 'Rule' field { name: 'f' number: 1 "
        "label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.nowhere.T' } } extension { name: "
        "'rule' number: 50000 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.o.Rule' "
        "extendee: '.google.protobuf.FieldOptions' }"}) {
    SCOPED_TRACE(broken);
    std::vector<std::string> problems;
    const auto catalog = MakeCatalog(
        {{.upstream = "up",
          .services = {"a.aService", "b.bService"},
          .files = {AnyService("a", "dependency: 'o.proto'"), AnyService("b"), FromText(broken)}}},
        {}, &problems);
    EXPECT_THAT(ToolNames(*catalog), ElementsAre("a_Do", "b_Do"));
    EXPECT_THAT(problems, ElementsAre(HasSubstr("(no service needs that)")));
  }
}

// Names without the leading dot are looked up from the inside out.
TEST(B7OptionsOnly, RelativeNamesAreFoundWithoutImports) {
  const std::string service = FromText(
      "name: 'a.proto' package: 'a.b' dependency: 'o.proto' service { name: 'S' method { name: "
      "'Do' input_type: 'c.M' output_type: 'a.c.M' } }");
  const std::string types = FromText("name: 't.proto' package: 'a.c' message_type { name: 'M' }");
  const std::string broken = FromText("name: 'o.proto' message_type { name: '-' }");
  const auto catalog = MakeCatalog({{.services = {"a.b.S"}, .files = {service, types, broken}}});
  EXPECT_THAT(ToolNames(*catalog), ElementsAre("S_Do"));
}

// The importer names a path that the server does not have.
TEST(B8OtherPath, AnImportIsResolvedByItsTypes) {
  const std::string service = FromText(
      "name: 'a.proto' package: 'a' dependency: 'validate/v.proto' message_type { name: 'M' field "
      "{ name: 'f' number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.v.Rule' } } "
      "service { name: 'S' method { name: 'Do' input_type: '.a.M' output_type: '.a.M' } }");
  const std::string rule = TextMessage("v", "Rule", "text");
  const std::string broken = FromText("name: 'x.proto' message_type { name: '-' }");
  for (const bool alone : {true, false}) {
    Source source{.services = {"a.S"}, .files = {service, rule}};
    if (!alone) source.files.push_back(broken);
    const auto catalog = MakeCatalog({source});
    EXPECT_THAT(ToolNames(*catalog), ElementsAre("S_Do"));
  }
}

const std::string kReservation = TextMessage("shop", "Reservation", "sku");
const std::string kOtherReservation = TextMessage("shop", "Reservation", "code");

TEST(B43OtherUpstreams, AnAnyOfATypeThatAnotherDescribes) {
  const std::vector<Source> sources = {
      {.upstream = "orders", .index = 0, .services = {"o.oService"}, .files = {AnyService("o")}},
      {.upstream = "catalog",
       .index = 1,
       .services = {"c.cService"},
       .files = {AnyService("c"), kReservation}}};
  const auto catalog = MakeCatalog(sources);
  for (const char* tool : {"o_Do", "c_Do"}) {
    EXPECT_EQ(Json(*catalog, tool, "shop.Reservation"), Decoded("shop.Reservation", "sku"));
    EXPECT_EQ(Wire(*catalog, tool, Decoded("shop.Reservation", "sku")), Held("shop.Reservation"));
    EXPECT_EQ(Json(*catalog, tool, "shop.Nothing"), Opaque("shop.Nothing"));
  }
}

TEST(B43OtherUpstreams, TheOwnDefinitionComesFirstThenTheOrderOfConfiguration) {
  const auto source = [](const char* alias, size_t index, const std::string& package,
                         std::vector<std::string> more) {
    more.push_back(AnyService(package));
    return Source{.upstream = alias,
                  .index = index,
                  .services = {package + "." + package + "Service"},
                  .files = std::move(more)};
  };
  const auto catalog =
      MakeCatalog({source("first", 0, "a", {}), source("second", 1, "b", {kOtherReservation}),
                   source("third", 2, "c", {kReservation}), source("fourth", 3, "d", {})});
  EXPECT_EQ(Json(*catalog, "a_Do", "shop.Reservation"), Decoded("shop.Reservation", "code"));
  EXPECT_EQ(Json(*catalog, "b_Do", "shop.Reservation"), Decoded("shop.Reservation", "code"));
  EXPECT_EQ(Json(*catalog, "c_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
  EXPECT_EQ(Json(*catalog, "d_Do", "shop.Reservation"), Decoded("shop.Reservation", "code"));
}

// An upstream of which one file is broken has several graphs.
TEST(B43OtherUpstreams, AllPartsOfTheOwnDescriptionComeFirst) {
  const std::string uses = FromText(
      "name: 'u.proto' package: 'u' syntax: 'proto3' service { name: 'S' method { name: 'Do' "
      "input_type: '.shop.Reservation' output_type: '.shop.Reservation' } }");
  const std::string broken = FromText(
      "name: 'x.proto' package: 'x' message_type { name: '-' } service { name: 'S' method { name: "
      "'Do' input_type: '.x.-' output_type: '.x.-' } }");
  const auto catalog = MakeCatalog({{.upstream = "other",
                                     .index = 0,
                                     .services = {"o.oService"},
                                     .files = {AnyService("o"), kOtherReservation}},
                                    {.upstream = "own",
                                     .index = 1,
                                     .services = {"a.aService", "u.S", "x.S"},
                                     .files = {AnyService("a"), uses, kReservation, broken}}});
  EXPECT_EQ(Json(*catalog, "a_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "code"));
}

TEST(B10KnownTypes, ThoseOfDescriptorSets) {
  const std::string set =
      "\x0a" + std::string(1, static_cast<char>(kReservation.size())) + kReservation;
  std::vector<std::string> problems;
  const auto catalog =
      MakeCatalog({{.services = {"o.oService"}, .files = {AnyService("o")}}}, {set}, &problems);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
  EXPECT_EQ(Wire(*catalog, "o_Do", Decoded("shop.Reservation", "sku")), Held("shop.Reservation"));
}

// What an upstream says of its own types comes before what the operator has on disk.
TEST(B10KnownTypes, AnUpstreamComesBeforeADescriptorSet) {
  const std::string set =
      "\x0a" + std::string(1, static_cast<char>(kOtherReservation.size())) + kOtherReservation;
  const auto catalog =
      MakeCatalog({{.services = {"o.oService"}, .files = {AnyService("o"), kReservation}}}, {set});
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
}

TEST(B10KnownTypes, ATypeThatWasAskedForSurvivesABrokenFile) {
  const std::string broken = FromText("name: 'x.proto' message_type { name: '-' }");
  std::vector<std::string> problems;
  const auto catalog = MakeCatalog({{.services = {"o.oService"},
                                     .files = {AnyService("o"), kReservation, broken},
                                     .types = {"shop.Reservation", "nowhere.T"}}},
                                   {}, &problems);
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
}

TEST(B10UnknownTypes, AreNotedOnceAndOnlyFromAnswers) {
  std::atomic<int> news = 0;
  const auto unknown = std::make_shared<transcode::UnknownTypes>([&] { ++news; });
  const auto catalog = MakeCatalog({{.services = {"o.oService"},
                                     .files = {AnyService("o"), kReservation},
                                     .unknown_types = unknown}});
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
  Wire(*catalog, "o_Do", R"({"any":{"@type":"x/client.Type"}})");
  EXPECT_THAT(unknown->Names(), IsEmpty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Json(*catalog, "o_Do", "shop.Event"), Opaque("shop.Event"));
  }
  EXPECT_THAT(unknown->Names(), ElementsAre("shop.Event"));
  EXPECT_EQ(news, 1);
  EXPECT_EQ(catalog->Find("o_Do")->codec->Find("shop.Detail"), nullptr);
  EXPECT_NE(catalog->Find("o_Do")->codec->Find("shop.Reservation"), nullptr);
  EXPECT_THAT(unknown->Names(), ElementsAre("shop.Detail", "shop.Event"));
}

// Another upstream's definition serves until the own one is known.
TEST(B10UnknownTypes, TheOwnUpstreamIsAskedForWhatAnotherDescribes) {
  const auto unknown = std::make_shared<transcode::UnknownTypes>([] {});
  const auto catalog = MakeCatalog({{.upstream = "own",
                                     .index = 0,
                                     .services = {"o.oService"},
                                     .files = {AnyService("o")},
                                     .unknown_types = unknown},
                                    {.upstream = "other",
                                     .index = 1,
                                     .services = {"c.cService"},
                                     .files = {AnyService("c"), kReservation}}});
  EXPECT_EQ(Json(*catalog, "o_Do", "shop.Reservation"), Decoded("shop.Reservation", "sku"));
  EXPECT_THAT(unknown->Names(), ElementsAre("shop.Reservation"));
}

TEST(B10UnknownTypes, AreLegalAndFew) {
  int news = 0;
  transcode::UnknownTypes unknown([&] { ++news; });
  for (const std::string& illegal :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a."),
        std::string("a/b"), std::string("a b"), std::string("a\n"), std::string("\xc3\xa9"),
        std::string(513, 'a'), std::string("a\0b", 3)}) {
    unknown.Note(illegal);
  }
  EXPECT_THAT(unknown.Names(), IsEmpty());
  for (int i = 0; i < 1'000; ++i) unknown.Note("p.T" + std::to_string(i));
  EXPECT_EQ(unknown.Names().size(), 100u);
  EXPECT_EQ(news, 100);
  unknown.Note("p.T0");
  EXPECT_EQ(news, 100);
  const std::vector<std::string> known = {"p.T7", "p.Never"};
  unknown.Keep(known);
  EXPECT_THAT(unknown.Names(), ElementsAre("p.T7"));
  unknown.Note("p.T0");
  EXPECT_THAT(unknown.Names(), ElementsAre("p.T0", "p.T7"));
}

}  // namespace
}  // namespace bridge::catalog
