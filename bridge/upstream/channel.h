// One gRPC channel to one upstream, and calls on it: bytes in, bytes out. Streams are in stream.h.
//
// A call that the service provably never saw, whatever way the connection ended, is sent again
// within its deadline. A call that may have arrived is never repeated.
//
// A Channel belongs to one reactor: everything here, callbacks included, runs on its thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "bridge/base/byte_budget.h"
#include "bridge/telemetry/call_record.h"
#include "bridge/telemetry/trace_context.h"
#include "bridge/upstream/completions.h"
#include "bridge/upstream/target.h"

namespace grpc {
class ClientContext;
}

namespace bridge::upstream {

struct ChannelOptions {
  size_t max_response_bytes = 4 * 1024 * 1024;
  size_t max_request_bytes = 4 * 1024 * 1024;
};

// Header fields of one frame, as HPACK counts them (RFC 7541, 4.1); a connection on which more
// comes is over for all of its calls. A frame has 16 KiB, so it takes many references to its table
// to get there: gRPC counts each frame of headers or trailers for itself.
constexpr int kMaxMetadataBytes = 128 * 1024;

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

// Who or what ended a call that failed. Only with kService are message and details the service's or
// those of a proxy before it.
enum class Cause : uint8_t {
  kService,
  kDeadline,          // CallSpec::timeout
  kCancelled,         // Cancel
  kConnection,        // there is none, or it broke
  kRequestTooLarge,   // ChannelOptions::max_request_bytes: never sent
  kAnswerTooLarge,    // ChannelOptions::max_response_bytes
  kMetadataTooLarge,  // headers or trailers of the answer
  kUnreadable,        // something came that is no answer: damaged, packed in an unknown way, HTML
};

// Whether the service has seen the call. What is not provably unsent counts as kMaybe.
enum class Delivery : uint8_t { kUnsent, kMaybe };

// "DEADLINE_EXCEEDED"; what is no gRPC code counts as UNKNOWN.
std::string_view StatusCodeName(StatusCode code);

// One call to make. The views must live until StartUnary returns.
struct CallSpec {
  std::string_view path;     // "/pkg.Service/Method", from a descriptor; must outlive the call
  std::string_view request;  // encoded message
  // Where `request` is, or null. A large one is taken away from there instead of copied.
  std::string* storage = nullptr;
  // Or null. What gRPC still holds of the call after `done` has run counts against it as `held`
  // bytes; outlives the completion queue.
  ByteBudget* budget = nullptr;
  size_t held = 0;
  std::chrono::milliseconds timeout{30'000};
  const telemetry::TraceContext* trace = nullptr;  // metadata; null, or not valid: none
};

struct CallResult {
  StatusCode code = StatusCode::kOk;  // kUnknown for what is no gRPC code
  int number = 0;                     // the code as it came: 2000 for kUnknown of a service's own
  Cause cause = Cause::kService;
  Delivery delivery = Delivery::kMaybe;
  size_t bytes = 0;           // kRequestTooLarge: how many there were
  size_t at = 0;              // kRequestTooLarge of a stream: which of its requests
  size_t limit = 0;           // kRequestTooLarge, kAnswerTooLarge, kMetadataTooLarge: the most
  std::string_view response;  // encoded message when kOk
  std::string_view message;   // grpc-message, any bytes
  std::string_view details;   // grpc-status-details-bin: a google.rpc.Status, or empty
  int resends = 0;            // how often it was sent again
  // Of a stream that we ended: not even its first request had been taken. The service reads nothing
  // of it, or has as many streams under way as it allows on a connection.
  bool untaken = false;
  ::grpc::ClientContext* context = nullptr;
  std::string_view peer;  // where gRPC has forgotten it

  // "ipv4:10.0.0.7:50051"; empty if no connection took the call. Made when asked, as it costs.
  std::string Peer() const;
};

// Runs exactly once per call, on the reactor's thread. The views die with its return.
using CallDone = absl::AnyInvocable<void(const CallResult&)>;

class UnaryCall;
class StreamCall;
class StreamSink;
class Connections;
struct Messages;

class Channel final {
 public:
  Channel(const Target& target, const ChannelOptions& options, Completions* completions);
  // Calls under way go on; they need `completions` only.
  ~Channel();

  // Starts a call; `done` never runs before StartUnary has returned. The returned call stays valid
  // until `done` has returned, for Cancel only.
  UnaryCall* StartUnary(const CallSpec& spec, CallDone done);

  // Starts a call of any shape, see stream.h; `request` and `storage` of `spec` are not used.
  // Nothing is told before it has returned, and nothing is read before Next.
  StreamCall* StartStream(const CallSpec& spec, telemetry::RpcKind shape, Messages requests,
                          StreamSink* sink);

 private:
  std::unique_ptr<Connections> connections_;
};

// Of the library that is linked: "1.51.1".
std::string GrpcVersion();

// The thread of the completions only. Asks gRPC to cancel; `done` then runs with kCancelled, unless
// an answer was there already. It runs soon, whatever state the connection is in.
void Cancel(UnaryCall* call);

}  // namespace bridge::upstream
