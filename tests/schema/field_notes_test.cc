#include "bridge/schema/field_notes.h"

#include <memory>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

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
  field.comment = "The comment. Its second sentence.";
  EXPECT_EQ(FieldComment(field, owner, Direction::kInput, false), "All of it. Also aB.");
  field.texts = nullptr;
  EXPECT_EQ(FieldComment(field, owner, Direction::kInput, false), "The comment.");
  EXPECT_EQ(FieldComment(field, owner, Direction::kInput, true), field.comment);
  field = WithTexts({.title = "Title", .description = "", .example = ""});
  EXPECT_EQ(FieldComment(field, owner, Direction::kInput, false), "Title");
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

}  // namespace
}  // namespace bridge::schema
