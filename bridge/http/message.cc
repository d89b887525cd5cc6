#include "bridge/http/message.h"

#include <algorithm>
#include <iterator>

#include "bridge/http/field.h"

namespace bridge::http {
namespace {

// In the order of status.
constexpr struct {
  int status;
  std::string_view phrase;
} kReasonPhrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

}  // namespace

void Request::Add(const Header& header) {
  Add(header, ClassifyField(header.name));
}

std::optional<std::string_view> Request::Find(std::string_view name) const {
  for (const Header& header : headers) {
    if (EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return std::nullopt;
}

size_t Request::Count(std::string_view name) const {
  return std::count_if(headers.begin(), headers.end(), [name](const Header& header) {
    return EqualsIgnoreCase(header.name, name);
  });
}

std::string_view ReasonPhrase(int status) {
  const auto* row = std::lower_bound(std::begin(kReasonPhrases), std::end(kReasonPhrases), status,
                                     [](const auto& r, int wanted) { return r.status < wanted; });
  return row != std::end(kReasonPhrases) && row->status == status ? row->phrase : "Unknown";
}

}  // namespace bridge::http
