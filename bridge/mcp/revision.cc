#include "bridge/mcp/revision.h"

namespace bridge::mcp {
namespace {

constexpr Revision kRevisions[] = {
    {"2026-07-28", true, false, true},
    {"2025-11-25", false, false, true},
    {"2025-06-18", false, false, true},
    {"2025-03-26", false, true, false},
};

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
  return kRevisions[1];
}

bool IsModernVersion(std::string_view version) {
  return version >= kRevisions[0].version;
}

}  // namespace bridge::mcp
