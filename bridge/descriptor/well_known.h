// Google's well-known types by name and by shape. Pure functions; any thread.
#pragma once

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// Which well-known type `message`, whose fields are linked, is; kNone for a message that has only
// the name of one: descriptors come from outside, and an impostor is an ordinary message.
WellKnown RecognizeWellKnown(const Message& message);

}  // namespace bridge::descriptor
