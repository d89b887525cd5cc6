// Upstreams whose reflection answers are broken or hostile. Of each: the other upstream is served
// from the start (ready within 30 s), the bridge stays alive and small, /readyz or the log says
// why.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <functional>

#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/faults/tool_error.h"
#include "tests/faults/upstream_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;
using std::chrono::seconds;

std::string Repeated(const std::string& element, size_t bytes) {
  std::string all;
  all.reserve(bytes);
  while (all.size() < bytes) all += element;
  return all;
}

// Lists the service t.Bad; `file` is what it sends for everything else it is asked.
Answer Describe(const Received& call, const std::function<std::string(const std::string&)>& file) {
  ServerReflectionRequest request;
  request.ParseFromString(call.request);
  ServerReflectionResponse response;
  if (request.has_list_services()) {
    response.mutable_list_services_response()->add_service()->set_name("t.Bad");
  } else {
    response.mutable_file_descriptor_response()->add_file_descriptor_proto(
        file(request.file_by_filename()));
  }
  return {.response = response.SerializeAsString(), .stream = true};
}

std::string Imports(const std::string& name, int count) {
  ::google::protobuf::FileDescriptorProto file;
  file.set_name(name);
  for (int i = 0; i < count; ++i) file.add_dependency(name + std::to_string(i));
  return file.SerializeAsString();
}

struct Row {
  const char* what;
  std::function<Answer(const Received&)> answer;
};

Row Descriptor(const char* what, std::function<std::string(const std::string&)> file) {
  return {what, [file = std::move(file)](const Received& call) { return Describe(call, file); }};
}

Row Bytes(const char* what, const std::string& bytes) {
  return {what, [bytes](const Received&) { return Answer{.response = bytes, .stream = true}; }};
}

// 15 MB of the cheapest: under the limit of one answer.
constexpr size_t kMuch = 15u << 20;

std::vector<Row> Rows() {
  const std::string empty_message("\x22\x00", 2);
  const std::string empty_service("\x0a\x00", 2);
  const auto list = [](const std::string& services) {
    ServerReflectionResponse response;
    response.mutable_list_services_response()->ParseFromString(services);
    return response.SerializeAsString();
  };
  std::string nested;
  for (int i = 0; i < 10'000; ++i) {
    const size_t size = nested.size();
    std::string head = i == 9'999 ? "\x22" : "\x1a";  // message_type of the file, nested_type
    for (size_t rest = size;; rest >>= 7) {
      head.push_back(static_cast<char>(rest < 128 ? rest : (rest & 127) | 128));
      if (rest < 128) break;
    }
    nested.insert(0, head);
  }
  return {
      Bytes("garbage", "\xff\xff\xff\xff"),
      Bytes("nothing", ""),
      Bytes("15 MB of services without a name", list(Repeated(empty_service, kMuch / 8))),
      Bytes("15 MB that are no field", std::string(kMuch, '\x08')),
      Descriptor("damaged", [](const std::string&) { return "\xff\xff"; }),
      Descriptor("empty", [](const std::string&) { return ""; }),
      Descriptor("15 MB of messages without a name",
                 [=](const std::string&) { return Repeated(empty_message, kMuch); }),
      Descriptor("1 MB of messages without a name",
                 [=](const std::string&) { return Repeated(empty_message, 1 << 20); }),
      Descriptor("15 MB of imports",
                 [](const std::string&) { return Repeated(std::string("\x1a\x00", 2), kMuch); }),
      Descriptor("messages nested 10,000 deep", [=](const std::string&) { return nested; }),
      Descriptor("imports without end",
                 [](const std::string& name) { return Imports(name, 2'000); }),
      Descriptor("a file that imports itself",
                 [](const std::string&) { return "\x0a\x01x\x1a\x01x"; }),
  };
}

constexpr size_t kMostKb = (300u << 10) + kQuarantineKb;

TEST(Descriptors, HostileOnesHurtNobodyElse) {
  UpstreamProcess well("Well", {"Say"});
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.what);
    const GenericServer bad(row.answer);
    BridgeProcess bridge({"bad=" + bad.target(), "well=" + well.target()});
    EXPECT_EQ(CallTool(bridge, "Well_Say").status, "OK");
    EXPECT_EQ(bridge.tools(), 1);
    const Usage usage = bridge.process().MeasureUsage();
    EXPECT_LT(usage.peak_resident_kb, kMostKb);
    EXPECT_EQ(bridge.Stop(SIGTERM), 0);
  }
}

// An answer of 2 GB is announced and sent as fast as it is taken: gRPC looks at its size only when
// it has all. What the bridge holds of it stays bounded.
TEST(Descriptors, AnAnswerWithoutEndDoesNotFillTheMemory) {
  UpstreamProcess well("Well", {"Say"});
  std::atomic<size_t> sent{0};
  RawUpstream endless(0, [&](int socket) {
    if (!http2::Greet(socket)) return;
    if (const uint32_t stream = http2::AwaitCall(socket)) {
      sent += http2::SendWithoutEnd(socket, stream, 1u << 30);
    }
  });
  BridgeProcess bridge({"endless=" + endless.target(), "well=" + well.target()});
  EXPECT_EQ(CallTool(bridge, "Well_Say").status, "OK");
  EXPECT_TRUE(Becomes(seconds(15), [&] { return sent > 0; }));
  EXPECT_LT(bridge.process().MeasureUsage().peak_resident_kb, kMostKb);
}

// An upstream that turns hostile keeps the tools it had, and its neighbour's.
TEST(Descriptors, AReloadThatIsGarbageKeepsTheOldTools) {
  std::atomic<bool> hostile{false};
  std::atomic<int> answers{0};
  const Files files = {TextService("Echo", {"Say"})};
  const GenericServer server([&](const Received& call) -> Answer {
    if (call.path.find("ServerReflection") == std::string::npos) return {.response = call.request};
    if (hostile) {
      ++answers;
      return {.response = "\xff\xff\xff", .stream = true};
    }
    return AnswerReflection(call, files, ServiceNames(files), false);
  });
  const BridgeProcess bridge({"--refresh", "1", "up=" + server.target()});
  EXPECT_EQ(CallTool(bridge, "Echo_Say").status, "OK");
  hostile = true;
  EXPECT_TRUE(Becomes(seconds(15), [&] { return answers >= 2; }));
  EXPECT_EQ(CallTool(bridge, "Echo_Say").status, "OK");
  EXPECT_THAT(Fetch(bridge.admin_port(), "GET", "/readyz").body,
              ::testing::HasSubstr("no reflection answer"));
}

}  // namespace
}  // namespace bridge::testing
