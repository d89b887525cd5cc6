#include "tests/support/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

extern char** environ;

namespace bridge::testing {
namespace {

std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  return pointers;
}

size_t CountEntries(const std::string& folder) {
  std::error_code error;
  size_t count = 0;
  for (std::filesystem::directory_iterator entry(folder, error), end; entry != end;
       entry.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> words, std::vector<std::string> environment) {
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
  std::vector<char*> argv = Pointers(&words);
  argv.push_back(nullptr);
  std::vector<char*> envp = Pointers(&environment);
  for (char** entry = environ; *entry != nullptr; ++entry) envp.push_back(*entry);
  envp.push_back(nullptr);
  EXPECT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), envp.data()), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(pipe_fds[1]);
  stdout_ = pipe_fds[0];
}

ChildProcess::~ChildProcess() {
  Signal(SIGKILL);
  Wait();
  if (stdout_ >= 0) close(stdout_);
}

std::string ChildProcess::ReadLine() {
  std::string line;
  char c = 0;
  while (read(stdout_, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

void ChildProcess::Signal(int number) const {
  if (pid_ > 0) kill(pid_, number);  // -1 would be every process there is
}

void ChildProcess::Pause() const {
  Signal(SIGSTOP);
  int status = 0;
  if (pid_ > 0) waitpid(pid_, &status, WUNTRACED);
}

int ChildProcess::Wait() {
  if (pid_ <= 0) return ended_;
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return ended_;
}

std::optional<int> ChildProcess::WaitFor(std::chrono::milliseconds at_most) {
  if (pid_ <= 0) return ended_;
  const int process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  pollfd ended{.fd = process, .events = POLLIN, .revents = 0};
  const bool over = poll(&ended, 1, static_cast<int>(at_most.count())) == 1;
  close(process);
  if (!over) return std::nullopt;
  return Wait();
}

Usage ChildProcess::MeasureUsage() const {
  const std::string folder = "/proc/" + std::to_string(pid_);
  Usage usage{.descriptors = CountEntries(folder + "/fd"),
              .threads = CountEntries(folder + "/task")};
  std::ifstream status(folder + "/status");
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> usage.resident_kb;
    if (word == "VmHWM:") status >> usage.peak_resident_kb;
  }
  return usage;
}

}  // namespace bridge::testing
