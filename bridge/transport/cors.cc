#include "bridge/transport/cors.h"

#include <string_view>

#include "bridge/base/text.h"
#include "bridge/http/field.h"
#include "bridge/transport/header_value.h"

namespace bridge::transport {
namespace {

constexpr std::string_view kParam = "mcp-param-";
constexpr size_t kMaxParams = 64;

bool IsParamHeader(std::string_view name) {
  if (name.size() <= kParam.size() ||
      !http::EqualsIgnoreCase(name.substr(0, kParam.size()), kParam)) {
    return false;
  }
  for (const char c : name) {
    if (!IsIdentifierByte(c) && std::string_view("!#$%&'*+-.^`|~").find(c) == std::string::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

void AppendCors(const http::Request& request, std::string* headers) {
  const auto origin = request.Find(http::Field::kOrigin);
  if (!origin.has_value()) return;
  headers->append("Access-Control-Allow-Origin: ").append(*origin);
  headers->append(
      "\r\nAccess-Control-Expose-Headers: Mcp-Session-Id, Retry-After, Allow\r\nVary: Origin\r\n");
}

void AppendPreflight(const http::Request& request, std::string* headers) {
  headers->append(
      "Access-Control-Allow-Methods: GET, POST, DELETE\r\n"
      "Access-Control-Allow-Headers: Content-Type, Accept, Authorization, Last-Event-ID, "
      "MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, traceparent, tracestate, "
      "baggage");
  std::string_view rest = request.Find("access-control-request-headers").value_or("");
  for (size_t count = 0; !rest.empty() && count < kMaxParams;) {
    const std::string_view name = NextPart(&rest, ',');
    if (!IsParamHeader(name)) continue;
    headers->append(", ").append(name);
    ++count;
  }
  headers->append("\r\nAccess-Control-Max-Age: 600\r\n");
}

}  // namespace bridge::transport
