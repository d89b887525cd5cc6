// One request on its way through the server: what a method gets, and how it answers at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/answer.h"
#include "bridge/mcp/caller.h"
#include "bridge/mcp/core.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::mcp {

struct Request {
  Core& core;
  const Call& call;
  telemetry::Clock::time_point begun;
  telemetry::Span span;
  std::unique_ptr<Answer> answer;

  const Revision& revision() const { return *call.caller.revision; }
  const jsonrpc::Message& message() const { return call.message; }

  // A param that is a string, decoded; nothing when it is absent or of another type.
  std::optional<std::string> FindText(std::string_view key) const;

  // Whether the span is recorded: one that its rate left out is from now on, if there is room.
  bool Record();

  // Each ends the span and the answer. `why` is counted; by default as the code says.
  void Fail(jsonrpc::ErrorCode code, const std::string& text,
            std::optional<metrics::Rejection> why = std::nullopt);
  void Succeed(Reply reply);
  void Succeed(std::string_view result);  // JSON

 private:
  // Counts the end; calls of tools that exist have a record of their own instead (call_account.h).
  void Count(metrics::OperationError error);
};

}  // namespace bridge::mcp
