#include "bridge/mcp/revision.h"

#include <algorithm>
#include <iterator>

namespace bridge::mcp {
namespace {

constexpr Revision kRevisions[] = {
    {"2026-07-28", true, false, true},
    {"2025-11-25", false, false, true},
    {"2025-06-18", false, false, true},
    {"2025-03-26", false, true, false},
};

constexpr std::string_view kFirstModern = "2026-07-28";

}  // namespace

std::span<const Revision> Revisions() {
  return kRevisions;
}

const Revision* FindRevision(std::string_view version) {
  for (const Revision& revision : kRevisions) {
    if (revision.version == version) return &revision;
  }
  return nullptr;
}

const Revision& NewestLegacy() {
  return *std::find_if(std::begin(kRevisions), std::end(kRevisions),
                       [](const Revision& revision) { return !revision.modern; });
}

bool IsModernVersion(std::string_view version) {
  return version >= kFirstModern;
}

}  // namespace bridge::mcp
