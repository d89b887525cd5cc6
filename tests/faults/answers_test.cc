// Answers that are packed, damaged, or carry more metadata than usual.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>

#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"
#include "tests/support/described_server.h"
#include "tests/support/gzip_pack.h"

namespace bridge::testing {
namespace {

using http2::Field;
using http2::Frame;
using std::chrono::seconds;
using std::literals::operator""s;
using ::testing::HasSubstr;

constexpr size_t kFrameBytes = 16384;

// Header fields in as many frames as it takes.
std::string Headers(uint32_t stream, const std::string& fields, int flags) {
  std::string frames;
  for (size_t at = 0; at == 0 || at < fields.size(); at += kFrameBytes) {
    const int end = at + kFrameBytes >= fields.size() ? http2::kEndHeaders : 0;
    frames += Frame(at == 0 ? http2::kHeaders : http2::kContinuation, end | (at == 0 ? flags : 0),
                    stream, fields.substr(at, kFrameBytes));
  }
  return frames;
}

std::string Text(const std::string& encoding, bool packed, const std::string& bytes,
                 uint32_t stream) {
  std::string message = http2::Message(bytes);
  message[0] = packed ? 1 : 0;
  return Headers(stream, http2::ResponseHead() + Field("grpc-encoding", encoding), 0) +
         Frame(http2::kData, 0, stream, message) +
         Headers(stream, Field("grpc-status", "0"), http2::kEndStream);
}

class Answers : public ::testing::Test {
 protected:
  // What a call becomes that is answered with these bytes.
  Outcome CallAnswered(const std::function<std::string(uint32_t stream)>& bytes) {
    ExpectRecovery(bridge_, "Front_Say", seconds(10));
    answered_ = 0;
    front_.Become([this, &bytes](int socket) {
      if (!http2::Greet(socket)) return;
      while (const uint32_t stream = http2::AwaitCall(socket)) {
        ++answered_;
        if (!SendAll(socket, bytes(stream))) return;
      }
    });
    Outcome outcome;
    for (int i = 0; i < 20 && answered_ == 0; ++i) outcome = CallTool(bridge_, "Front_Say");
    front_.Become(nullptr);
    return outcome;
  }

  std::atomic<int> answered_{0};
  UpstreamProcess behind_{"Front", {"Say"}};
  RawUpstream front_{behind_.port()};
  BridgeProcess bridge_{{"--refresh", "0", "front=" + front_.target()}};
};

using B12Answers = Answers;
using B4Metadata = Answers;

TEST_F(B12Answers, WhatTheBridgeAsksForIsUnpacked) {
  const std::string text = EncodeText("a text that is packed on its way");
  const struct {
    const char* encoding;
    bool packed;
    std::string bytes;
  } rows[] = {
      {"identity", false, text},
      {"gzip", true, Pack(text)},
      {"gzip", false, text},
      {"deflate", true, PackZlib(text)},
      {"deflate", false, text},
      // Long enough for several frames and slices.
      {"deflate", true, PackZlib(EncodeText(std::string(100'000, 'y') + "end"))},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.encoding);
    const Outcome outcome = CallAnswered(
        [&](uint32_t stream) { return Text(row.encoding, row.packed, row.bytes, stream); });
    EXPECT_EQ(outcome.status, "OK") << outcome.text;
    EXPECT_THAT(outcome.text,
                ::testing::AnyOf(HasSubstr("packed on its way"), HasSubstr("yyyend")));
  }
}

TEST_F(B12Answers, WhatIsDamagedOrPackedInAnotherWayIsNoAnswer) {
  const std::string text = EncodeText("a text that is packed on its way");
  const std::string packed = Pack(text);
  std::string wrong = packed;
  wrong[wrong.size() - 6] ^= 1;
  const struct {
    const char* encoding;
    std::string bytes;
    const char* said;
  } rows[] = {
      {"gzip", packed.substr(0, packed.size() - 3), "cut off"},
      {"gzip", packed + "garbage", "do not belong"},
      {"gzip", wrong, "checksum"},
      {"gzip", text, "damaged"},
      {"deflate", PackZlib(text) + "x", "do not belong"},
      {"zstd", "\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello"s, "zstd"},
      {"snappy", "\xff\x06\x00\x00sNaPpY\x01\x09\x00\x00\xbb\x1f\x1c\x19hello"s, "snappy"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.said);
    const Outcome outcome =
        CallAnswered([&](uint32_t stream) { return Text(row.encoding, true, row.bytes, stream); });
    EXPECT_EQ(outcome.status, "INTERNAL");
    EXPECT_THAT(outcome.text, HasSubstr(row.said));
    EXPECT_FALSE(outcome.retryable);
  }
}

std::string Filler(size_t bytes) {
  std::string fields;
  for (size_t i = 0; i < bytes; i += 1000) {
    fields += Field("x-filler-" + std::to_string(i), std::string(950, 'm'));
  }
  return fields;
}

TEST_F(B4Metadata, ALotIsTaken) {
  for (const size_t bytes : {size_t{10'000}, size_t{60'000}, size_t{200'000}}) {
    for (const bool before : {true, false}) {
      SCOPED_TRACE(bytes);
      const std::string fields = Filler(bytes);
      const Outcome outcome = CallAnswered([&](uint32_t stream) {
        return Headers(stream, http2::ResponseHead() + (before ? fields : ""), 0) +
               Frame(http2::kData, 0, stream, http2::Message(EncodeText("taken"))) +
               Headers(stream, Field("grpc-status", "0") + (before ? "" : fields),
                       http2::kEndStream);
      });
      EXPECT_EQ(outcome.status, "OK") << outcome.text;
      EXPECT_THAT(outcome.text, HasSubstr("taken"));
    }
  }
}

TEST_F(B4Metadata, MoreIsALimitOfTheBridgeAfterWhichTheCallMayStand) {
  // 4 KB that the table of HPACK keeps, and forty times "the same again".
  std::string fields = Field("x-long", std::string(3'900, 'm'));
  fields[0] = '\x40';
  fields.append(40, '\xbe');
  const Outcome outcome = CallAnswered([&](uint32_t stream) {
    return Headers(stream, http2::ResponseHead(), 0) +
           Frame(http2::kData, 0, stream, http2::Message("")) +
           Headers(stream, Field("grpc-status", "0") + fields, http2::kEndStream);
  });
  EXPECT_EQ(outcome.status, "RESOURCE_EXHAUSTED");
  EXPECT_THAT(outcome.text, HasSubstr("metadata"));
  EXPECT_THAT(outcome.text, HasSubstr("may have taken effect"));
  EXPECT_FALSE(outcome.retryable);
}

}  // namespace
}  // namespace bridge::testing
