#include "bridge/schema/reach.h"

#include <deque>

namespace bridge::schema {

using descriptor::Field;
using descriptor::Message;

bool IsShown(const Field& field, Direction direction) {
  if (direction == Direction::kInput && field.required) return true;
  const auto other_way =
      direction == Direction::kInput ? descriptor::kOutputOnly : descriptor::kInputOnly;
  return !field.hidden && (field.behavior & other_way) == 0;
}

const Field& ElementOf(const Field& field) {
  return field.map ? field.message->fields[1] : field;
}

std::unordered_map<const Message*, Use> FindUses(const Message& root, Direction direction) {
  std::unordered_map<const Message*, Use> uses = {{&root, {0, 1}}};
  std::deque<const Message*> queue = {&root};
  while (!queue.empty()) {
    const Message& message = *queue.front();
    queue.pop_front();
    const int distance = uses.at(&message).distance;
    for (const Field& field : message.fields) {
      const Field& element = ElementOf(field);
      if (!IsShown(field, direction) || IsLeaf(element)) continue;
      const auto [use, is_new] = uses.try_emplace(element.message, Use{distance + 1, 0});
      ++use->second.count;
      if (is_new) queue.push_back(element.message);
    }
  }
  return uses;
}

}  // namespace bridge::schema
