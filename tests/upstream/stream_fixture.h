// A stream's sink that keeps all it is told, and a channel with a loop to run it.
#pragma once

#include <grpc/grpc.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bridge/upstream/stream.h"
#include "tests/upstream/loop.h"

namespace bridge::upstream {

class Collector final : public StreamSink {
 public:
  // After each message; null: asks for the next.
  std::function<void()> then;
  StreamCall* call = nullptr;

  std::vector<std::string> messages;
  int dones = 0;
  StatusCode code = StatusCode::kOk;
  Cause cause = Cause::kService;
  Delivery delivery = Delivery::kMaybe;
  std::string message, details, peer;
  size_t received = 0, sent = 0, at = 0, bytes = 0, limit = 0;
  int resends = 0;
  bool untaken = false;

 private:
  void OnMessage(std::string_view bytes_of_one) override {
    EXPECT_EQ(dones, 0);
    messages.emplace_back(bytes_of_one);
    if (!then) return Next(call);
    then();
  }
  void OnDone(const StreamResult& result) override {
    ++dones;
    code = result.code;
    cause = result.cause;
    delivery = result.delivery;
    message = result.message;
    details = result.details;
    peer = result.Peer();
    received = result.received;
    sent = result.sent;
    at = result.at;
    bytes = result.bytes;
    limit = result.limit;
    resends = result.resends;
    untaken = result.untaken;
  }
};

class StreamTest : public ::testing::Test {
 protected:
  // Kept: gRPC's own end after each test takes ten seconds now and then.
  static void SetUpTestSuite() { grpc_init(); }

  static Messages Encoded(const std::vector<std::string>& messages) {
    Messages encoded;
    for (const std::string& message : messages) {
      encoded.bytes += message;
      encoded.ends.push_back(encoded.bytes.size());
    }
    return encoded;
  }

  // Starts a call; the first Next is asked unless `next` is false.
  void Start(const std::string& target, Shape shape, const std::vector<std::string>& requests,
             CallSpec spec = {}, bool next = true) {
    if (!channel_) {
      channel_ = std::make_unique<Channel>(*ParseTarget(target), options_, loop_.completions());
    }
    spec.path = "/a.B/C";
    sink_.call = channel_->StartStream(spec, shape, Encoded(requests), &sink_);
    if (next) Next(sink_.call);
  }
  void RunToEnd() {
    loop_.RunUntil([this] { return sink_.dones > 0; });
  }
  void RunFor(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    loop_.RunUntil([end] { return std::chrono::steady_clock::now() >= end; });
  }
  void Call(const std::string& target, Shape shape, const std::vector<std::string>& requests,
            const CallSpec& spec = {}) {
    Start(target, shape, requests, spec);
    RunToEnd();
  }

  ChannelOptions options_;
  Collector sink_;
  Loop loop_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace bridge::upstream
