#include "bridge/schema/reach.h"

#include <deque>
#include <vector>

namespace bridge::schema {
namespace {

using descriptor::Field;
using descriptor::Message;

// The message that `field` leads to; null if the schema shows none.
const Message* TargetOf(const Field& field, Direction direction) {
  const Field& element = ElementOf(field);
  return IsShown(field, direction) && !IsLeaf(element) ? element.message : nullptr;
}

void CountUses(const Message& root, Direction direction, size_t max_fields, Reach* reach) {
  size_t fields = 0;
  reach->uses[&root].count = 1;
  std::deque<const Message*> queue = {&root};
  while (!queue.empty() && fields <= max_fields) {
    const Message& message = *queue.front();
    queue.pop_front();
    fields += message.fields.size();
    const int distance = reach->uses.at(&message).distance;
    for (const Field& field : message.fields) {
      const Message* const target = TargetOf(field, direction);
      if (target == nullptr) continue;
      const auto [use, is_new] = reach->uses.try_emplace(target, Use{distance + 1, 0, false});
      ++use->second.count;
      if (is_new) queue.push_back(target);
    }
  }
  for (const Message* const too_far : queue) reach->uses.erase(too_far);
}

// Walks in the order of the fields, without recursion: a chain may be longer than the stack.
void FindBackEdges(const Message& root, Direction direction, Reach* reach) {
  struct Step {
    const Message* message;
    size_t next_field;
  };
  std::unordered_map<const Message*, bool> is_open = {{&root, true}};
  std::vector<Step> path = {{&root, 0}};
  while (!path.empty()) {
    Step& step = path.back();
    if (step.next_field == step.message->fields.size()) {
      is_open[step.message] = false;
      path.pop_back();
      continue;
    }
    const Field& field = step.message->fields[step.next_field++];
    const Message* const target = TargetOf(field, direction);
    if (target == nullptr || !reach->uses.contains(target)) continue;
    const auto [found, is_new] = is_open.try_emplace(target, true);
    if (is_new) {
      path.push_back({target, 0});
    } else if (found->second) {
      reach->back_edges.insert(&field);
      reach->uses.at(target).recursive = true;
    }
  }
}

}  // namespace

bool IsShown(const Field& field, Direction direction) {
  if (direction == Direction::kInput) return field.IsArgument();
  return !field.hidden && (field.behavior & descriptor::kInputOnly) == 0;
}

const Field& ElementOf(const Field& field) {
  return field.map ? field.message->fields[1] : field;
}

Reach FindReach(const Message& root, Direction direction, size_t max_fields) {
  Reach reach;
  CountUses(root, direction, max_fields, &reach);
  FindBackEdges(root, direction, &reach);
  return reach;
}

}  // namespace bridge::schema
