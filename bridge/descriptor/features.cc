#include "bridge/descriptor/features.h"

#include <string>

#include "bridge/descriptor/option_reader.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/unknown_field_set.h"

namespace bridge::descriptor {
namespace {

constexpr Features kProto2 = {.closed_enum = true, .packed = false, .verify_utf8 = false};
constexpr Features kProto3 = {.implicit_presence = true};
constexpr Features kEditions = {};

constexpr int kEditionNumber = 14;  // of FileDescriptorProto; an enum since protobuf 25
constexpr uint64_t kEdition2023 = 1000;
constexpr uint64_t kEdition2024 = 1001;

uint64_t EditionOf(const google::protobuf::FileDescriptorProto& file) {
  const auto& unknown = file.GetReflection()->GetUnknownFields(file);
  uint64_t edition = 0;
  for (int i = 0; i < unknown.field_count(); ++i) {
    const auto& field = unknown.field(i);
    if (field.number() == kEditionNumber &&
        field.type() == google::protobuf::UnknownField::TYPE_VARINT) {
      edition = field.varint();
    }
  }
  return edition;
}

void Override(std::string_view feature_set, Features* features) {
  OptionReader reader(feature_set);
  for (OptionField field; reader.Next(&field);) {
    if (field.type != WireType::kVarint) continue;
    switch (field.number) {
      case 1:  // field_presence: EXPLICIT 1, IMPLICIT 2, LEGACY_REQUIRED 3
        features->implicit_presence = field.value == 2;
        features->legacy_required = field.value == 3;
        break;
      case 2:  // enum_type: OPEN 1, CLOSED 2
        features->closed_enum = field.value == 2;
        break;
      case 3:  // repeated_field_encoding: PACKED 1, EXPANDED 2
        features->packed = field.value == 1;
        break;
      case 4:  // utf8_validation: VERIFY 2, NONE 3
        features->verify_utf8 = field.value == 2;
        break;
      case 5:  // message_encoding: LENGTH_PREFIXED 1, DELIMITED 2
        features->delimited = field.value == 2;
        break;
      default:
        break;
    }
  }
}

}  // namespace

Features Features::With(std::string_view options, uint32_t features_number) const {
  Features merged = *this;
  OptionReader reader(options);
  for (OptionField field; reader.Next(&field);) {
    if (field.number == features_number && field.type == WireType::kBytes) {
      Override(field.bytes, &merged);
    }
  }
  return merged;
}

std::optional<Features> FileFeatures(const google::protobuf::FileDescriptorProto& file) {
  if (file.syntax().empty() || file.syntax() == "proto2") return kProto2;
  if (file.syntax() == "proto3") return kProto3;
  if (file.syntax() != "editions") return std::nullopt;
  const uint64_t edition = EditionOf(file);
  if (edition != kEdition2023 && edition != kEdition2024) return std::nullopt;
  return kEditions.With(file.options().SerializeAsString(), kFileFeatures);
}

}  // namespace bridge::descriptor
