// Requests that got no result, by the reason. Counted by whoever refuses them: the HTTP server, the
// transport or the protocol core of one reactor, whose thread alone writes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "bridge/metrics/cells.h"
#include "bridge/metrics/page.h"

namespace bridge::metrics {

// Each request is counted once at most; a result that says isError is no rejection.
enum class Rejection : uint8_t {
  // By the HTTP server.
  kMalformedHttp,
  kHeadTooLarge,
  kBodyTooLarge,
  kTooSlow,
  kNoRoom,
  // By the transport.
  kPath,
  kHttpMethod,
  kHostOrOrigin,
  kMediaType,
  kNotAcceptable,
  kNotJson,
  kInvalidRequest,
  kHeaderMismatch,
  kUnsupportedVersion,
  kUnknownSession,
  // By the protocol core.
  kUnknownMethod,
  kInvalidParams,
  kUnknownTool,
};
inline constexpr size_t kRejections = 18;

class Rejections final {
 public:
  void Add(Rejection why) { counts_[static_cast<size_t>(why)].Add(); }

  static void Append(std::span<const Rejections* const> reactors, Page* page);

 private:
  std::array<Counter, kRejections> counts_;
};

}  // namespace bridge::metrics
