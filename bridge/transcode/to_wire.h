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
#include "bridge/transcode/type_members.h"

namespace bridge::transcode {

// What a value of the field has to look like, for people and models.
std::string ExpectedForm(const FieldPlan& field);
std::string_view ExpectedMessage(descriptor::WellKnown well_known);

class ToWire final {
 public:
  // After the first fault a pass ends, or it steps over the member that has it and goes on.
  enum class Faults : uint8_t { kFirst, kSeveral };

  ToWire(PlanSet* plans, const CodecLimits& limits, Dialect dialect, const ParseOptions& options,
         Faults faults, Scratch* scratch);

  // Leaves the bytes in scratch->out.
  bool Run(const Plan& plan, std::string_view json);
  // The same for {"value": ...}; an absent or null value is the empty message.
  bool RunWrapped(const Plan& plan, std::string_view json);

  const Failure& failure() const { return failure_; }

 private:
  class Members;
  class Items;

  static constexpr size_t kLateLength = 4096;  // bytes; below it a move costs less than a sort

  bool Finish();
  bool Wrapped(const Plan& plan);
  bool Message(const Plan& plan);
  // `given` as ParseOptions::given; may be null.
  bool Object(const Plan& plan, bool in_any, uint64_t* given = nullptr);
  // False at the end of the object. `field` becomes null if no field has the name `key`.
  bool NextMember(const Plan& plan, size_t* expected, std::string_view* key,
                  const FieldPlan** field);
  bool Member(const FieldPlan& field, Members* members);
  bool OtherMember(const Plan& plan, std::string_view key);
  bool Field(const FieldPlan& field, Members* members);
  bool Single(const FieldPlan& field, JsonType type, bool always);
  // This, AnyInteger and AnyText stand apart so that what is called for each value has no local
  // whose address is taken: that would cost it a guard of the stack.
  [[gnu::noinline]] bool Bits(const FieldPlan& field, JsonType type, bool always);
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
  [[gnu::noinline]] bool AnyInteger(const FieldPlan& field, JsonType type, bool* negative,
                                    uint64_t* magnitude);
  template <typename Float>
  bool Floating(const FieldPlan& field, JsonType type, Float* value);
  bool NumberText(const FieldPlan& field, JsonType type, std::string_view* text);
  bool Enum(const FieldPlan& field, JsonType type, uint64_t* bits, bool* kept);
  bool Text(const FieldPlan& field, JsonType type, bool always);
  [[gnu::noinline]] bool AnyText(const FieldPlan& field, bool always);
  bool Bytes(const FieldPlan& field, JsonType type, bool always);
  bool PutBase64(std::string_view text);

  // to_wire_well_known.cc
  bool Time(const Plan& plan);
  bool FieldMask();
  bool AnyMessage();
  bool UnknownType(std::string_view type_url, bool is_url);
  // {"@type": ..., "value": "<base64>"} of a type that is not known, or has no field `value`.
  static bool MayBeOpaque(const Plan* plan);
  bool IsOpaque() const;
  bool OpaqueAny(std::string_view type_url);
  bool FindTypeUrl(std::string_view* type_url, bool* empty);
  bool SkipType(bool* seen);
  // To the end of the object that the cursor is in.
  bool SkipRest();
  bool AnyValue(const Plan& plan);
  bool DynamicValue();
  bool DynamicStruct();
  bool DynamicEntry(std::string_view key, KeySet* keys);
  bool DynamicList();
  bool StringValue(std::string_view* value, std::string_view expected);

  // to_wire_repair.cc: what clients of the field send instead, where it can mean one thing only.
  // The masks of tools; a list of paths, and {"paths": [...]}, are repairs.
  bool ToolMask(const Plan& plan);
  bool MaskObject(const Plan& plan);
  bool MaskList(const Plan& plan);
  bool MaskPaths(const Plan& plan, std::string_view text);
  bool MaskPath(const Plan& plan, std::string_view path);
  // A well-known type as an object of its fields.
  bool HasItsFields(const Plan& plan) const;
  bool FieldByField(const Plan& plan);
  // One value where a list has to be.
  bool IsOnlyElement(const FieldPlan& field, JsonType type);
  bool OnlyElement(const FieldPlan& field);
  // The next value is a string: "true" or "false".
  bool TakeBoolText(bool* value);
  // Of a number with spaces or a plus sign around it.
  bool TrimNumber(std::string_view* text);
  // The number that is the text of an enum.
  bool ParseEnumText(const EnumPlan& values, std::string_view text, int32_t* number);

  // to_wire_output.cc
  void PutTag(const FieldPlan& field) {
    char* const p = out_.Reserve(sizeof(field.tag));
    std::memcpy(p, field.tag, sizeof(field.tag));
    out_.Commit(p + field.tag_size);
  }
  void PutBits(WireType wire_type, uint64_t bits) {
    char* const p = out_.Reserve(kMaxVarint);
    if (wire_type == kVarint) {
      out_.Commit(WriteVarint(p, bits));
    } else {
      std::memcpy(p, &bits, sizeof(bits));
      out_.Commit(p + (wire_type == kFixed64 ? 8 : 4));
    }
  }
  void PutBytes(std::string_view bytes) {
    char* const p = WriteVarint(out_.Reserve(kMaxVarint + bytes.size()), bytes.size());
    if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());
    out_.Commit(p + bytes.size());
  }
  // A length that is not known yet: OpenLength gives the mark that CloseLength needs.
  size_t OpenLength() {
    out_.Append('\0');
    return out_.size();
  }
  // A message inside of others would move up once for each of them: a large one stays where it is.
  void CloseLength(size_t mark) {
    const size_t size = out_.size() - mark;
    if (size >= kLateLength) [[unlikely]] {
      return CloseLater(mark, size);
    }
    const size_t extra = VarintSize(size) - 1;
    if (extra > 0) {
      char* const end = out_.Reserve(extra);
      std::memmove(out_.data() + mark + extra, out_.data() + mark, size);
      out_.Commit(end + extra);
    }
    WriteVarint(out_.data() + mark - 1, size);
  }
  void CloseLater(size_t mark, size_t size);
  void InsertLengths();
  // The entry of a map is complete, its key record is at `at`. False if the key was there before.
  bool AddKey(KeySet* keys, size_t at, size_t size);
  // `key`, copied to `copy` if it is in the cursor's buffer, which reading the value may reuse.
  std::string_view KeepKey(std::string_view key, std::string* copy) const;

  // The next value is no object, or no array, but has to be one: reads the text of a string that
  // is, with `read`, or refuses it. `expected` makes the words for that: some name every field.
  template <typename Expected, typename Read>
  bool Repair(JsonType found, JsonType wanted, const Expected& expected, const Read& read);
  bool Unquote(JsonType wanted, std::string* text);

  // Failing.
  bool SyntaxError();
  bool TooLarge();
  bool TooMany();
  bool Wrong(std::string_view expected, JsonType found);
  bool WrongText(std::string_view expected, std::string_view found);
  bool NullForRequired();
  bool FieldFailed(const FieldPlan& field);
  bool BothSet(const FieldPlan& first, const FieldPlan& second, std::string_view oneof);
  bool NotBase64(std::string_view found);
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
  const bool tool_;
  const ParseOptions& options_;
  const size_t max_faults_;
  Scratch& scratch_;
  ByteBuffer& out_;
  JsonCursor* cursor_ = nullptr;
  TypeMembers types_;
  bool redacted_ = false;
  int quoted_ = 0;             // repaired strings around the cursor
  bool read_through_ = false;  // the value that failed was read to its end all the same
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
    const bool read =
        std::exchange(pass_.read_through_, false) && pass_.cursor_->place().depth == value.depth;
    if (!Keep()) return false;
    if (read) return true;  // to read it again at each level would be a square
    if (!pass_.cursor_->GoBack(value)) return false;
    pass_.cursor_->SkipValue(nullptr);  // what is wrong behind it shows when that is read
    return true;
  }
  // One more was read: false, with the reason, if that is one too many.
  bool Fit() {
    if (++count_ > pass_.limits_.max_elements) return pass_.TooMany();
    return !pass_.out_.over_limit() || pass_.TooLarge();
  }
  // At the end: true if none failed.
  bool fine() {
    if (!fine_) pass_.read_through_ = true;
    return fine_;
  }

 private:
  ToWire& pass_;
  size_t count_ = 0;
  size_t first_ = 0;
  bool fine_ = true;
};

template <typename Expected, typename Read>
bool ToWire::Repair(JsonType found, JsonType wanted, const Expected& expected, const Read& read) {
  std::string text;
  if (found != JsonType::kString || !Unquote(wanted, &text)) return Wrong(expected(), found);
  JsonCursor inside(text, cursor_->depth_left());
  JsonCursor* const outer = std::exchange(cursor_, &inside);
  TypeMembers outer_types = std::exchange(types_, {});
  ++quoted_;
  const bool done = read();
  --quoted_;
  types_ = std::move(outer_types);
  cursor_ = outer;
  return done;
}

}  // namespace bridge::transcode
