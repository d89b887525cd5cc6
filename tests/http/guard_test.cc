// Every case runs whole, byte by byte and with the next request behind it: where the bytes are cut
// must never change what is understood.
#include "bridge/http/guard.h"

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/guard_reading.h"

namespace bridge::http {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";

struct Case {
  std::string_view name;
  std::string bytes;
  int status;             // 0: accepted
  std::string_view says;  // the request understood, or part of the refusal
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.name;
}

// A request with these header lines instead of only Host.
std::string With(std::string_view lines) {
  return "POST /mcp HTTP/1.1\r\nHost: h\r\n" + std::string(lines) + "\r\n";
}

std::string Chunked(std::string_view body) {
  return With("Transfer-Encoding: chunked\r\n") + std::string(body);
}

std::string Line(std::string_view request_line) {
  return std::string(request_line) + "\r\nHost: h\r\n\r\n";
}

const std::string kNul("\0", 1);

const std::vector<Case>& Cases() {
  static const auto* cases = new std::vector<Case>{
      // Accepted.
      {"Get", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, "GET / Host=h"},
      {"QueryIsSplit", Line("GET /a/b?c=d?e HTTP/1.1"), 0, "GET /a/b?c=d?e Host=h"},
      {"EmptyQuery", Line("GET /a? HTTP/1.1"), 0, "GET /a Host=h"},
      {"TargetIsNotDecoded", Line("GET /%2e%2E//x HTTP/1.1"), 0, "GET /%2e%2E//x Host=h"},
      {"Body", With("Content-Length: 3\r\n") + "abc", 0, "POST /mcp Host=h Content-Length=3 [abc]"},
      {"LeadingZeros", With("Content-Length: 003\r\n") + "abc", 0,
       "POST /mcp Host=h Content-Length=003 [abc]"},
      {"LengthZero", With("Content-Length: 0\r\n"), 0, "POST /mcp Host=h Content-Length=0"},
      {"NoLengthIsNoBody", With(""), 0, "POST /mcp Host=h"},
      {"BodyOfLimit", With("Content-Length: 5000\r\n") + std::string(5000, 'b'), 0,
       "POST /mcp Host=h Content-Length=5000 [5000 bytes]"},
      {"BlanksAroundValue", With("X: \t a b \t\r\n"), 0, "POST /mcp Host=h X=a b"},
      {"EmptyValue", With("X:\r\nY: \r\n"), 0, "POST /mcp Host=h X= Y="},
      {"HighBytesInValue", With("X: gr\xc3\xbc\xc3\x9f \xff\r\n"), 0,
       "POST /mcp Host=h X=gr\xc3\xbc\xc3\x9f \xff"},
      {"EveryTokenCharacter", With("!#$%&'*+-.^_`|~09azAZ: x\r\n"), 0,
       "POST /mcp Host=h !#$%&'*+-.^_`|~09azAZ=x"},
      {"UnknownHeaderMayRepeat", With("Accept: a\r\nAccept: b\r\n"), 0,
       "POST /mcp Host=h Accept=a Accept=b"},
      {"EmptyLineBefore", "\r\n" + Line("GET / HTTP/1.1"), 0, "GET / Host=h"},
      {"Http10", Line("GET / HTTP/1.0"), 0, "GET / Host=h close"},
      {"Http10KeepAlive", "GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n", 0,
       "GET / Host=h Connection=Keep-Alive"},
      {"CloseInAList", With("Connection: foo, Close ,bar\r\n"), 0,
       "POST /mcp Host=h Connection=foo, Close ,bar close"},
      {"CloseWins", With("Connection: keep-alive\r\nConnection: close\r\n"), 0,
       "POST /mcp Host=h Connection=keep-alive Connection=close close"},
      {"CloseIsAWholeWord", With("Connection: closed\r\n"), 0,
       "POST /mcp Host=h Connection=closed"},
      {"ExpectContinue", With("Expect: 100-Continue\r\nContent-Length: 1\r\n") + "x", 0,
       "POST /mcp Host=h Expect=100-Continue Content-Length=1 [x] continue"},
      {"ExpectWithoutBody", With("Expect: 100-continue\r\n"), 0,
       "POST /mcp Host=h Expect=100-continue"},
      {"ExpectOfHttp10",
       "POST / HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx", 0,
       "POST / Host=h Expect=100-continue Content-Length=1 [x] close"},
      {"UpgradeIsIgnored", With("Connection: Upgrade\r\nUpgrade: h2c\r\n"), 0,
       "POST /mcp Host=h Connection=Upgrade Upgrade=h2c"},
      {"AbsoluteTarget", "GET http://H:80/a?b HTTP/1.1\r\nHost: h:80\r\n\r\n", 0,
       "GET /a?b Host=h:80"},
      {"AbsoluteTargetWithoutPath", "GET HTTPS://h HTTP/1.1\r\nHost: h\r\n\r\n", 0, "GET / Host=h"},
      {"AbsoluteTargetOnlyQuery", "GET http://h?q HTTP/1.1\r\nHost: h\r\n\r\n", 0,
       "GET /?q Host=h"},
      {"OptionsOfServer", Line("OPTIONS * HTTP/1.1"), 0, "OPTIONS * Host=h"},
      {"Ipv6Host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 0, "GET / Host=[::1]:8080"},
      {"HeaderNamesIgnoreCase", "POST / HTTP/1.1\r\nhOST: h\r\ncONTENT-lENGTH: 1\r\n\r\nx", 0,
       "POST / hOST=h cONTENT-lENGTH=1 [x]"},
      {"Chunks", Chunked("3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n"), 0,
       "POST /mcp Host=h Transfer-Encoding=chunked [abc0123456789]"},
      {"ChunkedIgnoresCase", With("Transfer-Encoding: CHUNKED\r\n") + "1\r\nx\r\n0\r\n\r\n", 0,
       "POST /mcp Host=h Transfer-Encoding=CHUNKED [x]"},
      {"ChunkOfLineEnds", Chunked("4\r\n\r\n\r\n\r\n0\r\n\r\n"), 0,
       "POST /mcp Host=h Transfer-Encoding=chunked [\r\n\r\n]"},
      {"ChunkExtension", Chunked("1;a=\"b;c\"\r\nx\r\n0;z\r\n\r\n"), 0,
       "POST /mcp Host=h Transfer-Encoding=chunked [x]"},
      {"TrailersAreDropped", Chunked("1\r\nx\r\n0\r\nX-Checksum: 1\r\nFoo: bar\r\n\r\n"), 0,
       "POST /mcp Host=h Transfer-Encoding=chunked [x]"},
      {"HeadOfLimit", With("X: " + std::string(600 - 36, 'x') + "\r\n"), 0,
       "POST /mcp Host=h X=564 bytes"},
      {"HeadersOfLimit", With("A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\n"), 0,
       "POST /mcp Host=h A=1 A=2 A=3 A=4 A=5 A=6 A=7 A=8 A=9"},

      // The request line.
      {"TwoEmptyLinesBefore", "\r\n\r\n" + Line("GET / HTTP/1.1"), 400, "method"},
      {"TlsHello", "\x16\x03\x01\x02\r\n", 400, "plain HTTP/1.1"},
      {"Http09", "GET /\r\n", 400, "target"},
      {"NoTarget", Line("GET  HTTP/1.1"), 400, "target"},
      {"TwoSpaces", Line("GET  / HTTP/1.1"), 400, "target"},
      {"SpaceInTarget", Line("GET /a b HTTP/1.1"), 400, "HTTP/1.1"},
      {"SpaceBehindVersion", Line("GET / HTTP/1.1 "), 400, "HTTP/1.1"},
      {"SpaceBeforeMethod", Line(" GET / HTTP/1.1"), 400, "method"},
      {"MethodIsNoToken", Line("GE(T / HTTP/1.1"), 400, "method"},
      {"TabAsSpace", Line("GET\t/ HTTP/1.1"), 400, "method"},
      {"Fragment", Line("GET /a#b HTTP/1.1"), 400, "target"},
      {"ControlInTarget", Line("GET /a\x01 HTTP/1.1"), 400, "target"},
      {"NulInTarget", Line("GET /" + kNul + " HTTP/1.1"), 400, "target"},
      {"HighByteInTarget", Line("GET /\xc3\xbc HTTP/1.1"), 400, "target"},
      {"RelativeTarget", Line("GET mcp HTTP/1.1"), 400, "begin with /"},
      {"OtherScheme", Line("GET ftp://h/ HTTP/1.1"), 400, "begin with /"},
      {"AuthorityTarget", Line("GET h:80 HTTP/1.1"), 400, "begin with /"},
      {"Connect", Line("CONNECT h:443 HTTP/1.1"), 501, "CONNECT"},
      {"Trace", Line("TRACE / HTTP/1.1"), 501, "TRACE"},
      {"AsteriskOfGet", Line("GET * HTTP/1.1"), 400, "OPTIONS"},
      {"AbsoluteOfOtherHost", Line("GET http://evil/ HTTP/1.1"), 400, "different hosts"},
      {"AbsoluteWithUser", Line("GET http://u@h/ HTTP/1.1"), 400, "different hosts"},
      {"AbsoluteWithoutHost", Line("GET http:/// HTTP/1.1"), 400, "names no host"},
      {"LowerCaseVersion", Line("GET / http/1.1"), 400, "HTTP/1.1"},
      {"LongVersion", Line("GET / HTTP/1.10"), 400, "HTTP/1.1"},
      {"Http12", Line("GET / HTTP/1.2"), 505, "only HTTP/1.1"},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1.1"},
      {"LongTarget", "GET /" + std::string(600, 'a'), 414, "target is too long"},
      {"LongTargetWithEnd", Line("GET /" + std::string(600, 'a') + " HTTP/1.1"), 414, "too long"},

      // Lines.
      {"BareLineFeeds", "GET / HTTP/1.1\nHost: h\n\n", 400, "bare line feed"},
      {"BareLineFeedInHeaders", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400, "bare line feed"},
      {"BareLineFeedAtEnd", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "bare line feed"},
      {"BareReturnInValue", With("X: a\rb\r\n"), 400, "control character"},
      {"ReturnTwice", With("X: a\r\r\n"), 400, "control character"},
      {"BareReturnInRequestLine", Line("GET /\r HTTP/1.1"), 400, "target"},
      {"NulInValue", With("X: a" + kNul + "b\r\n"), 400, "control character"},
      {"DeleteInValue", With("X: a\x7f\r\n"), 400, "control character"},
      {"NulInName", With("X" + kNul + ": a\r\n"), 400, "no legal name"},
      {"SpaceBeforeColon", With("Content-Length : 3\r\n"), 400, "before the colon"},
      {"TabBeforeColon", With("X\t: 3\r\n"), 400, "before the colon"},
      {"NoColon", With("Broken\r\n"), 400, "no legal name"},
      {"NoName", With(": x\r\n"), 400, "no legal name"},
      {"HighByteInName", With("X\xc3\xbc: x\r\n"), 400, "no legal name"},
      {"BracketInName", With("X[1]: x\r\n"), 400, "no legal name"},
      {"FoldedLine", With("X: a\r\n b\r\n"), 400, "folded"},
      {"FoldedWithTab", With("X: a\r\n\tb\r\n"), 400, "folded"},
      {"FoldedFirstLine", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "folded"},
      {"HeadTooLarge", With("X: " + std::string(600 - 35, 'x') + "\r\n"), 431, "too large"},
      {"HeadWithoutEnd", With("X: " + std::string(1000, 'x')), 431, "too large"},
      {"TooManyHeaders",
       With("A:1\r\nA:2\r\nA:3\r\nA:4\r\nA:5\r\nA:6\r\nA:7\r\nA:8\r\nA:9\r\nA:10\r\n"), 431,
       "too many headers"},

      // Headers the server acts on.
      {"NoHost", "GET / HTTP/1.1\r\nX: y\r\n\r\n", 400, "Host is missing"},
      {"NoHostHttp10", "GET / HTTP/1.0\r\n\r\n", 400, "Host is missing"},
      {"TwoHosts", With("Host: h\r\n"), 400, "Host is repeated"},
      {"EmptyHost", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "Host is malformed"},
      {"HostWithUser", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "Host is malformed"},
      {"HostWithPath", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400, "Host is malformed"},
      {"HostWithSpace", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "Host is malformed"},
      {"HostWithBadPort", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "Host is malformed"},
      {"HostWithoutPort", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", 400, "Host is malformed"},
      {"HostWithLargePort", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400, "Host is malformed"},
      {"HostWithTwoPorts", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", 400, "Host is malformed"},
      {"HostOpenBracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400, "Host is malformed"},
      {"HostList", "GET / HTTP/1.1\r\nHost: a,b@c\r\n\r\n", 400, "Host is malformed"},
      {"TwoLengths", With("Content-Length: 3\r\nContent-Length: 3\r\n") + "abc", 400,
       "Content-Length is repeated"},
      {"LengthList", With("Content-Length: 3, 3\r\n") + "abc", 400, "one plain number"},
      {"LengthWithSign", With("Content-Length: +3\r\n") + "abc", 400, "one plain number"},
      {"NegativeLength", With("Content-Length: -1\r\n"), 400, "one plain number"},
      {"HexLength", With("Content-Length: 0x3\r\n") + "abc", 400, "one plain number"},
      {"EmptyLength", With("Content-Length:\r\n"), 400, "one plain number"},
      {"LengthWithSpace", With("Content-Length: 1 1\r\n"), 400, "one plain number"},
      {"LengthOverLimit", With("Content-Length: 5001\r\n"), 413, "body is too large"},
      {"LengthOverflow", With("Content-Length: 18446744073709551617\r\n"), 413,
       "body is too large"},
      {"CodingAndLength", With("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400,
       "exclude each other"},
      {"LengthAndCoding", With("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400,
       "exclude each other"},
      {"CodingOfHttp10", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
       "HTTP/1.0"},
      {"UnknownCoding", With("Transfer-Encoding: xchunked\r\n"), 501, "chunked"},
      {"ChunkedNotLast", With("Transfer-Encoding: chunked, identity\r\n"), 501, "chunked"},
      {"CodingBeforeChunked", With("Transfer-Encoding: gzip, chunked\r\n"), 501, "chunked"},
      {"QuotedChunked", With("Transfer-Encoding: \"chunked\"\r\n"), 501, "chunked"},
      {"ChunkedWithParameter", With("Transfer-Encoding: chunked;q=1\r\n"), 501, "chunked"},
      {"ChunkedTwice", With("Transfer-Encoding: chunked, chunked\r\n"), 501, "chunked"},
      {"EmptyCoding", With("Transfer-Encoding:\r\n"), 501, "chunked"},
      {"TwoCodings", With("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400,
       "Transfer-Encoding is repeated"},
      {"TwoAuthorizations", With("Authorization: Bearer a\r\nauthorization: Bearer b\r\n"), 400,
       "Authorization is repeated"},
      {"TwoOrigins", With("Origin: a\r\nOrigin: a\r\n"), 400, "Origin is repeated"},
      {"TwoContentTypes", With("Content-Type: a\r\nContent-type: b\r\n"), 400,
       "Content-Type is repeated"},
      {"TwoContentEncodings", With("Content-Encoding: a\r\nContent-Encoding: b\r\n"), 400,
       "is repeated"},
      {"TwoMcpMethods", With("Mcp-Method: a\r\nMCP-METHOD: a\r\n"), 400,
       "Mcp-* header is repeated"},
      {"TwoMcpParams", With("Mcp-Param-A: a\r\nMcp-Param-B: a\r\nMcp-Param-a: b\r\n"), 400,
       "Mcp-* header is repeated"},
      {"OtherExpectation", With("Expect: 200-ok\r\n"), 417, "100-continue"},

      // The chunked body.
      {"ChunkSizeMissing", Chunked("\r\n"), 400, "chunk size"},
      {"ChunkSizeNotHex", Chunked("g\r\n"), 400, "chunk size"},
      {"ChunkSizeWithPrefix", Chunked("0x1\r\n"), 400, "chunk size"},
      {"ChunkSizeWithSign", Chunked("+1\r\n"), 400, "chunk size"},
      {"ChunkSizeNegative", Chunked("-1\r\n"), 400, "chunk size"},
      {"SpaceBeforeChunkSize", Chunked(" 1\r\n"), 400, "chunk size"},
      {"SpaceBehindChunkSize", Chunked("1 \r\n"), 400, "chunk size"},
      {"ChunkSizeTooLong", Chunked("00000000000000001\r\n"), 400, "chunk size"},
      {"ChunkSizeLarge", Chunked("ffffffffffffffff\r\n"), 413, "body is too large"},
      {"ChunksOverLimit", Chunked("1000\r\n" + std::string(4096, 'x') + "\r\n389\r\n"), 413,
       "body is too large"},
      {"ChunkBareLineFeed", Chunked("1\nx\r\n"), 400, "bare line feed"},
      {"ChunkEndBareLineFeed", Chunked("1\r\nx\n"), 400, "bare line feed"},
      {"ChunkLongerThanSize", Chunked("1\r\nxy\r\n"), 400, "longer than its size"},
      {"ChunkControlInExtension", Chunked("1;a" + kNul + "\r\n"), 400, "control character"},
      {"ChunkReturnInExtension", Chunked("1;a\rb\r\n"), 400, "control character"},
      {"ChunkExtensionTooLong", Chunked("1;" + std::string(1024, 'a') + "\r\n"), 400,
       "extensions are too long"},
      {"ChunkExtensionsTooLong",
       Chunked("1;" + std::string(600, 'a') + "\r\nx\r\n1;" + std::string(600, 'a') + "\r\n"), 400,
       "extensions are too long"},
      {"ChunkLineWithoutEnd", Chunked("1;" + std::string(5000, 'a')), 400, "too long"},
      {"TrailerAuthorization", Chunked("0\r\nAuthorization: evil\r\n\r\n"), 400,
       "must be a header"},
      {"TrailerConnection", Chunked("0\r\nConnection: close\r\n\r\n"), 400, "must be a header"},
      {"TrailerContentLength", Chunked("0\r\nContent-Length: 5\r\n\r\n"), 400, "must be a header"},
      {"TrailerCoding", Chunked("0\r\nTransfer-Encoding: chunked\r\n\r\n"), 400,
       "must be a header"},
      {"TrailerHost", Chunked("0\r\nHost: evil\r\n\r\n"), 400, "must be a header"},
      {"TrailerMcpName", Chunked("0\r\nMcp-Name: evil\r\n\r\n"), 400, "must be a header"},
      {"TrailerOrigin", Chunked("0\r\nOrigin: evil\r\n\r\n"), 400, "must be a header"},
      {"TrailerFolded", Chunked("0\r\nX: a\r\n b\r\n\r\n"), 400, "folded"},
      {"TrailerSpaceBeforeColon", Chunked("0\r\nX : a\r\n\r\n"), 400, "before the colon"},
      {"TrailerBareLineFeed", Chunked("0\r\nX: a\n\r\n"), 400, "bare line feed"},
      {"TrailersTooLarge",
       Chunked("0\r\nX: " + std::string(3000, 'x') + "\r\nX: " + std::string(3000, 'x') + "\r\n"),
       431, "trailer section"},
  };
  return *cases;
}

class GuardTest : public ::testing::TestWithParam<Case> {
 protected:
  static void Expect(const Outcome& outcome, bool with_next) {
    const Case& c = GetParam();
    EXPECT_EQ(outcome.refusal.status, c.status) << outcome.refusal.reason;
    if (c.status != 0) {
      EXPECT_TRUE(outcome.requests.empty());
      EXPECT_THAT(std::string(outcome.refusal.reason), HasSubstr(std::string(c.says)));
      return;
    }
    ASSERT_EQ(outcome.requests.size(), with_next ? 2u : 1u);
    EXPECT_EQ(outcome.requests[0], c.says);
    if (with_next) {
      EXPECT_EQ(outcome.requests[1], "GET /next Host=h");
    }
  }
};

TEST_P(GuardTest, Whole) {
  Expect(Read(GetParam().bytes, std::string::npos), false);
}

TEST_P(GuardTest, ByteByByte) {
  Expect(Read(GetParam().bytes, 1), false);
}

TEST_P(GuardTest, WithAnotherBehind) {
  // Bytes behind an unfinished line would be part of it.
  const bool unfinished = GetParam().bytes.back() != '\n' && GetParam().status != 0;
  if (unfinished) return Expect(Read(GetParam().bytes, 7), false);
  Expect(Read(GetParam().bytes + std::string(kNext), std::string::npos), true);
  Expect(Read(GetParam().bytes + std::string(kNext), 5), true);
}

INSTANTIATE_TEST_SUITE_P(Cases, GuardTest, ::testing::ValuesIn(Cases()),
                         [](const auto& test) { return std::string(test.param.name); });

// Every prefix of a request waits for more; none is refused, none is taken for whole.
TEST(GuardTest, PrefixesAreIncomplete) {
  const std::string request = Chunked("3;x=y\r\nabc\r\n0\r\nTrailer-X: 1\r\n\r\n");
  for (size_t size = 0; size < request.size(); ++size) {
    const Outcome outcome = Read(std::string_view(request).substr(0, size), std::string::npos);
    EXPECT_TRUE(outcome.requests.empty()) << size;
    EXPECT_EQ(outcome.refusal.status, 0) << size << " " << outcome.refusal.reason;
  }
}

}  // namespace
}  // namespace bridge::http
