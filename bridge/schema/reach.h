// Which ordinary messages a schema reaches, how far away and how often: what is used twice can be
// shared, what is far away can be left out, and what leads back has to end somewhere.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/leaf.h"

namespace bridge::schema {

struct Use {
  int distance = 0;        // fields between the root and the message
  int count = 0;           // fields that lead to it
  bool recursive = false;  // one of them is inside of it
};

struct Reach {
  // The root included, which has one use more: its own.
  std::unordered_map<const descriptor::Message*, Use> uses;
  // Fields that lead into a message they are inside of. Every cycle has one.
  std::unordered_set<const descriptor::Field*> back_edges;
};

// What the schema of `root` reaches, nearest first, until that has more than `max_fields` fields:
// what no schema can show need not be walked for each of thousands.
Reach FindReach(const descriptor::Message& root, Direction direction, size_t max_fields);

// True if the schema shows `field`: what only the server sets is no input, and what only the client
// sets is no output.
bool IsShown(const descriptor::Field& field, Direction direction);

// The field whose elements are values: `field` itself, or the value of a map.
const descriptor::Field& ElementOf(const descriptor::Field& field);

}  // namespace bridge::schema
