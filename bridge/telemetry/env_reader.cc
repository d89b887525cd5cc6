#include "bridge/telemetry/env_reader.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

constexpr size_t kMaxFileBytes = 1 << 20;

std::optional<uint32_t> ParseCount(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const int high = i + 1 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? HexDigit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    decoded += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return decoded;
}

}  // namespace

EnvReader::EnvReader(EnvLookup lookup, std::vector<std::string>* warnings)
    : lookup_(std::move(lookup)), warnings_(warnings) {}

void EnvReader::Warn(std::string_view name, std::string_view problem) {
  std::string warning(name);
  warning += ": ";
  warning += problem;
  warnings_->push_back(std::move(warning));
}

std::optional<std::string> EnvReader::Find(Names names, const char** name) const {
  for (const char* candidate : names) {
    const char* value = lookup_(candidate);
    if (value == nullptr) continue;
    const std::string_view trimmed = TrimBlanks(value);
    if (trimmed.empty()) continue;
    if (name != nullptr) *name = candidate;
    return std::string(trimmed);
  }
  return std::nullopt;
}

bool EnvReader::ReadBool(Names names, bool fallback) {
  const char* name = nullptr;
  const std::optional<std::string> value = Find(names, &name);
  if (!value) return fallback;
  const std::string lower = ToLowerAscii(*value);
  if (lower != "true" && lower != "false") Warn(name, "must be true or false; taken as false");
  return lower == "true";
}

std::optional<std::string> EnvReader::ReadEnum(Names names,
                                               std::initializer_list<const char*> allowed) {
  const char* name = nullptr;
  const std::optional<std::string> value = Find(names, &name);
  if (!value) return std::nullopt;
  std::string lower = ToLowerAscii(*value);
  if (std::find(allowed.begin(), allowed.end(), lower) != allowed.end()) return lower;
  std::string problem = "'" + *value + "' is not supported, so it is ignored; use one of";
  for (const char* word : allowed) problem.append(" ").append(word);
  Warn(name, problem);
  return std::nullopt;
}

uint32_t EnvReader::ReadCount(Names names, uint32_t fallback, uint32_t minimum) {
  const char* name = nullptr;
  const std::optional<std::string> value = Find(names, &name);
  if (!value) return fallback;
  const std::optional<uint32_t> count = ParseCount(*value);
  if (count && *count >= minimum) return *count;
  Warn(name, "must be a whole number of at least " + std::to_string(minimum) + "; " +
                 std::to_string(fallback) + " is used");
  return fallback;
}

std::chrono::milliseconds EnvReader::ReadMilliseconds(Names names,
                                                      std::chrono::milliseconds fallback) {
  const char* name = nullptr;
  const std::optional<std::string> value = Find(names, &name);
  if (!value) return fallback;
  if (const std::optional<uint32_t> count = ParseCount(*value)) {
    return std::chrono::milliseconds(*count);
  }
  Warn(name, "must be a whole number of milliseconds, not negative; " +
                 std::to_string(fallback.count()) + " is used");
  return fallback;
}

std::vector<std::pair<std::string, std::string>> EnvReader::ReadPairs(Names names) {
  const char* name = nullptr;
  const std::optional<std::string> value = Find(names, &name);
  std::vector<std::pair<std::string, std::string>> pairs;
  if (!value) return pairs;
  std::string_view rest = *value;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view entry = TrimBlanks(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (entry.empty()) continue;
    const size_t equals = entry.find('=');
    std::optional<std::string> key, decoded;
    if (equals != std::string_view::npos) {
      key = PercentDecode(TrimBlanks(entry.substr(0, equals)));
      decoded = PercentDecode(TrimBlanks(entry.substr(equals + 1)));
    }
    if (!key || key->empty() || !decoded) {
      Warn(name, "is ignored as a whole; write key=value,key2=value2 with percent-encoded values");
      return {};
    }
    pairs.emplace_back(std::move(*key), std::move(*decoded));
  }
  return pairs;
}

std::optional<std::string> EnvReader::ReadFile(Names names) {
  const char* name = nullptr;
  const std::optional<std::string> path = Find(names, &name);
  if (!path) return std::nullopt;
  std::ifstream file(*path, std::ios::binary);
  std::string content(kMaxFileBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (!content.empty() && content.size() <= kMaxFileBytes) return content;
  Warn(name, "cannot read the file '" + *path + "', or it is empty or over 1 MiB");
  return std::nullopt;
}

}  // namespace bridge::telemetry
