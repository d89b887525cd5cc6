#include "server/field_masks.h"

#include <google/protobuf/util/field_mask_util.h>

#include <string>
#include <vector>

#include "google/api/field_behavior.pb.h"

namespace server {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::FieldMask;
using google::protobuf::Message;
using google::protobuf::util::FieldMaskUtil;

bool IsSetByService(const FieldDescriptor& field) {
  const auto& options = field.options();
  for (int i = 0; i < options.ExtensionSize(google::api::field_behavior); ++i) {
    switch (options.GetExtension(google::api::field_behavior, i)) {
      case google::api::OUTPUT_ONLY:
      case google::api::IDENTIFIER:
      case google::api::IMMUTABLE:
        return true;
      default:
        break;
    }
  }
  return false;
}

Violations CheckMask(const char* name, const FieldMask& mask, const Message& resource,
                     bool for_update) {
  Violations violations;
  for (const std::string& path : mask.paths()) {
    std::vector<const FieldDescriptor*> fields;
    if (!FieldMaskUtil::GetFieldDescriptors(resource.GetDescriptor(), path, &fields) ||
        fields.empty()) {
      violations.Add(name,
                     "\"" + path + "\" is not a field of " + resource.GetDescriptor()->full_name());
    } else if (for_update && IsSetByService(*fields[0])) {
      violations.Add(name, "\"" + path + "\" cannot be changed");
    }
  }
  return violations;
}

}  // namespace

Violations CheckUpdateMask(const FieldMask& mask, const Message& resource) {
  return CheckMask("update_mask", mask, resource, true);
}

Violations CheckReadMask(const FieldMask& mask, const Message& resource) {
  return CheckMask("read_mask", mask, resource, false);
}

FieldMask MakeMaskOfSetFields(const Message& resource) {
  FieldMask mask;
  std::vector<const FieldDescriptor*> fields;
  resource.GetReflection()->ListFields(resource, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!IsSetByService(*field)) mask.add_paths(field->name());
  }
  return mask;
}

void CopyMasked(const Message& source, const FieldMask& mask, Message* destination) {
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(source, mask, options, destination);
}

}  // namespace server
