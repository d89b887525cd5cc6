#include "bridge/http/guard.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace bridge::http {
namespace {

constexpr uint32_t Bit(Field field) {
  return uint32_t{1} << static_cast<unsigned>(field);
}

constexpr uint32_t kMayRepeat =
    Bit(Field::kOther) | Bit(Field::kConnection) | Bit(Field::kTrailer) | Bit(Field::kMcp) |
    Bit(Field::kMcpMethod) | Bit(Field::kMcpName) | Bit(Field::kMcpProtocolVersion) |
    Bit(Field::kMcpSessionId) | Bit(Field::kAccept) | Bit(Field::kTraceparent) |
    Bit(Field::kTracestate) | Bit(Field::kUserAgent);

Refusal RepeatedField(Field field) {
  switch (field) {
    case Field::kHost:
      return {400, "Host is repeated: send it once"};
    case Field::kContentLength:
      return {400, "Content-Length is repeated: send it once"};
    case Field::kTransferEncoding:
      return {400, "Transfer-Encoding is repeated: send it once"};
    case Field::kAuthorization:
      return {400, "Authorization is repeated: send it once"};
    case Field::kOrigin:
      return {400, "Origin is repeated: send it once"};
    case Field::kContentType:
      return {400, "Content-Type is repeated: send it once"};
    default:
      return {400, "a header that may occur once is repeated: send it once"};
  }
}

// Calls `use` for each element of a comma-separated list.
template <typename Use>
void ForEachElement(std::string_view list, Use use) {
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    use(TrimBlanks(list.substr(0, comma)));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool IsVersion(std::string_view text) {
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && digit(text[5]) && text[6] == '.' &&
         digit(text[7]);
}

// Removes "http://" or "https://"; false if `target` begins with neither.
bool ConsumeScheme(std::string_view& target) {
  for (std::string_view scheme : {std::string_view("http://"), std::string_view("https://")}) {
    if (EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) {
      target.remove_prefix(scheme.size());
      return true;
    }
  }
  return false;
}

}  // namespace

HeadParser::Progress HeadParser::Parse(std::string_view bytes, const Limits& limits,
                                       Request& request) {
  while (true) {
    const void* found = bytes.size() > scanned_
                            ? std::memchr(bytes.data() + scanned_, '\n', bytes.size() - scanned_)
                            : nullptr;
    if (found == nullptr) {
      scanned_ = bytes.size();
      return scanned_ < limits.head_bytes ? Progress::kIncomplete : RefuseSize();
    }
    const size_t feed = static_cast<const char*>(found) - bytes.data();
    if (feed >= limits.head_bytes) return RefuseSize();
    if (feed == line_ || bytes[feed - 1] != '\r') {
      return Refuse({400, "a line ends with a bare line feed: end lines with CR LF"});
    }
    const std::string_view line = bytes.substr(line_, feed - 1 - line_);
    line_ = scanned_ = feed + 1;

    std::optional<Refusal> refusal;
    if (!request_line_parsed_) {
      if (line.empty() && !empty_line_skipped_) {
        empty_line_skipped_ = true;
        continue;
      }
      refusal = ParseRequestLine(line, request);
    } else if (!line.empty()) {
      refusal = ParseField(line, limits, request);
    } else {
      refusal = CheckWhole(limits);
      if (!refusal) return Progress::kComplete;
    }
    if (refusal) return Refuse(*refusal);
  }
}

std::optional<Refusal> HeadParser::ParseRequestLine(std::string_view line, Request& request) {
  request_line_parsed_ = true;
  const size_t method_size = TokenPrefix(line);
  if (method_size == 0 || method_size == line.size() || line[method_size] != ' ') {
    return Refusal{400, "the request line does not begin with a method: speak plain HTTP/1.1"};
  }
  const std::string_view rest = line.substr(method_size + 1);
  const size_t target_size = TargetPrefix(rest);
  if (target_size == 0 || target_size == rest.size() || rest[target_size] != ' ') {
    return Refusal{400, "the request target is malformed: percent-encode it and name the version"};
  }
  const std::string_view version = rest.substr(target_size + 1);
  if (!IsVersion(version)) return Refusal{400, "the request line does not end with HTTP/1.1"};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    return Refusal{505, "only HTTP/1.1 and HTTP/1.0 are spoken here"};
  }
  framing_.http_1_0 = version.back() == '0';
  request.method = line.substr(0, method_size);
  if (request.method == "CONNECT" || request.method == "TRACE") {
    return Refusal{501, "CONNECT and TRACE are not implemented"};
  }
  return ParseTarget(rest.substr(0, target_size), request);
}

std::optional<Refusal> HeadParser::ParseTarget(std::string_view target, Request& request) {
  if (target == "*") {
    if (request.method != "OPTIONS") return Refusal{400, "the target * is for OPTIONS only"};
    request.path = target;
    request.query = {};
    return std::nullopt;
  }
  if (target.front() != '/') {
    if (!ConsumeScheme(target)) {
      return Refusal{400, "the request target must begin with / or http://"};
    }
    authority_ = target.substr(0, target.find_first_of("/?"));
    target.remove_prefix(authority_.size());
    if (authority_.empty()) return Refusal{400, "the request target names no host"};
  }
  const size_t mark = std::min(target.find('?'), target.size());
  request.path = mark == 0 ? std::string_view("/") : target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  return std::nullopt;
}

std::optional<Refusal> HeadParser::ParseField(std::string_view line, const Limits& limits,
                                              Request& request) {
  Header header;
  if (auto refusal = ParseFieldLine(line, header)) return refusal;
  if (request.headers.size() >= limits.headers) {
    return Refusal{431, "the request has too many headers: send fewer"};
  }
  const Field field = ClassifyField(header.name);
  if (field != Field::kOther) {
    if (auto refusal = CheckField(field, header, request)) return refusal;
  }
  request.Add(header, field);
  return std::nullopt;
}

std::optional<Refusal> HeadParser::CheckField(Field field, const Header& header, Request& request) {
  const bool again = (seen_ & Bit(field)) != 0;
  if (again && (kMayRepeat & Bit(field)) == 0) return RepeatedField(field);
  seen_ |= Bit(field);
  const std::string_view value = header.value;
  switch (field) {
    case Field::kHost:
      if (!IsHost(value)) return Refusal{400, "Host is malformed: send host or host:port"};
      host_ = value;
      break;
    case Field::kContentLength:
      if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos) {
        return Refusal{400, "Content-Length is not one plain number"};
      }
      content_length_ = value;
      break;
    case Field::kTransferEncoding:
      if (!EqualsIgnoreCase(value, "chunked")) {
        return Refusal{501, "the only transfer coding understood is chunked"};
      }
      framing_.chunked = true;
      break;
    case Field::kConnection:
      ForEachElement(value, [this](std::string_view option) {
        if (EqualsIgnoreCase(option, "close")) close_asked_ = true;
        if (EqualsIgnoreCase(option, "keep-alive")) keep_alive_asked_ = true;
      });
      break;
    case Field::kExpect:
      if (!EqualsIgnoreCase(value, "100-continue")) {
        return Refusal{417, "the only expectation understood is 100-continue"};
      }
      framing_.expect_continue = true;
      break;
    case Field::kMcp:
      if (again && request.Find(header.name)) request.repeated = header.name;
      break;
    case Field::kMcpMethod:
    case Field::kMcpName:
    case Field::kMcpProtocolVersion:
    case Field::kMcpSessionId:
      if (again) request.repeated = header.name;
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<Refusal> HeadParser::CheckWhole(const Limits& limits) {
  if (host_.empty()) return Refusal{400, "Host is missing: send it"};
  if (!authority_.empty() && !EqualsIgnoreCase(authority_, host_)) {
    return Refusal{400, "the request target and Host name different hosts"};
  }
  if (framing_.chunked && framing_.http_1_0) {
    return Refusal{400, "HTTP/1.0 has no Transfer-Encoding: use HTTP/1.1 or Content-Length"};
  }
  if (framing_.chunked && !content_length_.empty()) {
    return Refusal{400, "Transfer-Encoding and Content-Length exclude each other: send one"};
  }
  if (!content_length_.empty()) {
    const auto parsed =
        std::from_chars(content_length_.data(), content_length_.data() + content_length_.size(),
                        framing_.content_length);
    if (parsed.ec != std::errc() || framing_.content_length > limits.body_bytes) {
      return Refusal{413, "the request body is too large: send less"};
    }
  }
  framing_.keep_alive = !close_asked_ && (!framing_.http_1_0 || keep_alive_asked_);
  framing_.expect_continue = framing_.expect_continue && !framing_.http_1_0 &&
                             (framing_.chunked || framing_.content_length > 0);
  return std::nullopt;
}

HeadParser::Progress HeadParser::RefuseSize() {
  return Refuse(request_line_parsed_
                    ? Refusal{431, "the request head is too large: send less in headers"}
                    : Refusal{414, "the request target is too long: shorten it"});
}

HeadParser::Progress HeadParser::Refuse(const Refusal& refusal) {
  refusal_ = refusal;
  return Progress::kRefused;
}

}  // namespace bridge::http
