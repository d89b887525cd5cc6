// Validation rules that a service states about its own fields: protovalidate (buf.validate,
// extension 1159), protoc-gen-validate (validate, 1071) and google.api.field_info, all read by
// number, so their .proto files need not be there; openapi.h adds to them. The service enforces
// them; the bridge only tells a model. Values; any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::descriptor {

enum class TextFormat : uint8_t { kNone, kEmail, kHostname, kIpv4, kIpv6, kUuid };

// The rules of a field or of an element of it. Numbers are decimal text, so that 64 bits stay
// exact; bounds of integers are inclusive. What has no keyword anywhere is a sentence in `texts`.
struct FieldRules {
  bool required = false;
  bool ignore_zero = false;      // the rules do not apply to the zero value
  bool zero_violates = false;    // the zero value breaks a rule
  std::string minimum, maximum;  // empty: none
  bool exclusive_minimum = false;
  bool exclusive_maximum = false;
  bool outside = false;  // legal is below `maximum` or above `minimum`
  bool finite = false;
  bool defined_only = false;  // enum: no unknown numbers
  bool unique = false;
  std::vector<std::string> in, not_in;             // texts, or numbers (for an enum, too)
  std::optional<uint64_t> min_length, max_length;  // characters of a string, bytes of bytes
  std::optional<uint64_t> min_count, max_count;    // items or entries
  std::string pattern, prefix, suffix;
  TextFormat format = TextFormat::kNone;
  std::shared_ptr<const FieldRules> items, keys, values;
  std::vector<std::string> texts;
};

struct MessageRules {
  struct Choice {
    std::vector<std::string> fields;  // proto names, of which at most one may be set
    bool required = false;            // exactly one
  };
  std::vector<Choice> choices;
  std::vector<std::string> texts;
};

// The rules in encoded FieldOptions, of a list if `repeated`, / MessageOptions; null if there are
// none.
std::shared_ptr<FieldRules> ParseFieldRules(std::string_view options, bool repeated);
std::shared_ptr<const MessageRules> ParseMessageRules(std::string_view options);

}  // namespace bridge::descriptor
