// Resource types of google.api.resource (1053) and the fields that refer to them by
// google.api.resource_reference (1055): how a resource name looks (AIP-122).
// Not thread-safe while it grows.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bridge::descriptor {

class Resources final {
 public:
  // Adds what encoded MessageOptions or FileOptions define; the first definition of a type stays.
  void Add(std::string_view options);

  // "Format: projects/{project}/topics/{topic}." for a field with these encoded FieldOptions; empty
  // if it refers to nothing or to anything.
  std::string FindFormat(std::string_view options) const;

 private:
  std::unordered_map<std::string, std::vector<std::string>> patterns_;  // by type
};

}  // namespace bridge::descriptor
