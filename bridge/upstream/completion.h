// What a tag of the completion queue points to.
#pragma once

namespace bridge::upstream {

class Completion {
 public:
  // Runs once per operation, on the reactor's thread.
  virtual void Complete(bool ok) = 0;

 protected:
  ~Completion() = default;
};

}  // namespace bridge::upstream
