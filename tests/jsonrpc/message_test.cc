#include "bridge/jsonrpc/message.h"

#include <gtest/gtest.h>

namespace bridge::jsonrpc {
namespace {

// One line that says what was read, or why it was not.
std::string Dump(std::string_view text) {
  Message message;
  ParseFailure failure;
  if (!ParseMessage(text, &message, &failure)) {
    return std::to_string(static_cast<int>(failure.code)) + " id=" + failure.id + " " +
           failure.message;
  }
  const char* kinds[] = {"request", "notification", "response"};
  std::string out = kinds[static_cast<int>(message.kind)];
  out += " id=" + std::string(message.id) + " method=" + std::string(message.method);
  for (const char* key : {"name", "arguments", "_meta"}) {
    if (const Param* param = message.Find(key)) {
      out += " " + std::string(key) + "=" + std::string(param->raw);
    }
  }
  if (!message.result.empty()) out.append(" result=").append(message.result);
  if (!message.error.empty()) out.append(" error=").append(message.error);
  return out;
}

struct Case {
  const char* name;
  const char* text;
  const char* want;
};

class ParseMessageTest : public testing::TestWithParam<Case> {};

TEST_P(ParseMessageTest, Reads) {
  EXPECT_EQ(Dump(GetParam().text), GetParam().want);
}

constexpr Case kGood[] = {
    {"Request", R"({"jsonrpc":"2.0","id":1,"method":"ping"})", "request id=1 method=ping"},
    {"AnyOrder", R"( {"method":"ping" , "id" : "a" ,"jsonrpc":"2.0"} )",
     R"(request id="a" method=ping)"},
    {"BigId", R"({"jsonrpc":"2.0","id":9223372036854775807,"method":"m"})",
     "request id=9223372036854775807 method=m"},
    {"SmallestId", R"({"jsonrpc":"2.0","id":-9223372036854775808,"method":"m"})",
     "request id=-9223372036854775808 method=m"},
    {"NegativeId", R"({"jsonrpc":"2.0","id":-7,"method":"m"})", "request id=-7 method=m"},
    {"EscapedIdIsEchoedAsWritten", R"({"jsonrpc":"2.0","id":"\u0061","method":"m"})",
     R"(request id="\u0061" method=m)"},
    {"EscapedMethod", R"({"jsonrpc":"2.0","id":1,"method":"tools\/call"})",
     "request id=1 method=tools/call"},
    {"EscapedParamKey", R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"n\u0061me":1}})",
     "request id=1 method=m name=1"},
    {"TwoEscapedParamKeys",
     R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"n\u0061me":1,"\u005fmeta":{}}})",
     "request id=1 method=m name=1 _meta={}"},
    {"Notification", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
     "notification id= method=notifications/initialized"},
    {"Response", R"({"jsonrpc":"2.0","id":1,"result":{}})", "response id=1 method= result={}"},
    {"ErrorResponse", R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"x"}})",
     R"(response id=1 method= error={"code":1,"message":"x"})"},
    {"RawArguments",
     R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"arguments": {"a" : [1, "}"]} }})",
     R"(request id=1 method=m arguments={"a" : [1, "}"]})"},
};
INSTANTIATE_TEST_SUITE_P(Good, ParseMessageTest, testing::ValuesIn(kGood),
                         [](const auto& row) { return row.param.name; });

constexpr Case kInvalid[] = {
    {"NotAnObject", "7", "-32600 id= Invalid request: the body must be one JSON-RPC object"},
    {"NoVersion", R"({"id":1,"method":"m"})",
     R"(-32600 id=1 Invalid request: "jsonrpc":"2.0" is missing)"},
    {"WrongVersion", R"({"jsonrpc":"1.0","id":1,"method":"m"})",
     R"(-32600 id=1 Invalid request: "jsonrpc" must be "2.0")"},
    {"NullId", R"({"jsonrpc":"2.0","id":null,"method":"m"})",
     R"(-32600 id= Invalid request: "id" must be a string or an integer of 64 bits)"},
    {"FractionalId", R"({"jsonrpc":"2.0","id":1.5,"method":"m"})",
     R"(-32600 id= Invalid request: "id" must be a string or an integer of 64 bits)"},
    {"ExponentId", R"({"jsonrpc":"2.0","id":1e3,"method":"m"})",
     R"(-32600 id= Invalid request: "id" must be a string or an integer of 64 bits)"},
    {"HugeId", R"({"jsonrpc":"2.0","id":9223372036854775808,"method":"m"})",
     R"(-32600 id= Invalid request: "id" must be a string or an integer of 64 bits)"},
    {"NoMethod", R"({"jsonrpc":"2.0","id":1})",
     R"(-32600 id=1 Invalid request: "method" is missing)"},
    {"MethodOfAnotherType", R"({"jsonrpc":"2.0","id":1,"method":7})",
     R"(-32600 id=1 Invalid request: "method" must be a string)"},
    {"PositionalParams", R"({"jsonrpc":"2.0","id":1,"method":"m","params":[1]})",
     R"(-32600 id=1 Invalid request: "params" must be an object)"},
    {"DuplicateMember", R"({"jsonrpc":"2.0","id":1,"id":2,"method":"m"})",
     R"(-32600 id=2 Invalid request: member "id" stands twice)"},
    {"DuplicateParam", R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"name":1,"n\u0061me":2}})",
     R"(-32600 id=1 Invalid request: a member of "params" stands twice)"},
    {"ForeignMember", R"({"jsonrpc":"2.0","id":1,"method":"m","extra":1})",
     "-32600 id=1 Invalid request: a message has no member but jsonrpc, id, method, params, result "
     "and error"},
    {"ResultAndError", R"({"jsonrpc":"2.0","id":1,"result":1,"error":{}})",
     "-32600 id=1 Invalid request: a response has a result or an error, not both"},
    {"MethodAndResult", R"({"jsonrpc":"2.0","id":1,"result":1,"method":"m"})",
     "-32600 id=1 Invalid request: a message has either a method or a result or error"},
};
INSTANTIATE_TEST_SUITE_P(Invalid, ParseMessageTest, testing::ValuesIn(kInvalid),
                         [](const auto& row) { return row.param.name; });

TEST(ParseMessage, WhatIsNoJsonIsAParseErrorWithoutId) {
  for (const char* text : {"", " ", "{", R"({"id":1)", R"({"jsonrpc":"2.0","id":1,"method":"m"},)",
                           R"({"jsonrpc":"2.0","id":1,"method":"m"}x)", R"({'jsonrpc':"2.0"})",
                           "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\x80\"}",
                           "\xef\xbb\xbf{\"jsonrpc\":\"2.0\"}", "nul", R"({"a":01})"}) {
    Message message;
    ParseFailure failure;
    ASSERT_FALSE(ParseMessage(text, &message, &failure)) << text;
    EXPECT_EQ(failure.code, ErrorCode::kParseError) << text;
    EXPECT_EQ(failure.id, "") << text;
    EXPECT_EQ(failure.message.rfind("Parse error: ", 0), 0u) << failure.message;
  }
}

TEST(ParseMessage, NestingHasALimit) {
  std::string deep = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"a":)";
  deep += std::string(200, '[') + std::string(200, ']') + "}}";
  EXPECT_EQ(Dump(deep).substr(0, 6), "-32700");
}

TEST(ParseMessage, TooManyParamsAreRefused) {
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"p0":0)";
  for (size_t i = 1; i <= Message::kMaxParams; ++i) text += ",\"p" + std::to_string(i) + "\":0";
  EXPECT_EQ(Dump(text + "}}"),
            R"(-32600 id=1 Invalid request: "params" has too many or too long members)");
}

TEST(AppendError, LeavesAnUnknownIdOut) {
  std::string out;
  AppendError(&out, "", ErrorCode::kParseError, "a \"b\"");
  EXPECT_EQ(out, R"({"jsonrpc":"2.0","error":{"code":-32700,"message":"a \"b\""}})");
  out.clear();
  AppendError(&out, "\"x\"", ErrorCode::kUnsupportedVersion, "m", R"({"supported":[]})");
  EXPECT_EQ(
      out,
      R"({"jsonrpc":"2.0","id":"x","error":{"code":-32022,"message":"m","data":{"supported":[]}}})");
}

TEST(IsBatch, LooksAtTheFirstCharacter) {
  EXPECT_TRUE(IsBatch(" \n[1]"));
  EXPECT_FALSE(IsBatch("{}"));
  EXPECT_FALSE(IsBatch(""));
}

}  // namespace
}  // namespace bridge::jsonrpc
