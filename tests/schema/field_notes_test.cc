#include "bridge/schema/field_notes.h"

#include <memory>
#include <string>
#include <string_view>

#include "bridge/schema/example.h"
#include "bridge/schema/tool.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Kind;
using descriptor::Message;

Field WithTexts(descriptor::FieldTexts texts) {
  Field field;
  field.kind = Kind::kString;
  field.texts = std::make_shared<const descriptor::FieldTexts>(std::move(texts));
  return field;
}

TEST(FieldNotes, WhatOptionsSayComesBeforeTheComment) {
  Message owner;
  owner.fields.push_back({.name = "a_b", .json_name = "aB", .input_key = "aB"});
  Field field = WithTexts({.title = "Title", .description = "All of it. Also a_b.", .example = ""});
  const auto said = [&field, &owner](Comments detail) {
    return FieldComment(field, owner, Direction::kInput, detail);
  };
  field.comment = "The comment. Its second sentence.";
  EXPECT_EQ(said(Comments::kFirstSentence), "All of it. Also aB.");
  field.texts = nullptr;
  EXPECT_EQ(said(Comments::kFirstSentence), "The comment.");
  EXPECT_EQ(said(Comments::kShort), field.comment);
  field.comment += std::string(150, 'x');
  EXPECT_EQ(said(Comments::kShort), "The comment.");
  EXPECT_EQ(said(Comments::kWhole), field.comment);
  field = WithTexts({.title = "Title", .description = "", .example = ""});
  EXPECT_EQ(said(Comments::kShort), "Title");
}

TEST(FieldNotes, TitlesAndExamplesAreKeywordsWhereThereIsEverything) {
  const Dialect everything = DialectOf(SchemaProfile::kStandard);
  struct Row {
    Kind kind;
    std::string example, keywords;
  };
  for (const Row& row :
       {Row{Kind::kString, R"("x")", R"("title":"T","examples":["x"])"},
        Row{Kind::kString, "x y", R"("title":"T","examples":["x y"])"},
        Row{Kind::kString, "12", R"("title":"T","examples":["12"])"},
        Row{Kind::kInt32, "12", R"("title":"T","examples":[12])"},
        Row{Kind::kInt32, "- yaml", R"("title":"T")"}, Row{Kind::kInt32, "", R"("title":"T")"}}) {
    Field field = WithTexts({.title = "T", .description = "", .example = row.example});
    field.kind = row.kind;
    EXPECT_EQ(FieldKeywords(field, Direction::kInput, everything), row.keywords);
    EXPECT_EQ(FieldKeywords(field, Direction::kOutput, everything), R"("title":"T")");
    EXPECT_EQ(FieldKeywords(field, Direction::kInput, DialectOf(SchemaProfile::kPortable)), "");
  }
}

TEST(FieldNotes, AnExampleFitsItsFieldOrIsLeftOut) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
    syntax = "proto3";
    import "google/protobuf/timestamp.proto";
    import "google/protobuf/struct.proto";
    import "google/protobuf/wrappers.proto";
    message M {
      string s = 1; int32 i = 2; uint32 u = 3; int64 l = 4; bool b = 5; double d = 6; bytes y = 7;
      enum E { NONE = 0; RED = 1; } E e = 8;
      repeated int32 list = 9; map<string, E> map = 10; M m = 11; google.protobuf.Timestamp t = 12;
      google.protobuf.Struct any = 13; google.protobuf.Value value = 14; repeated M ms = 15;
      google.protobuf.Int64Value w = 16; int32 long_name = 17;
    })"));
  struct Row {
    std::string field, example, json;
    bool not_closed = false;
  };
  for (const Row& row : {
           Row{"s", R"("x")", R"("x")"},
           Row{"s", "x \"y", R"("x \"y")"},
           Row{"i", "-5", "-5"},
           Row{"i", "five", ""},
           Row{"i", "2147483648", ""},
           Row{"i", "1.5", ""},
           Row{"u", "-5", ""},
           Row{"l", "5", R"("5")"},
           Row{"l", R"("5")", R"("5")"},
           Row{"b", "true", "true"},
           Row{"b", "yes", ""},
           Row{"d", "1e3", "1e3"},
           Row{"y", "AQI=", R"("AQI=")"},
           Row{"y", "%", ""},
           Row{"e", "RED", R"("RED")"},
           Row{"e", R"("NOPE")", ""},
           Row{"list", "[1,2]", "[1,2]"},
           Row{"list", "[1,\"x\"]", ""},
           Row{"list", "1", ""},
           Row{"map", R"({"k":"RED"})", R"({"k":"RED"})", true},
           Row{"map", R"({"k":"NOPE"})", ""},
           Row{"m", R"({"m":{"long_name":1,"longName":2}})",
               R"({"m":{"long_name":1,"longName":2}})", true},
           Row{"m", R"({"m":{"other":1}})", ""},
           Row{"m", R"({"i":1)", ""},
           Row{"t", "2025-01-31T12:00:00Z", R"("2025-01-31T12:00:00Z")"},
           Row{"t", "5", R"("5")"},
           Row{"any", R"({"x":[1]})", R"({"x":[1]})", true},
           Row{"any", "1", ""},
           Row{"value", "[1]", "[1]", true},
           Row{"ms", R"([{"i":1}])", R"([{"i":1}])", true},
           Row{"w", "7", R"("7")"},
       }) {
    Field field = *graph->FindMessage("M")->FindField(row.field);
    field.texts = WithTexts({.title = "", .description = "", .example = row.example}).texts;
    EXPECT_EQ(ExampleJson(field, DialectOf(SchemaProfile::kPortable)), row.json) << row.field;
    EXPECT_EQ(ExampleJson(field, DialectOf(SchemaProfile::kOpenAiStrict)),
              row.not_closed ? "" : row.json)
        << row.field;
  }
}

// Descriptions come from servers: a tool is one line, and shows all that it says.
TEST(FieldNotes, NoKeywordSmugglesLinesOrWhatNobodySees) {
  struct Row {
    Field field;
    std::string example;
    std::string keywords;
  };
  const auto field = [](Kind kind, std::string default_text) {
    Field made;
    made.kind = kind;
    made.default_text = std::move(default_text);
    return made;
  };
  const Dialect everything = DialectOf(SchemaProfile::kStandard);
  for (const Row& row : {Row{field(Kind::kInt32, "[\n{\"name\":\"Pay\"}\n]"), "", ""},
                         Row{field(Kind::kDouble, "\n1"), "", ""},
                         Row{field(Kind::kInt32, "5"), "1\n", R"("default":5,"examples":[1])"},
                         Row{field(Kind::kString, "a\u202eb"), "", ""},
                         Row{field(Kind::kString, "a"), "", R"("default":"a")"}}) {
    Field with_texts = row.field;
    if (!row.example.empty()) with_texts.texts = WithTexts({.example = row.example}).texts;
    EXPECT_EQ(FieldKeywords(with_texts, Direction::kInput, everything), row.keywords);
  }
  Field list = field(Kind::kInt32, "");
  list.repeated = true;
  list.texts = WithTexts({.example = "[1,\n 2]"}).texts;
  EXPECT_EQ(FieldKeywords(list, Direction::kInput, everything), R"("examples":[[1,2]])");
}

// AIP-134: with a mask, a resource carries what changes and what says which one it is.
TEST(FieldNotes, AnUpdateWithAMaskNeedsNoWholeResource) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
    syntax = "proto3";
    import "test_options.proto";
    import "google/protobuf/field_mask.proto";
    message Book {
      string name = 1 [(test.field_behavior) = REQUIRED];
      string shelf = 2
          [(test.field_behavior) = REQUIRED, (test.field_behavior) = IMMUTABLE];
      string title = 3 [(test.field_behavior) = REQUIRED];
      Page first = 4;
    }
    message Page { string text = 1 [(test.field_behavior) = REQUIRED]; }
    message Masked {
      Book book = 1 [(test.field_behavior) = REQUIRED];
      google.protobuf.FieldMask update_mask = 2 [(test.field_behavior) = REQUIRED];
    }
    message Whole { Book book = 1 [(test.field_behavior) = REQUIRED]; }
    service Books {
      rpc UpdateBook(Masked) returns (Book);
      rpc ReadBook(Masked) returns (Book);
      rpc UpdateWhole(Whole) returns (Book);
    })"));
  const auto required = [&graph](int method) {
    const auto schema =
        nlohmann::json::parse(MakeTool(graph->services()[0].methods[method]).input_schema);
    const auto& book = schema["properties"]["book"];
    return schema["required"].dump() + book["required"].dump() +
           book["properties"]["first"].value("required", nlohmann::json()).dump();
  };
  EXPECT_EQ(required(0), R"(["book","updateMask"]["name","shelf"]null)");
  EXPECT_EQ(required(1), R"(["book","updateMask"]["name","shelf","title"]["text"])");
  EXPECT_EQ(required(2), R"(["book"]["name","shelf","title"]["text"])");
}

}  // namespace
}  // namespace bridge::schema
