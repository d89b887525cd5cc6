// Editions features (https://protobuf.dev/editions/features/, editions 2023 and 2024), read by
// number because protobuf 3.21 does not know them; proto2 and proto3 are two sets of defaults.
// Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace google::protobuf {
class FileDescriptorProto;
}

namespace bridge::descriptor {

// google.protobuf.FeatureSet, resolved to the bits that conversion needs.
struct Features {
  bool implicit_presence = false;
  bool legacy_required = false;
  bool closed_enum = false;
  bool packed = true;
  bool verify_utf8 = true;
  bool delimited = false;

  // These features with the overrides of encoded options whose FeatureSet has `features_number`.
  Features With(std::string_view options, uint32_t features_number) const;
};

// Field number of `features` in each kind of options.
inline constexpr uint32_t kFileFeatures = 50;
inline constexpr uint32_t kMessageFeatures = 12;
inline constexpr uint32_t kFieldFeatures = 21;
inline constexpr uint32_t kOneofFeatures = 1;
inline constexpr uint32_t kEnumFeatures = 7;

// The defaults of the file's syntax or edition with the file's own overrides; nothing for a syntax
// or an edition this program does not know.
std::optional<Features> FileFeatures(const google::protobuf::FileDescriptorProto& file);

}  // namespace bridge::descriptor
