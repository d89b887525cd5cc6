// Text packed with gzip or zlib, as a peer would send it.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace bridge::testing {

inline std::string PackWith(int window_bits, const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string Pack(const std::string& text) {
  return PackWith(16 + MAX_WBITS, text);
}

inline std::string PackZlib(const std::string& text) {
  return PackWith(MAX_WBITS, text);
}

}  // namespace bridge::testing
