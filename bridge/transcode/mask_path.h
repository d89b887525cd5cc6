// Paths of a FieldMask in the texts of tools, by the fields of the messages that the mask is about
// (AIP-161): each name may be spelled as in JSON or as in the .proto file, `*` stands for all, and
// a map's key is taken as it is, in backquotes where it has a point. What those messages do not
// have passes, spelled as ProtoJSON spells it. Pure; any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/transcode/plan.h"

namespace bridge::transcode {

// The path as the service names it; empty if `path` can be none.
std::string MaskPathToProto(std::string_view path, std::span<const Plan* const> masked);
// The path as arguments take it.
std::string MaskPathToJson(std::string_view path, std::span<const Plan* const> masked);

// Where the first path of several ends: at a comma outside of backquotes.
size_t MaskPathSize(std::string_view paths);

}  // namespace bridge::transcode
