// One conversion of JSON text to wire bytes: a single pass over the text that writes as it reads.
// The length of a nested message gets one byte in advance; the message moves up if it needs more.
//
// Every private function reads one value from the cursor; false means that failure_ tells why.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/transcode/codec.h"
#include "bridge/transcode/failure.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/plan.h"
#include "bridge/transcode/scratch.h"

namespace bridge::transcode {

// What a value of the field has to look like, for people and models.
std::string ExpectedForm(const FieldPlan& field);
std::string_view ExpectedMessage(descriptor::WellKnown well_known);

// The member of an Any that has its type.
inline constexpr std::string_view kTypeMember = "@type";

class ToWire final {
 public:
  // After the first fault a pass ends, or it steps over the member that has it and goes on.
  enum class Faults : uint8_t { kFirst, kSeveral };

  ToWire(PlanSet* plans, const CodecLimits& limits, const ParseOptions& options, Faults faults,
         Scratch* scratch);

  // Leaves the bytes in scratch->out.
  bool Run(const Plan& plan, std::string_view json);
  // The same for {"value": ...}; an absent or null value is the empty message.
  bool RunWrapped(const Plan& plan, std::string_view json);

  const Failure& failure() const { return failure_; }

 private:
  class Members;
  class Items;

  bool Wrapped(const Plan& plan);
  bool Message(const Plan& plan);
  bool Object(const Plan& plan, bool in_any);
  // False at the end of the object. `field` becomes null if no field has the name `key`.
  bool NextMember(const Plan& plan, size_t* expected, std::string_view* key,
                  const FieldPlan** field);
  bool Member(const FieldPlan& field, Members* members);
  bool OtherMember(const Plan& plan, std::string_view key);
  bool Field(const FieldPlan& field, Members* members);
  bool Single(const FieldPlan& field, JsonType type, bool always);
  bool SubMessage(const FieldPlan& field);
  bool List(const FieldPlan& field);
  bool Element(const FieldPlan& field);
  bool Map(const FieldPlan& field);
  bool Entry(const FieldPlan& field, std::string_view key, KeySet* keys);
  bool MapValue(const FieldPlan& field, bool* kept);
  bool MapKey(const FieldPlan& key_field, std::string_view key);

  // to_wire_scalar.cc. `kept` becomes false for an enum value that is to be ignored.
  bool Scalar(const FieldPlan& field, JsonType type, uint64_t* bits, bool* kept);
  bool Signed(const FieldPlan& field, JsonType type, int64_t limit, int64_t* value);
  bool Unsigned(const FieldPlan& field, JsonType type, uint64_t limit, uint64_t* value);
  bool Integer(const FieldPlan& field, JsonType type, bool* negative, uint64_t* magnitude);
  template <typename Float>
  bool Floating(const FieldPlan& field, JsonType type, Float* value);
  bool NumberText(const FieldPlan& field, JsonType type, std::string_view* text);
  bool Enum(const FieldPlan& field, JsonType type, uint64_t* bits, bool* kept);
  bool Text(const FieldPlan& field, JsonType type, bool always);
  bool Bytes(const FieldPlan& field, JsonType type, bool always);

  // to_wire_well_known.cc
  bool Time(const Plan& plan);
  bool FieldMask();
  bool AnyMessage();
  bool FindTypeUrl(std::string_view* type_url, bool* empty);
  bool SkipType(bool* seen);
  bool AnyValue(const Plan& plan);
  bool DynamicValue();
  bool DynamicStruct();
  bool DynamicEntry(std::string_view key, KeySet* keys);
  bool DynamicList();
  bool StringValue(std::string_view* value, std::string_view expected);

  // Writing.
  void PutTag(const FieldPlan& field) {
    char* const p = out_.Reserve(sizeof(field.tag));
    std::memcpy(p, field.tag, sizeof(field.tag));
    out_.Commit(p + field.tag_size);
  }
  void PutBits(WireType wire_type, uint64_t bits);
  void PutBytes(std::string_view bytes);
  // A length that is not known yet: OpenLength gives the mark that CloseLength needs.
  size_t OpenLength() {
    out_.Append('\0');
    return out_.size();
  }
  void CloseLength(size_t mark);
  // The entry of a map is complete, its key record is at `at`. False if the key was there before.
  bool AddKey(KeySet* keys, size_t at, size_t size);
  // `key`, copied to `copy` if it is in the cursor's buffer, which reading the value may reuse.
  std::string_view KeepKey(std::string_view key, std::string* copy) const;

  // The next value is no object, or no array, but has to be one: reads the text of a string that
  // is, with `read`, or refuses it.
  template <typename Read>
  bool Repair(JsonType found, JsonType wanted, std::string_view expected, const Read& read);
  bool Unquote(JsonType wanted, std::string* text);

  // Failing.
  bool SyntaxError();
  bool TooLarge();
  bool TooMany();
  bool Wrong(std::string_view expected, JsonType found);
  bool WrongText(std::string_view expected, std::string_view found);
  bool WrongField(const FieldPlan& field, JsonType found) {
    return Wrong(ExpectedForm(field), found);
  }
  bool OutOfRange(const FieldPlan& field) {
    return failure_.Set("out of range; expected " + ExpectedForm(field));
  }
  static std::string ExpectedObject(const Plan& plan);
  bool UnknownMember(const Plan& plan, std::string_view name);
  bool UnknownEnumName(const EnumPlan& values, std::string_view name);
  bool InKey(std::string_view key) {
    return redacted_ ? failure_.InHiddenMember() : failure_.InMember(key);
  }

  PlanSet* plans_;
  const CodecLimits& limits_;
  const ParseOptions& options_;
  const size_t max_faults_;
  Scratch& scratch_;
  ByteBuffer& out_;
  JsonCursor* cursor_ = nullptr;
  bool redacted_ = false;
  Failure failure_;
};

// The items of one object or list: notes those that failed, so that a pass that collects reads on
// behind them. While nothing fails it does nothing.
class ToWire::Items final {
 public:
  explicit Items(ToWire* pass) : pass_(*pass) {}
  Items(const Items&) = delete;
  Items& operator=(const Items&) = delete;
  ~Items() {
    if (!fine_) pass_.failure_.Reopen(first_);
  }

  // An item has failed: false if the pass ends here.
  bool Keep();
  // The same, and steps over its value.
  bool StepOver(JsonCursor::Place value) {
    if (!Keep() || !pass_.cursor_->GoBack(value)) return false;
    pass_.cursor_->SkipValue(nullptr);  // what is wrong behind it shows when that is read
    return true;
  }
  // One more was read: false, with the reason, if that is one too many.
  bool Fit() {
    if (++count_ > pass_.limits_.max_elements) return pass_.TooMany();
    return !pass_.out_.over_limit() || pass_.TooLarge();
  }
  // True if none failed.
  bool fine() const { return fine_; }

 private:
  ToWire& pass_;
  size_t count_ = 0;
  size_t first_ = 0;
  bool fine_ = true;
};

template <typename Read>
bool ToWire::Repair(JsonType found, JsonType wanted, std::string_view expected, const Read& read) {
  std::string text;
  if (found != JsonType::kString || !Unquote(wanted, &text)) return Wrong(expected, found);
  JsonCursor inside(text, cursor_->depth_left());
  JsonCursor* const outer = std::exchange(cursor_, &inside);
  const bool done = read();
  cursor_ = outer;
  return done;
}

}  // namespace bridge::transcode
