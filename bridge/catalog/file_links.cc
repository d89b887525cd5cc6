#include "bridge/catalog/file_links.h"

#include <vector>

#include "bridge/descriptor/graph_builder.h"

namespace bridge::catalog {

using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FieldDescriptorProto;

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

std::vector<const FileLinks::File*> FileLinks::Closure(std::span<const std::string> roots,
                                                       By by) const {
  std::vector<size_t> wanted;
  for (const std::string& root : roots) AppendType("." + root, "", &wanted);
  std::vector<bool> taken(files_.size(), false);
  std::vector<const File*> closure;
  while (!wanted.empty()) {
    const size_t index = wanted.back();
    wanted.pop_back();
    if (taken[index]) continue;
    taken[index] = true;
    closure.push_back(files_[index]);
    AppendNeeds(*files_[index], by, &wanted);
  }
  return closure;
}

void FileLinks::AppendNeeds(const File& file, By by, std::vector<size_t>* wanted) const {
  for (const std::string& import : file.dependency()) {
    if (by == By::kTypes) break;
    if (const auto found = by_name_.find(import); found != by_name_.end()) {
      wanted->push_back(found->second);
    }
  }
  const std::string scope = file.package().empty() ? "" : "." + file.package();
  for (const DescriptorProto& message : file.message_type()) AppendNeeds(message, scope, wanted);
  for (const auto& extension : file.extension()) AppendNeeds(extension, scope, wanted);
  for (const auto& service : file.service()) {
    for (const auto& method : service.method()) {
      AppendType(method.input_type(), scope + "." + service.name(), wanted);
      AppendType(method.output_type(), scope + "." + service.name(), wanted);
    }
  }
}

void FileLinks::AppendNeeds(const DescriptorProto& message, const std::string& scope,
                            std::vector<size_t>* wanted) const {
  const std::string name = scope + "." + message.name();
  for (const auto& field : message.field()) AppendType(field.type_name(), name, wanted);
  for (const auto& extension : message.extension()) AppendNeeds(extension, name, wanted);
  for (const DescriptorProto& nested : message.nested_type()) AppendNeeds(nested, name, wanted);
}

void FileLinks::AppendNeeds(const FieldDescriptorProto& extension, const std::string& scope,
                            std::vector<size_t>* wanted) const {
  if (descriptor::ExtendsOptions(extension)) return;
  AppendType(extension.type_name(), scope, wanted);
  AppendType(extension.extendee(), scope, wanted);
}

void FileLinks::AppendType(const std::string& type_name, const std::string& scope,
                           std::vector<size_t>* wanted) const {
  const auto append = [&](const std::string& full_name) {
    const auto found = by_type_.find(full_name);
    if (found != by_type_.end()) wanted->push_back(found->second);
    return found != by_type_.end();
  };
  if (type_name.empty() || type_name.size() > descriptor::GraphLimits().name_length) return;
  if (type_name.starts_with('.')) {
    append(type_name);
    return;
  }
  std::string outer = scope;
  while (!append(outer + "." + type_name) && !outer.empty()) outer.resize(outer.rfind('.'));
}

}  // namespace bridge::catalog
