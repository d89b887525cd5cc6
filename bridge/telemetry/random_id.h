// Random trace and span ids: unique, not secret. Each thread has its own generator, seeded from the
// operating system, so making an id takes no lock and a few nanoseconds. Any thread.
#pragma once

#include "bridge/telemetry/trace_context.h"

namespace bridge::telemetry {

// Never all zero.
TraceId MakeTraceId();
SpanId MakeSpanId();

// Uniform in [0, 1).
double MakeRandomFraction();

}  // namespace bridge::telemetry
