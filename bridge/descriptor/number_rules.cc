#include "bridge/descriptor/number_rules.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "bridge/base/json_text.h"
#include "bridge/descriptor/option_reader.h"

namespace bridge::descriptor {
namespace {

constexpr size_t kMaxListed = 100;

// How the numbers of a rule message are encoded, by its number in FieldRules.
enum class Encoding { kFloat, kDouble, kVarint, kZigzag, kFixed32, kFixed64 };

Encoding EncodingOf(uint32_t type) {
  switch (type) {
    case 1:
      return Encoding::kFloat;
    case 2:
      return Encoding::kDouble;
    case 7:
    case 8:
      return Encoding::kZigzag;
    case 9:
    case 11:
      return Encoding::kFixed32;
    case 10:
    case 12:
      return Encoding::kFixed64;
    default:
      return Encoding::kVarint;
  }
}

template <typename Number>
Number Decode(Encoding encoding, uint64_t bits) {
  switch (encoding) {
    case Encoding::kFloat:
      return static_cast<Number>(std::bit_cast<float>(static_cast<uint32_t>(bits)));
    case Encoding::kDouble:
      return static_cast<Number>(std::bit_cast<double>(bits));
    case Encoding::kZigzag:
      return static_cast<Number>(static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1));
    case Encoding::kFixed32:
      if constexpr (std::is_signed_v<Number>) {
        return static_cast<Number>(static_cast<int32_t>(static_cast<uint32_t>(bits)));
      }
      return static_cast<Number>(bits);
    default:
      return static_cast<Number>(bits);
  }
}

template <typename Number>
std::vector<Number> DecodeList(Encoding encoding, const OptionField& field) {
  std::vector<Number> out;
  const auto add = [&](uint64_t bits) {
    if (out.size() < kMaxListed) out.push_back(Decode<Number>(encoding, bits));
  };
  const size_t width = encoding == Encoding::kFloat || encoding == Encoding::kFixed32    ? 4
                       : encoding == Encoding::kDouble || encoding == Encoding::kFixed64 ? 8
                                                                                         : 0;
  if (field.type != WireType::kBytes || width == 0) {
    ForEachNumber(field, add);
    return out;
  }
  for (size_t at = 0; at + width <= field.bytes.size(); at += width) {
    uint64_t bits = 0;
    for (size_t i = width; i-- > 0;) {
      bits = bits << 8 | static_cast<unsigned char>(field.bytes[at + i]);
    }
    add(bits);
  }
  return out;
}

template <typename Number>
std::string ToText(Encoding encoding, Number number) {
  std::string out;
  if constexpr (std::is_same_v<Number, double>) {
    if (!std::isfinite(number)) return {};
    if (encoding == Encoding::kFloat) {
      AppendJsonFloat(&out, static_cast<float>(number));
    } else {
      AppendJsonDouble(&out, number);
    }
  } else if constexpr (std::is_signed_v<Number>) {
    AppendJsonInt(&out, number);
  } else {
    AppendJsonUint(&out, number);
  }
  return out;
}

template <typename Number>
struct Bounds {
  std::optional<Number> low, high;
  bool exclusive_low = false;
  bool exclusive_high = false;

  // Integers have inclusive bounds only.
  void Normalize() {
    if constexpr (std::is_integral_v<Number>) {
      if (exclusive_low && *low < std::numeric_limits<Number>::max()) {
        ++*low;
        exclusive_low = false;
      }
      if (exclusive_high && *high > std::numeric_limits<Number>::min()) {
        --*high;
        exclusive_high = false;
      }
    }
  }
  bool Admits(Number number, bool outside) const {
    const bool above = !low || (exclusive_low ? number > *low : number >= *low);
    const bool below = !high || (exclusive_high ? number < *high : number <= *high);
    return outside ? above || below : above && below;
  }
};

template <typename Number>
void Parse(Encoding encoding, std::string_view bytes, bool pgv, FieldRules* rules) {
  Bounds<Number> bounds;
  std::vector<Number> in, not_in;
  OptionReader reader(bytes);
  for (OptionField field; reader.Next(&field);) {
    const Number number = Decode<Number>(encoding, field.value);
    switch (field.number) {
      case 1:  // const
        bounds.low = bounds.high = number;
        break;
      case 2:  // lt
      case 3:  // lte
        bounds.high = number;
        bounds.exclusive_high = field.number == 2;
        break;
      case 4:  // gt
      case 5:  // gte
        bounds.low = number;
        bounds.exclusive_low = field.number == 4;
        break;
      case 6:
      case 7: {
        auto& list = field.number == 6 ? in : not_in;
        for (const Number each : DecodeList<Number>(encoding, field)) list.push_back(each);
        break;
      }
      case 8:  // finite; ignore_empty in protoc-gen-validate
        (pgv ? rules->ignore_zero : rules->finite) = field.value != 0;
        break;
      default:
        break;
    }
  }
  // An upper bound below the lower one means "outside" in both rule languages.
  rules->outside =
      bounds.low && bounds.high &&
      (*bounds.high < *bounds.low ||
       (*bounds.high == *bounds.low && (bounds.exclusive_low || bounds.exclusive_high)));
  bounds.Normalize();
  if (bounds.low) rules->minimum = ToText(encoding, *bounds.low);
  if (bounds.high) rules->maximum = ToText(encoding, *bounds.high);
  rules->exclusive_minimum = bounds.exclusive_low;
  rules->exclusive_maximum = bounds.exclusive_high;
  for (const Number number : in) rules->in.push_back(ToText(encoding, number));
  for (const Number number : not_in) rules->not_in.push_back(ToText(encoding, number));
  const Number zero{};
  rules->zero_violates = !bounds.Admits(zero, rules->outside) ||
                         (!in.empty() && std::find(in.begin(), in.end(), zero) == in.end()) ||
                         std::find(not_in.begin(), not_in.end(), zero) != not_in.end();
}

}  // namespace

void ParseNumberRules(uint32_t type, std::string_view bytes, bool pgv, FieldRules* rules) {
  const Encoding encoding = EncodingOf(type);
  switch (type) {
    case 1:
    case 2:
      return Parse<double>(encoding, bytes, pgv, rules);
    case 5:
    case 6:
    case 9:
    case 10:
      return Parse<uint64_t>(encoding, bytes, pgv, rules);
    default:
      return Parse<int64_t>(encoding, bytes, pgv, rules);
  }
}

}  // namespace bridge::descriptor
