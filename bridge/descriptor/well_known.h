// Google's well-known types by name and by shape. Pure functions; any thread.
#pragma once

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// Which well-known type `message`, whose fields are linked, is; kNone for a message that has only
// the name of one: descriptors come from outside, and an impostor is an ordinary message.
WellKnown RecognizeWellKnown(const Message& message);

// True if the JSON form of `message` is not an object. MCP needs objects at the root of arguments
// and results, so such a message stands there as {"value": ...}.
bool NeedsWrapping(const Message& message);

// The type inside a wrapper such as Int64Value; false for any other message.
bool FindWrappedKind(WellKnown type, Kind* kind);

}  // namespace bridge::descriptor
