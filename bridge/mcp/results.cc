#include "bridge/mcp/results.h"

#include "bridge/base/version.h"
#include "bridge/mcp/revision.h"

namespace bridge::mcp {

std::string_view ServerImplementation() {
  static constexpr std::string_view kText =
      R"({"name":"grpc-mcp-bridge","title":"gRPC to MCP bridge","version":")" BRIDGE_VERSION
      R"("})";
  return kText;
}

std::string_view ServerMeta() {
  static constexpr std::string_view kText =
      R"("_meta":{"io.modelcontextprotocol/serverInfo":)"
      R"({"name":"grpc-mcp-bridge","title":"gRPC to MCP bridge","version":")" BRIDGE_VERSION
      R"("}})";
  return kText;
}

std::string_view SupportedVersions() {
  static const std::string* const kText = [] {
    auto* text = new std::string("[");
    for (const Revision& revision : Revisions()) {
      if (!revision.modern) continue;
      text->append(text->size() > 1 ? ",\"" : "\"").append(revision.version).append("\"");
    }
    text->append("]");
    return text;
  }();
  return *kText;
}

void AppendCacheableHead(std::string* out, int ttl_ms) {
  out->append(R"("resultType":"complete","ttlMs":)")
      .append(std::to_string(ttl_ms))
      .append(R"(,"cacheScope":"public",)");
}

}  // namespace bridge::mcp
