#include "bridge/app/discovery.h"

#include <algorithm>
#include <utility>

#include "bridge/telemetry/log.h"
#include "bridge/upstream/reflection.h"

namespace bridge::app {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// 1, 2, 4 ... 30 s after the first, second ... failure in a row.
seconds Backoff(int failures) {
  return std::min(seconds(30), seconds(1LL << std::min(failures - 1, 5)));
}

}  // namespace

Discovery::Discovery(std::vector<upstream::Target> targets, std::vector<std::string> comments,
                     seconds refresh, Publish publish)
    : targets_(std::move(targets)),
      comments_(std::move(comments)),
      refresh_(refresh),
      publish_(std::move(publish)),
      known_(targets_.size()) {
  for (size_t i = 0; i < targets_.size(); ++i) {
    known_[i].source.upstream = targets_[i].name;
    known_[i].source.index = i;
  }
}

Discovery::~Discovery() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Discovery::Start() {
  AskDue();
  Rebuild();
  thread_ = std::thread([this] { Run(); });
}

bool Discovery::AskDue() {
  struct Answer {
    size_t index;
    absl::StatusOr<upstream::Reflection> found = absl::UnknownError("");
  };
  std::vector<Answer> answers;
  const auto now = steady_clock::now();
  for (size_t i = 0; i < targets_.size(); ++i) {
    if (known_[i].due <= now) answers.push_back({.index = i});
  }
  std::vector<std::thread> threads;
  for (Answer& answer : answers) {
    threads.emplace_back(
        [this, &answer] { answer.found = upstream::Reflect(targets_[answer.index]); });
  }
  for (std::thread& thread : threads) thread.join();

  bool changed = false;
  const std::lock_guard lock(mutex_);
  for (Answer& answer : answers) {
    Known& known = known_[answer.index];
    const std::string before = known.problem;
    if (!answer.found.ok()) {
      known.problem = std::string(answer.found.status().message());
      known.due = steady_clock::now() + Backoff(++known.failures);
      if (known.problem != before) {
        telemetry::Log(telemetry::LogLevel::kWarning, "discovery", "upstream cannot be described",
                       {{"upstream", known.source.upstream}, {"problem", known.problem}});
      }
      continue;
    }
    known.failures = 0;
    known.problem.clear();
    known.due = refresh_.count() == 0 ? TimePoint::max() : steady_clock::now() + refresh_;
    for (const std::string& problem : answer.found->problems) {
      telemetry::Log(telemetry::LogLevel::kWarning, "discovery",
                     "upstream describes itself in part",
                     {{"upstream", known.source.upstream}, {"problem", problem}});
    }
    const bool same = known.described && known.source.services == answer.found->services &&
                      known.source.files == answer.found->files;
    if (same) continue;
    known.described = true;
    known.source.services = std::move(answer.found->services);
    known.source.files = std::move(answer.found->files);
    changed = true;
  }
  return changed;
}

void Discovery::Rebuild() {
  std::vector<catalog::Source> sources;
  {
    const std::lock_guard lock(mutex_);
    for (const Known& known : known_) {
      if (known.described) sources.push_back(known.source);
    }
  }
  std::vector<std::string> problems;
  auto catalog = catalog::Catalog::Make(sources, comments_, {}, &problems);
  for (const std::string& problem : problems) {
    telemetry::Log(telemetry::LogLevel::kWarning, "discovery", "left out of the catalog",
                   {{"problem", problem}});
  }
  telemetry::Log(telemetry::LogLevel::kInfo, "discovery", "catalog published",
                 {{"tools", catalog->tools().size()}, {"upstreams", sources.size()}});
  publish_(std::move(catalog));
}

void Discovery::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      TimePoint due = TimePoint::max();
      for (const Known& known : known_) due = std::min(due, known.due);
      const auto stop = [this] { return stopping_; };
      if (due == TimePoint::max()) {
        wake_.wait(lock, stop);
      } else {
        wake_.wait_until(lock, due, stop);
      }
      if (stopping_) return;
    }
    if (AskDue()) Rebuild();
  }
}

std::vector<transport::UpstreamStatus> Discovery::Statuses() const {
  std::vector<transport::UpstreamStatus> statuses;
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < targets_.size(); ++i) {
    statuses.push_back(
        {targets_[i].name, targets_[i].address, known_[i].described, known_[i].problem});
  }
  return statuses;
}

}  // namespace bridge::app
