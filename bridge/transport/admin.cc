#include "bridge/transport/admin.h"

#include <utility>

#include "bridge/base/gzip.h"
#include "bridge/base/text.h"
#include "bridge/telemetry/otlp_decode.h"
#include "bridge/telemetry/otlp_encode.h"
#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/trace_html.h"
#include "bridge/telemetry/trace_json.h"
#include "bridge/transport/header_value.h"
#include "bridge/transport/metrics_page.h"

namespace bridge::transport {
namespace {

constexpr std::string_view kTraces = "/debug/traces";

http::Response Text(int status, std::string body) {
  http::Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.headers = "Cache-Control: no-store\r\n";
  response.body = std::move(body);
  return response;
}

}  // namespace

Admin::Admin(const OriginPolicy& origins, telemetry::Tracer& tracer, bool trace_intake,
             std::function<AdminState()> state)
    : origins_(origins), tracer_(tracer), trace_intake_(trace_intake), state_(std::move(state)) {}

void Admin::Handle(const http::Request& request, http::Responder responder) {
  responder.Send(Answer(request));
}

http::Response Admin::Answer(const http::Request& request) {
  const bool get = request.method == "GET" || request.method == "HEAD";
  const std::string refusal = origins_.Refusal(request);
  // Probes and scrapes come with the pod's address as Host, so they are answered whatever it is.
  if (get && request.path == "/livez") return Live();
  if (get && request.path == "/readyz") return Ready(KnowsNames(request, refusal));
  if (get && request.path == "/metrics") {
    return MetricsPage(request, state_(), tracer_, KnowsNames(request, refusal));
  }
  if (!refusal.empty()) {
    return Text(403, "Forbidden: " + refusal + "\n");
  }
  if (get && request.path.starts_with(kTraces)) return Traces(request);
  if (request.method == "POST" && request.path == "/v1/traces") return Intake(request);
  return Text(404,
              "Nothing here; there are /livez, /readyz, /metrics, /debug/traces"
              " and, with --trace-intake, POST /v1/traces\n");
}

bool Admin::KnowsNames(const http::Request& request, const std::string& refusal) const {
  if (refusal.empty()) return true;
  if (request.Find(http::Field::kOrigin).has_value()) return false;
  const auto host = ParseHost(request.Find(http::Field::kHost).value_or(""));
  return host.has_value() && IsAddress(*host);
}

// Nothing an upstream or a collector does shows here: a restart would not help with those.
http::Response Admin::Live() const {
  if (state_().alive) return Text(200, "ok\n");
  return Text(503, "a thread that serves requests is stuck\n");
}

http::Response Admin::Ready(bool details) const {
  const AdminState state = state_();
  std::string body;
  bool any = false;
  for (const UpstreamStatus& upstream : state.upstreams) {
    any = any || upstream.described;
    if (!details) continue;
    // Lost: its tools are still there, as it described them when it last could.
    const char* word = upstream.problem.empty() ? "ok   " : "lost ";
    body.append(upstream.described ? word : "down ");
    body.append(upstream.name).append(" ").append(upstream.address);
    if (!upstream.problem.empty()) body.append(": ").append(VisibleText(upstream.problem));
    body.push_back('\n');
  }
  if (!state.serving) return Text(503, "not serving\n" + body);
  return any ? Text(200, "ok\n" + body) : Text(503, "no upstream is described yet\n" + body);
}

http::Response Admin::Traces(const http::Request& request) const {
  std::string_view id = request.path.substr(kTraces.size());
  const bool html =
      request.Find(http::Field::kAccept).value_or("").find("text/html") != std::string_view::npos;
  http::Response response = Text(200, "");
  response.content_type = html ? "text/html; charset=utf-8" : "application/json";
  if (html) {
    response.headers.append("Content-Security-Policy: ")
        .append(telemetry::kTracePageSecurityPolicy)
        .append("\r\nX-Content-Type-Options: nosniff\r\n");
  }
  if (id.empty() || id == "/") {
    const auto traces = tracer_.ring().List();
    response.body = html ? telemetry::ToHtml(traces, kTraces) : telemetry::ToJson(traces);
    return response;
  }
  id.remove_prefix(1);
  const auto parsed = telemetry::ParseTraceId(id);
  const auto trace = parsed.has_value() ? tracer_.ring().Find(*parsed) : std::nullopt;
  if (!trace.has_value()) {
    return Text(404, "No such trace here; the oldest make room for new ones\n");
  }
  response.body = html ? telemetry::ToHtml(*trace, kTraces) : telemetry::ToJson(*trace);
  return response;
}

http::Response Admin::Intake(const http::Request& request) {
  if (!trace_intake_) {
    return Text(404, "The bridge takes no spans; start it with --trace-intake\n");
  }
  if (!IsMediaType(request.Find(http::Field::kContentType).value_or(""),
                   "application/x-protobuf")) {
    return Text(415, "Send OTLP as application/x-protobuf (protocol http/protobuf)\n");
  }
  std::string_view body = request.body;
  std::string unpacked;
  if (const auto encoding = request.Find(http::Field::kContentEncoding); encoding.has_value()) {
    const size_t most = telemetry::OtlpDecodeLimits().bytes;
    if (*encoding != "gzip") return Text(415, "Send OTLP as it is or with gzip\n");
    const Unpacked outcome = Unpack(body, most, &unpacked);
    if (outcome == Unpacked::kTooLarge) {
      return Text(413, "More than " + std::to_string(most) + " bytes when unpacked\n");
    }
    if (outcome != Unpacked::kDone) return Text(400, "Not gzip\n");
    body = unpacked;
  }
  const auto spans = telemetry::DecodeOtlp(body);
  if (!spans.ok()) {
    return Text(
        400, "Not an ExportTraceServiceRequest: " + std::string(spans.status().message()) + "\n");
  }
  for (const telemetry::ResourceSpans& resource : spans->resources) tracer_.ring().Add(resource);
  http::Response response =
      Text(200, telemetry::EncodeOtlpResponse(static_cast<int64_t>(spans->rejected_spans), ""));
  response.content_type = "application/x-protobuf";
  return response;
}

}  // namespace bridge::transport
