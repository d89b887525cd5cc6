#include "bridge/base/gzip.h"

#include <gtest/gtest.h>

#include <ctime>

#include "tests/support/gzip_pack.h"

namespace bridge {
namespace {

using testing::Pack;
using testing::PackZlib;

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

TEST(B12Packed, WhatIsWrongIsTold) {
  const std::string packed = Pack("some text that is packed and then damaged");
  std::string message;
  for (size_t length = 2; length < packed.size(); ++length) {
    EXPECT_EQ(Unpack(packed.substr(0, length), 1000, &message), Unpacked::kCut) << length;
  }
  EXPECT_EQ(Unpack(packed + "more", 1000, &message), Unpacked::kFollowed);
  std::string flipped = packed;
  flipped[flipped.size() - 6] ^= 1;  // of the checksum
  EXPECT_EQ(Unpack(flipped, 1000, &message), Unpacked::kWrongChecksum);
  flipped = packed;
  flipped[flipped.size() - 2] ^= 1;  // of the length
  EXPECT_EQ(Unpack(flipped, 1000, &message), Unpacked::kWrongChecksum);
  flipped = packed;
  flipped[2] = 7;  // no method of gzip
  EXPECT_EQ(Unpack(flipped, 1000, &message), Unpacked::kDamaged);
}

TEST(B12Packed, SeveralFilesOfGzipAreOneText) {
  std::string message;
  EXPECT_EQ(Unpack(Pack("one, ") + Pack("two"), 100, &message), Unpacked::kDone);
  EXPECT_EQ(message, "one, two");
  EXPECT_EQ(Unpack(Pack("one, ") + Pack("two"), 7, &message), Unpacked::kTooLarge);
  EXPECT_EQ(Unpack(Pack("one, ") + Pack("two") + "\x1f", 100, &message), Unpacked::kFollowed);
}

double CpuSeconds(const std::string& packed) {
  std::string message;
  const std::clock_t begin = std::clock();
  EXPECT_EQ(Unpack(packed, 4 << 20, &message), Unpacked::kDone);
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// Files that are empty cost the same whatever is before them: for each, all of it was once cleared.
TEST(A4Packed, EmptyFilesCostTheSameBehindALargeOne) {
  const std::string empty = Pack("");
  std::string empties;
  for (int i = 0; i < 20'000; ++i) empties += empty;
  const double behind_small = CpuSeconds(Pack("x") + empties);
  const double behind_large = CpuSeconds(Pack(std::string(3 << 20, 'x')) + empties);
  EXPECT_LT(behind_large, 12 * behind_small + 0.05) << behind_small;
}

TEST(B12Packed, Zlib) {
  const std::string text = "a text as HTTP's and gRPC's \"deflate\" packs it";
  const std::string packed = PackZlib(text);
  std::string message;
  EXPECT_EQ(Unpack(Packing::kZlib, packed, text.size(), &message), Unpacked::kDone);
  EXPECT_EQ(message, text);
  EXPECT_EQ(Unpack(Packing::kZlib, packed, text.size() - 1, &message), Unpacked::kTooLarge);
  EXPECT_EQ(Unpack(Packing::kZlib, packed.substr(0, packed.size() - 1), 1000, &message),
            Unpacked::kCut);
  EXPECT_EQ(Unpack(Packing::kZlib, packed + packed, 1000, &message), Unpacked::kFollowed);
  EXPECT_EQ(Unpack(Packing::kZlib, Pack(text), 1000, &message), Unpacked::kDamaged);
  EXPECT_EQ(Unpack(Packing::kZlib, "", 1000, &message), Unpacked::kCut);
}

}  // namespace
}  // namespace bridge
