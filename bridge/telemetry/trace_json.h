// Recent traces as JSON for programs. Times are UTC, offsets and durations nanoseconds. Any thread.
//
//   list:  {"traces":[{"traceId","title","service","services","start","durationNs","spanCount",
//           "errorCount","droppedSpans"}]}, in the order given
//   trace: the same members of one trace, and "spans": its roots, each
//          {"spanId","parentSpanId"?,"service","name","kind","status","statusMessage"?,"orphan"?,
//           "startOffsetNs","durationNs","attributes","events","links","children"}
#pragma once

#include <span>
#include <string>

#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/span.h"

namespace bridge::telemetry {

std::string ToJson(std::span<const RecentTrace> traces);
std::string ToJson(const RecentTrace& trace);

// One span as an object on one line, without children: {"traceId",...} as above, with "start"
// instead of an offset.
std::string ToJson(const SpanRecord& span, const Resource& resource);

}  // namespace bridge::telemetry
