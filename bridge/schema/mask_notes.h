// What is said of a FieldMask: paths of the message it is about, and what leaving it out means.
// Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"

namespace bridge::schema {

bool IsFieldMask(const descriptor::Field& field);

// True for a mask that says what to update (AIP-134), by its name.
bool IsUpdateMask(const descriptor::Field& field);

// Sentences about the mask `field` of `owner`, in place of what is true of every mask: the paths of
// an update's resource, which stands beside the mask, or examples from what a method that reads
// returns; and what leaving the mask out means, in the words of the field's own comment if it says
// so. Those `comment` loses, which is as much of it as is shown. Empty if the mask is of neither,
// or no mask. `method` may be null.
std::string MaskNotes(const descriptor::Field& field, const descriptor::Message& owner,
                      const descriptor::Method* method, std::string* comment);

}  // namespace bridge::schema
