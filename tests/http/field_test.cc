#include "bridge/http/field.h"

#include <string>

#include "gtest/gtest.h"

namespace bridge::http {
namespace {

// Every byte at every place of a long value, so that all ways through the scan are taken.
TEST(FieldValuePrefixTest, StopsAtControlsOnly) {
  for (size_t size : {1, 7, 8, 9, 16, 31}) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'v');
        value[at] = static_cast<char>(byte);
        const bool legal = byte == '\t' || (byte >= ' ' && byte != 0x7f);
        ASSERT_EQ(FieldValuePrefix(value), legal ? size : at) << byte << " at " << at;
      }
    }
  }
}

TEST(TokenPrefixTest, KnowsTheTokenCharacters) {
  const std::string legal =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(TokenPrefix(text), legal.find(text[0]) != std::string::npos ? 1u : 0u) << byte;
  }
}

TEST(TargetPrefixTest, IsVisibleAsciiWithoutFragment) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    EXPECT_EQ(TargetPrefix(text), byte > ' ' && byte < 0x7f && byte != '#' ? 1u : 0u) << byte;
  }
}

TEST(EqualsIgnoreCaseTest, OnlyLettersHaveACase) {
  struct Row {
    std::string_view a, b;
    bool same;
  };
  for (const Row& row :
       {Row{"", "", true}, Row{"a", "A", true}, Row{"Host", "hOST", true},
        Row{"host", "hosts", false}, Row{"Content-Length", "content-length", true},
        Row{"Content-Length", "content-lengtg", false},
        Row{"MCP-Protocol-Version", "mcp-protocol-version", true},
        Row{"x^345678", "x~345678", false}, Row{"x@345678", "x`345678", false},
        Row{"12345678^", "12345678~", false}, Row{"12345678901234[6", "12345678901234{6", false}}) {
    EXPECT_EQ(EqualsIgnoreCase(row.a, row.b), row.same) << row.a << " " << row.b;
    EXPECT_EQ(EqualsIgnoreCase(row.b, row.a), row.same) << row.a << " " << row.b;
  }
}

TEST(ClassifyFieldTest, IgnoresCase) {
  EXPECT_EQ(ClassifyField("HOST"), Field::kHost);
  EXPECT_EQ(ClassifyField("content-LENGTH"), Field::kContentLength);
  EXPECT_EQ(ClassifyField("Transfer-Encoding"), Field::kTransferEncoding);
  EXPECT_EQ(ClassifyField("mcp-param-x"), Field::kMcp);
  EXPECT_EQ(ClassifyField("MCP-"), Field::kMcp);
  EXPECT_EQ(ClassifyField("mcp-Name"), Field::kMcpName);
  EXPECT_EQ(ClassifyField("Mcp-Method"), Field::kMcpMethod);
  EXPECT_EQ(ClassifyField("Mcp-Methud"), Field::kMcp);
  EXPECT_EQ(ClassifyField("MCP-Protocol-Version"), Field::kMcpProtocolVersion);
  EXPECT_EQ(ClassifyField("Mcp-Session-Id"), Field::kMcpSessionId);
  EXPECT_EQ(ClassifyField("Accept"), Field::kAccept);
  EXPECT_EQ(ClassifyField("TraceParent"), Field::kTraceparent);
  EXPECT_EQ(ClassifyField("tracestate"), Field::kTracestate);
  EXPECT_EQ(ClassifyField("User-Agent"), Field::kUserAgent);
  EXPECT_EQ(ClassifyField("mcp"), Field::kOther);
  EXPECT_EQ(ClassifyField("Hos"), Field::kOther);
  EXPECT_EQ(ClassifyField("Content-Lengti"), Field::kOther);
  EXPECT_EQ(ClassifyField(""), Field::kOther);
  // '\r' differs from '-' by the bit that separates the cases.
  EXPECT_EQ(ClassifyField("content\rlength"), Field::kOther);
}

TEST(IsHostTest, TakesNamesAndAddresses) {
  for (const char* host :
       {"h", "h:1", "h:65535", "a.b-c_d~", "127.0.0.1:80", "[::1]", "[fe80::1]:8", "%41", "h:0"}) {
    EXPECT_TRUE(IsHost(host)) << host;
  }
  for (const char* host : {"", ":", ":80", "h:", "h:x", "h:-1", "h:65536", "h:1:2", "[]", "[::1",
                           "::1", "[::1]x", "[::1]:", "[g::]", "a b", "a/b", "a@b", "h\\x"}) {
    EXPECT_FALSE(IsHost(host)) << host;
  }
}

TEST(TrimBlanksTest, TrimsSpacesAndTabs) {
  EXPECT_EQ(TrimBlanks(" \t a\tb \t"), "a\tb");
  EXPECT_EQ(TrimBlanks(" \t "), "");
  EXPECT_EQ(TrimBlanks("\ra"), "\ra");
}

}  // namespace
}  // namespace bridge::http
