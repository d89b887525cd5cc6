// Reads of a serialized google.protobuf.FileDescriptorProto what reflection needs, without parsing
// it: two bytes of a hostile server would become two hundred in memory. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace bridge::upstream {

// The views are into the scanned bytes.
struct DescriptorScan {
  std::string_view name;
  std::vector<std::string_view> imports;
  bool declares = false;    // a message, an enum, a service or an extension
  size_t parsed_bytes = 0;  // about what it takes in memory once parsed
};

// Nothing if the bytes are damaged, or nested deeper than protobuf parses. Stops, without imports,
// as soon as parsed_bytes is more than `max_parsed_bytes`.
std::optional<DescriptorScan> ScanDescriptor(std::string_view bytes, size_t max_parsed_bytes);

}  // namespace bridge::upstream
