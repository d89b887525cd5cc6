// What a service says about its own tools: the options of proto/mcp/bridge/v1/options.proto and
// google.api's visibility, read by number from encoded options, so no .proto has to be there. What
// has another type than those files say is no option of ours and is passed over.
//
// Each function writes what the options say over what `target` has; the result is what is wrong
// with them, or nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bridge/descriptor/graph.h"

namespace bridge::descriptor {

// The number of mcp.bridge.v1.service, tool and field, in the range for use inside organisations.
inline constexpr uint32_t kToolOptions = 50627;

std::string ApplyServiceOptions(std::string_view options, Service* target);
// Of a method whose service has its options already.
std::string ApplyMethodOptions(std::string_view options, Method* target);
void ApplyFieldOptions(std::string_view options, Field* target);

}  // namespace bridge::descriptor
