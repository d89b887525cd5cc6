// The codec as a program under the official protobuf conformance runner: each request on standard
// input is a 4-byte little-endian length and a conformance.ConformanceRequest, each answer the same
// with a ConformanceResponse. The descriptors of the test messages are in the file that the
// environment variable PROTOJSON_DESCRIPTORS names.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/transcode/codec.h"
#include "bridge/transcode/wire.h"
#include "google/protobuf/descriptor.pb.h"

namespace bridge::transcode {
namespace {

// Field numbers and values of conformance.proto.
enum RequestField : uint32_t {
  kProtobufPayload = 1,
  kJsonPayload = 2,
  kFormat = 3,
  kType = 4,
  kCategory = 5
};
enum ResponseField : uint32_t {
  kParseError = 1,
  kRuntimeError = 2,
  kProtobufResult = 3,
  kJsonResult = 4,
  kSkipped = 5,
  kSerializeError = 6,
};
enum WireFormat : uint64_t { kProtobuf = 1, kJson = 2 };
constexpr uint64_t kIgnoreUnknown = 3;

struct Request {
  uint32_t input = 0;  // kProtobufPayload, kJsonPayload or something else
  std::string_view payload;
  uint64_t format = 0;
  std::string_view type;
  uint64_t category = 0;
};

struct Response {
  uint32_t field;
  std::string text;
};

bool ParseRequest(std::string_view bytes, Request* request) {
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p != end) {
    uint64_t tag;
    uint64_t value;
    p = ReadVarint(p, end, &tag);
    if (p != nullptr) p = ReadVarint(p, end, &value);
    if (p == nullptr) return false;
    std::string_view text;
    if ((tag & 7) == kLength) {
      if (value > static_cast<uint64_t>(end - p)) return false;
      text = std::string_view(p, value);
      p += value;
    }
    switch (tag >> 3) {
      case kFormat:
        request->format = value;
        break;
      case kType:
        request->type = text;
        break;
      case kCategory:
        request->category = value;
        break;
      case 6:
      case 9:
        break;
      default:
        request->input = static_cast<uint32_t>(tag >> 3);
        request->payload = text;
    }
  }
  return true;
}

class Testee {
 public:
  explicit Testee(std::shared_ptr<const descriptor::Graph> graph)
      : graph_(graph), codec_(Codec::Make(std::move(graph))) {}

  Response Answer(const Request& request) const {
    if (request.type == "conformance.FailureSet") return {kProtobufResult, ""};
    if (request.input != kJsonPayload && request.input != kProtobufPayload)
      return {kSkipped, "no such input"};
    if (request.format != kJson && request.format != kProtobuf) return {kSkipped, "no such output"};
    if (request.input == kProtobufPayload && request.format == kProtobuf) {
      return {kSkipped, "only JSON is converted"};
    }
    const descriptor::Message* const message = graph_->FindMessage(request.type);
    if (message == nullptr) return {kRuntimeError, "unknown message type"};
    const Plan& plan = *codec_->Compile(*message);

    CodecError error;
    std::string wire(request.payload);
    if (request.input == kJsonPayload) {
      wire.clear();
      const ParseOptions options{.ignore_unknown = request.category == kIgnoreUnknown};
      if (!codec_->JsonToWire(plan, request.payload, options, &wire, &error)) {
        return {kParseError, error.path + ": " + error.message};
      }
      if (request.format == kProtobuf) return {kProtobufResult, wire};
    }
    std::string json;
    if (codec_->WireToJson(plan, wire, &json, &error)) return {kJsonResult, json};
    const bool unreadable = error.message.find("not an encoded") != std::string::npos ||
                            error.message.find("malformed") != std::string::npos ||
                            error.message.find("UTF-8") != std::string::npos;
    return {unreadable ? kParseError : kSerializeError, error.path + ": " + error.message};
  }

 private:
  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> codec_;
};

bool ReadAll(char* p, size_t size) {
  return std::fread(p, 1, size, stdin) == size;
}

void Send(const Response& response) {
  std::string body(2 * kMaxVarint, '\0');
  char* p = WriteVarint(body.data(), response.field << 3 | kLength);
  p = WriteVarint(p, response.text.size());
  body.resize(static_cast<size_t>(p - body.data()));
  body += response.text;
  const auto size = static_cast<uint32_t>(body.size());
  std::fwrite(&size, sizeof(size), 1, stdout);
  std::fwrite(body.data(), 1, body.size(), stdout);
  std::fflush(stdout);
}

int Main() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread
  const char* const path = std::getenv("PROTOJSON_DESCRIPTORS");
  std::ifstream file(path == nullptr ? "" : path, std::ios::binary);
  google::protobuf::FileDescriptorSet set;
  if (!file || !set.ParseFromIstream(&file)) {
    std::fprintf(stderr, "PROTOJSON_DESCRIPTORS does not name a descriptor set\n");
    return 1;
  }
  auto graph = descriptor::Graph::Build({set.file().data(), static_cast<size_t>(set.file_size())});
  if (!graph.ok()) {
    std::fprintf(stderr, "%s\n", std::string(graph.status().message()).c_str());
    return 1;
  }
  const Testee testee(*graph);
  uint32_t size;
  while (ReadAll(reinterpret_cast<char*>(&size), sizeof(size))) {
    std::string bytes(size, '\0');
    Request request;
    if (!ReadAll(bytes.data(), size) || !ParseRequest(bytes, &request)) {
      std::fprintf(stderr, "broken request\n");
      return 1;
    }
    Send(testee.Answer(request));
  }
  return 0;
}

}  // namespace
}  // namespace bridge::transcode

int main() {
  return bridge::transcode::Main();
}
