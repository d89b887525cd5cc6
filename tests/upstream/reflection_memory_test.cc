// What reflection holds is bounded by what its own connection receives, whatever the rest of the
// process does meanwhile.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "bridge/upstream/reflection.h"
#include "tests/faults/http2.h"
#include "tests/faults/raw_upstream.h"
#include "tests/support/described_server.h"
#include "tests/support/generic_server.h"

namespace bridge::upstream {
namespace {

namespace http2 = bridge::testing::http2;
using bridge::testing::Answer;
using bridge::testing::GenericServer;
using bridge::testing::RawUpstream;
using bridge::testing::Received;
using ::google::protobuf::FileDescriptorProto;
using ::testing::HasSubstr;

constexpr size_t kMiB = 1u << 20;

FileDescriptorProto File(size_t filler) {
  FileDescriptorProto file;
  file.set_name("a.proto");
  file.set_package("t");
  file.add_service()->set_name("A");
  file.mutable_options()->set_go_package(std::string(filler, 'x'));
  return file;
}

// The rest of the process grows by 300 MiB while each answer is waited for: a machine that is busy
// takes seconds for that.
TEST(A17InnocentUpstream, IsNotCancelledForTheGrowthOfOthers) {
  for (const size_t filler : {size_t{10}, kMiB, 8 * kMiB}) {
    SCOPED_TRACE(filler);
    const std::vector<FileDescriptorProto> files = {File(filler)};
    std::vector<std::string> others;
    const GenericServer server([&](const Received& call) {
      for (int i = 0; i < 3; ++i) others.emplace_back(100 * kMiB, '\1');
      return bridge::testing::AnswerReflection(call, files, {"t.A"}, false);
    });
    const auto found =
        Reflect(*ParseTarget("up=" + server.target()), {.timeout = std::chrono::minutes(1)});
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->files.size(), 1u);
    EXPECT_GT(found->files[0].size(), filler);
    EXPECT_GE(others.size(), 6u);
  }
}

// It announces 2 GB and sends as fast as it is let.
TEST(A17EndlessAnswer, IsCancelledByWhatItsConnectionReceived) {
  std::atomic<size_t> sent{0};
  RawUpstream endless(0, [&](int socket) {
    if (!http2::Greet(socket)) return;
    if (const uint32_t stream = http2::AwaitCall(socket)) {
      sent += http2::SendWithoutEnd(socket, stream, 1u << 30);
    }
  });
  const auto found = Reflect(*ParseTarget("up=" + endless.target()));
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.status().code(), absl::StatusCode::kResourceExhausted) << found.status();
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("more than 16777216 bytes"));
  endless.Become(nullptr);
  EXPECT_GT(sent, 32 * kMiB);
  EXPECT_LT(sent, 512 * kMiB);
}

}  // namespace
}  // namespace bridge::upstream
