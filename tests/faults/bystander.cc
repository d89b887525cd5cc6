#include "tests/faults/bystander.h"

#include <gtest/gtest.h>

#include "tests/support/bridge_process.h"

namespace bridge::testing {

Bystander::Bystander(int mcp_port, const std::string& tool)
    : thread_([this, mcp_port, tool] { Call(mcp_port, tool); }) {}

Bystander::~Bystander() {
  if (thread_.joinable()) Stop();
}

void Bystander::Stop() {
  stopping_ = true;
  thread_.join();
  EXPECT_EQ(failure_, "") << "after " << calls_ << " calls that went well";
  EXPECT_GT(calls_, 0);
}

void Bystander::Call(int mcp_port, const std::string& tool) {
  const std::string text = ModernCall(tool, {{"text", "well"}});
  OpenRequest connection(mcp_port, text);
  while (true) {
    const std::string answer = connection.Read().body;
    if (answer.find(R"("structuredContent":{"text":"well"})") == std::string::npos) {
      failure_ = answer.empty() ? "no answer" : answer;
      return;
    }
    ++calls_;
    if (stopping_) return;
    connection.Send(text);
  }
}

}  // namespace bridge::testing
