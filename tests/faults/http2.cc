#include "tests/faults/http2.h"

#include "tests/faults/raw_upstream.h"

namespace bridge::testing::http2 {
namespace {

constexpr size_t kPrefaceBytes = 24;
constexpr size_t kFrameHeadBytes = 9;

std::string Text(std::string_view text) {
  std::string out;
  if (text.size() < 127) {
    out.push_back(static_cast<char>(text.size()));
  } else {
    out.push_back(127);
    size_t rest = text.size() - 127;
    for (; rest >= 128; rest >>= 7) out.push_back(static_cast<char>((rest & 127) | 128));
    out.push_back(static_cast<char>(rest));
  }
  return out.append(text);
}

uint32_t Byte(const std::string& bytes, size_t at) {
  return static_cast<uint8_t>(bytes[at]);
}

}  // namespace

std::string Number(uint32_t value) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes.push_back(static_cast<char>(value >> shift & 255));
  return bytes;
}

std::string Frame(FrameType type, int flags, uint32_t stream, std::string_view payload) {
  std::string frame = Number(static_cast<uint32_t>(payload.size())).substr(1);
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  return frame.append(Number(stream)).append(payload);
}

std::string Field(std::string_view name, std::string_view value) {
  return std::string(1, '\0') + Text(name) + Text(value);
}

std::string ResponseHead() {
  return "\x88" + Field("content-type", "application/grpc");
}

std::string Message(std::string_view bytes) {
  return std::string(1, '\0') + Number(static_cast<uint32_t>(bytes.size())) + std::string(bytes);
}

bool Greet(int socket) {
  std::string preface;
  return ReceiveExactly(socket, kPrefaceBytes, &preface) &&
         SendAll(socket, Frame(kSettings, 0, 0, "") + Frame(kSettings, kAck, 0, ""));
}

uint32_t AwaitCall(int socket) {
  std::string bytes;
  while (ReceiveExactly(socket, kFrameHeadBytes, &bytes)) {
    const uint32_t size = Byte(bytes, 0) << 16 | Byte(bytes, 1) << 8 | Byte(bytes, 2);
    const uint32_t stream =
        Byte(bytes, 5) << 24 | Byte(bytes, 6) << 16 | Byte(bytes, 7) << 8 | Byte(bytes, 8);
    const bool headers = bytes[3] == kHeaders;
    if (!ReceiveExactly(socket, size, &bytes)) return 0;
    if (headers) return stream;
  }
  return 0;
}

}  // namespace bridge::testing::http2
