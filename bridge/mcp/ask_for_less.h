// What of a method's request makes its answer smaller. Pure functions; any thread.
#pragma once

#include <string>

#include "bridge/descriptor/graph.h"

namespace bridge::mcp {

// `a smaller "pageSize", only some paths in "readMask" or a narrower "filter"`: only what arguments
// of `input` have, also one level down ("paging.limit"). Empty if there is nothing of the kind.
std::string HowToAskForLess(const descriptor::Message& input);

// `fewer elements in "lines" or shorter texts`: what of a request can be smaller.
std::string HowToSendLess(const descriptor::Message& input);

}  // namespace bridge::mcp
