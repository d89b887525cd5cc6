// The MCP revisions this server speaks, as data: one row each, and no comparison of versions
// anywhere else. Two eras: modern (2026-07-28, every request stands alone) and legacy (sessions).
#pragma once

#include <span>
#include <string_view>

namespace bridge::mcp {

struct Revision {
  std::string_view version;
  bool modern;      // per-request _meta, mirrored headers, resultType, cache hints
  bool batch;       // a body may be an array
  bool structured;  // title, outputSchema, structuredContent
};

// Newest first.
std::span<const Revision> Revisions();
// Null if this server does not speak it.
const Revision* FindRevision(std::string_view version);
// What `initialize` answers when the client asks for a version we do not speak.
const Revision& NewestLegacy();
// True for any version, known or not, that is of the modern era: dates from 2026-07-28 on, and
// whatever sorts after them.
bool IsModernVersion(std::string_view version);

}  // namespace bridge::mcp
