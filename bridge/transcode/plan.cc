#include "bridge/transcode/plan.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/descriptor/masked_messages.h"
#include "bridge/descriptor/media_type.h"
#include "bridge/descriptor/zero_values.h"

namespace bridge::transcode {
namespace {

using descriptor::Kind;
using descriptor::WellKnown;

constexpr uint32_t kMaxDenseNumber = 256;

WireType WireTypeOf(Kind kind) {
  switch (kind) {
    case Kind::kDouble:
    case Kind::kFixed64:
    case Kind::kSfixed64:
      return kFixed64;
    case Kind::kFloat:
    case Kind::kFixed32:
    case Kind::kSfixed32:
      return kFixed32;
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kMessage:
      return kLength;
    case Kind::kGroup:
      return kStartGroup;
    default:
      return kVarint;
  }
}

// Of a scalar, as ToJson writes it.
std::string ZeroText(const FieldPlan& field) {
  switch (field.kind) {
    case Kind::kString:
    case Kind::kBytes:
      return R"("")";
    case Kind::kInt64:
    case Kind::kSint64:
    case Kind::kSfixed64:
    case Kind::kUint64:
    case Kind::kFixed64:
      return R"("0")";
    case Kind::kBool:
      return "false";
    case Kind::kEnum: {
      const std::string_view name = field.enumeration->FindQuotedName(0);
      return name.empty() ? "0" : std::string(name);
    }
    default:
      return "0";
  }
}

}  // namespace

EnumPlan::EnumPlan(const descriptor::Enum& source) : source_(source) {
  for (const descriptor::EnumValue& value : source.values) {
    names_.Add(value.name, static_cast<uint32_t>(values_.size()));
    Value& added = values_.emplace_back(Value{value.number, {}});
    AppendJsonString(&added.quoted, value.name);
    if (!value.alias && !value.IsUnspecified() && !value.deprecated) shown_.push_back(value.name);
  }
  if (shown_.empty()) {
    for (const descriptor::EnumValue& value : source.values) shown_.push_back(value.name);
  }
  // An alias keeps its own entry until here, so that names_ can point at it by position.
  std::vector<Value> by_number = values_;
  std::stable_sort(by_number.begin(), by_number.end(),
                   [](const Value& a, const Value& b) { return a.number < b.number; });
  by_number.erase(std::unique(by_number.begin(), by_number.end(),
                              [](const Value& a, const Value& b) { return a.number == b.number; }),
                  by_number.end());
  values_ = std::move(by_number);
  dense_ = !values_.empty() && static_cast<int64_t>(values_.back().number) - values_[0].number ==
                                   static_cast<int64_t>(values_.size()) - 1;
}

bool EnumPlan::FindNumber(std::string_view name, int32_t* number) const {
  const uint32_t position = names_.Find(name);
  if (position == NameTable::kNone) return false;
  *number = source_.values[position].number;
  return true;
}

std::string_view EnumPlan::FindQuotedName(int32_t number) const {
  if (dense_) {
    const int64_t i = static_cast<int64_t>(number) - values_[0].number;
    if (i < 0 || i >= static_cast<int64_t>(values_.size())) return {};
    return values_[static_cast<size_t>(i)].quoted;
  }
  const auto found =
      std::lower_bound(values_.begin(), values_.end(), number,
                       [](const Value& value, int32_t n) { return value.number < n; });
  if (found == values_.end() || found->number != number) return {};
  return found->quoted;
}

const FieldPlan* Plan::FindByNumber(uint32_t number) const {
  if (number < by_number_.size()) {
    const uint32_t index = by_number_[number];
    return index == 0 ? nullptr : &fields[index - 1];
  }
  const auto found =
      std::lower_bound(fields.begin(), fields.end(), number,
                       [](const FieldPlan& field, uint32_t n) { return field.number() < n; });
  return found == fields.end() || found->number() != number ? nullptr : &*found;
}

const Plan* PlanSet::Compile(const descriptor::Message& message, PlanRole role) {
  {
    std::shared_lock lock(mutex_);
    const auto& plans = plans_[static_cast<size_t>(role)];
    const auto found = plans.find(&message);
    if (found != plans.end()) return found->second.get();
  }
  std::unique_lock lock(mutex_);
  const Plan* const plan = Declare(message, role);
  while (!unfilled_.empty()) {
    Plan* const next = unfilled_.back();
    unfilled_.pop_back();
    Fill(next);
  }
  return plan;
}

const Plan* PlanSet::FindByTypeName(std::string_view full_name, PlanRole role) {
  const descriptor::Message* const message = graph_->FindMessage(full_name);
  if (message != nullptr) return Compile(*message, role);
  return others_ == nullptr ? nullptr : others_->Find(full_name, role);
}

const Plan* PlanSet::FindOrAskFor(std::string_view full_name, PlanRole role) {
  if (unknown_ != nullptr && graph_->FindMessage(full_name) == nullptr) unknown_->Note(full_name);
  return FindByTypeName(full_name, role);
}

Plan* PlanSet::Declare(const descriptor::Message& message, PlanRole role) {
  std::unique_ptr<Plan>& plan = plans_[static_cast<size_t>(role)][&message];
  if (plan == nullptr) {
    plan = std::make_unique<Plan>();
    plan->message = &message;
    plan->role = role;
    unfilled_.push_back(plan.get());
  }
  return plan.get();
}

const Plan* PlanSet::DeclareMask(const descriptor::Message& owner,
                                 const descriptor::Field& source) {
  if (methods_.empty()) {
    for (const descriptor::Service& service : graph_->services()) {
      for (const descriptor::Method& method : service.methods) {
        methods_[method.input].push_back(&method);
      }
    }
  }
  const auto methods = methods_.find(&owner);
  const auto masked = descriptor::MaskedMessages(
      owner, source,
      methods == methods_.end() ? std::span<const descriptor::Method* const>() : methods->second);
  if (masked.empty()) return nullptr;
  Plan* const plan = masks_.emplace_back(std::make_unique<Plan>()).get();
  plan->message = source.message;
  for (const descriptor::Message* const message : masked) {
    plan->masked.push_back(Declare(*message, PlanRole::kPlain));
  }
  unfilled_.push_back(plan);
  return plan;
}

const EnumPlan* PlanSet::DeclareEnum(const descriptor::Enum& source) {
  std::unique_ptr<EnumPlan>& plan = enums_[&source];
  if (plan == nullptr) plan = std::make_unique<EnumPlan>(source);
  return plan.get();
}

FieldPlan PlanSet::MakeField(const Plan& plan, const descriptor::Field& source) {
  FieldPlan field;
  field.kind = source.kind;
  field.wire_type = WireTypeOf(source.kind);
  field.repeated = source.repeated;
  field.map = source.map;
  field.presence = source.presence;
  field.packed = source.repeated && source.packed && field.packable();
  field.check_utf8 = source.check_utf8;
  field.redacted = source.debug_redact;
  field.oneof = source.extension_name.empty() ? source.oneof : -1;
  field.source = &source;
  const auto number = static_cast<uint32_t>(source.number);
  field.element_tag = number << 3 | field.wire_type;
  const uint32_t written = number << 3 | (field.packed ? kLength : field.wire_type);
  field.tag_size = static_cast<uint8_t>(WriteVarint(field.tag, written) - field.tag);
  field.name = source.extension_name.empty() ? source.json_name : "[" + source.extension_name + "]";
  field.key = ",";
  AppendJsonString(&field.key, field.name);
  field.key += ':';
  field.key_size = static_cast<uint32_t>(field.key.size());
  field.key.append(16, '\0');
  if (source.message != nullptr) {
    if (source.message->well_known == WellKnown::kFieldMask) {
      field.child = DeclareMask(*plan.message, source);
    }
    if (field.child == nullptr) {
      const bool all = plan.role == PlanRole::kAllZeros;
      field.child = Declare(*source.message, all ? PlanRole::kAllZeros : PlanRole::kPlain);
    }
    field.takes_null = source.message->well_known == WellKnown::kValue && !source.map;
  }
  if (source.enumeration != nullptr) {
    field.enumeration = DeclareEnum(*source.enumeration);
    field.takes_null = source.enumeration->null_value;
    field.closed_enum = source.enumeration->closed;
  }
  return field;
}

void PlanSet::Fill(Plan* plan) {
  const descriptor::Message& message = *plan->message;
  plan->fields.reserve(message.fields.size() + message.extensions.size());
  for (const descriptor::Field& source : message.fields) {
    plan->fields.push_back(MakeField(*plan, source));
  }
  plan->well_known = message.well_known;
  if (message.well_known == WellKnown::kNone) {
    for (const descriptor::Field* source : message.extensions) {
      plan->fields.push_back(MakeField(*plan, *source));
    }
  }
  std::vector<const descriptor::Field*> declared;
  declared.reserve(plan->fields.size());
  for (const FieldPlan& field : plan->fields) declared.push_back(field.source);
  std::stable_sort(plan->fields.begin(), plan->fields.end(),
                   [](const FieldPlan& a, const FieldPlan& b) { return a.number() < b.number(); });

  std::unordered_map<const descriptor::Field*, uint32_t> index_of;
  for (uint32_t i = 0; i < plan->fields.size(); ++i) {
    FieldPlan& field = plan->fields[i];
    field.index = i;
    index_of[field.source] = i;
    if (field.source->required) plan->required.push_back(i);
    if (field.number() < kMaxDenseNumber) {
      if (plan->by_number_.size() <= field.number()) plan->by_number_.resize(field.number() + 1);
      plan->by_number_[field.number()] = i + 1;
    }
  }
  for (FieldPlan& field : plan->fields) {
    const descriptor::Field* const type = descriptor::FindMediaType(message, *field.source);
    if (type != nullptr) field.media_type = static_cast<int32_t>(index_of[type]);
  }
  for (const descriptor::Field* source : declared) {
    FieldPlan& field = plan->fields[index_of[source]];
    field.declared_at = static_cast<uint32_t>(plan->declared.size());
    plan->declared.push_back(field.index);
  }
  FillZeros(plan);
  if (plan->role != PlanRole::kPlain) return;  // of answers, which are not read
  // A JSON name wins over another field's proto name, and both over the shortened name that a
  // tool's schema uses where neither is a property name every model vendor takes.
  for (const FieldPlan& field : plan->fields) plan->names.Add(field.name, field.index);
  for (const FieldPlan& field : plan->fields) {
    if (field.source->extension_name.empty()) plan->names.Add(field.source->name, field.index);
  }
  for (const FieldPlan& field : plan->fields) {
    if (field.source->extension_name.empty()) plan->names.Add(field.source->input_key, field.index);
  }
}

void PlanSet::FillZeros(Plan* plan) {
  const bool is_answer = plan->role != PlanRole::kPlain;
  const auto values = plan->role == PlanRole::kAllZeros ? descriptor::ZeroValues::kAll
                                                        : descriptor::ZeroValues::kTop;
  if (!is_answer || !descriptor::WritesZeros(*plan->message, is_answer, values, nullptr)) return;
  plan->zeros.resize(plan->fields.size());
  for (FieldPlan& field : plan->fields) {
    if (!field.source->extension_name.empty() || !descriptor::HasWrittenZero(*field.source)) {
      continue;
    }
    field.presence = true;
    plan->zeros[field.index] = field.key.substr(0, field.key_size) + ZeroText(field);
  }
}

std::vector<std::string_view> Plan::ShownNames() const {
  std::vector<std::string_view> shown;
  shown.reserve(declared.size());
  for (const uint32_t index : declared) {
    if (fields[index].source->IsArgument()) shown.push_back(fields[index].name);
  }
  return shown;
}

bool Plan::Shows(std::string_view name) const {
  const uint32_t index = names.Find(name);
  return index != NameTable::kNone && fields[index].source->IsArgument();
}

}  // namespace bridge::transcode
