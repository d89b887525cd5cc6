// The message types that an upstream's answers named in an Any and its description does not have,
// for whoever can ask the upstream for them. The names are the upstream's: they are few, legal and
// short, so that it cannot make anybody ask for ever. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bridge::transcode {

class UnknownTypes final {
 public:
  // `on_new` runs on the thread that notes a name for the first time; it must not call back.
  explicit UnknownTypes(std::function<void()> on_new) : on_new_(std::move(on_new)) {}

  // Ignores what is no full name of a type, and all beyond the first 100 names.
  void Note(std::string_view full_name);

  // What was noted, sorted.
  std::vector<std::string> Names() const;
  // Forgets all names but `known`, so that the others can be noted again.
  void Keep(std::span<const std::string> known);

 private:
  const std::function<void()> on_new_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> names_;
};

}  // namespace bridge::transcode
