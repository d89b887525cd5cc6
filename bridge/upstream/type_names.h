// Which types the files of a description declare, and which they name without having them. One
// thread.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace bridge::upstream {

class TypeNames final {
 public:
  // A serialized FileDescriptorProto; a damaged one counts as empty.
  void Add(const std::string& file);

  // Full names without the leading dot, sorted: what fields, methods and extensions of the files so
  // far name by full name and none of them declares. Each is told once. What extends options is not
  // looked at: nothing needs it.
  std::vector<std::string> TakeMissing();
  bool Declares(const std::string& full_name) const { return declared_.contains("." + full_name); }

 private:
  void AddMessage(const ::google::protobuf::DescriptorProto& message, const std::string& scope);
  void AddExtension(const ::google::protobuf::FieldDescriptorProto& extension);
  void Need(const std::string& name);

  // With the leading dot, as descriptors have them.
  std::unordered_set<std::string> declared_;
  std::set<std::string> needed_;
  std::unordered_set<std::string> told_;
};

}  // namespace bridge::upstream
