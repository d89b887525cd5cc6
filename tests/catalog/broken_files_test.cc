// Files that cannot be understood: what is left out, and what is said about it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <string>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "tests/catalog/source_text.h"

namespace bridge::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Service(const std::string& name, const std::string& type, const std::string& rest) {
  return FromText("name: '" + name + ".proto' package: 'p' syntax: 'proto3' service { name: '" +
                  name + "' method { name: 'Do' input_type: '" + type + "' output_type: '" + type +
                  "' } } " + rest);
}

const std::string kType = FromText("name: 't.proto' package: 'p' message_type { name: 'T' }");
const std::string kBroken = FromText("name: 'x.proto' package: 'p' message_type { name: '-' }");

TEST(BrokenFiles, AServiceThatDoesNotNeedThemIsServed) {
  const Source source = {.upstream = "up",
                         .services = {"p.A", "p.B"},
                         .files = {Service("A", ".p.T", "dependency: 't.proto'"), kType,
                                   Service("B", ".p.-", "dependency: 'x.proto'"), kBroken}};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(ToolNames(*catalog), ElementsAre("A_Do"));
  EXPECT_THAT(problems, ElementsAre("upstream up: service p.B: file \"x.proto\": p.-: is not a "
                                    "message name"));
}

// At the end of the process nobody waits for the tools of a big description.
TEST(CatalogMake, MakesNoMoreToolsOnceItIsToStop) {
  const Source source = {.services = {"p.A"},
                         .files = {Service("A", ".p.T", "dependency: 't.proto'"), kType}};
  std::vector<std::string> problems;
  std::atomic<bool> stop{false};
  EXPECT_EQ(Catalog::Make({&source, 1}, {}, {}, &problems, &stop)->tools().size(), 1u);
  stop = true;
  EXPECT_EQ(Catalog::Make({&source, 1}, {}, {}, &problems, &stop)->tools().size(), 0u);
}

// A graph for each service would hold the types they share a hundred times.
TEST(BrokenFiles, TheOthersStayTogether) {
  Source source = {.upstream = "up", .files = {kType, kBroken}};
  for (int i = 0; i < 100; ++i) {
    const std::string name = "S" + std::to_string(i);
    source.services.push_back("p." + name);
    source.files.push_back(i == 37 ? Service(name, ".p.-", "dependency: 'x.proto'")
                                   : Service(name, ".p.T", "dependency: 't.proto'"));
  }
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_EQ(catalog->tools().size(), 99u);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("service p.S37: ")));
  std::set<const transcode::Codec*> codecs;
  for (const Tool& tool : catalog->tools()) codecs.insert(tool.codec);
  EXPECT_LE(codecs.size(), 7u);
}

// Servers on @grpc/grpc-js do not say what imports what: the types they name say it.
TEST(BrokenFiles, WithoutImportsAServiceIsKnownByItsTypes) {
  const std::string outer = FromText(
      "name: 'o.proto' package: 'p' message_type { name: 'O' nested_type { name: 'N' field { "
      "name: 't' number: 1 label: LABEL_OPTIONAL type: TYPE_MESSAGE type_name: '.p.T' } } }");
  const Source source = {
      .upstream = "up",
      .services = {"p.A", "p.B"},
      .files = {Service("A", ".p.O.N", ""), outer, kType, Service("B", ".p.-", ""), kBroken}};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(ToolNames(*catalog), ElementsAre("A_Do"));
  EXPECT_THAT(problems, ElementsAre("upstream up: service p.B: file \"x.proto\": p.-: is not a "
                                    "message name"));
}

// What is told of a service is not that its types are missing, but why their file is.
TEST(BrokenFiles, TheRealReasonIsNamed) {
  const std::string shared = FromText(
      "name: 'x.proto' package: 'p' message_type { name: 'T' } message_type { name: '-' }");
  const Source source = {
      .upstream = "up", .services = {"p.A"}, .files = {Service("A", ".p.T", ""), shared}};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(ToolNames(*catalog), ElementsAre());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("file \"x.proto\": p.-: is not a message name")));
}

// protobufjs repeats an extension as a field of what it extends.
TEST(BrokenFiles, WhatGrpcJsBendsIsRepaired) {
  const std::string options = FromText(
      "name: 'google_protobuf.proto' package: 'google.protobuf' syntax: 'proto3' message_type { "
      "name: 'FieldOptions' field { name: '.google.api.field_behavior' number: 1052 "
      "label: LABEL_REPEATED type: TYPE_INT32 } }");
  const Source source = {
      .upstream = "up", .services = {"p.A"}, .files = {Service("A", ".p.T", ""), kType, options}};
  std::vector<std::string> problems;
  const auto catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
  EXPECT_THAT(ToolNames(*catalog), ElementsAre("A_Do"));
  EXPECT_THAT(problems, ElementsAre());
}

}  // namespace
}  // namespace bridge::catalog
