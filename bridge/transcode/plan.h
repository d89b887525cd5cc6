// What a conversion needs to know of one message type, compiled from the descriptor graph: tags and
// keys are encoded in advance, names and numbers are one lookup away.
//
// Plans are immutable once PlanSet::Compile has returned, and live as long as their PlanSet. They
// refer to each other and to the graph by plain pointers; recursion costs nothing. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/transcode/any_types.h"
#include "bridge/transcode/name_table.h"
#include "bridge/transcode/unknown_types.h"
#include "bridge/transcode/wire.h"

namespace bridge::transcode {

class Plan;

// The form of a text: ProtoJSON to the letter, or that of tools, whose answers never fail for one
// value that ProtoJSON cannot write, and whose arguments take most of what answers have
// (docs/conversion.md).
enum class Dialect : uint8_t { kProtoJson, kTool };

// Which zero values of a message, and of those inside, an answer has.
enum class PlanRole : uint8_t { kPlain, kTopZeros, kAllZeros };

class EnumPlan final {
 public:
  explicit EnumPlan(const descriptor::Enum& source);

  const descriptor::Enum& source() const { return source_; }
  bool closed() const { return source_.closed; }
  bool null_value() const { return source_.null_value; }
  // The names that a schema shows; all if it shows none.
  const std::vector<std::string_view>& shown() const { return shown_; }
  bool FindNumber(std::string_view name, int32_t* number) const;
  // The first name of `number` in quotes, or empty if it has none.
  std::string_view FindQuotedName(int32_t number) const;

 private:
  struct Value {
    int32_t number;
    std::string quoted;
  };

  const descriptor::Enum& source_;
  NameTable names_;
  std::vector<std::string_view> shown_;
  std::vector<Value> values_;  // by number, one for each
  bool dense_ = false;         // values_[i].number == values_[0].number + i
};

struct FieldPlan {
  descriptor::Kind kind = descriptor::Kind::kInt32;
  WireType wire_type;     // of one element
  bool repeated = false;  // lists; true for maps too
  bool map = false;       // `child` is the entry: its fields are key and value
  bool presence = false;
  bool packed = false;  // how to write; both forms are read
  bool check_utf8 = false;
  bool closed_enum = false;  // numbers without a name count as unknown fields
  bool takes_null = false;   // null is a value: google.protobuf.Value, NullValue
  bool redacted = false;
  uint8_t tag_size = 0;
  char tag[8] = {};          // as written: LENGTH for packed lists
  uint32_t element_tag = 0;  // number and wire_type
  uint32_t index = 0;        // in Plan::fields
  uint32_t declared_at = 0;  // in Plan::declared
  int32_t oneof = -1;        // in Message::oneofs
  int32_t media_type = -1;   // in Plan::fields: the field by which these bytes may be text
  const Plan* child = nullptr;
  const EnumPlan* enumeration = nullptr;
  std::string key;  // ,"jsonName": and at least 16 zeros, see WriteKey
  uint32_t key_size = 0;
  std::string name;  // jsonName or [extension.name]
  const descriptor::Field* source = nullptr;

  // "jsonName": as most JSON texts have it, and at least 16 bytes behind it.
  std::string_view quoted_key() const { return {key.data() + 1, key_size - 1}; }

  // Room that WriteKey needs.
  size_t key_room() const { return key_size + 16; }
  char* WriteKey(char* p) const {
    for (size_t i = 0; i < key_size; i += 16) std::memcpy(p + i, key.data() + i, 16);
    return p + key_size;
  }

  uint32_t number() const { return element_tag >> 3; }
  bool packable() const { return wire_type != kLength && wire_type != kStartGroup; }
};

class Plan final {
 public:
  const descriptor::Message* message = nullptr;
  descriptor::WellKnown well_known = descriptor::WellKnown::kNone;
  std::vector<FieldPlan> fields;   // by number: the order that JSON is written in
  std::vector<uint32_t> declared;  // the same fields in the order that people write them
  std::vector<uint32_t> required;  // indices of proto2 required fields, ascending
  NameTable names;                 // JSON names, proto names, [extensions] -> index in fields
  PlanRole role = PlanRole::kPlain;
  // By field, for an answer that has its zero values: what is written where the field is absent, as
  // `,"key":0`, or nothing. The fields that have such a text count as having presence.
  std::vector<std::string> zeros;
  // Of a FieldMask: what its paths are about, see descriptor::MaskedMessages.
  std::vector<const Plan*> masked;

  const FieldPlan* FindByNumber(uint32_t number) const;
  // The names of the fields that a schema shows as arguments, and whether `name` is of one of them.
  // Both for the words of errors.
  std::vector<std::string_view> ShownNames() const;
  bool Shows(std::string_view name) const;

 private:
  friend class PlanSet;
  std::vector<uint32_t> by_number_;  // index + 1 for small numbers
};

class PlanSet final {
 public:
  // `others` and `unknown` may be null.
  explicit PlanSet(std::shared_ptr<const descriptor::Graph> graph,
                   std::shared_ptr<const AnyTypes> others = nullptr,
                   std::shared_ptr<UnknownTypes> unknown = nullptr)
      : graph_(std::move(graph)), others_(std::move(others)), unknown_(std::move(unknown)) {}

  const descriptor::Graph& graph() const { return *graph_; }

  const Plan* Compile(const descriptor::Message& message, PlanRole role = PlanRole::kPlain);
  // The type of an Any: of the graph, else of the others; null if there is none.
  const Plan* FindByTypeName(std::string_view full_name, PlanRole role = PlanRole::kPlain);
  // The same for what an upstream has sent: it is asked for a type that its graph does not have.
  const Plan* FindOrAskFor(std::string_view full_name, PlanRole role = PlanRole::kPlain);

 private:
  Plan* Declare(const descriptor::Message& message, PlanRole role);
  // The plan of a FieldMask that is the field `source` of `owner`; null if it is like any other.
  const Plan* DeclareMask(const descriptor::Message& owner, const descriptor::Field& source);
  const EnumPlan* DeclareEnum(const descriptor::Enum& source);
  void Fill(Plan* plan);
  static void FillZeros(Plan* plan);
  FieldPlan MakeField(const Plan& plan, const descriptor::Field& source);

  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const AnyTypes> others_;
  std::shared_ptr<UnknownTypes> unknown_;
  std::shared_mutex mutex_;
  std::array<std::unordered_map<const descriptor::Message*, std::unique_ptr<Plan>>, 3> plans_;
  std::vector<std::unique_ptr<Plan>> masks_;
  // By request; made for the first mask.
  std::unordered_map<const descriptor::Message*, std::vector<const descriptor::Method*>> methods_;
  std::unordered_map<const descriptor::Enum*, std::unique_ptr<EnumPlan>> enums_;
  std::vector<Plan*> unfilled_;
};

}  // namespace bridge::transcode
