// One call of a tool whose method is unary, while it waits for its service.
#pragma once

#include <cstdint>
#include <string>

#include "bridge/mcp/tool_operation.h"

namespace bridge::mcp {

class ToolCall final : public ToolOperation {
 public:
  // Sends core.wire; a large one is taken away. Ends itself. Parameters as of ToolOperation.
  static Operation* Start(Request* request, const catalog::Tool& tool, uint64_t given, size_t held);

  ToolCall(Request* request, const catalog::Tool& tool, uint64_t given, size_t held);

  void Cancel(Why why) override;

 private:
  void Finish(const upstream::CallResult& result);
  std::string Response(const upstream::CallResult& result);

  upstream::UnaryCall* call_ = nullptr;
  size_t request_bytes_ = 0;
};

}  // namespace bridge::mcp
