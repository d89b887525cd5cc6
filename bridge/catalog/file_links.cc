#include "bridge/catalog/file_links.h"

#include <vector>

namespace bridge::catalog {

using ::google::protobuf::DescriptorProto;

FileLinks::FileLinks(std::span<const File* const> files) : files_(files) {
  for (size_t i = 0; i < files.size(); ++i) {
    const File& file = *files[i];
    by_name_[file.name()] = i;
    const std::string scope = file.package().empty() ? "" : "." + file.package();
    for (const DescriptorProto& message : file.message_type()) Declare(message, scope, i);
    for (const auto& declared : file.enum_type()) by_type_[scope + "." + declared.name()] = i;
    for (const auto& declared : file.service()) by_type_[scope + "." + declared.name()] = i;
  }
}

void FileLinks::Declare(const DescriptorProto& message, const std::string& scope, size_t file) {
  const std::string name = scope + "." + message.name();
  for (const DescriptorProto& nested : message.nested_type()) Declare(nested, name, file);
  for (const auto& declared : message.enum_type()) by_type_[name + "." + declared.name()] = file;
  by_type_[name] = file;
}

std::vector<const FileLinks::File*> FileLinks::Closure(
    std::span<const std::string> services) const {
  std::vector<size_t> wanted;
  for (const std::string& service : services) AppendType("." + service, &wanted);
  std::vector<bool> taken(files_.size(), false);
  std::vector<const File*> closure;
  while (!wanted.empty()) {
    const size_t index = wanted.back();
    wanted.pop_back();
    if (taken[index]) continue;
    taken[index] = true;
    closure.push_back(files_[index]);
    AppendNeeds(*files_[index], &wanted);
  }
  return closure;
}

void FileLinks::AppendNeeds(const File& file, std::vector<size_t>* wanted) const {
  for (const std::string& import : file.dependency()) {
    if (const auto found = by_name_.find(import); found != by_name_.end()) {
      wanted->push_back(found->second);
    }
  }
  for (const DescriptorProto& message : file.message_type()) AppendNeeds(message, wanted);
  for (const auto& extension : file.extension()) {
    AppendType(extension.type_name(), wanted);
    AppendType(extension.extendee(), wanted);
  }
  for (const auto& service : file.service()) {
    for (const auto& method : service.method()) {
      AppendType(method.input_type(), wanted);
      AppendType(method.output_type(), wanted);
    }
  }
}

void FileLinks::AppendNeeds(const DescriptorProto& message, std::vector<size_t>* wanted) const {
  for (const auto& field : message.field()) AppendType(field.type_name(), wanted);
  for (const auto& extension : message.extension()) {
    AppendType(extension.type_name(), wanted);
    AppendType(extension.extendee(), wanted);
  }
  for (const DescriptorProto& nested : message.nested_type()) AppendNeeds(nested, wanted);
}

void FileLinks::AppendType(const std::string& type_name, std::vector<size_t>* wanted) const {
  const auto found = by_type_.find(type_name);
  if (found != by_type_.end()) wanted->push_back(found->second);
}

}  // namespace bridge::catalog
