#include "bridge/base/gzip.h"

#include <gtest/gtest.h>

#include "tests/support/gzip_pack.h"

namespace bridge {
namespace {

using testing::Pack;

TEST(Unpack, WhatIsNotPackedIsLeftAlone) {
  std::string message = "before";
  for (const std::string answer : {"", "\x1f", "x", "\x0a\x01z"}) {
    EXPECT_EQ(Unpack(answer, 100, &message), Unpacked::kPlain);
    EXPECT_EQ(message, "before");
  }
}

TEST(Unpack, EverySizeUpToTheLimit) {
  std::string message;
  for (const size_t size : {0, 1, 65'535, 65'536, 65'537, 200'000, 1'000'000}) {
    const std::string text(size, 'x');
    EXPECT_EQ(Unpack(Pack(text), size, &message), Unpacked::kDone) << size;
    EXPECT_EQ(message, text);
    if (size > 0) {
      EXPECT_EQ(Unpack(Pack(text), size - 1, &message), Unpacked::kTooLarge) << size;
    }
  }
}

TEST(Unpack, StopsAtTheLimit) {
  std::string message;
  EXPECT_EQ(Unpack(Pack(std::string(50'000'000, 'x')), 1000, &message), Unpacked::kTooLarge);
  EXPECT_LE(message.capacity(), 100'000u);
}

TEST(Unpack, DamageIsSeen) {
  const std::string packed = Pack("some text that is packed and then damaged");
  std::string message;
  for (size_t length = 2; length < packed.size(); ++length) {
    EXPECT_EQ(Unpack(packed.substr(0, length), 1000, &message), Unpacked::kDamaged) << length;
  }
  EXPECT_EQ(Unpack(packed + "more", 1000, &message), Unpacked::kDamaged);
  std::string flipped = packed;
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(Unpack(flipped, 1000, &message), Unpacked::kDamaged);
}

}  // namespace
}  // namespace bridge
