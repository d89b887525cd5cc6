// One conversion of wire bytes to JSON text. A careful pass does each message in two phases: its
// fields are found first (wire_index.h), then written in the order of its plan. Serializers write
// in that order already, so an ordered pass goes first and writes as it reads; only what it fails
// at needs the careful one.
//
// Every private function writes one value or the members of one; false means that failure_ tells
// why, and what was written so far is worthless.
#pragma once

#include <cstdint>
#include <string_view>

#include "bridge/transcode/codec.h"
#include "bridge/transcode/failure.h"
#include "bridge/transcode/key_set.h"
#include "bridge/transcode/plan.h"
#include "bridge/transcode/scratch.h"
#include "bridge/transcode/wire_index.h"

namespace bridge::transcode {

class ToJson final {
 public:
  enum class Pass : uint8_t { kOrdered, kCareful };

  ToJson(PlanSet* plans, const CodecLimits& limits, Dialect dialect, Pass pass, Scratch* scratch);

  // Leaves the text in scratch->out.
  bool Run(const Plan& plan, std::string_view wire);
  // The same, written as {"value": ...}.
  bool RunWrapped(const Plan& plan, std::string_view wire);

  // Of a careful pass.
  const Failure& failure() const { return failure_; }

 private:
  bool Message(const Plan& plan, Ranges ranges);
  bool Object(const Plan& plan, Ranges ranges);
  // Items are written with a comma in front; OpenItems gives the mark that CloseItems needs to
  // turn the first comma into the opening bracket.
  bool Members(const Plan& plan, Ranges ranges);
  bool Field(const FieldPlan& field, size_t begin, size_t end);
  // Bytes as text, if the records of their message, from `begin` to `end`, say that they are. False
  // if they do not, and nothing is written.
  bool MediaText(const FieldPlan& field, std::string_view bytes, size_t begin, size_t end);
  bool MergedValue(const FieldPlan& field, size_t begin, size_t end);
  bool Elements(const FieldPlan& field, size_t begin, size_t end);
  bool PackedElements(const FieldPlan& field, std::string_view packed);
  bool Entries(const FieldPlan& field, size_t begin, size_t end);
  bool ReadEntries(const FieldPlan& field, size_t begin, size_t end);
  // KeySet::kNone, or where the entry with the same key is: it is not added then.
  uint32_t AddEntry(const MapEntry& entry, KeySet* keys);
  bool Entry(const FieldPlan& field, const MapEntry& entry);
  bool EntryKey(const FieldPlan& key, const MapEntry& entry);
  // Of the fields [from, to), which the message does not have.
  void PutZeros(const Plan& plan, size_t from, size_t to);

  // to_json_ordered.cc. `p` is behind the first tag; the result is behind the last record, or null.
  bool OrderedMembers(const Plan& plan, std::string_view wire);
  const char* OrderedMember(const FieldPlan& field, const char* p, const char* end);
  const char* OrderedList(const FieldPlan& field, uint32_t tag, const char* p, const char* end);
  const char* OrderedElements(const FieldPlan& field, const char* p, const char* end);
  const char* OrderedEntries(const FieldPlan& field, const char* p, const char* end);
  // Writes a string that needs no escape; there is room for it and its quotes at `to`.
  bool PlainText(std::string_view text, char* to);
  bool OrderedEntry(const Plan& plan, std::string_view payload, KeySet* keys);

  // to_json_scalar.cc
  bool PlainMember(const FieldPlan& field, const Record& record);
  bool Value(const FieldPlan& field, const Record& record);
  void Scalar(const FieldPlan& field, uint64_t bits);
  bool Text(const FieldPlan& field, std::string_view text);
  void Bytes(std::string_view bytes);
  void Enum(const EnumPlan& values, int32_t number);

  // to_json_well_known.cc: `begin` and `end` are the records of the message.
  bool WellKnown(const Plan& plan, size_t begin, size_t end);
  bool Time(const Plan& plan, size_t begin, size_t end);
  bool FieldMask(const Plan& plan, size_t begin, size_t end);
  bool MaskPath(const Plan& plan, std::string_view path);
  bool AnyMessage(const Plan& plan, size_t begin, size_t end);
  // What stands behind "@type".
  bool AnyContent(const Plan& plan, std::string_view value);
  bool TriedAnyContent(const Plan& plan, std::string_view value);
  // Whether an Any whose content cannot be written may be written as its bytes.
  bool MayGiveUp() const {
    return tool_ && !ordered_ && !out_.over_limit() && given_up_ <= limits_.max_json_bytes;
  }
  bool DynamicValue(const Plan& plan, size_t begin, size_t end);
  bool Items(const Plan& plan, size_t begin, size_t end, char open, char close);
  // The last record of a field, or a zero one.
  Record LastRecord(uint32_t field, size_t begin, size_t end) const;

  bool Enter();  // one level deeper; false beyond the limit
  void Leave() { --depth_; }
  void PutKey(const FieldPlan& field) {
    out_.Commit(field.WriteKey(out_.Reserve(field.key_room())));
  }
  size_t OpenItems() const { return out_.size(); }
  void CloseItems(size_t mark, char open, char close);

  bool Malformed(const Plan& plan);
  bool CheckSize() { return !out_.over_limit() || TooLarge(); }
  bool TooLarge();

  PlanSet* plans_;
  const CodecLimits& limits_;
  // Of tools: what ProtoJSON cannot write is written in a readable form.
  const bool tool_;
  const bool ordered_;
  Scratch& scratch_;
  ByteBuffer& out_;
  int depth_ = 0;
  bool redacted_ = false;
  // Bytes written and taken back: each Any could take back all that the one inside has written.
  size_t given_up_ = 0;
  Failure failure_;
};

// Appends `text` in quotes. False if it is not UTF-8; wrong bytes are replaced then.
bool AppendQuoted(std::string_view text, ByteBuffer* out);

}  // namespace bridge::transcode
