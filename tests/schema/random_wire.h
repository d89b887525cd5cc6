// A random encoded message of a descriptor, with all that a server may send: NaN, numbers an enum
// does not know, extremes, messages in pieces, fields nobody knows.
#pragma once

#include <cstdint>
#include <limits>
#include <random>
#include <string>

#include "bridge/descriptor/graph.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace bridge::schema {

class RandomWire final {
 public:
  explicit RandomWire(unsigned seed) : random_(seed) {}

  std::string Message(const descriptor::Message& message, int depth = 0) {
    using descriptor::WellKnown;
    switch (message.well_known) {
      case WellKnown::kTimestamp: {
        google::protobuf::Timestamp time;
        time.set_seconds(static_cast<int64_t>(Pick(2'000'000'000)));
        time.set_nanos(static_cast<int32_t>(Pick(1000) * 1'000'000));
        return time.SerializeAsString();
      }
      case WellKnown::kDuration: {
        google::protobuf::Duration duration;
        duration.set_seconds(-static_cast<int64_t>(Pick(1000)));
        duration.set_nanos(-500'000'000);
        return duration.SerializeAsString();
      }
      case WellKnown::kFieldMask: {
        google::protobuf::FieldMask mask;
        for (size_t i = Pick(3); i > 0; --i) mask.add_paths("some_path.of_it");
        return mask.SerializeAsString();
      }
      case WellKnown::kAny: {
        google::protobuf::Any any;
        if (Pick(3) > 0) any.PackFrom(google::protobuf::Duration());
        return any.SerializeAsString();
      }
      case WellKnown::kValue:
        return JsonValue(depth).SerializeAsString();
      case WellKnown::kListValue: {
        google::protobuf::ListValue list;
        *list.add_values() = JsonValue(depth);
        return list.SerializeAsString();
      }
      case WellKnown::kStruct: {
        google::protobuf::Struct object;
        (*object.mutable_fields())["key"] = JsonValue(depth);
        return object.SerializeAsString();
      }
      default:
        return Fields(message, depth);
    }
  }

 private:
  static constexpr int kMaxDepth = 4;

  size_t Pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }

  google::protobuf::Value JsonValue(int depth) {
    google::protobuf::Value value;
    switch (Pick(depth > kMaxDepth ? 4 : 6)) {
      case 0:
        value.set_null_value(google::protobuf::NULL_VALUE);
        break;
      case 1:
        value.set_number_value(1.5);
        break;
      case 2:
        value.set_string_value("x");
        break;
      case 3:
        value.set_bool_value(true);
        break;
      case 4:
        *value.mutable_list_value()->add_values() = JsonValue(depth + 1);
        break;
      default:
        (*value.mutable_struct_value()->mutable_fields())["a"] = JsonValue(depth + 1);
    }
    return value;
  }

  std::string Fields(const descriptor::Message& message, int depth) {
    std::string wire;
    for (const descriptor::Field& field : message.fields) {
      const bool leave_out = message.map_entry ? Pick(8) == 0 : depth > kMaxDepth || Pick(3) == 0;
      if (leave_out && !field.required) continue;
      // Twice: the last scalar counts, and messages merge.
      for (size_t times = field.repeated ? Pick(3) : 1 + Pick(2); times > 0; --times) {
        Field(field, depth, &wire);
      }
    }
    if (Pick(4) == 0) Varint(uint64_t{536870000} << 3, &wire), Varint(7, &wire);
    return wire;
  }

  static void Varint(uint64_t value, std::string* wire) {
    for (; value >= 0x80; value >>= 7) wire->push_back(static_cast<char>(value | 0x80));
    wire->push_back(static_cast<char>(value));
  }

  static void Fixed(uint64_t value, int size, std::string* wire) {
    for (int i = 0; i < size; ++i) wire->push_back(static_cast<char>(value >> (8 * i)));
  }

  uint64_t Number() {
    constexpr uint64_t kNumbers[] = {0, 1, 42, 1u << 31, ~uint64_t{0}, uint64_t{1} << 63, 1u << 20};
    return kNumbers[Pick(7)];
  }

  uint64_t DoubleBits() {
    constexpr double kNumbers[] = {0.0,
                                   -0.0,
                                   1.5,
                                   1e300,
                                   std::numeric_limits<double>::quiet_NaN(),
                                   -std::numeric_limits<double>::infinity()};
    return std::bit_cast<uint64_t>(kNumbers[Pick(6)]);
  }

  void Field(const descriptor::Field& field, int depth, std::string* wire) {
    using descriptor::Kind;
    const uint64_t tag = static_cast<uint64_t>(field.number) << 3;
    switch (field.kind) {
      case Kind::kDouble:
      case Kind::kFixed64:
      case Kind::kSfixed64:
        Varint(tag | 1, wire);
        return Fixed(field.kind == Kind::kDouble ? DoubleBits() : Number(), 8, wire);
      case Kind::kFloat:
      case Kind::kFixed32:
      case Kind::kSfixed32: {
        constexpr float kNumbers[] = {0.f, 0.1f, std::numeric_limits<float>::quiet_NaN(),
                                      std::numeric_limits<float>::infinity()};
        const uint64_t bits =
            field.kind == Kind::kFloat ? std::bit_cast<uint32_t>(kNumbers[Pick(4)]) : Number();
        Varint(tag | 5, wire);
        return Fixed(bits, 4, wire);
      }
      case Kind::kString:
      case Kind::kBytes: {
        constexpr std::string_view kTexts[] = {"", "text", "\"\\\n", "你好"};
        const std::string_view text = kTexts[Pick(4)];
        Varint(tag | 2, wire);
        Varint(text.size(), wire);
        wire->append(text);
        return;
      }
      case Kind::kMessage: {
        const std::string body = Message(*field.message, depth + 1);
        Varint(tag | 2, wire);
        Varint(body.size(), wire);
        wire->append(body);
        return;
      }
      case Kind::kGroup:
        Varint(tag | 3, wire);
        wire->append(Message(*field.message, depth + 1));
        return Varint(tag | 4, wire);
      case Kind::kEnum: {
        const auto& values = field.enumeration->values;
        const int32_t number = Pick(3) == 0 ? 99'999 : values[Pick(values.size())].number;
        Varint(tag, wire);
        return Varint(static_cast<uint64_t>(static_cast<int64_t>(number)), wire);
      }
      default:
        Varint(tag, wire);
        return Varint(field.kind == Kind::kBool ? Number() & 1 : Number(), wire);
    }
  }

  std::mt19937 random_;
};

}  // namespace bridge::schema
