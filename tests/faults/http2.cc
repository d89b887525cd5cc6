#include "tests/faults/http2.h"

#include "tests/faults/raw_upstream.h"

namespace bridge::testing::http2 {
namespace {

constexpr size_t kPrefaceBytes = 24;
constexpr size_t kFrameHeadBytes = 9;
constexpr int64_t kFrameBytes = 16384;
constexpr int64_t kFirstWindow =
    65535;  // unless the client says otherwise, which it may only raise

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

struct ReceivedFrame {
  char type = 0;
  uint32_t stream = 0;
  std::string payload;
};

bool Receive(int socket, ReceivedFrame* frame) {
  std::string head;
  if (!ReceiveExactly(socket, kFrameHeadBytes, &head)) return false;
  frame->type = head[3];
  frame->stream = Byte(head, 5) << 24 | Byte(head, 6) << 16 | Byte(head, 7) << 8 | Byte(head, 8);
  const uint32_t size = Byte(head, 0) << 16 | Byte(head, 1) << 8 | Byte(head, 2);
  return ReceiveExactly(socket, size, &frame->payload);
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

std::string EmptyAnswer(uint32_t stream) {
  return Frame(kHeaders, kEndHeaders, stream, ResponseHead()) +
         Frame(kData, 0, stream, Message("")) +
         Frame(kHeaders, kEndHeaders | kEndStream, stream, Field("grpc-status", "0"));
}

bool Greet(int socket) {
  std::string preface;
  return ReceiveExactly(socket, kPrefaceBytes, &preface) &&
         SendAll(socket, Frame(kSettings, 0, 0, "") + Frame(kSettings, kAck, 0, ""));
}

uint32_t AwaitCall(int socket) {
  for (ReceivedFrame frame; Receive(socket, &frame);) {
    if (frame.type == kHeaders) return frame.stream;
  }
  return 0;
}

size_t SendWithoutEnd(int socket, uint32_t stream, size_t most) {
  const std::string bytes = Frame(kData, 0, stream, std::string(kFrameBytes, 'x'));
  int64_t of_connection = kFirstWindow;
  int64_t of_stream = kFirstWindow;
  size_t sent = 0;
  const std::string start = std::string(1, '\0') + Number(0x7fffffff);
  if (!SendAll(socket, Frame(kHeaders, kEndHeaders, stream, ResponseHead()) +
                           Frame(kData, 0, stream, start))) {
    return sent;
  }
  while (sent < most) {
    if (of_connection >= kFrameBytes && of_stream >= kFrameBytes) {
      if (!SendAll(socket, bytes)) return sent;
      sent += kFrameBytes;
      of_connection -= kFrameBytes;
      of_stream -= kFrameBytes;
      continue;
    }
    ReceivedFrame frame;
    if (!Receive(socket, &frame) || frame.type == kRstStream) return sent;
    if (frame.type != kWindowUpdate) continue;
    int64_t& window = frame.stream == 0 ? of_connection : of_stream;
    window += Byte(frame.payload, 0) << 24 | Byte(frame.payload, 1) << 16 |
              Byte(frame.payload, 2) << 8 | Byte(frame.payload, 3);
  }
  return sent;
}

}  // namespace bridge::testing::http2
