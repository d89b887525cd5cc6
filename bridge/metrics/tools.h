// The tools that have series of their own. A tool gets its number when a catalog with it is
// published, and keeps it for the life of the process: one that is removed and added again goes on
// counting. There are at most so many numbers; the tools beyond share the number 0, "_other".
//
// Any thread; a lock is held only while a catalog is published or a page is made.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::metrics {

// What the labels of a tool's series say.
struct ToolLabels {
  std::string tool;
  std::string upstream;        // its alias
  std::string rpc_method;      // "shop.v1.OrderService/GetOrder"
  std::string server_address;  // of the upstream
  std::string server_port;     // empty: it has none
};

class Tools final {
 public:
  // With at most 10,000.
  explicit Tools(size_t most) : most_(most) {}

  // The number of this tool, 1 or more; 0 if there is none left for it. `added`: it is new. What is
  // known of a tool by that name is replaced.
  uint16_t Number(const ToolLabels& labels, bool* added);

  size_t most() const { return most_; }
  // Of number 1, 2, ...
  std::vector<ToolLabels> List() const;

 private:
  const size_t most_;
  mutable std::mutex mutex_;
  std::map<std::string, uint16_t, std::less<>> numbers_;
  std::vector<ToolLabels> tools_;
};

}  // namespace bridge::metrics
