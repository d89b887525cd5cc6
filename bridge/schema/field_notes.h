// What is said of a field besides the form of its values. Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/rules.h"
#include "bridge/schema/leaf.h"
#include "bridge/schema/profile.h"
#include "bridge/schema/texts.h"

namespace bridge::schema {

// True if arguments have to set `field`, a field of `owner`. `masked` says that an update mask
// chooses among the fields of `owner`: then those required of a whole resource are not, but those
// that say which resource it is.
bool IsRequired(const descriptor::Field& field, const descriptor::Message& owner, bool masked);

// True for an update whose request has a mask of the fields to change (AIP-134). Null is none.
bool HasUpdateMask(const descriptor::Method* method);

// Sentences about an argument besides `comment`. `method` may be null; it adds what is true of its
// arguments only.
std::string FieldNotes(const descriptor::Field& field, std::string_view comment,
                       const descriptor::Method* method, const Dialect& dialect);

// What is said of the meaning of `field`: by options in whole, else as much of the comment as
// `detail` wants. Names of fields of `owner` are as the schema spells them.
std::string FieldComment(const descriptor::Field& field, const descriptor::Message& owner,
                         Direction direction, Comments detail);

// The same in JSON members where the dialect has everything: "title":"A","default":5
std::string FieldKeywords(const descriptor::Field& field, Direction direction,
                          const Dialect& dialect);

// Sentences about the keys of the map `field`.
std::string KeyNotes(const descriptor::Field& field);

}  // namespace bridge::schema
