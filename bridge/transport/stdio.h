// MCP's stdio transport: newline-delimited messages of one client (MCP 2026-07-28 and 2025-11-25,
// "stdio"). Both eras, each message by itself: a modern one brings its envelope, a legacy one needs
// initialize before it. Belongs to one reactor.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bridge/base/byte_budget.h"
#include "bridge/mcp/server.h"
#include "bridge/transport/line_writer.h"

namespace bridge::transport {

class Stdio final {
 public:
  static constexpr size_t kMaxLineBytes = 4 * 1024 * 1024;

  // What waits for the client to read it counts against `budget`. All outlive it, and it outlives
  // what `server` has under way.
  Stdio(mcp::Server& server, ByteBudget& budget, LineWriter& out);
  ~Stdio() { budget_.Set(charged_, 0); }

  // Answers one line, now or later; as of LineReader.
  void Handle(std::string_view line, bool whole);
  // The writer has had an event: what waited for it goes on, or ends.
  void OnWriterEvent();

 private:
  class LineAnswer;

  void HandleMessage(const jsonrpc::Message& message);
  void HandleBatch(std::string_view line);
  void Refuse(std::string_view id, jsonrpc::ErrorCode code, std::string_view message,
              std::string_view data = {});
  void Write(const mcp::Reply& reply);
  LineWriter::Written Write(std::string line);

  mcp::Server& server_;
  ByteBudget& budget_;
  LineWriter& out_;
  size_t charged_ = 0;                         // to the budget: what waits to be written
  const mcp::Revision* negotiated_ = nullptr;  // by initialize
  std::vector<LineAnswer*> waiting_;           // until the writer has room
};

}  // namespace bridge::transport
