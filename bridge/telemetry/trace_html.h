// Recent traces as web pages for people: no script, nothing loaded from elsewhere. All text from
// spans is untrusted: it is escaped, and invisible characters are taken out. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bridge/telemetry/ring.h"

namespace bridge::telemetry {

// To be sent with the pages: even a mistake in escaping could run or load nothing.
inline constexpr char kTracePageSecurityPolicy[] =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// A table of traces in the order given; each links to `path`/<trace id>.
std::string ToHtml(std::span<const RecentTrace> traces, std::string_view path);

// One trace as a waterfall; it links back to `path`.
std::string ToHtml(const RecentTrace& trace, std::string_view path);

}  // namespace bridge::telemetry
