// Where the description of an upstream comes from, and what is made of it. Values.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bridge/catalog/tool_rules.h"
#include "bridge/upstream/upstream.h"

namespace bridge::discovery {

struct SourceOptions {
  enum class Kind : uint8_t { kReflection, kDescriptorSets, kProtos };
  Kind kind = Kind::kReflection;
  std::vector<std::string> files;         // descriptor sets; or .proto files and folders of them
  std::vector<std::string> import_paths;  // kProtos
  std::vector<std::string> overlays;      // descriptor sets that are laid over it
  std::chrono::seconds refresh{60};       // between two looks; 0: only when asked
  std::chrono::seconds grace{600};        // how long tools stay after the last good answer
  bool operator==(const SourceOptions&) const = default;
};

struct UpstreamSource {
  std::shared_ptr<const upstream::Upstream> upstream;
  SourceOptions source;
  catalog::ToolRules rules;
};

}  // namespace bridge::discovery
