#include "bridge/upstream/stream_call.h"

#include <algorithm>
#include <utility>

#include "bridge/upstream/call_end.h"
#include "bridge/upstream/packed_answers.h"

namespace bridge::upstream {
namespace {

using std::chrono::milliseconds;

size_t SizeOf(const std::vector<size_t>& ends, size_t index) {
  return ends[index] - (index == 0 ? 0 : ends[index - 1]);
}

// Of the largest message.
size_t LargestOf(const std::vector<size_t>& ends) {
  size_t at = 0;
  for (size_t i = 1; i < ends.size(); ++i) {
    if (SizeOf(ends, i) > SizeOf(ends, at)) at = i;
  }
  return at;
}

size_t LargestSize(const std::vector<size_t>& ends) {
  return ends.empty() ? 0 : SizeOf(ends, LargestOf(ends));
}

}  // namespace

StreamCall::StreamCall(const CallSpec& spec, Shape shape, Messages requests, Connection* connection,
                       StreamSink* sink)
    : Rpc(spec, connection, LargestSize(requests.ends)),
      takes_one_(shape == Shape::kUnary || shape == Shape::kClientStream),
      ends_(std::move(requests.ends)),
      requests_(TakenSlice(std::move(requests.bytes))),
      sink_(sink),
      deadline_timer_(Timer::Of<&StreamCall::Expire>(connection->completions, this)),
      pause_(Timer::Of<&StreamCall::Resume>(connection->completions, this)) {}

void StreamCall::Start() {
  deadline_timer_.Set(deadline_ - Timer::Now());
  if (IsTooLarge()) return pause_.Set(milliseconds(0));
  Try();
}

void StreamCall::Try() {
  Attempt& attempt = attempt_.emplace();
  next_ = sent_ = 0;
  Describe(&attempt.context);
  attempt.context.set_initial_metadata_corked(true);  // the head goes out with the first message
  attempt.stream = connection_.stub.PrepareCall(&attempt.context, std::string(path_),
                                                connection_.completions->queue());
  attempt.stream->StartCall(nullptr);
  Write();
  if (wanted_) Read();
}

void StreamCall::Write() {
  if (ends_.empty()) return attempt_->stream->WritesDone(writing_.Begin());
  const ::grpc::Slice message = requests_.sub(next_ == 0 ? 0 : ends_[next_ - 1], ends_[next_]);
  ++next_;
  ::grpc::WriteOptions options;
  if (next_ == ends_.size()) {
    options.set_last_message();
  } else {
    options.set_buffer_hint();  // more comes right behind it: gRPC may gather small ones
  }
  attempt_->stream->Write(::grpc::ByteBuffer(&message, 1), options, writing_.Begin());
}

void StreamCall::Read() {
  attempt_->stream->Read(&attempt_->message, reading_.Begin());
}

// Never before a read has failed: gRPC throws away what has come where the end is an error that it
// has been asked for.
void StreamCall::Finish() {
  attempt_->finishing = true;
  attempt_->stream->Finish(&attempt_->status, finishing_.Begin());
}

void StreamCall::Next() {
  if (std::exchange(wanted_, true)) return;
  if (attempt_ && !attempt_->finishing && !reading_.under_way()) Read();
}

void StreamCall::Cancel() {
  if (ending_ == StatusCode::kOk) End(StatusCode::kCancelled);
}

void StreamCall::End(StatusCode code) {
  untaken_ = sent_ == 0 && writing_.under_way();
  EndWith(code, attempt_ ? &attempt_->context : nullptr);
  deadline_timer_.Set(kEndTime);
  if (!attempt_) {
    pause_.Set(milliseconds(0));
  } else if (!attempt_->finishing && !reading_.under_way()) {
    Finish();
  }
}

// Runs at the deadline, and once more if gRPC has not ended the call within kEndTime: then the sink
// is told, and this object waits for gRPC.
void StreamCall::Expire() {
  if (ending_ == StatusCode::kOk) return End(StatusCode::kDeadlineExceeded);
  StreamResult result;
  TellOurEnd(&result);
  Answer(&result);
}

void StreamCall::Written(bool ok) {
  // If it is not taken, the stream has ended; what is read tells how.
  if (!ok || sink_ == nullptr || resend_) return Settle();
  sent_ = next_;
  if (next_ < ends_.size() && !attempt_->finishing && ending_ == StatusCode::kOk) Write();
}

void StreamCall::HasRead(bool ok) {
  if (sink_ == nullptr) return Settle();
  if (!ok || ending_ != StatusCode::kOk) return Finish();
  MessageReader reader(connection_.options.max_response_bytes);
  const absl::StatusOr<std::string_view> message = reader.Read(&attempt_->message);
  attempt_->message.Clear();
  if (message.ok() && !(takes_one_ && received_ == 1)) [[likely]] {
    ++received_;
    wanted_ = false;
    return sink_->OnMessage(*message);
  }
  // We end it: what follows is not wanted.
  peer_ = ConnectionOf(attempt_->context);
  attempt_->context.TryCancel();
  StreamResult result;
  if (message.ok()) {
    Tell(StatusCode::kUnimplemented, Cause::kUnreadable, &result);
    result.message = "the service sent more than one answer";
  } else {
    TellUnread(message.status(), &result);
  }
  Answer(&result);
}

void StreamCall::Finished(bool /*ok*/) {
  if (sink_ == nullptr) return Settle();
  StreamResult result;
  result.context = &attempt_->context;
  result.resends = resends_;
  Words words;
  const bool ok = attempt_->status.ok();
  if (!ok && JudgeAttempt(&attempt_->context, attempt_->status, received_ > 0, &words, &result)) {
    resend_ = TakeResend();
    if (resend_) return Settle();
  }
  if (ending_ != StatusCode::kOk) {
    TellOurEnd(&result);  // also if it is OK: messages may have come that were not wanted any more
  } else if (!ok) {
    JudgeOurEnd(true, &result);
  } else if (takes_one_ && received_ == 0) {
    Tell(StatusCode::kUnimplemented, Cause::kUnreadable, &result);
    result.message = "the service sent no answer";
  }
  Answer(&result);
}

// The pause is over, or there is nothing to wait for.
void StreamCall::Resume() {
  if (ending_ == StatusCode::kOk && !IsTooLarge()) return Try();
  StreamResult result;
  JudgeOurEnd(false, &result);
  if (result.cause == Cause::kRequestTooLarge) result.at = LargestOf(ends_);
  Answer(&result);
}

void StreamCall::Answer(StreamResult* result) {
  deadline_timer_.Stop();
  pause_.Stop();
  result->received = received_;
  result->sent = sent_;
  result->untaken = untaken_;
  result->sent_bytes = sent_ == 0 ? 0 : ends_[sent_ - 1];
  if (writing_.under_way() || reading_.under_way() || finishing_.under_way()) Charge();
  std::exchange(sink_, nullptr)->OnDone(*result);
  Settle();
}

// Goes on, if gRPC holds nothing any more, with what waits for that.
void StreamCall::Settle() {
  if (writing_.under_way() || reading_.under_way() || finishing_.under_way()) return;
  if (sink_ == nullptr) {
    delete this;
  } else if (const auto pause = std::exchange(resend_, std::nullopt)) {
    attempt_.reset();
    if (pause->count() == 0) {
      Resume();
    } else {
      pause_.Set(*pause);
    }
  }
}

}  // namespace bridge::upstream
