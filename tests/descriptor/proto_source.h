// Compiles .proto text the way protoc does, for tests: the files given, everything they import, the
// packaged Google and gRPC files, and the files of tests/testdata/schema.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "google/protobuf/compiler/importer.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace bridge::descriptor {

inline constexpr const char* kPackagedProtoDirs[] = {
    "/usr/include", "/usr/share/grpc-proto", "/usr/share/gocode/src/github.com/gogo/googleapis"};

class ProtoSource final : public google::protobuf::compiler::MultiFileErrorCollector {
 public:
  explicit ProtoSource(std::map<std::string, std::string> texts = {}) : tree_(std::move(texts)) {}

  // The file and its imports, each once, imports first, with source info. Throws (that is: fails
  // the test) at a compile error.
  std::vector<google::protobuf::FileDescriptorProto> Compile(const std::string& name) {
    google::protobuf::compiler::Importer importer(&tree_, this);
    const google::protobuf::FileDescriptor* file = importer.Import(name);
    if (file == nullptr) throw std::runtime_error(errors_);
    std::vector<google::protobuf::FileDescriptorProto> files;
    std::set<std::string> seen;
    Collect(*file, &seen, &files);
    return files;
  }

 private:
  class Tree final : public google::protobuf::compiler::SourceTree {
   public:
    explicit Tree(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {
      for (const char* dir : kPackagedProtoDirs) disk_.MapPath("", dir);
      disk_.MapPath("", TESTDATA_DIR "/schema");
    }
    google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override {
      const auto found = texts_.find(name);
      if (found == texts_.end()) return disk_.Open(name);
      return new google::protobuf::io::ArrayInputStream(found->second.data(),
                                                        static_cast<int>(found->second.size()));
    }

   private:
    std::map<std::string, std::string> texts_;
    google::protobuf::compiler::DiskSourceTree disk_;
  };

  void AddError(const std::string& file, int line, int column,
                const std::string& message) override {
    errors_ += file + ":" + std::to_string(line + 1) + ":" + std::to_string(column + 1) + ": " +
               message + "\n";
  }

  static void Collect(const google::protobuf::FileDescriptor& file, std::set<std::string>* seen,
                      std::vector<google::protobuf::FileDescriptorProto>* files) {
    if (!seen->insert(file.name()).second) return;
    for (int i = 0; i < file.dependency_count(); ++i) Collect(*file.dependency(i), seen, files);
    google::protobuf::FileDescriptorProto& proto = files->emplace_back();
    file.CopyTo(&proto);
    file.CopyJsonNameTo(&proto);
    file.CopySourceCodeInfoTo(&proto);
  }

  Tree tree_;
  std::string errors_;
};

// One file called "test.proto".
inline std::vector<google::protobuf::FileDescriptorProto> CompileText(const std::string& text) {
  return ProtoSource({{"test.proto", text}}).Compile("test.proto");
}

}  // namespace bridge::descriptor
