#include "bridge/mcp/tool_result.h"

#include "bridge/base/json_text.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/mcp/results.h"

namespace bridge::mcp {

std::string SuccessResult(const Revision& revision, std::string_view id, std::string_view json) {
  std::string out;
  out.reserve(json.size() * 2 + json.size() / 4 + 384);
  jsonrpc::AppendResultHead(&out, id);
  out.append(revision.modern ? R"({"resultType":"complete","content":[{"type":"text","text":")"
                             : R"({"content":[{"type":"text","text":")");
  AppendJsonInString(&out, json);
  out.append("\"}]");
  if (revision.structured) out.append(R"(,"structuredContent":)").append(json);
  if (revision.modern) out.append(",").append(ServerMeta());
  out.append("}}");
  return out;
}

std::string ErrorResult(const Revision& revision, std::string_view id, std::string_view text,
                        std::string_view meta, const Partial& partial) {
  std::string out;
  jsonrpc::AppendResultHead(&out, id);
  out.append(revision.modern ? R"({"resultType":"complete","content":[{"type":"text","text":)"
                             : R"({"content":[{"type":"text","text":)");
  AppendJsonString(&out, text);
  if (!partial.words.empty()) {
    out.append(R"(},{"type":"text","text":)");
    AppendJsonString(&out, partial.words + partial.json);
  }
  out.append("}]");
  if (!partial.words.empty() && revision.structured) {
    out.append(R"(,"structuredContent":)").append(partial.json);
  }
  out.append(R"(,"isError":true)");
  if (revision.modern || !meta.empty()) {
    out.append(R"(,"_meta":{)");
    if (!meta.empty()) out.append(R"("grpc-mcp-bridge/status":)").append(meta);
    if (revision.modern) {
      if (!meta.empty()) out.push_back(',');
      out.append(R"("io.modelcontextprotocol/serverInfo":)").append(ServerImplementation());
    }
    out.push_back('}');
  }
  out.append("}}");
  return out;
}

}  // namespace bridge::mcp
