// What the HTTP server of one reactor counts. Its thread writes, any thread reads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "bridge/metrics/cells.h"
#include "bridge/metrics/claims.h"
#include "bridge/metrics/histogram.h"
#include "bridge/metrics/page.h"
#include "bridge/metrics/rejections.h"

namespace bridge::metrics {

enum class HttpMethod : uint8_t { kPost, kGet, kDelete, kOptions, kOther };
inline constexpr size_t kHttpMethods = 5;
HttpMethod HttpMethodOf(std::string_view method);

// What became of a connection that a client opened.
enum class Accepted : uint8_t { kServed, kTooMany, kTooManyOfAddress, kDropped };
inline constexpr size_t kAcceptedResults = 4;

// A request that was answered, or whose client left before.
struct HttpRequestRecord {
  HttpMethod method = HttpMethod::kOther;
  bool endpoint = false;  // its path is MCP's
  int status = 0;         // 0: the client was gone
  telemetry::Clock::time_point begun, ended;
  uint64_t request_bytes = 0, response_bytes = 0;  // of the bodies
};

class HttpMetrics final {
 public:
  // Sets of method, path and status that have series; others are counted together.
  static constexpr size_t kSets = 12;

  // `sets` is shared by the reactors and has kSets places.
  HttpMetrics(Claims* sets, Rejections* rejections);

  void OnRejection(Rejection why) { rejections_.Add(why); }
  void OnConnection(Accepted result);
  void OnConnectionEnd() { open_.Add(-1); }
  void OnRequest(HttpMethod method) { active_[static_cast<size_t>(method)].Add(1); }
  void OnRequestEnd(const HttpRequestRecord& request);
  // A response that goes on, such as an event stream.
  void OnStream() { streams_.Add(1); }
  void OnStreamEnd() { streams_.Add(-1); }

  static void Append(std::span<const HttpMetrics* const> reactors, const Claims& sets, Page* page);

 private:
  Claims& sets_;
  Rejections& rejections_;
  std::array<Histogram, kSets + 1> durations_;  // the last one is of all other sets
  std::array<Gauge, kHttpMethods> active_;
  Histogram request_bytes_, response_bytes_;
  Gauge open_, streams_;
  std::array<Counter, kAcceptedResults> connections_;
};

}  // namespace bridge::metrics
