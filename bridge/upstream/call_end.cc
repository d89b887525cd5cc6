#include "bridge/upstream/call_end.h"

#include <grpc/grpc.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <initializer_list>

namespace bridge::upstream {
namespace {

// The only way to what the core knows of a call's headers.
class Reactor final : public ::grpc::internal::ClientReactor {
 public:
  void OnDone(const ::grpc::Status& /*status*/) override {}
};

constexpr char kOfPeer[] = "UNKNOWN:Error received from peer";

// Two flags of the core. A stream that ended without a header of an answer has both; an answer of
// trailers alone has the first only; any other answer, or a stream that ended after its headers,
// not the first; a call that no connection took, none.
struct Flags {
  explicit Flags(grpc_call* call)
      : trailers_only(Reactor().InternalTrailersOnly(call)),
        failed_before_message(grpc_call_failed_before_recv_message(call) != 0) {}
  bool trailers_only;
  bool failed_before_message;
};

// Whether the call ended before a connection took it: then its status is an error of the channel,
// not the trailers that every stream has, real or made up. (The peer's name is no proof: gRPC
// forgets it when a call is cancelled, and cancels by itself what has an HTTP error.)
bool WasTakenByNone(const ::grpc::ClientContext& context, const Flags& flags) {
  return !flags.trailers_only && !flags.failed_before_message &&
         !context.debug_error_string().starts_with(kOfPeer);
}

bool BeginsWithAny(std::string_view text, std::initializer_list<std::string_view> beginnings) {
  for (const std::string_view beginning : beginnings) {
    if (text.starts_with(beginning)) return true;
  }
  return false;
}

// How the core says that a connection broke: what the kernel says of it, and nothing else.
bool IsBrokenConnection(std::string_view message) {
  return message == "Connection reset by peer" || message == "Broken pipe" ||
         message == "Connection timed out";
}

// Of a stream without an answer: how the core says that it never began, or that the server said it
// would not look at it (GOAWAY with a lower last stream; REFUSED_STREAM is code 7). RFC 9113, 8.7.
// The one case in which these words are wrong: a server that says GOAWAY, then sends what is no
// HTTP/2 at all. That ends the streams before the GOAWAY with the same words.
bool IsUnseen(const CallResult& result) {
  return result.code == StatusCode::kUnavailable &&
         (result.message == "GOAWAY received" || result.message == "Transport closed" ||
          result.message == "Stream IDs exhausted" ||
          result.message == "Received RST_STREAM with error code 7");
}

}  // namespace

std::string ConnectionOf(const ::grpc::ClientContext& context) {
  std::string peer = context.peer();
  const std::string_view scheme = std::string_view(peer).substr(0, 5);
  // Without a connection it is the target, which begins with "scheme://" (channel.cc).
  const bool connected = (scheme == "ipv4:" || scheme == "ipv6:" || scheme == "unix:") &&
                         peer.compare(5, 2, "//") != 0;
  if (!connected) peer.clear();
  return peer;
}

bool JudgeEnd(::grpc::ClientContext* context, bool has_answer, std::string* message,
              CallResult* result) {
  const Flags flags(context->c_call());
  // An answer whose trailers lack a status has the flags of a call that no connection took.
  if (has_answer && !context->debug_error_string().starts_with(kOfPeer)) {
    result->cause = Cause::kUnreadable;
    *message = "the answer has no status";
    result->message = *message;
    return false;
  }
  if (WasTakenByNone(*context, flags)) {
    result->delivery = Delivery::kUnsent;
    result->cause = Cause::kConnection;
    if (result->message.find("http1.x server") != std::string_view::npos) {
      result->message = "the other side speaks HTTP/1.1";
    }
    return false;
  }
  if (result->code == StatusCode::kResourceExhausted &&
      result->message == "received initial metadata size exceeds limit") {
    result->cause = Cause::kMetadataTooLarge;
    result->limit = kMaxMetadataBytes;
    return false;
  }
  if (flags.trailers_only && flags.failed_before_message) {
    result->cause = Cause::kConnection;
    if (!IsUnseen(*result)) return false;
    result->delivery = Delivery::kUnsent;
    return true;
  }
  constexpr std::string_view kHttpError = "Received http2 header with status: ";
  if (result->message.starts_with(kHttpError)) {
    message->replace(0, kHttpError.size(), "HTTP status ");
    result->message = *message;
    result->cause = Cause::kUnreadable;
  } else if (IsBrokenConnection(result->message)) {
    result->cause = Cause::kConnection;
  } else if (BeginsWithAny(
                 result->message,
                 {"Socket closed", "Received RST_STREAM with error code ", "GOAWAY received",
                  "Endpoint read failed", "recvmsg:", "Failed parsing",
                  "keepalive watchdog timeout", "Stream removed", "No status received"})) {
    // A stream that the other side ended in order, but without a status: a page of a proxy, for
    // one.
    const bool ended = result->code == StatusCode::kUnknown;
    result->cause = ended ? Cause::kUnreadable : Cause::kConnection;
  }
  return false;
}

}  // namespace bridge::upstream
