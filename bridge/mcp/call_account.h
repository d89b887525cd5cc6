// What is written down of one call of a tool while it goes on; at its end the observers get it as a
// record. Belongs to the call and its reactor.
#pragma once

#include <cstddef>

#include "bridge/catalog/catalog.h"
#include "bridge/mcp/core.h"
#include "bridge/telemetry/call_record.h"
#include "bridge/telemetry/tracer.h"
#include "bridge/upstream/channel.h"

namespace bridge::mcp {

class CallAccount final {
 public:
  // `begun`: when the request came. `core` and `tool` outlive it.
  CallAccount(Core* core, const catalog::Tool& tool, telemetry::Clock::time_point begun);

  telemetry::RpcKind kind() const { return record_.kind; }

  // Where an RPC is made: at its beginning, for what went and came, and at its end. `failed`: it is
  // an error to whoever called, and no end that the bridge asked for.
  void RpcBegins(telemetry::Clock::time_point now);
  void MessagesSent(size_t count, size_t bytes);
  void MessageReceived(size_t bytes);
  void Cut(telemetry::StreamCut why) { record_.cut = why; }
  void RpcEnded(const upstream::CallResult& result, bool failed);

  // What the end of the RPC does not tell, or where there was none.
  void SetOutcome(telemetry::CallOutcome outcome) { record_.outcome = outcome; }

  // Once, when the answer is known, before the spans end. `rpc_span` may be one that never began.
  void End(const telemetry::Span& span, const telemetry::Span& rpc_span);

 private:
  Core& core_;
  telemetry::CallRecord record_;
};

}  // namespace bridge::mcp
