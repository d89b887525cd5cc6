#include "bridge/upstream/completions.h"

#include <utility>

namespace bridge::upstream {
namespace {

void Handle(void* tag, bool ok) {
  static_cast<Completion*>(tag)->Complete(ok);
}

}  // namespace

Completions::Completions(std::function<void()> wake)
    : wake_(std::move(wake)), pump_([this] { Pump(); }) {}

Completions::~Completions() {
  if (pump_.joinable()) Shutdown();
}

size_t Completions::Poll() {
  size_t count = 0;
  if (watching_) {
    // One poller at a time: two threads in one completion queue cost half as much again.
    if (!delivered_.load(std::memory_order_acquire)) return 0;
    const Event event = event_;
    delivered_.store(false, std::memory_order_relaxed);
    watching_ = false;
    Handle(event.tag, event.ok);
    ++count;
  }
  void* tag = nullptr;
  bool ok = false;
  while (queue_.AsyncNext(&tag, &ok, gpr_inf_past(GPR_CLOCK_MONOTONIC)) ==
         ::grpc::CompletionQueue::GOT_EVENT) {
    Handle(tag, ok);
    ++count;
  }
  return count;
}

void Completions::Watch() {
  if (watching_) return;
  watching_ = true;
  go_.release();
}

void Completions::Pump() {
  while (true) {
    go_.acquire();
    if (stopping_.load(std::memory_order_acquire)) return;
    Event event{};
    if (!queue_.Next(&event.tag, &event.ok)) return;
    event_ = event;
    delivered_.store(true, std::memory_order_release);
    wake_();
  }
}

void Completions::Shutdown() {
  queue_.Shutdown();
  stopping_.store(true, std::memory_order_release);
  go_.release();
  pump_.join();
  if (delivered_.load(std::memory_order_acquire)) Handle(event_.tag, event_.ok);
  delivered_.store(false, std::memory_order_relaxed);
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) Handle(tag, ok);
}

}  // namespace bridge::upstream
