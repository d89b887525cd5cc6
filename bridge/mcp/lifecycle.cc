// server/discover (modern), initialize and ping (legacy).
#include <utility>

#include "bridge/mcp/methods.h"
#include "bridge/mcp/results.h"

namespace bridge::mcp {
namespace {

// What no schema says, and what a model would else get wrong with any tool.
constexpr std::string_view kInstructions =
    R"("instructions":"Each tool calls one gRPC method. A member that is absent from a result is )"
    R"(zero, false, empty or the first value of its enum; a member that can be absent (an object, an )"
    R"(optional one, one that a mask or view leaves out) is not set or was not asked for. 64-bit )"
    R"(integers are strings.")";

}  // namespace

Operation* Discover(Request* request) {
  std::string result = "{";
  AppendCacheableHead(&result, request->core.options.list_ttl_ms);
  result.append(R"("supportedVersions":)").append(SupportedVersions());
  result.append(R"(,"capabilities":)").append(Capabilities(request->revision()));
  result.append(",").append(kInstructions).append(",").append(ServerMeta()).append("}");
  request->Succeed(result);
  return nullptr;
}

Operation* Initialize(Request* request) {
  const std::optional<std::string> asked = request->FindText("protocolVersion");
  const jsonrpc::Param* capabilities = request->message().Find("capabilities");
  const jsonrpc::Param* client = request->message().Find("clientInfo");
  if (!asked.has_value() || capabilities == nullptr || client == nullptr ||
      capabilities->type != JsonType::kObject || client->type != JsonType::kObject) {
    request->Fail(jsonrpc::ErrorCode::kInvalidParams,
                  "initialize needs the string protocolVersion and the objects capabilities "
                  "and clientInfo");
    return nullptr;
  }
  const Revision* revision = FindRevision(*asked);
  if (revision == nullptr || revision->modern) revision = &NewestLegacy();
  Reply reply;
  reply.negotiated = revision;
  jsonrpc::AppendResultHead(&reply.head, request->message().id);
  reply.head.append(R"({"protocolVersion":")")
      .append(revision->version)
      .append(R"(","capabilities":)")
      .append(Capabilities(*revision))
      .append(R"(,"serverInfo":)")
      .append(ServerImplementation())
      .append(",")
      .append(kInstructions)
      .append("}}");
  request->Succeed(std::move(reply));
  return nullptr;
}

Operation* Ping(Request* request) {
  request->Succeed("{}");
  return nullptr;
}

}  // namespace bridge::mcp
