// A JSON-RPC batch (MCP 2025-03-26 only): several messages in one, their answers in one array.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/server.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::transport {

// Cuts an array into the texts of its elements, each of which is a legacy message that may be part
// of a batch. False fills `failure`.
bool ReadBatch(std::string_view body, std::vector<std::string_view>* elements,
               jsonrpc::ParseFailure* failure);

class Batch final {
 public:
  static constexpr size_t kMaxMessages = 50;
  // Of all answers together, before the one that goes beyond: 50 of the largest would be 2 GB.
  static constexpr size_t kMaxAnswerBytes = 32u << 20;

  // Where the array goes.
  struct Whole {
    // Counts so many bytes of it; false if there is no room for them.
    absl::AnyInvocable<bool(size_t)> reserve;
    // Runs once, when the last request is answered; with nothing if none asked for an answer.
    absl::AnyInvocable<void(std::optional<mcp::Reply>)> end;
  };

  // Handles what ReadBatch gave. Answers beyond kMaxAnswerBytes, or for which there is no room,
  // become errors. `span` as in mcp::Call; it lives until the end has run.
  static std::shared_ptr<Batch> Run(const std::vector<std::string_view>& elements,
                                    const mcp::Caller& caller, telemetry::Span* span,
                                    mcp::Server* server, Whole whole);

  // Those of its requests that are under way.
  void Cancel(mcp::Operation::Why why);

 private:
  class ElementAnswer;
  explicit Batch(Whole whole) : whole_(std::move(whole)) {}
  void Take(size_t index, mcp::Reply reply);
  void Done();

  Whole whole_;
  std::vector<mcp::Operation*> operations_;  // by request, null when answered
  std::vector<std::string> ids_;             // by request
  std::string answers_;
  bool recorded_ = false;  // the span of one of them is
  size_t waiting_ = 1;     // requests under way, and Run itself
};

}  // namespace bridge::transport
