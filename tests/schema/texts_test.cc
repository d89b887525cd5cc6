#include "bridge/schema/texts.h"

#include <string>
#include <string_view>
#include <vector>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Texts, TitlesAreWords) {
  struct Row {
    std::string_view name, expected;
  };
  for (const Row& row :
       {Row{"CreateOrder", "Create Order"}, Row{"createOrder", "Create Order"},
        Row{"create_order_item", "Create Order Item"}, Row{"GetHTTPServer", "Get HTTP Server"},
        Row{"GetV2", "Get V2"}, Row{"list", "List"}, Row{"ABTest", "AB Test"}, Row{"__x__y", "X Y"},
        Row{"_", "_"}, Row{"Int64Value", "Int64 Value"}}) {
    EXPECT_EQ(ToTitle(row.name), row.expected);
  }
}

Tool ToolOf(const std::string& proto_body, const SchemaOptions& options = {}) {
  const auto graph = descriptor::BuildOrThrow(
      descriptor::CompileText("syntax = \"proto3\"; package p;" + proto_body));
  return MakeTool(graph->services().front().methods.front(), options);
}

TEST(Texts, ALongCommentIsCutAtASentenceAndKeepsTheFacts) {
  std::string comment;
  for (int i = 0; i < 100; ++i)
    comment += "// This is sentence number " + std::to_string(i) + ".\n";
  const Tool tool = ToolOf(R"(
    message M { oneof o { string a = 1; string b = 2; } }
    service S {
)" + comment + R"(      rpc Do(M) returns (stream M) { option deprecated = true; }
    })");
  EXPECT_LE(tool.description.size(), SchemaOptions().max_tool_description);
  EXPECT_THAT(tool.description, StartsWith("Deprecated. This is sentence number 0. "));
  EXPECT_TRUE(tool.description.ends_with(
      ". Set at most one of: a, b. The answer is a stream, returned as a whole when it ends or "
      "reaches a limit; set stream_limit if it may not end by itself."))
      << tool.description;
}

TEST(Texts, WhatMustBeOnTheWireIsKept) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
    syntax = "proto3"; import "test_options.proto";
    message M {
      string id = 1 [(test.field_behavior) = REQUIRED];
      int32 count = 2 [(test.field_behavior) = REQUIRED];
      optional int32 size = 3 [(test.field_behavior) = REQUIRED];
      repeated bool flags = 4 [(test.field_behavior) = REQUIRED];
      M sub = 5 [(test.field_behavior) = REQUIRED];
      string note = 6;
      string made = 7 [(test.field_behavior) = REQUIRED, (test.field_behavior) = OUTPUT_ONLY];
    }
    service S { rpc Do(M) returns (M); })"));
  std::vector<std::string> names;
  for (const auto* field : MakeTool(graph->services().front().methods.front()).required) {
    names.push_back(field->name);
  }
  EXPECT_THAT(names, ElementsAre("id", "size", "flags", "sub")) << "count may have been given as 0";
}

TEST(Texts, LongRunningIsSaid) {
  const auto graph = descriptor::BuildOrThrow(descriptor::CompileText(R"(
    syntax = "proto3"; package google.longrunning;
    message Operation { bool done = 1; }
    service S { rpc Start(Operation) returns (Operation); })"));
  EXPECT_THAT(MakeTool(graph->services().front().methods.front()).description,
              HasSubstr("Long-running: returns an Operation"));
}

TEST(Texts, PaginationNeedsBothTokens) {
  EXPECT_THAT(
      ToolOf(R"(message Q { string page_token = 1; } message R { string next_page_token = 1; }
                        service S { rpc List(Q) returns (R); })")
          .description,
      HasSubstr("pass nextPageToken as pageToken"));
  EXPECT_THAT(
      ToolOf(R"(message Q { string page_token = 1; } message R { int32 next_page_token = 1; }
                        service S { rpc List(Q) returns (R); })")
          .description,
      testing::Not(HasSubstr("Paginated")));
}

TEST(Texts, SentencesOfAToolEnd) {
  struct Row {
    std::string comment, options, expected;
  };
  for (const Row& row : {
           Row{"// Does it", "", "Does it. Set at most one of: a, b."},
           Row{"// Does it (really)", "", "Does it (really). Set at most one of: a, b."},
           Row{"// Does it:\n// - now", "", "Does it:\n- now\nSet at most one of: a, b."},
           Row{"// Old thing", "deprecated = true",
               "Deprecated. Old thing. Set at most one of: a, b."},
           Row{"// Deprecated: use X.", "deprecated = true",
               "Deprecated: use X. Set at most one of: a, b."},
           Row{"/** Does it.\n * @deprecated use X. */", "deprecated = true",
               "Does it.\nDeprecated: use X.\nSet at most one of: a, b."},
       }) {
    const std::string options = row.options.empty() ? "" : "option " + row.options + ";";
    EXPECT_EQ(ToolOf("message M { oneof o { string a = 1; string b = 2; } } service S {\n" +
                     row.comment + "\nrpc Do(M) returns (M) { " + options + " } }")
                  .description,
              row.expected);
  }
}

TEST(Texts, DescriptionsOfFieldsSayAllOnce) {
  struct Row {
    std::string field, expected;
    bool whole = false;
  };
  const std::string levels = R"(
    // How warm it is. Really.
    enum Level {
      NONE = 0;
      // Really cold; do not use in summer;
      COLD = 1;
      // Warm. Not so hot that it has to be cooled before anybody can drink it.
      WARM = 2;
    })";
  for (const Row& row : {
           Row{"// Deprecated. Use x instead. Really.\nbool f = 1 [deprecated = true];",
               "Deprecated. Use x instead. Really."},
           Row{"// The old one\nbool f = 1 [deprecated = true];", "The old one. Deprecated."},
           Row{"// For the deprecated mode.\nbool f = 1 [deprecated = true];",
               "For the deprecated mode. Deprecated."},
           Row{"// It is deprecated.\nbool f = 1 [deprecated = true];", "It is deprecated."},
           Row{"// Output only. When it was made.\nbool f = 1;", "Output only. When it was made."},
           Row{"// Optional. REQUIRED: The id. More.\nbool f = 1;", "REQUIRED: The id. More."},
           Row{"// One of:\n//  - a\n//  - b\nstring f = 1;", R"(One of:\n- a\n- b)"},
           Row{"Level f = 1;",
               "How warm it is. Really. COLD: Really cold; do not use in summer; WARM: Warm."},
           Row{"repeated Level f = 1;",
               "How warm it is. Really. COLD: Really cold; do not use in summer; WARM: Warm."},
           Row{"// Its own.\nLevel f = 1;",
               "Its own. COLD: Really cold; do not use in summer; WARM: Warm."},
           Row{"Level f = 1;",
               "How warm it is. Really. COLD: Really cold; do not use in summer; WARM: Warm. Not "
               "so hot that it has to be cooled before anybody can drink it.",
               true},
           Row{"enum E {\n// A. At most 5.\n//\n// So there.\nA = 0; } E f = 1;",
               "A: A. At most 5. So there."},
       }) {
    SchemaOptions options;
    if (row.whole) UseWholeComments(&options);
    EXPECT_THAT(
        ToolOf("message M {\n" + row.field + levels + "} service S { rpc Do(M) returns (M); }",
               options)
            .input_schema,
        HasSubstr("\"description\":\"" + row.expected + "\""))
        << row.field;
  }
}

TEST(B35Descriptions, CodeIsThereAsAWholeOrNotAtAll) {
  const std::string prose(990, 'x');
  const std::string code = "// ```json\n// {\"first\": 1,\n// \"second\": 2}\n// ```\n";
  const auto description = [](const std::string& comment, const std::string& member = "") {
    return ToolOf("message M { " + member + " } service S {\n" + comment +
                  "rpc Do(M) returns (M); }")
        .description;
  };
  EXPECT_EQ(description("// Does it.\n" + code + "// At once.\n"),
            "Does it.\n{\"first\": 1,\n\"second\": 2}\nAt once.");
  // Over the cut, with a sentence that announces it, after it, and never closed.
  EXPECT_EQ(description("// Does " + prose + ".\n//\n// An example:\n" + code + "// At once.\n"),
            "Does " + prose + ".");
  EXPECT_EQ(description("// Does " + prose + ".\n" + code.substr(0, 40) + "\n//" +
                        std::string(200, 'y') + "\n"),
            "Does " + prose + ".");
  // Facts need room too.
  EXPECT_EQ(description("// Does " + prose.substr(0, 950) + ".\n" + code + "// At once.\n",
                        "oneof o { string first = 1; string second = 2; }"),
            "Does " + prose.substr(0, 950) + ". Set at most one of: first, second.");
  // All of it is code.
  EXPECT_EQ(description("// ```\n// " + prose + "\n// " + prose + "\n// ```\n"),
            "Do, a method of the S service. Returns nothing.");
}

TEST(B35Descriptions, OfFieldsToo) {
  const auto description = [](const std::string& comment) {
    const std::string schema =
        ToolOf("message M {\n" + comment + "int64 f = 1; } service S { rpc Do(M) returns (M); }")
            .input_schema;
    const size_t start = schema.find("\"description\":\"") + 15;
    return schema.substr(start, schema.find("\"}", start) - start);
  };
  EXPECT_EQ(description("// Like:\n// ```\n// a\n// ```\n"),
            "Like:\\na. 64-bit integer as a string.");
  EXPECT_EQ(description("// Like this one:\n// ```\n// " + std::string(80, 'a') + "\n// " +
                        std::string(80, 'b') + "\n// ```\n"),
            "Like this one. 64-bit integer as a string.");
  EXPECT_EQ(description("// The filter. Set `a or " + std::string(120, 'b') + " or d` for more.\n" +
                        "// And so on.\n"),
            "The filter. 64-bit integer as a string.");
}

TEST(Texts, DescriptionsOfFieldsKeepTheirBudget) {
  const std::string sentence =
      "// A long comment that goes on and on without any full stop until it is "
      "much longer than the budget of a field allows it to be, which happens "
      "in the comments of a great many real services out there on the net\n";
  const Tool tool =
      ToolOf("message M {\n" + sentence + "int64 a = 1;\n" + sentence +
             "string b = 2 [deprecated = true]; } service S { rpc Do(M) returns (M); }");
  EXPECT_THAT(tool.input_schema, HasSubstr("… 64-bit integer as a string.\""));
  EXPECT_THAT(tool.input_schema, HasSubstr("… Deprecated.\""));
  SchemaOptions options;
  options.max_field_description = 40;
  EXPECT_THAT(
      ToolOf("message M {\n// Words.\nint64 a = 1;} service S { rpc Do(M) returns (M); }", options)
          .input_schema,
      HasSubstr(R"("description":"64-bit integer as a string.")"));
}

}  // namespace
}  // namespace bridge::schema
