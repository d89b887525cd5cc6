// A JSON-RPC batch (MCP 2025-03-26 only): several messages in one POST, their answers in one array.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/mcp/server.h"
#include "bridge/transport/exchange.h"

namespace bridge::transport {

// Cuts an array into the texts of its elements. False fills `problem` when it is no JSON.
bool SplitBatch(std::string_view body, std::vector<std::string_view>* elements,
                std::string* problem);

class Batch final {
 public:
  static constexpr size_t kMaxMessages = 50;
  // Of all answers together, before the one that goes beyond: 50 of the largest would be 2 GB.
  static constexpr size_t kMaxAnswerBytes = 32u << 20;

  // Handles `elements`, each of which parses as a message, and answers `exchange` when the last
  // one is done: 202 if none asked for an answer. Answers beyond kMaxAnswerBytes, or for which the
  // server has no room, become errors.
  static void Run(const std::vector<std::string_view>& elements, const mcp::Revision* revision,
                  std::string_view session, mcp::Server* server,
                  std::unique_ptr<Exchange> exchange);

 private:
  explicit Batch(std::unique_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
  void Take(size_t index, mcp::Reply reply);
  void Done();

  std::unique_ptr<Exchange> exchange_;
  std::vector<mcp::ToolCall*> calls_;  // by request, null when answered
  std::vector<std::string> ids_;       // by request
  std::string answers_;
  bool recorded_ = false;  // the span of one of them is
  size_t waiting_ = 1;     // requests under way, and Run itself
};

}  // namespace bridge::transport
