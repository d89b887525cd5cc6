// Discovery on a source of answers that the test gives, in every order.
#include "bridge/app/discovery.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bridge/telemetry/log.h"

namespace bridge::app {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Names = std::vector<std::string>;
using Found = absl::StatusOr<upstream::Reflection>;

// Service `service` of package "t" with these methods, all of Empty to Empty.
Found Describes(const std::string& service, const Names& methods) {
  ::google::protobuf::FileDescriptorProto file;
  file.set_name(service + ".proto");
  file.set_package("t." + service);
  file.set_syntax("proto3");
  file.add_message_type()->set_name("Empty");
  auto* declared = file.add_service();
  declared->set_name(service);
  for (const std::string& name : methods) {
    auto* method = declared->add_method();
    method->set_name(name);
    method->set_input_type(".t." + service + ".Empty");
    method->set_output_type(".t." + service + ".Empty");
  }
  upstream::Reflection reflection;
  reflection.services = {"t." + service + "." + service};
  reflection.files = {file.SerializeAsString()};
  return reflection;
}

Found Fails(const char* problem) {
  return absl::UnavailableError(problem);
}

// Upstreams whose answers wait until the test gives them, and the catalogs that came of them.
class Stage final {
 public:
  explicit Stage(const Names& upstreams, seconds refresh = seconds(0)) {
    std::vector<upstream::Target> targets;
    for (const std::string& name : upstreams) {
      targets.push_back({.name = name, .address = name + ":1", .host = name, .port = 1});
    }
    discovery_ = std::make_unique<Discovery>(
        std::move(targets), Names(), schema::SchemaOptions(), refresh,
        [this](std::shared_ptr<const catalog::Catalog> catalog) {
          Names names;
          for (const catalog::Tool& tool : catalog->tools()) names.push_back(tool.text.name);
          const std::lock_guard lock(mutex_);
          published_.push_back(std::move(names));
          changed_.notify_all();
        },
        [this](const upstream::Target& target, upstream::Cancellation* /*cancellation*/,
               const Names& /*types*/) -> Found {
          std::unique_lock lock(mutex_);
          ++asked_[target.name];
          changed_.notify_all();
          std::deque<Found>& answers = answers_[target.name];
          changed_.wait(lock, [&] { return ended_ || !answers.empty(); });
          if (ended_) return absl::CancelledError("ended");
          Found answer = std::move(answers.front());
          answers.pop_front();
          return answer;
        });
    discovery_->Start();
  }

  ~Stage() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      changed_.notify_all();
    }
    discovery_.reset();
  }

  void Give(const std::string& upstream, Found answer) {
    const std::lock_guard lock(mutex_);
    answers_[upstream].push_back(std::move(answer));
    changed_.notify_all();
  }
  // Each waits up to ten seconds; what there is then.
  int AwaitAsked(const std::string& upstream, int times) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [&] { return asked_[upstream] >= times; });
    return asked_[upstream];
  }
  std::vector<Names> AwaitCatalogs(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10), [&] { return published_.size() >= count; });
    return published_;
  }
  // The tools of the newest catalog, once they are these.
  Names AwaitTools(const Names& tools) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, seconds(10),
                      [&] { return !published_.empty() && published_.back() == tools; });
    return published_.empty() ? Names{"nothing published"} : published_.back();
  }
  std::vector<Names> catalogs() {
    const std::lock_guard lock(mutex_);
    return published_;
  }
  Discovery& discovery() { return *discovery_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::deque<Found>> answers_;
  std::map<std::string, int> asked_;
  std::vector<Names> published_;
  bool ended_ = false;
  std::unique_ptr<Discovery> discovery_;
};

// Every order of three.
std::vector<std::vector<size_t>> Orders() {
  std::vector<std::vector<size_t>> orders;
  std::vector<size_t> order = {0, 1, 2};
  do {
    orders.push_back(order);
  } while (std::next_permutation(order.begin(), order.end()));
  return orders;
}

const Names kUpstreams = {"a", "b", "c"};
const Names kServices = {"Apples", "Beans", "Corn"};

// Whatever the order, the first catalog waits for all and has all.
TEST(Discovery, TheFirstCatalogIsTheSameInEveryOrder) {
  for (const auto& order : Orders()) {
    Stage stage(kUpstreams);
    for (const size_t i : order) {
      EXPECT_THAT(stage.catalogs(), IsEmpty());
      EXPECT_FALSE(stage.discovery().WaitForCatalog(std::chrono::milliseconds(0)));
      EXPECT_EQ(stage.AwaitAsked(kUpstreams[i], 1), 1);
      stage.Give(kUpstreams[i], Describes(kServices[i], {"Get"}));
    }
    EXPECT_TRUE(stage.discovery().WaitForCatalog(seconds(10)));
    EXPECT_THAT(stage.catalogs(), ElementsAre(Names{"Apples_Get", "Beans_Get", "Corn_Get"}));
    for (const auto& status : stage.discovery().Statuses()) {
      EXPECT_TRUE(status.described) << status.name;
      EXPECT_EQ(status.problem, "") << status.name;
    }
  }
}

// One of them fails: its failure counts as an answer, at whichever place it comes.
TEST(Discovery, AFailureKeepsNobodyBackInAnyOrder) {
  for (const auto& order : Orders()) {
    Stage stage(kUpstreams);
    for (const size_t i : order) {
      EXPECT_THAT(stage.catalogs(), IsEmpty());
      stage.Give(kUpstreams[i], i == 1 ? Fails("refused") : Describes(kServices[i], {"Get"}));
    }
    EXPECT_THAT(stage.AwaitCatalogs(1), ElementsAre(Names{"Apples_Get", "Corn_Get"}));
    const auto statuses = stage.discovery().Statuses();
    EXPECT_FALSE(statuses[1].described);
    EXPECT_EQ(statuses[1].problem, "refused");
  }
}

// All change at the second question: the last catalog has all changes, in every order, and none in
// between lacks a tool that was there before.
TEST(Discovery, ChangesArriveInEveryOrder) {
  const auto orders = Orders();
  std::vector<std::unique_ptr<Stage>> stages;
  for (size_t i = 0; i < orders.size(); ++i) {
    stages.push_back(std::make_unique<Stage>(kUpstreams, seconds(1)));
    for (size_t j = 0; j < 3; ++j) {
      stages[i]->Give(kUpstreams[j], Describes(kServices[j], {"Get"}));
    }
  }
  const Names first = {"Apples_Get", "Beans_Get", "Corn_Get"};
  for (size_t i = 0; i < stages.size(); ++i) {
    EXPECT_EQ(stages[i]->AwaitTools(first), first);
    for (const std::string& name : kUpstreams) EXPECT_GE(stages[i]->AwaitAsked(name, 2), 2);
    Names want = first;
    for (const size_t j : orders[i]) {
      stages[i]->Give(kUpstreams[j], Describes(kServices[j], {"Get", "Set"}));
      want.push_back(kServices[j] + "_Set");
      std::sort(want.begin(), want.end());
      EXPECT_EQ(stages[i]->AwaitTools(want), want);
    }
    EXPECT_EQ(stages[i]->catalogs().size(), 4u);
  }
}

// The same description again publishes nothing; a failure keeps what was there.
TEST(Discovery, WhatIsNotNewPublishesNothing) {
  Stage stage({"a"}, seconds(1));
  stage.Give("a", Describes("Apples", {"Get"}));
  stage.Give("a", Describes("Apples", {"Get"}));
  stage.Give("a", Fails("gone"));
  EXPECT_EQ(stage.AwaitAsked("a", 4), 4);
  EXPECT_EQ(stage.catalogs().size(), 1u);
  const auto statuses = stage.discovery().Statuses();
  EXPECT_TRUE(statuses[0].described);
  EXPECT_EQ(statuses[0].problem, "gone");
}

// At the end nothing is waited for: neither a question nor a pause.
TEST(Discovery, EndsWhateverItIsAt) {
  {
    Stage before_any_answer(kUpstreams);
  }
  {
    Stage between(kUpstreams);
    between.Give("a", Describes("Apples", {"Get"}));
    between.Give("b", Fails("refused"));
    EXPECT_EQ(between.AwaitAsked("b", 1), 1);
  }
  {
    Stage after(kUpstreams, seconds(3600));
    for (size_t i = 0; i < 3; ++i) after.Give(kUpstreams[i], Describes(kServices[i], {"Get"}));
    EXPECT_EQ(after.AwaitCatalogs(1).size(), 1u);
  }
}

// The log while it lives, in a pipe that can be left unread.
class CaughtLog final {
 public:
  CaughtLog() {
    EXPECT_EQ(pipe2(pipe_, O_CLOEXEC), 0);
    telemetry::SetLogDescriptor(pipe_[1]);
  }
  ~CaughtLog() {
    telemetry::SetLogDescriptor(STDERR_FILENO);
    close(pipe_[0]);
    close(pipe_[1]);
  }
  void Fill() const {
    fcntl(pipe_[1], F_SETFL, O_NONBLOCK);
    const std::string block(4096, 'x');
    while (write(pipe_[1], block.data(), block.size()) > 0) continue;
    fcntl(pipe_[1], F_SETFL, 0);
  }
  std::string Text() const {
    fcntl(pipe_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    char bytes[4096];
    for (ssize_t got; (got = read(pipe_[0], bytes, sizeof(bytes))) > 0;) {
      text.append(bytes, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  int pipe_[2];
};

TEST(B23Again, IsOnlySaidAfterAFailure) {
  const struct {
    std::vector<Found> answers;
    int again;
  } rows[] = {
      {{Describes("Apples", {"Get"})}, 0},
      {{Describes("Apples", {"Get"}), Describes("Apples", {"Get", "Set"})}, 0},
      {{Fails("refused"), Describes("Apples", {"Get"})}, 1},
      {{Describes("Apples", {"Get"}), Fails("refused"), Describes("Apples", {"Get"})}, 1},
      {{Describes("Apples", {"Get"}), Fails("one"), Fails("two"), Describes("Apples", {"Get"})}, 1},
  };
  for (const auto& row : rows) {
    const CaughtLog log;
    {
      Stage stage({"a"}, seconds(1));
      for (const Found& answer : row.answers) stage.Give("a", answer);
      const int asked = static_cast<int>(row.answers.size()) + 1;
      EXPECT_EQ(stage.AwaitAsked("a", asked), asked);
    }
    const std::string text = log.Text();
    int again = 0;
    for (size_t at = 0; (at = text.find("describes itself again", at)) != std::string::npos; ++at) {
      ++again;
    }
    EXPECT_EQ(again, row.again) << text;
  }
}

// A reader of the log that stands still: discovery goes on, and what /livez asks for is there.
TEST(A12Log, AReaderThatStandsStillStopsNothing) {
  const CaughtLog log;
  log.Fill();
  Stage stage(kUpstreams, seconds(1));
  stage.Give("a", Fails("refused"));
  stage.Give("b", Describes("Beans", {"Get"}));
  upstream::Reflection partly = *Describes("Corn", {"Get"});
  partly.problems = {"an import is missing"};
  stage.Give("c", partly);
  const Names first = {"Beans_Get", "Corn_Get"};
  EXPECT_EQ(stage.AwaitTools(first), first);
  EXPECT_EQ(stage.discovery().Statuses()[0].problem, "refused");
  stage.Give("a", Describes("Apples", {"Get"}));
  const Names all = {"Apples_Get", "Beans_Get", "Corn_Get"};
  EXPECT_EQ(stage.AwaitTools(all), all);
  EXPECT_THAT(log.Text(), Not(HasSubstr("published")));
}

}  // namespace
}  // namespace bridge::app
