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
  telemetry::Span span;
  std::unique_ptr<Answer> answer;

  const Revision& revision() const { return *call.caller.revision; }
  const jsonrpc::Message& message() const { return call.message; }

  // A param that is a string, decoded; nothing when it is absent or of another type.
  std::optional<std::string> FindText(std::string_view key) const;

  // Whether the span is recorded: one that its rate left out is from now on, if there is room.
  bool Record();

  // Each ends the span and the answer.
  void Fail(jsonrpc::ErrorCode code, const std::string& text);
  void Succeed(Reply reply);
  void Succeed(std::string_view result);  // JSON
};

}  // namespace bridge::mcp
