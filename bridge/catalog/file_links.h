// Which of an upstream's files need which: by their imports, and by the types they name, since
// servers on @grpc/grpc-js do not tell imports. The files must outlive it. Const after
// construction.
#pragma once

#include <google/protobuf/descriptor.pb.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace bridge::catalog {

class FileLinks final {
 public:
  using File = ::google::protobuf::FileDescriptorProto;

  explicit FileLinks(std::span<const File* const> files);

  // The files that define the services or messages `roots` and all they need, each once. What is
  // imported and no type of it named, options need at most: kTypes leaves it out.
  enum class By : uint8_t { kImports, kTypes };
  std::vector<const File*> Closure(std::span<const std::string> roots, By by) const;

 private:
  void Declare(const ::google::protobuf::DescriptorProto& message, const std::string& scope,
               size_t file);
  // Adds what `file` needs to `wanted`.
  void AppendNeeds(const File& file, By by, std::vector<size_t>* wanted) const;
  void AppendNeeds(const ::google::protobuf::DescriptorProto& message, const std::string& scope,
                   std::vector<size_t>* wanted) const;
  void AppendNeeds(const ::google::protobuf::FieldDescriptorProto& extension,
                   const std::string& scope, std::vector<size_t>* wanted) const;
  // `type_name` as seen from `scope`, which begins with a dot unless it is empty.
  void AppendType(const std::string& type_name, const std::string& scope,
                  std::vector<size_t>* wanted) const;

  std::span<const File* const> files_;
  std::unordered_map<std::string_view, size_t> by_name_;
  // Full names with the dot before, as type names have it: messages, enums and services.
  std::unordered_map<std::string, size_t> by_type_;
};

}  // namespace bridge::catalog
