// Long-running operations (AIP-151): methods that return an Operation, and those that follow it.
// Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"

namespace bridge::schema {

// What a method has to do with an operation.
enum class OperationRole { kNone, kStarts, kGets, kWaits };

// By its types and its name: google.longrunning's, and any like them.
OperationRole OperationRoleOf(const descriptor::Method& method);

// The tools that follow the operation of a method, by their names; empty: there is none.
struct OperationTools {
  std::string get, wait;
};

// What a caller has to know of the Operation that `method` returns; empty if it starts none.
std::string OperationNotes(const descriptor::Method& method, const OperationTools& tools);

}  // namespace bridge::schema
