#include "bridge/descriptor/masked_messages.h"

#include <algorithm>
#include <string_view>

namespace bridge::descriptor {
namespace {

bool IsOrdinary(const Field& field) {
  return field.message != nullptr && !field.map && field.message->well_known == WellKnown::kNone;
}

// The messages that fields of `owner` hold; of its lists if `repeated`.
std::vector<const Message*> Held(const Message& owner, bool repeated) {
  std::vector<const Message*> held;
  for (const Field& field : owner.fields) {
    if (IsOrdinary(field) && field.repeated == repeated) held.push_back(field.message);
  }
  return held;
}

// The only one that `owner` holds, of its lists first; null if there are none or several.
const Message* OnlyHeld(const Message& owner) {
  for (const bool repeated : {true, false}) {
    const std::vector<const Message*> held = Held(owner, repeated);
    if (!held.empty()) return held.size() == 1 ? held.front() : nullptr;
  }
  return nullptr;
}

bool IsAboutAnswer(std::string_view name) {
  constexpr std::string_view kWords[] = {"read", "view", "output", "response", "return"};
  return std::any_of(std::begin(kWords), std::end(kWords), [name](std::string_view word) {
    return name.find(word) != std::string_view::npos;
  });
}

// "book" of "book_mask", "book_update_mask" and "book_field_mask".
std::string_view Subject(std::string_view name) {
  for (const std::string_view suffix : {"_update_mask", "_field_mask", "_mask"}) {
    if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
  }
  return {};
}

}  // namespace

const Message* MaskedNeighbour(const Message& owner, const Field& mask,
                               std::span<const Method* const> methods) {
  if (owner.IsWide()) return nullptr;
  const std::string_view subject = Subject(mask.name);
  for (const Field& field : owner.fields) {
    if (field.name == subject && IsOrdinary(field)) return field.message;
  }
  if (IsAboutAnswer(mask.name)) return nullptr;
  const std::vector<const Message*> beside = Held(owner, false);
  if (beside.size() == 1) return beside.front();
  for (const Message* const message : beside) {
    const auto returns = [message](const Method* method) { return method->output == message; };
    if (std::any_of(methods.begin(), methods.end(), returns)) return message;
  }
  return beside.empty() ? OnlyHeld(owner) : nullptr;
}

bool ChoosesFields(const Method& method) {
  const Method* const methods[] = {&method};
  return std::any_of(
      method.input->fields.begin(), method.input->fields.end(), [&](const Field& field) {
        if (field.enumeration != nullptr)
          return field.name == "view" || field.name.ends_with("_view");
        return field.message != nullptr && field.message->well_known == WellKnown::kFieldMask &&
               MaskedNeighbour(*method.input, field, methods) == nullptr;
      });
}

std::vector<const Message*> MaskedMessages(const Message& owner, const Field& mask,
                                           std::span<const Method* const> methods) {
  if (owner.IsWide()) return {};
  if (const Message* const neighbour = MaskedNeighbour(owner, mask, methods)) return {neighbour};
  if (methods.empty() || (!Held(owner, false).empty() && !IsAboutAnswer(mask.name))) return {};
  const Message& answer = *methods.front()->output;
  const auto differs = [&answer](const Method* method) { return method->output != &answer; };
  if (std::any_of(methods.begin(), methods.end(), differs)) return {};
  std::vector<const Message*> messages = {&answer};
  if (const Message* const held = OnlyHeld(answer)) messages.push_back(held);
  return messages;
}

}  // namespace bridge::descriptor
