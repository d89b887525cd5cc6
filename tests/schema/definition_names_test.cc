// Messages of one name, and others that are called as those would be numbered.
#include <string>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using Json = nlohmann::json;

// Messages by full name without package; each has one field, called like it in lower case with '_'
// for dots. A root uses each twice, in the order given.
std::string ProtoOf(const std::vector<std::string>& messages, std::string declarations) {
  std::string root = "message Root {\n";
  int number = 0;
  for (const std::string& message : messages) {
    for (const char* copy : {"x", "y"}) {
      root += message + " " + copy + std::to_string(number) + " = ";
      root += std::to_string(++number) + ";\n";
    }
  }
  return "syntax = \"proto3\"; package p;\n" + declarations + root + "}\n";
}

struct Row {
  std::vector<std::string> messages;  // in the order of the fields of Root
  std::string declarations;
  std::vector<std::string> only_fields;  // the one field of each of `messages`
};

void ExpectEachRefMeansItsMessage(const Row& row, SchemaProfile profile) {
  const auto graph =
      descriptor::BuildOrThrow(descriptor::CompileText(ProtoOf(row.messages, row.declarations)));
  SchemaOptions options;
  options.profile = profile;
  options.max_inline_bytes = 0;
  const std::string text = InputSchema(*graph->FindMessage("p.Root"), options);
  const Json schema = Json::parse(text);
  EXPECT_EQ(schema["$defs"].size(), row.messages.size()) << text;
  int number = 0;
  for (const std::string& field : row.only_fields) {
    for (const char* copy : {"x", "y"}) {
      Json property = schema["properties"][copy + std::to_string(number++)];
      if (property.contains("anyOf")) property = property["anyOf"][0];
      const std::string name = property["$ref"].get<std::string>().substr(8);
      EXPECT_LE(name.size(), 64u);
      EXPECT_TRUE(schema["$defs"][name]["properties"].contains(field)) << name << " of " << text;
      // A parser keeps the last of two members of one name: count them in the text.
      const std::string member = "\"" + name + "\":{\"type\":\"object\"";
      EXPECT_EQ(text.find(member), text.rfind(member)) << name << " is written twice";
    }
  }
}

TEST(A18DefinitionNames, NumbersNeverMeetAName) {
  const std::string two = "message A { string a = 1; } message O { message A { string oa = 1; } } ";
  const std::string long_name(64, 'L');
  const std::string longer(70, 'L');
  for (const Row& row : {
           Row{{"A", "A_3", "O.A"}, two + "message A_3 { string a3 = 1; }", {"a", "a3", "oa"}},
           Row{{"A", "O.A", "A_2"}, two + "message A_2 { string a2 = 1; }", {"a", "oa", "a2"}},
           Row{{"A", "A_3", "A_4", "O.A"},
               two + "message A_3 { string a3 = 1; } message A_4 { string a4 = 1; }",
               {"a", "a3", "a4", "oa"}},
           Row{{"A", "A_3", "O.A", "P.A", "A_4"},
               two + "message A_3 { string a3 = 1; } message A_4 { string a4 = 1; } "
                     "message P { message A { string pa = 1; } }",
               {"a", "a3", "oa", "pa", "a4"}},
           Row{{long_name, "Q." + long_name, longer},
               "message " + long_name + " { string l = 1; } message " + longer +
                   " { string longer = 1; } message Q { message " + long_name +
                   " { string ql = 1; } }",
               {"l", "ql", "longer"}},
       }) {
    for (const SchemaProfile profile :
         {SchemaProfile::kPortable, SchemaProfile::kStandard, SchemaProfile::kOpenAiStrict}) {
      ExpectEachRefMeansItsMessage(row, profile);
    }
  }
}

}  // namespace
}  // namespace bridge::schema
