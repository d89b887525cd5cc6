#include "bridge/mcp/meta.h"

#include <gtest/gtest.h>

namespace bridge::mcp {
namespace {

constexpr char kTraceparent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

Meta Parse(const std::string& meta) {
  const std::string text = R"({"jsonrpc":"2.0","id":1,"method":"m","params":{)" + meta + "}}";
  jsonrpc::Message message;
  jsonrpc::ParseFailure failure;
  EXPECT_TRUE(jsonrpc::ParseMessage(text, &message, &failure)) << failure.message;
  return ParseMeta(message);
}

std::string Envelope(const std::string& version, const std::string& capabilities,
                     const std::string& more = "") {
  return R"("_meta":{"io.modelcontextprotocol/protocolVersion":)" + version +
         R"(,"io.modelcontextprotocol/clientCapabilities":)" + capabilities + more + "}";
}

TEST(ParseMeta, AValidEnvelope) {
  const Meta meta = Parse(Envelope(R"("2026-07-28")", "{}"));
  EXPECT_TRUE(meta.claims_modern);
  EXPECT_TRUE(meta.valid_envelope);
  EXPECT_EQ(meta.version, "2026-07-28");
  EXPECT_FALSE(meta.trace.has_value());
}

TEST(ParseMeta, WhatIsWrongIsNamed) {
  struct Case {
    std::string meta;
    bool claims_modern;
    const char* problem;
  };
  const std::string version = R"("2026-07-28")";
  const Case kCases[] = {
      {"", false, "params._meta is missing"},
      {R"("_meta":7)", false, "params._meta must be an object"},
      {R"("_meta":{})", false, "params._meta lacks \"io.modelcontextprotocol/protocolVersion\""},
      {Envelope("7", "{}"), true, "\"io.modelcontextprotocol/protocolVersion\" must be a string"},
      {Envelope(version, "[]"), true,
       "params._meta needs the object \"io.modelcontextprotocol/clientCapabilities\""},
      {R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})", true,
       "params._meta needs the object \"io.modelcontextprotocol/clientCapabilities\""},
      {Envelope(version, "{}", R"(,"io.modelcontextprotocol/clientInfo":{"name":"n"})"), true,
       "\"io.modelcontextprotocol/clientInfo\" needs the strings name and version"},
      {Envelope("1", "{}", R"(,"io.modelcontextprotocol/protocolVersion":"2026-07-28")"), true,
       "\"io.modelcontextprotocol/protocolVersion\" stands twice in params._meta"},
      {Envelope(version, "{}", R"(,"traceparent":"a","traceparent":"b")"), true,
       "\"traceparent\" stands twice in params._meta"},
      {Envelope(version, "{}", R"(,"io.modelcontextprotocol/clientInfo":"n")"), true,
       "\"io.modelcontextprotocol/clientInfo\" needs the strings name and version"},
  };
  for (const Case& c : kCases) {
    const Meta meta = Parse(c.meta);
    EXPECT_FALSE(meta.valid_envelope) << c.meta;
    EXPECT_EQ(meta.claims_modern, c.claims_modern) << c.meta;
    EXPECT_EQ(meta.problem, c.problem) << c.meta;
  }
}

TEST(B15Null, IsAsIfAbsentForWhatIsOptional) {
  const std::string info = R"(,"io.modelcontextprotocol/clientInfo":)";
  const std::string others = R"(,"traceparent":null,"tracestate":null,"progressToken":null)";
  EXPECT_TRUE(Parse(Envelope(R"("2026-07-28")", "{}", info + "null")).valid_envelope);
  EXPECT_TRUE(Parse(Envelope(R"("2026-07-28")", "{}", others)).valid_envelope);
  EXPECT_FALSE(Parse(Envelope(R"("2026-07-28")", "{}", info + "7")).valid_envelope);
  EXPECT_FALSE(Parse(Envelope(R"("2026-07-28")", "null")).valid_envelope);
  EXPECT_FALSE(Parse(Envelope("null", "{}")).valid_envelope);
}

TEST(ParseMeta, TraceContextIsReadInBothEras) {
  const Meta legacy =
      Parse(std::string(R"("_meta":{"tracestate":"a=1","traceparent":")") + kTraceparent + "\"}");
  ASSERT_TRUE(legacy.trace.has_value());
  EXPECT_EQ(telemetry::FormatTraceparent(*legacy.trace), kTraceparent);
  EXPECT_EQ(legacy.trace->tracestate, "a=1");
  EXPECT_FALSE(Parse(R"("_meta":{"traceparent":7})").trace.has_value());
  EXPECT_FALSE(Parse(R"("_meta":{"traceparent":"x"})").trace.has_value());
}

}  // namespace
}  // namespace bridge::mcp
