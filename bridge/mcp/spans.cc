#include "bridge/mcp/spans.h"

#include <string>

#include "bridge/base/text.h"

namespace bridge::mcp {

void DescribeRequest(std::string_view method, std::string_view id, const Caller& caller,
                     telemetry::Span* span) {
  if (!span->recording()) return;
  span->SetAttribute("mcp.method.name", method);
  if (id.starts_with('"')) id = id.substr(1, id.size() - 2);
  span->SetAttribute("jsonrpc.request.id", CutText(id, 64));
  span->SetAttribute("mcp.protocol.version", caller.revision->version);
  const Network& network = *caller.network;
  span->SetAttribute("network.transport", network.transport);
  if (network.protocol_name.empty()) return;
  span->SetAttribute("network.protocol.name", network.protocol_name);
  span->SetAttribute("network.protocol.version", network.protocol_version);
}

void DescribeTool(std::string_view tool, telemetry::Span* span) {
  if (!span->recording()) return;
  span->SetName("tools/call " + std::string(tool));
  span->SetAttribute("gen_ai.operation.name", "execute_tool");
  span->SetAttribute("gen_ai.tool.name", tool);
}

}  // namespace bridge::mcp
