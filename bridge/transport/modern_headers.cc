#include "bridge/transport/modern_headers.h"

#include <functional>
#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/base/text.h"
#include "bridge/mcp/methods.h"
#include "bridge/transport/header_value.h"

namespace bridge::transport {
namespace {

std::string Quoted(std::string_view text) {
  return "\"" + CutText(VisibleText(text), 128) + "\"";
}

}  // namespace

std::string RepeatedHeader(const http::Request& request) {
  if (request.repeated.empty()) return "";
  return "the header " + CutText(request.repeated, 128) + " occurs twice: send it once";
}

std::string ContradictingHeader(const http::Request& request, const jsonrpc::Message& message,
                                const mcp::Meta& meta) {
  if (!request.repeated.empty()) return "Header mismatch: " + RepeatedHeader(request);
  const auto version = request.Find(http::Field::kMcpProtocolVersion);
  if (version.has_value() && *version != meta.version) {
    return "Header mismatch: MCP-Protocol-Version is " + Quoted(*version) +
           ", but the body's _meta says " + Quoted(meta.version);
  }
  const auto method = request.Find(http::Field::kMcpMethod);
  if (method.has_value() && *method != message.method) {
    return "Header mismatch: Mcp-Method is " + Quoted(*method) + ", but the body's method is " +
           Quoted(message.method);
  }
  return "";
}

std::string MissingHeader(const http::Request& request, const jsonrpc::Message& message,
                          const mcp::Revision& revision) {
  constexpr std::pair<http::Field, const char*> kRequired[] = {
      {http::Field::kMcpProtocolVersion, "MCP-Protocol-Version"},
      {http::Field::kMcpMethod, "Mcp-Method"}};
  for (const auto& [field, name] : kRequired) {
    if (!request.Find(field).has_value()) {
      return std::string("Header mismatch: the header ") + name + " is missing";
    }
  }
  const mcp::Method* const method = mcp::FindMethod(revision, message.method);
  const std::string_view member = method == nullptr ? std::string_view() : method->mirrored;
  const jsonrpc::Param* param = member.empty() ? nullptr : message.Find(member);
  if (param == nullptr || param->type != JsonType::kString) return "";
  JsonCursor cursor(param->raw);
  std::string_view value;
  std::string scratch;
  cursor.ReadString(&value, &scratch);
  const auto header = request.Find(http::Field::kMcpName);
  if (!header.has_value()) return "Header mismatch: the header Mcp-Name is missing";
  const auto decoded = DecodeMirrored(*header);
  if (!decoded.has_value()) return "Header mismatch: Mcp-Name is not valid base64 of UTF-8 text";
  if (*decoded != value) {
    return "Header mismatch: Mcp-Name is " + Quoted(*decoded) + ", but the body's params." +
           std::string(member) + " is " + Quoted(value);
  }
  return "";
}

std::string SessionIdForTraces(std::string_view token) {
  return std::to_string(std::hash<std::string_view>()(token));
}

}  // namespace bridge::transport
