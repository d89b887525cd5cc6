// What goes on between Server::Handle and the end of an answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace bridge::mcp {

class Operations;

// Enters itself into the list of its server while it exists. The reactor's thread only.
class Operation {
 public:
  enum class Why : uint8_t {
    kPeerGone,  // nobody waits for the answer any more
    kAsked,     // notifications/cancelled
    kShutdown,  // the bridge ends
  };

  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  // Ends it soon, and its answer as well.
  virtual void Cancel(Why why) = 0;
  // Whether it may go on for ever, so that a drain ends it first.
  virtual bool endless() const { return false; }

 protected:
  // `cancel_key`: see CancelKey; empty: no notification can name it.
  Operation(Operations* operations, std::string cancel_key);
  ~Operation();

 private:
  friend class Operations;
  Operations& operations_;
  const std::string cancel_key_;
  Operation* previous_ = nullptr;
  Operation* next_ = nullptr;
};

class Operations final {
 public:
  size_t size() const { return size_; }
  // `visit` may end the one that it is given.
  template <typename Visit>
  void ForEach(Visit visit) {
    for (Operation *operation = first_, *next = nullptr; operation != nullptr; operation = next) {
      next = operation->next_;
      visit(*operation);
    }
  }
  // Null if there is none. Of two with the same key the one that began later.
  Operation* Find(const std::string& cancel_key) const;

 private:
  friend class Operation;
  void Add(Operation* operation);
  void Remove(Operation* operation);

  Operation* first_ = nullptr;  // each is linked to the next: no allocation per call
  size_t size_ = 0;
  std::unordered_map<std::string, Operation*> by_key_;
};

// Of a legacy request: ids are the client's own, and may be written in other ways when it cancels.
std::string CancelKey(std::string_view session, std::string_view id);

}  // namespace bridge::mcp
