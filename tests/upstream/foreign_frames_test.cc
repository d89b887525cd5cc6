#include "bridge/upstream/foreign_frames.h"

#include <gtest/gtest.h>

#include <string>

namespace bridge::upstream {
namespace {

using std::literals::operator""s;

// Made with zstd 1.5 from "hello": as it is, with a checksum, without the size of the content.
const std::string kFrames[] = {
    "\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00hello"s,
    "\x28\xb5\x2f\xfd\x24\x05\x29\x00\x00hello\xa3\x6d\x9f\x88"s,
    "\x28\xb5\x2f\xfd\x04\x58\x29\x00\x00hello\xa3\x6d\x9f\x88"s,
};

TEST(B12ForeignFrame, Zstd) {
  for (const std::string& frame : kFrames) EXPECT_EQ(ForeignFrame(frame), "zstd");
  // A block of 5 bytes, then 200 times 'x' as a block of one repeated byte.
  EXPECT_EQ(ForeignFrame("\x28\xb5\x2f\xfd\x00\x58\x28\x00\x00hello\x43\x06\x00x"s), "zstd");
}

// Field 5 with 6069, then field 31: a message that begins as zstd does.
TEST(B12ForeignFrame, AMessageThatBeginsLikeItIsAMessage) {
  EXPECT_EQ(ForeignFrame("\x28\xb5\x2f\xfd\x01\x00\x00\x80\x3f"s), "");
  for (const std::string& frame : kFrames) {
    EXPECT_EQ(ForeignFrame(frame + "x"), "");
    for (size_t size = 0; size < frame.size(); ++size) {
      EXPECT_EQ(ForeignFrame(frame.substr(0, size)), "") << size;
    }
  }
}

TEST(B12ForeignFrame, Snappy) {
  EXPECT_EQ(ForeignFrame("\xff\x06\x00\x00sNaPpY\x01\x09\x00\x00\xbb\x1f\x1c\x19hello"s), "snappy");
  EXPECT_EQ(ForeignFrame("\x0a\x05hello"s), "");
  EXPECT_EQ(ForeignFrame(""), "");
}

}  // namespace
}  // namespace bridge::upstream
