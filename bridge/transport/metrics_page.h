// The page /metrics: what the reactors have counted, and what is known of the process, its
// upstreams and its traces. docs/metrics.md has a row for each family; a test compares the two.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bridge/http/message.h"
#include "bridge/metrics/metrics.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::transport {

struct AdminState;

// The format that the request's Accept headers prefer: OpenMetrics if it is named and nothing is
// preferred to it, else the text format, whatever they say.
metrics::Format ChooseFormat(const http::Request& request);

// `names`: with the series whose labels name tools, upstreams or the process.
http::Response MetricsPage(const http::Request& request, const AdminState& state,
                           telemetry::Tracer& tracer, bool names);

}  // namespace bridge::transport
