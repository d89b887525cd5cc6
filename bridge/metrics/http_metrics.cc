#include "bridge/metrics/http_metrics.h"

#include <string>

namespace bridge::metrics {
namespace {

constexpr std::string_view kMethodNames[kHttpMethods] = {"POST", "GET", "DELETE", "OPTIONS",
                                                         "_OTHER"};
constexpr std::string_view kResultNames[kAcceptedResults] = {"served", "too_many",
                                                             "too_many_of_address", "dropped"};
constexpr std::string_view kScheme = "http";
constexpr std::string_view kGone = "client_gone";

// Not 0, as Claims asks.
uint32_t KeyOf(HttpMethod method, bool endpoint, int status) {
  return uint32_t{1} << 24 | static_cast<uint32_t>(method) << 16 |
         static_cast<uint32_t>(endpoint) << 15 | static_cast<uint32_t>(status);
}

// The sum of one cell over all reactors.
template <typename Cell>
auto Sum(std::span<const HttpMetrics* const> reactors, const Cell& cell) {
  decltype(cell(*reactors[0]).value()) sum = 0;
  for (const HttpMetrics* reactor : reactors) sum += cell(*reactor).value();
  return sum;
}

}  // namespace

HttpMethod HttpMethodOf(std::string_view method) {
  for (size_t i = 0; i + 1 < kHttpMethods; ++i) {
    if (method == kMethodNames[i]) return static_cast<HttpMethod>(i);
  }
  return HttpMethod::kOther;
}

// Those that every server has are there from the start, so that their rate is known at once.
HttpMetrics::HttpMetrics(Claims* sets, Rejections* rejections)
    : sets_(*sets), rejections_(*rejections) {
  for (const int status : {200, 202, 400}) sets_.Claim(KeyOf(HttpMethod::kPost, true, status));
}

void HttpMetrics::OnConnection(Accepted result) {
  connections_[static_cast<size_t>(result)].Add();
  if (result != Accepted::kDropped) open_.Add(1);
}

void HttpMetrics::OnRequestEnd(const HttpRequestRecord& request) {
  active_[static_cast<size_t>(request.method)].Add(-1);
  const size_t place = sets_.Claim(KeyOf(request.method, request.endpoint, request.status));
  durations_[place].Observe(kRequestSeconds, Nanoseconds(request.begun, request.ended));
  request_bytes_.Observe(kBytes, request.request_bytes);
  response_bytes_.Observe(kBytes, request.response_bytes);
}

void HttpMetrics::Append(std::span<const HttpMetrics* const> reactors, const Claims& sets,
                         Page* page) {
  page->Begin({"http_server_request_duration_seconds", Type::kHistogram,
               "Time from the first byte of a request to its answer.", "seconds"});
  for (size_t place = 0; place <= kSets; ++place) {
    HistogramSum sum;
    for (const HttpMetrics* reactor : reactors) sum.Add(reactor->durations_[place]);
    if (place == kSets) {
      if (sum.total() > 0) {
        page->Histogram({{"http_request_method", "_OTHER"}, {"url_scheme", kScheme}},
                        kRequestSeconds, sum);
      }
      break;
    }
    const uint32_t key = sets.key(place);
    if (key == 0) continue;
    const uint32_t status = key & 0x7fff;
    const std::string code = status == 0 ? "" : std::to_string(status);
    page->Histogram({{"http_request_method", kMethodNames[key >> 16 & 0xff]},
                     {"http_route", (key >> 15 & 1) != 0 ? "/mcp" : ""},
                     {"http_response_status_code", code},
                     {"url_scheme", kScheme},
                     {"error_type", status == 0     ? kGone
                                    : status >= 500 ? code
                                                    : ""}},
                    kRequestSeconds, sum);
  }
  page->Begin({"http_server_active_requests", Type::kGauge,
               "Requests that have arrived and are not answered yet."});
  for (size_t i = 0; i < kHttpMethods; ++i) {
    page->Value({{"http_request_method", kMethodNames[i]}, {"url_scheme", kScheme}},
                Sum(reactors, [i](const HttpMetrics& each) -> auto& { return each.active_[i]; }));
  }
  const auto bytes = [&](const Family& family, const auto& member) {
    HistogramSum sum;
    for (const HttpMetrics* reactor : reactors) sum.Add(reactor->*member);
    page->Begin(family);
    page->Histogram({}, kBytes, sum);
  };
  bytes({"mcp_bridge_request_bytes", Type::kHistogram, "Size of the bodies of HTTP requests.",
         "bytes"},
        &HttpMetrics::request_bytes_);
  bytes({"mcp_bridge_response_bytes", Type::kHistogram, "Size of the bodies of HTTP answers.",
         "bytes"},
        &HttpMetrics::response_bytes_);
  page->Single({"mcp_bridge_open_connections", Type::kGauge, "Client connections that are open."},
               Sum(reactors, [](const HttpMetrics& each) -> auto& { return each.open_; }));
  page->Begin({"mcp_bridge_connections_total", Type::kCounter,
               "Connections that clients opened, by what became of them."});
  for (size_t i = 0; i < kAcceptedResults; ++i) {
    page->Value({{"result", kResultNames[i]}}, Sum(reactors, [i](const HttpMetrics& each) -> auto& {
                  return each.connections_[i];
                }));
  }
  page->Single(
      {"mcp_bridge_event_streams", Type::kGauge, "Answers under way that are streams of events."},
      Sum(reactors, [](const HttpMetrics& each) -> auto& { return each.streams_; }));
}

}  // namespace bridge::metrics
