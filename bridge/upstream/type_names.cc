#include "bridge/upstream/type_names.h"

namespace bridge::upstream {

using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;

void TypeNames::Add(const std::string& bytes) {
  FileDescriptorProto file;
  if (!file.ParseFromString(bytes)) return;
  const std::string scope = file.package().empty() ? "" : "." + file.package();
  for (const auto& message : file.message_type()) AddMessage(message, scope);
  for (const auto& declared : file.enum_type()) declared_.insert(scope + "." + declared.name());
  for (const auto& extension : file.extension()) AddExtension(extension);
  for (const auto& service : file.service()) {
    for (const auto& method : service.method()) {
      Need(method.input_type());
      Need(method.output_type());
    }
  }
}

void TypeNames::AddMessage(const DescriptorProto& message, const std::string& scope) {
  const std::string name = scope + "." + message.name();
  declared_.insert(name);
  for (const auto& nested : message.nested_type()) AddMessage(nested, name);
  for (const auto& declared : message.enum_type()) declared_.insert(name + "." + declared.name());
  for (const auto& field : message.field()) Need(field.type_name());
  for (const auto& extension : message.extension()) AddExtension(extension);
}

void TypeNames::AddExtension(const FieldDescriptorProto& extension) {
  const std::string& extendee = extension.extendee();
  if (extendee.starts_with(".google.protobuf.") && extendee.ends_with("Options")) return;
  Need(extendee);
  Need(extension.type_name());
}

void TypeNames::Need(const std::string& name) {
  if (name.size() > 1 && name.front() == '.' && !told_.contains(name)) needed_.insert(name);
}

std::vector<std::string> TypeNames::TakeMissing() {
  std::vector<std::string> missing;
  for (const std::string& name : needed_) {
    if (declared_.contains(name)) continue;
    missing.push_back(name.substr(1));
    told_.insert(name);
  }
  needed_.clear();
  return missing;
}

}  // namespace bridge::upstream
