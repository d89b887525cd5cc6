// The fixed parts of MCP results, written in one place.
#pragma once

#include <string>
#include <string_view>

namespace bridge::mcp {

inline constexpr std::string_view kServerName = "grpc-mcp-bridge";

// {"name":"grpc-mcp-bridge","title":...,"version":...}
std::string_view ServerImplementation();
// "_meta":{"io.modelcontextprotocol/serverInfo":{...}}, the last member of a modern result.
std::string_view ServerMeta();
// ["2026-07-28"]: what server/discover and -32022 both tell. Modern revisions only: a client that
// sees a legacy one here would not know that it takes initialize.
std::string_view SupportedVersions();
// "resultType":"complete","ttlMs":N,"cacheScope":"public", with the comma after it.
void AppendCacheableHead(std::string* out, int ttl_ms);

}  // namespace bridge::mcp
