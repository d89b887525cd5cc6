// A reactor with its thread and its queue of gRPC, without upstreams.
#include "bridge/app/reactor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "bridge/http/limits.h"
#include "bridge/telemetry/options.h"

namespace bridge::app {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

class ReactorTest : public ::testing::Test {
 protected:
  std::unique_ptr<Reactor> Make() {
    auto reactor = std::make_unique<Reactor>(shared_, &metrics_.reactor(0));
    EXPECT_TRUE(reactor->Listen("127.0.0.1", 0, http::Limits(), false).ok());
    return reactor;
  }

  telemetry::Tracer tracer_{telemetry::TracerOptions()};
  mcp::EndedSessions ended_sessions_;
  metrics::Metrics metrics_{metrics::Options()};
  Shared shared_{.targets = {},
                 .origins = transport::OriginPolicy({}, {}, "127.0.0.1"),
                 .server = {},
                 .session_keys = {mcp::MakeSessionKey()},
                 .session_ttl_seconds = 60,
                 .ended_sessions = &ended_sessions_,
                 .tracer = &tracer_};
};

// Draining all before waiting for any is what lets them end together.
TEST_F(ReactorTest, A11DrainedAllAtOnceTheyEndTogether) {
  std::vector<std::unique_ptr<Reactor>> reactors;
  for (int i = 0; i < 3; ++i) reactors.push_back(Make());
  for (const auto& reactor : reactors) reactor->Start();
  EXPECT_FALSE(reactors[0]->EndsBy(steady_clock::now()));
  for (const auto& reactor : reactors) reactor->Drain();
  for (const auto& reactor : reactors) {
    EXPECT_TRUE(reactor->EndsBy(steady_clock::now() + seconds(10)));
  }
}

// One that is stuck is waited for as long as was said, and no longer.
TEST_F(ReactorTest, A11AStuckOneDoesNotEnd) {
  const auto reactor = Make();
  reactor->Start();
  std::promise<void> stuck;
  std::promise<void> release;
  reactor->Post([&](Reactor&) {
    stuck.set_value();
    release.get_future().wait();
  });
  stuck.get_future().wait();
  reactor->Drain();
  EXPECT_FALSE(reactor->EndsBy(steady_clock::now() + milliseconds(50)));
  reactor->Stop();
  EXPECT_FALSE(reactor->EndsBy(steady_clock::now() + milliseconds(50)));
  release.set_value();
  EXPECT_TRUE(reactor->EndsBy(steady_clock::now() + seconds(10)));
}

// One that never started has nothing to end, and drops what it is told.
TEST_F(ReactorTest, A10OneThatNeverStartedEndsAtOnce) {
  bool ran = false;
  {
    const auto reactor = Make();
    reactor->Post([&](Reactor&) { ran = true; });
    reactor->Drain();
    reactor->Stop();
    EXPECT_TRUE(reactor->EndsBy(steady_clock::now()));
  }
  EXPECT_FALSE(ran);
}

// Pings come back while it has nothing else to do, and while work is posted without end.
TEST_F(ReactorTest, A1PingsComeBack) {
  const auto reactor = Make();
  reactor->Start();
  std::atomic<bool> flooding{false};
  std::atomic<bool> over{false};
  std::function<void(Reactor&)> again = [&](Reactor& self) {
    if (flooding) self.Post(again);
    if (!flooding) over = true;
  };
  for (const bool flood : {false, true}) {
    flooding = flood;
    if (flood) reactor->Post(again);
    for (int i = 0; i < 50; ++i) {
      std::promise<void> pong;
      auto came = pong.get_future();
      reactor->Ping([&pong] { pong.set_value(); });
      ASSERT_EQ(came.wait_for(seconds(10)), std::future_status::ready) << flood << " " << i;
    }
  }
  flooding = false;
  while (!over) std::this_thread::yield();
  reactor->Drain();
  EXPECT_TRUE(reactor->EndsBy(steady_clock::now() + seconds(10)));
}

}  // namespace
}  // namespace bridge::app
