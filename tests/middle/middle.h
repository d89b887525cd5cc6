// A protocol core in front of a fake upstream "shop", with one service:
//
//   Orders.Get(Key) -> Order    no side effects
//   Orders.Put(Order) -> Order
//
// Requests are JSON text, answers come back as parsed JSON.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/base/byte_budget.h"
#include "bridge/mcp/meta.h"
#include "bridge/mcp/server.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/options.h"
#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/tracer.h"
#include "tests/descriptor/proto_source.h"
#include "tests/middle/fake_channel.h"

namespace bridge::mcp {

using Json = nlohmann::json;

inline constexpr char kModern[] = "2026-07-28";
inline constexpr char kLegacy[] = "2025-11-25";

// A catalog with the tools Orders_Get, Orders_Put and those of `more`, methods of the same service.
inline std::shared_ptr<const Surface> MakeSurface(const std::string& more = "",
                                                  const ListOptions& options = {}) {
  catalog::Source source;
  source.services = {"t.Orders"};
  for (const auto& file : descriptor::CompileText(R"(
      syntax = "proto3"; package t;
      message Key { string id = 1; }
      message Order { string id = 1; int32 count = 2; repeated string notes = 3; }
      service Orders {
        rpc Get(Key) returns (Order) { option idempotency_level = NO_SIDE_EFFECTS; }
        rpc Put(Order) returns (Order);
        )" + more + "}")) {
    source.files.push_back(file.SerializeAsString());
  }
  std::vector<std::string> problems;
  auto catalog = catalog::Catalog::Make(std::vector{source}, {}, {}, &problems);
  if (!problems.empty()) throw std::runtime_error(problems[0]);
  return std::make_shared<const Surface>(std::move(catalog), options);
}

// An encoded Order with this id.
inline std::string Order(std::string_view id, std::string_view note = "") {
  const auto field = [](char tag, std::string_view text) {
    std::string out(1, tag);
    size_t size = text.size();
    for (; size > 127; size >>= 7) out.push_back(static_cast<char>((size & 127) | 128));
    out.push_back(static_cast<char>(size));
    return out.append(text);
  };
  return field('\x0a', id) + (note.empty() ? "" : field('\x1a', note));
}

inline upstream::CallResult Failure(upstream::StatusCode code, std::string_view message = "") {
  upstream::CallResult result;
  result.code = code;
  result.number = static_cast<int>(code);
  result.message = message;
  return result;
}

inline constexpr Network kTestNetwork = {"tcp", "http", "1.1"};

// One request and what became of it.
struct Asked {
  telemetry::Span http;  // what the transport would have started
  Operation* call = nullptr;
  bool streams = false;                       // what the client takes
  Answer::Sent sends = Answer::Sent::kTaken;  // how it takes what is sent
  bool begun = false;                         // though nothing was sent
  std::vector<Json> sent;                     // before the end
  absl::AnyInvocable<void()> ready;           // what waits for it to read
  int replies = 0;
  std::optional<Reply> reply;

  std::string Text() const {
    return reply->head + (reply->shared == nullptr ? "" : *reply->shared) + reply->tail;
  }
  Json Message() const { return Json::parse(Text()); }
  Json Result() const { return Message().at("result"); }
  // The one text of a tool's result.
  std::string ToolText() const { return Result().at("content").at(0).at("text"); }
  bool IsError() const { return Result().value("isError", false); }
};

class TestAnswer final : public Answer {
 public:
  explicit TestAnswer(Asked* asked) : asked_(*asked) {}

  bool streams() const override { return asked_.streams; }
  void Begin() override { asked_.begun = true; }
  Sent Send(const std::string& message) override {
    asked_.sent.push_back(Json::parse(message));
    return asked_.sends;
  }
  void OnWritable(absl::AnyInvocable<void()> ready) override { asked_.ready = std::move(ready); }
  void End(Reply reply) override {
    ++asked_.replies;
    asked_.reply = std::move(reply);
  }

 private:
  Asked& asked_;
};

// What was recorded of the calls that have ended.
class Calls final : public telemetry::CallObserver {
 public:
  void OnCall(const telemetry::CallRecord& call) override {
    records.push_back(call);
    trace_ids.push_back(telemetry::FormatTraceId(*call.trace));
  }
  std::vector<telemetry::CallRecord> records;  // their traces are gone
  std::vector<std::string> trace_ids;
};

class Middle : public ::testing::Test {
 protected:
  ~Middle() override {
    while (!upstream::CallsUnderWay().empty()) upstream::CallsUnderWay()[0]->EndCancelled();
  }

  // A server with these options; the calls of the one before must have ended.
  void Restart(ServerOptions options, size_t budget = 64u << 20) {
    budget_ = std::make_unique<ByteBudget>(budget);
    options.cancel_call = [this](const std::string& session, const std::string& id) {
      server_->CancelCall(session, id);
    };
    server_ = std::make_unique<Server>(
        std::move(options), Surroundings{channels_, targets_, nullptr, &tracer_, budget_.get(),
                                         &metrics_.reactor(0).mcp, &calls_});
    server_->Publish(MakeSurface());
  }

  // `request` without its "jsonrpc" member. The answer may come later.
  Asked& Ask(const std::string& request, std::string_view version = kModern,
             std::string_view session = "", const telemetry::TraceContext* message_trace = nullptr,
             bool streams = false) {
    auto* const asked = asked_.emplace_back(std::make_unique<Asked>()).get();
    asked->streams = streams;
    asked->http = tracer_.StartSpan("POST /mcp", telemetry::SpanKind::kServer, nullptr);
    const std::string text = R"({"jsonrpc":"2.0",)" + request.substr(1);
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    if (!jsonrpc::ParseMessage(text, &message, &failure)) throw std::runtime_error(failure.message);
    const Meta meta = ParseMeta(message);
    const mcp::Call call{.message = message,
                         .caller = {.revision = FindRevision(version),
                                    .network = &kTestNetwork,
                                    .session = std::string(session)},
                         .parent_span = &asked->http,
                         .message_trace = message_trace,
                         .progress_token = meta.progress_token};
    asked->call = server_->Handle(call, std::make_unique<TestAnswer>(asked));
    return *asked;
  }

  // A tools/call; `arguments` is JSON text.
  Asked& Call(const std::string& tool, const std::string& arguments,
              std::string_view version = kModern, std::string_view session = "",
              const std::string& id = "1") {
    return Ask(R"({"id":)" + id + R"(,"method":"tools/call","params":{"name":")" + tool +
                   R"(","arguments":)" + arguments + "}}",
               version, session);
  }

  void Notify(const std::string& notification, std::string_view session) {
    const std::string text = R"({"jsonrpc":"2.0",)" + notification.substr(1);
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    if (!jsonrpc::ParseMessage(text, &message, &failure)) throw std::runtime_error(failure.message);
    server_->HandleNotification(message, session);
  }

  // The finished spans of the trace that `asked` belongs to, by name.
  std::shared_ptr<const telemetry::SpanRecord> SpanNamed(const telemetry::TraceId& trace,
                                                         std::string_view name) {
    if (!tracer_.Flush(std::chrono::seconds(30))) return nullptr;
    const auto found = tracer_.ring().Find(trace);
    if (!found.has_value()) return nullptr;
    for (const telemetry::RecentSpan& recent : found->spans) {
      if (recent.span->name == name) return recent.span;
    }
    return nullptr;
  }

  // What /metrics says of all this.
  std::string Page() const {
    metrics::Page page(metrics::Format::kText);
    metrics_.Append(/*names=*/true, &page);
    return std::move(page).Finish();
  }

  static upstream::UnaryCall& UnderWay(size_t index = 0) {
    return *upstream::CallsUnderWay().at(index);
  }
  static size_t CountUnderWay() { return upstream::CallsUnderWay().size(); }

  const std::vector<upstream::Target> targets_ = {{"shop", "shop:50051", "shop", 50051}};
  std::vector<std::unique_ptr<upstream::Channel>> channels_ = [this] {
    std::vector<std::unique_ptr<upstream::Channel>> channels;
    channels.push_back(
        std::make_unique<upstream::Channel>(targets_[0], upstream::ChannelOptions(), nullptr));
    return channels;
  }();
  telemetry::Tracer tracer_{telemetry::TracerOptions()};
  metrics::Metrics metrics_{metrics::Options{.upstreams = {"shop"}}};
  Calls calls_;
  std::vector<std::unique_ptr<Asked>> asked_;
  std::unique_ptr<ByteBudget> budget_;
  std::unique_ptr<Server> server_;

  Middle() { Restart({}); }
};

}  // namespace bridge::mcp
