// Fields of which one excludes the others: oneofs, and rules that say the same.
// Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

#include "bridge/descriptor/graph.h"

namespace bridge::schema {

struct Choice {
  std::vector<std::string> names;  // property names in arguments; never empty
  bool required = false;           // exactly one; else at most one
};

std::vector<Choice> ChoicesOf(const descriptor::Message& message);

// The choices of an object of arguments as JSON members; empty if there are none. No vendor takes a
// union at the root, so there it is said only if a count of the members says it.
std::string ChoiceKeywords(const descriptor::Message& message, bool is_root);

}  // namespace bridge::schema
