// A client of an upstream that is well: calls it all the while another one misbehaves.
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace bridge::testing {

class Bystander final {
 public:
  // Calls `tool`, which must echo, over one connection until Stop.
  Bystander(int mcp_port, const std::string& tool);
  ~Bystander();

  // Ends it. The test fails if a call failed or none was made.
  void Stop();

 private:
  void Call(int mcp_port, const std::string& tool);

  std::atomic<bool> stopping_{false};
  int calls_ = 0;
  std::string failure_;
  std::thread thread_;
};

}  // namespace bridge::testing
