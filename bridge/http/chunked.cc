#include "bridge/http/chunked.h"

#include <algorithm>
#include <charconv>

#include "bridge/http/field.h"

namespace bridge::http {
namespace {

constexpr size_t kMaxExtensionBytes = 1024;
constexpr size_t kMaxTrailerBytes = 4096;
constexpr size_t kMaxSizeDigits = 16;
constexpr size_t kMaxLineBytes = kMaxTrailerBytes;

}  // namespace

std::optional<Refusal> ChunkedBody::Decode(std::string_view raw, size_t body_limit,
                                           size_t& consumed, std::string& body) {
  consumed = 0;
  while (consumed < raw.size() && state_ != State::kComplete) {
    const std::string_view rest = raw.substr(consumed);
    if (state_ == State::kContent) {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(left_, rest.size()));
      body.append(rest.substr(0, size));
      consumed += size;
      left_ -= size;
      if (left_ == 0) state_ = State::kContentEnd;
      continue;
    }
    const size_t feed = rest.find('\n');
    const size_t size = std::min(feed, rest.size());
    if (line_.size() + size > kMaxLineBytes) {
      return Refusal{400, "a line of the chunked body is too long"};
    }
    line_.append(rest.substr(0, size));
    if (feed == std::string_view::npos) {
      consumed = raw.size();
      return std::nullopt;
    }
    consumed += size + 1;
    if (line_.empty() || line_.back() != '\r') {
      return Refusal{400, "a line of the chunked body ends with a bare line feed"};
    }
    line_.pop_back();
    if (auto refusal = TakeLine(line_)) return refusal;
    line_.clear();
    if (left_ > body_limit || body.size() > body_limit - left_) {
      return Refusal{413, "the request body is too large: send less"};
    }
  }
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::TakeLine(std::string_view line) {
  switch (state_) {
    case State::kSize:
      return TakeSize(line);
    case State::kContentEnd:
      if (!line.empty()) return Refusal{400, "a chunk is longer than its size says"};
      state_ = State::kSize;
      return std::nullopt;
    default:
      return TakeTrailer(line);
  }
}

std::optional<Refusal> ChunkedBody::TakeSize(std::string_view line) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
  const size_t digits = end - line.data();
  const std::string_view extension = line.substr(digits);
  if (error != std::errc() || digits > kMaxSizeDigits ||
      (!extension.empty() && extension.front() != ';')) {
    return Refusal{400, "a chunk size is malformed"};
  }
  if (FieldValuePrefix(extension) != extension.size()) {
    return Refusal{400, "a chunk extension has a control character"};
  }
  extension_bytes_ += extension.size();
  if (extension_bytes_ > kMaxExtensionBytes) {
    return Refusal{400, "chunk extensions are too long: send none"};
  }
  state_ = left_ == 0 ? State::kTrailer : State::kContent;
  return std::nullopt;
}

std::optional<Refusal> ChunkedBody::TakeTrailer(std::string_view line) {
  if (line.empty()) {
    state_ = State::kComplete;
    return std::nullopt;
  }
  trailer_bytes_ += line.size();
  if (trailer_bytes_ > kMaxTrailerBytes) {
    return Refusal{431, "the trailer section is too large: send no trailers"};
  }
  Header trailer;
  if (auto refusal = ParseFieldLine(line, trailer)) return refusal;
  const Field field = ClassifyField(trailer.name);
  if (field != Field::kOther && field <= Field::kMcpSessionId) {
    return Refusal{400, "a trailer names a field that must be a header: send it before the body"};
  }
  return std::nullopt;
}

}  // namespace bridge::http
