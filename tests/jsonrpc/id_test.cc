// What an id may be, and when two of them are one.
#include <gtest/gtest.h>

#include "bridge/jsonrpc/message.h"

namespace bridge::jsonrpc {
namespace {

std::string WithId(const std::string& id, const std::string& rest = R"("method":"m")") {
  return R"({"jsonrpc":"2.0","id":)" + id + "," + rest + "}";
}

// "request", or the code, the id that the answer would echo and the words.
std::string Outcome(const std::string& text) {
  Message message;
  ParseFailure failure;
  if (ParseMessage(text, &message, &failure)) return "taken " + std::string(message.id);
  return std::to_string(static_cast<int>(failure.code)) + " [" + failure.id + "] " +
         failure.message;
}

TEST(A2LongId, OfAtMost256BytesOfJsonText) {
  const std::string longest = "\"" + std::string(254, 'x') + "\"";
  EXPECT_EQ(Outcome(WithId(longest)), "taken " + longest);
  const std::string refusal =
      "-32600 [] Invalid request: \"id\" must not have more than 256 bytes of JSON text: choose a "
      "shorter one";
  std::string escapes;  // 43 characters, 258 bytes of JSON
  for (int i = 0; i < 43; ++i) escapes += "\\u0061";
  for (const std::string& id :
       {"\"" + std::string(255, 'x') + "\"", "\"" + std::string(4u << 20, 'x') + "\"",
        "\"" + escapes + "\"", std::string(257, '7'), "-" + std::string(1u << 20, '1'),
        "[" + std::string(300, ' ') + "]"}) {
    EXPECT_EQ(Outcome(WithId(id)), refusal) << id.size();
    EXPECT_EQ(Outcome(WithId(id, R"("result":{})")), refusal) << id.size();
  }
}

TEST(A2LongId, IsNotEchoedWhenSomethingElseIsWrongToo) {
  const std::string id = "\"" + std::string(1000, 'x') + "\"";
  EXPECT_EQ(Outcome(R"({"method":"m","id":)" + id + "}").substr(0, 10), "-32600 [] ");
  EXPECT_EQ(Outcome(R"({"jsonrpc":"1.0","id":)" + id + R"(,"method":7})").substr(0, 10),
            "-32600 [] ");
}

TEST(B20IdKey, IsTheSameForAllTextsOfOneId) {
  const struct {
    const char *one, *other;
    bool same;
  } rows[] = {
      {R"("abc")", R"("abc")", true},
      {R"("abc")", R"("\u0061b\u0063")", true},
      {R"("a/b")", R"("a\/b")", true},
      {R"("ü")", R"("\u00fc")", true},
      {R"("😀")", R"("\ud83d\ude00")", true},
      {"1", "1.0", true},
      {"1", "1e0", true},
      {"100", "1e2", true},
      {"-7", "-7.00", true},
      {"0", "-0", true},
      {"9223372036854775807", "9223372036854775807", true},
      {"9223372036854775807", "9223372036854775806", false},
      {"1", R"("1")", false},
      {"1", "1.5", false},
      {"1", "10", false},
      {R"("a")", R"("A")", false},
  };
  for (const auto& row : rows) {
    EXPECT_FALSE(IdKey(row.one).empty()) << row.one;
    EXPECT_EQ(IdKey(row.one) == IdKey(row.other), row.same) << row.one << " " << row.other;
  }
}

TEST(B20IdKey, IsEmptyForWhatIsNoId) {
  for (const std::string& text :
       {std::string("null"), std::string("true"), std::string("1.5"), std::string("[1]"),
        std::string("{}"), std::string("1e300"), "\"" + std::string(300, 'x') + "\""}) {
    EXPECT_EQ(IdKey(text), "") << text;
  }
}

TEST(B15Null, IsAsIfAbsent) {
  for (const char* params :
       {"null", "{}", R"({"arguments":null})", R"({"cursor":null,"arguments":null})"}) {
    const std::string text = WithId("1", std::string(R"("method":"m","params":)") + params);
    Message message;  // a view of text
    ParseFailure failure;
    ASSERT_TRUE(ParseMessage(text, &message, &failure)) << failure.message;
    EXPECT_EQ(message.Find("arguments"), nullptr) << params;
    EXPECT_EQ(message.Find("cursor"), nullptr) << params;
  }
  const std::string text = WithId("1", R"("method":"m","params":{"a":null,"b":0})");
  Message message;
  ParseFailure failure;
  ASSERT_TRUE(ParseMessage(text, &message, &failure));
  EXPECT_NE(message.Find("b"), nullptr);
}

// Two readers could take either: that one of them is null changes nothing.
TEST(B15Null, AndAValueOfOneNameAreRefused) {
  for (const char* params : {R"({"a":null,"a":1})", R"({"a":1,"a":null})"}) {
    EXPECT_EQ(Outcome(WithId("1", std::string(R"("method":"m","params":)") + params)),
              "-32600 [1] Invalid request: a member of \"params\" stands twice");
  }
}

}  // namespace
}  // namespace bridge::jsonrpc
