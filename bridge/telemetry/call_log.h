// The log of calls: one line a call, with what it was and how it ended, never with arguments or
// results.
//
//   {"ts":"...","level":"info","logger":"call","msg":"call","trace_id":"...","span_id":"...",
//    "tool":"Order_CreateOrder","upstream":"orders","outcome":"ok","status":"OK",
//    "duration_ms":3.2,"upstream_ms":2.9,"resends":0,"sent_bytes":120,"received_bytes":80,
//    "sent_messages":1,"received_messages":1,"cut":""}
#pragma once

#include "bridge/telemetry/call_record.h"

namespace bridge::telemetry {

class CallLog final : public CallObserver {
 public:
  // `all`: each call is a line at level info, as long as the reader of the log takes them; what it
  // does not take is counted (DroppedLogLines). Else only calls that failed are, at level debug.
  explicit CallLog(bool all) : all_(all) {}

  void OnCall(const CallRecord& call) override;

 private:
  const bool all_;
};

}  // namespace bridge::telemetry
