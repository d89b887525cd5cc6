// One gRPC channel to one upstream, and unary calls on it: bytes in, bytes out. gRPC types do not
// leave this module's .cc files but for the channel itself, so that another HTTP/2 client could
// take its place.
//
// A Channel belongs to one reactor: everything here, callbacks included, runs on its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "bridge/upstream/completions.h"
#include "bridge/upstream/target.h"

namespace grpc {
class ClientContext;
}

namespace bridge::upstream {

struct ChannelOptions {
  int max_response_bytes = 4 * 1024 * 1024;
  int max_request_bytes = 4 * 1024 * 1024;
};

// gRPC status codes, https://grpc.github.io/grpc/core/md_doc_statuscodes.html.
enum class StatusCode : int {
  kOk = 0,
  kCancelled,
  kUnknown,
  kInvalidArgument,
  kDeadlineExceeded,
  kNotFound,
  kAlreadyExists,
  kPermissionDenied,
  kResourceExhausted,
  kFailedPrecondition,
  kAborted,
  kOutOfRange,
  kUnimplemented,
  kInternal,
  kUnavailable,
  kDataLoss,
  kUnauthenticated,
};

// "DEADLINE_EXCEEDED"; what is no gRPC code counts as UNKNOWN.
std::string_view StatusCodeName(StatusCode code);

// One call to make. The views must live until StartUnary returns.
struct CallSpec {
  std::string_view path;     // "/pkg.Service/Method", from a descriptor; must outlive the call
  std::string_view request;  // encoded message
  std::chrono::milliseconds timeout{30'000};
  std::string_view traceparent;  // metadata; empty: none
  std::string_view tracestate;
};

struct CallResult {
  StatusCode code = StatusCode::kOk;
  std::string_view response;  // encoded message when kOk
  std::string_view message;   // grpc-message, any bytes
  std::string_view details;   // grpc-status-details-bin: a google.rpc.Status, or empty
  ::grpc::ClientContext* context = nullptr;

  std::string Peer() const;  // "ipv4:10.0.0.7:50051"; made when asked, as it costs
};

// Runs exactly once per call, on the reactor's thread. The views die with its return.
using CallDone = absl::AnyInvocable<void(const CallResult&)>;

class UnaryCall;

class Channel final {
 public:
  Channel(const Target& target, const ChannelOptions& options, Completions* completions);
  ~Channel();

  // Starts a call; `done` never runs before StartUnary has returned. The returned call stays valid
  // until `done` has returned, for Cancel only.
  UnaryCall* StartUnary(const CallSpec& spec, CallDone done);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Asks gRPC to cancel; `done` then runs with kCancelled, unless an answer was there already.
void Cancel(UnaryCall* call);

}  // namespace bridge::upstream
