#include "bridge/schema/texts.h"

#include <string>
#include <string_view>

#include "bridge/schema/tool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {
namespace {

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
  EXPECT_TRUE(
      tool.description.ends_with(". Set at most one of: a, b. The answer is a stream of messages."))
      << tool.description;
}

TEST(Texts, LongRunningAndClientStreamsAreSaid) {
  const Tool tool = ToolOf(R"(message M {} service S { rpc Do(stream M) returns (M); })");
  EXPECT_THAT(tool.description, HasSubstr("The request is a stream of messages."));
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
