#include "bridge/app/discovery.h"

#include <algorithm>
#include <utility>

#include "bridge/telemetry/log.h"
#include "bridge/telemetry/span.h"

namespace bridge::app {
namespace {

using std::chrono::seconds;
using telemetry::LogLevel;

constexpr seconds kFirstAnswers{5};
constexpr seconds kAskAgainPause{60};
constexpr seconds kNever = std::chrono::hours(24 * 365);
// Between two questions for types alone.
constexpr seconds kMaxTypesPause{600};
constexpr size_t kMaxLoggedTypes = 100;

// 1, 2, 4, 8, 10, 10 ... s after the first, second ... failure in a row.
seconds Backoff(int failures) {
  return std::min(seconds(10), seconds(1LL << std::min(failures - 1, 4)));
}

// Each type once, and no more of them than a log can be asked to hold: the names are the
// upstream's.
void LogUnknown(const std::string& upstream, const std::vector<std::string>& asked,
                const std::vector<std::string>& described, std::set<std::string>* logged) {
  for (const std::string& type : asked) {
    if (std::find(described.begin(), described.end(), type) != described.end()) continue;
    if (logged->size() == kMaxLoggedTypes || !logged->insert(type).second) continue;
    telemetry::Log(LogLevel::kInfo, "discovery",
                   "answers hold a type that the upstream does not describe",
                   {{"upstream", upstream}, {"type", type}});
  }
}

bool SameAs(const catalog::Source* source, const upstream::Reflection& found) {
  return source != nullptr && source->services == found.services && source->files == found.files &&
         source->types == found.types;
}

}  // namespace

Discovery::Discovery(std::vector<upstream::Target> targets, std::vector<std::string> comments,
                     schema::SchemaOptions schema, seconds refresh, Publish publish, Ask ask)
    : targets_(std::move(targets)),
      comments_(std::move(comments)),
      schema_(schema),
      refresh_(refresh.count() == 0 ? kNever : refresh),
      publish_(std::move(publish)),
      ask_(std::move(ask)),
      known_(targets_.size()) {
  for (size_t i = 0; i < targets_.size(); ++i) {
    known_[i].unknown_types = std::make_shared<transcode::UnknownTypes>([this, i] {
      const std::lock_guard lock(mutex_);
      known_[i].has_unknown_types = true;
      changed_.notify_all();
    });
  }
}

Discovery::Found Discovery::AskByReflection(const upstream::Target& target,
                                            upstream::Cancellation* cancellation,
                                            const std::vector<std::string>& types) {
  return upstream::Reflect(target, {}, cancellation, types);
}

Discovery::~Discovery() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  cancellation_.Cancel();
  for (std::thread& thread : threads_) thread.join();
}

void Discovery::Start() {
  for (size_t i = 0; i < targets_.size(); ++i) {
    threads_.emplace_back([this, i] { KeepAsking(i); });
  }
  threads_.emplace_back([this] { KeepBuilding(); });
}

bool Discovery::WaitForCatalog(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, at_most, [this] { return published_; });
}

void Discovery::KeepAsking(size_t index) {
  Known& known = known_[index];
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    known.ask_again = false;
    known.has_unknown_types = false;
    lock.unlock();
    const std::vector<std::string> types = known.unknown_types->Names();
    const auto begun = telemetry::Clock::now();
    Found found = ask_(targets_[index], &cancellation_, types);
    known.questions.Observe(metrics::kOperationSeconds,
                            metrics::Nanoseconds(begun, telemetry::Clock::now()));
    lock.lock();
    if (stopping_) return;
    lock.unlock();
    Report(index, types, found);
    std::shared_ptr<catalog::Source> source;
    if (found.ok() && !SameAs(known.source.get(), *found)) {
      source = std::make_shared<catalog::Source>();
      source->upstream = targets_[index].name;
      source->index = index;
      source->services = std::move(found->services);
      source->files = std::move(found->files);
      source->types = std::move(found->types);
      source->unknown_types = known.unknown_types;
    }
    lock.lock();
    const seconds pause = Take(found, std::move(source), &known);
    changed_.notify_all();
    WaitUntilDue(pause, &known, &lock);
  }
}

void Discovery::AskAgain(size_t index) {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    Known& known = known_[index];
    if (now < known.not_again_before) return;
    known.not_again_before = now + kAskAgainPause;
    known.ask_again = true;
  }
  changed_.notify_all();
}

void Discovery::WaitUntilDue(seconds pause, Known* known, std::unique_lock<std::mutex>* lock) {
  const auto asked = std::chrono::steady_clock::now();
  const auto at_once = [&] { return stopping_ || known->ask_again; };
  changed_.wait_until(*lock, asked + pause, [&] { return at_once() || known->has_unknown_types; });
  if (!at_once() && known->has_unknown_types && known->types_pause < pause) {
    changed_.wait_until(*lock, asked + known->types_pause, at_once);
    known->types_pause = std::min(known->types_pause * 2, kMaxTypesPause);
    return;
  }
  changed_.wait_until(*lock, asked + pause, at_once);
  known->types_pause = seconds(1);
  // What it did not know it may know now, but is asked for it only if it is seen again.
  known->unknown_types->Keep(known->source == nullptr ? std::vector<std::string>()
                                                      : known->source->types);
}

void Discovery::Report(size_t index, const std::vector<std::string>& types, const Found& found) {
  Known& known = known_[index];
  const std::string& upstream = targets_[index].name;
  if (!found.ok()) {
    const std::string problem(found.status().message());
    if (known.problem == problem) return;
    telemetry::Log(LogLevel::kWarning, "discovery", "upstream cannot be described",
                   {{"upstream", upstream}, {"problem", problem}});
    return;
  }
  if (known.failures > 0) {
    telemetry::Log(LogLevel::kInfo, "discovery", "upstream describes itself again",
                   {{"upstream", upstream}});
  }
  LogUnknown(upstream, types, found->types, &known.logged_types);
  if (SameAs(known.source.get(), *found)) return;
  for (const std::string& problem : found->problems) {
    telemetry::Log(LogLevel::kWarning, "discovery", "upstream describes itself in part",
                   {{"upstream", upstream}, {"problem", problem}});
  }
}

seconds Discovery::Take(const Found& found, std::shared_ptr<const catalog::Source> source,
                        Known* known) {
  known->asked = true;
  if (!found.ok()) {
    known->problem = std::string(found.status().message());
    ++known->failed_questions;
    return Backoff(++known->failures);
  }
  known->failures = 0;
  known->problem.clear();
  known->described_at = telemetry::Clock::now();
  if (source != nullptr) {
    known->source = std::move(source);
    outdated_ = true;
  }
  return refresh_;
}

void Discovery::KeepBuilding() {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kFirstAnswers, [this] {
    return stopping_ || std::all_of(known_.begin(), known_.end(),
                                    [](const Known& known) { return known.asked; });
  });
  while (!stopping_) {
    std::vector<std::shared_ptr<const catalog::Source>> described;
    for (const Known& known : known_) {
      if (known.source != nullptr) described.push_back(known.source);
    }
    outdated_ = false;
    lock.unlock();
    std::vector<catalog::Source> sources;
    for (const auto& source : described) sources.push_back(*source);
    Build(sources);
    lock.lock();
    published_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stopping_ || outdated_; });
  }
}

void Discovery::Build(const std::vector<catalog::Source>& sources) {
  std::vector<std::string> problems;
  auto catalog = catalog::Catalog::Make(sources, comments_, schema_, &problems, &stopping_);
  if (stopping_) return;
  for (const std::string& problem : problems) {
    telemetry::Log(LogLevel::kWarning, "discovery", "left out of the catalog",
                   {{"problem", problem}});
  }
  telemetry::Log(LogLevel::kInfo, "discovery", "catalog published",
                 {{"tools", catalog->tools().size()}, {"upstreams", sources.size()}});
  publish_(std::move(catalog));
}

std::vector<transport::UpstreamStatus> Discovery::Statuses() const {
  std::vector<transport::UpstreamStatus> statuses;
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < targets_.size(); ++i) {
    const Known& known = known_[i];
    transport::UpstreamStatus& status = statuses.emplace_back();
    status.name = targets_[i].name;
    status.address = targets_[i].address;
    status.described = known.source != nullptr;
    status.problem = known.problem;
    status.questions.Add(known.questions);
    status.failures = known.failed_questions;
    status.described_at = known.described_at;
  }
  return statuses;
}

}  // namespace bridge::app
