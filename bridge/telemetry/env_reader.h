// Reads environment variables by the rules of the OpenTelemetry specification (v1.60.0,
// "Environment Variable Specification"): empty means unset; a value that cannot be used is reported
// and the default stands. Warnings name the variable and the remedy; values of secrets are never
// repeated. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bridge::telemetry {

// As std::getenv: null if the variable is not set.
using EnvLookup = std::function<const char*(const char* name)>;

class EnvReader final {
 public:
  // `warnings` must outlive the reader.
  EnvReader(EnvLookup lookup, std::vector<std::string>* warnings);

  // The first of several names that is set wins (a signal's own variable before the general one);
  // `name`, when wanted, receives which it was.
  using Names = std::initializer_list<const char*>;
  std::optional<std::string> Find(Names names, const char** name = nullptr) const;

  // "true" or "false" in any case; anything else is reported and false.
  bool ReadBool(Names names, bool fallback);
  // Lower case and one of `allowed`; anything else is reported.
  std::optional<std::string> ReadEnum(Names names, std::initializer_list<const char*> allowed);
  uint32_t ReadCount(Names names, uint32_t fallback, uint32_t minimum);
  std::chrono::milliseconds ReadMilliseconds(Names names, std::chrono::milliseconds fallback);
  // "k1=v1,k2=v2" with percent-encoded values. One bad entry discards the whole value, as the
  // specification asks for resource attributes. The report does not repeat the text.
  std::vector<std::pair<std::string, std::string>> ReadPairs(Names names);
  // The whole content of the file a variable names. Nothing and a report if it cannot be read.
  std::optional<std::string> ReadFile(Names names);

  void Warn(std::string_view name, std::string_view problem);

 private:
  EnvLookup lookup_;
  std::vector<std::string>* warnings_;
};

}  // namespace bridge::telemetry
