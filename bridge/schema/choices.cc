#include "bridge/schema/choices.h"

#include <algorithm>
#include <utility>

#include "bridge/descriptor/rules.h"
#include "bridge/schema/json_object.h"
#include "bridge/schema/reach.h"

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Message;

void Add(std::vector<std::string> names, bool required, std::vector<Choice>* choices) {
  if (!names.empty()) choices->push_back({std::move(names), required});
}

// `{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, and a branch with none of them.
std::string ToUnion(const Choice& choice) {
  std::string branches;
  for (const std::string& name : choice.names) {
    if (!branches.empty()) branches += ',';
    branches += R"({"required":[)";
    AppendJsonString(&branches, name);
    branches += "]}";
  }
  return choice.required ? R"("oneOf":[)" + branches + "]"
                         : R"("oneOf":[)" + branches + R"(,{"not":{"anyOf":[)" + branches + "]}}]";
}

}  // namespace

std::vector<Choice> ChoicesOf(const Message& message) {
  std::vector<Choice> choices;
  for (const descriptor::Oneof& oneof : message.oneofs) {
    std::vector<std::string> names;
    for (const int index : oneof.fields) {
      const Field& field = message.fields[static_cast<size_t>(index)];
      if (IsShown(field, Direction::kInput)) names.push_back(field.input_key);
    }
    Add(std::move(names), oneof.required, &choices);
  }
  if (message.rules == nullptr) return choices;
  for (const auto& choice : message.rules->choices) {
    std::vector<std::string> names;
    for (const std::string& name : choice.fields) {
      const Field* field = message.FindField(name);
      if (field != nullptr && IsShown(*field, Direction::kInput)) names.push_back(field->input_key);
    }
    Add(std::move(names), choice.required, &choices);
  }
  return choices;
}

std::string ChoiceKeywords(const Message& message, bool is_root) {
  std::vector<Choice> choices = ChoicesOf(message);
  std::erase_if(choices, [](const Choice& c) { return c.names.size() == 1 && !c.required; });
  if (choices.empty()) return {};
  const auto shown =
      std::count_if(message.fields.begin(), message.fields.end(),
                    [](const Field& field) { return IsShown(field, Direction::kInput); });
  if (choices.size() == 1 && choices[0].names.size() == static_cast<size_t>(shown)) {
    return choices[0].required ? R"("minProperties":1,"maxProperties":1)" : R"("maxProperties":1)";
  }
  if (is_root) return {};
  if (choices.size() == 1) return ToUnion(choices[0]);
  std::string all;
  for (const Choice& choice : choices) {
    all += (all.empty() ? "{" : ",{") + ToUnion(choice) + "}";
  }
  return R"("allOf":[)" + all + "]";
}

}  // namespace bridge::schema
