// A trace in the order people read it: parents before children, siblings by start time. Pure
// functions over immutable spans; any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

struct TraceRow {
  const RecentSpan* recent = nullptr;  // of the trace the tree was made from
  int depth = 0;                       // at most kMaxTraceDepth; deeper spans stand at that depth
  bool orphan = false;                 // shown as a root, but names a parent that is not here
};

inline constexpr int kMaxTraceDepth = 64;

struct TraceTree {
  std::vector<TraceRow> rows;
  std::vector<std::string> services;  // in order of appearance, each once
  Clock::time_point start, end;       // of all spans; clocks of several hosts may disagree
  size_t errors = 0;                  // spans with status ERROR

  std::chrono::nanoseconds duration() const { return end - start; }
};

// `trace` must outlive the tree. Of two spans with the same id the first to arrive is shown; spans
// that are each other's ancestors appear once, under an orphan.
TraceTree MakeTraceTree(const RecentTrace& trace);

// What a list shows: the name of the first root and, where that span only wraps one other of the
// same process (an HTTP request around a call), the name of that one: "POST /mcp › tools/call x".
std::string TitleOf(const TraceTree& tree);

// Zero if the clock ran backwards.
std::chrono::nanoseconds DurationOf(const SpanRecord& span);

const char* KindName(SpanKind kind);        // "server"
const char* StatusName(SpanStatus status);  // "error"

}  // namespace bridge::telemetry
