// A server whose reflection behaves as one of the implementations in the field.
#pragma once

#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "bridge/upstream/reflection.h"
#include "tests/support/described_server.h"
#include "tests/support/generic_server.h"

namespace bridge::upstream {

using bridge::testing::Answer;
using bridge::testing::GenericServer;
using bridge::testing::Received;
using ::google::protobuf::FileDescriptorProto;

inline FileDescriptorProto File(const std::string& name, const std::vector<std::string>& imports,
                                const std::string& service = "") {
  FileDescriptorProto file;
  file.set_name(name);
  file.set_package("t");
  for (const std::string& import : imports) file.add_dependency(import);
  if (!service.empty()) {
    file.add_service()->set_name(service);
  } else {
    file.add_message_type()->set_name("M");
  }
  return file;
}

// A message of `file` and a field of it that has the type.
inline void AddField(FileDescriptorProto* file, const std::string& message,
                     const std::string& type) {
  auto* declared = file->add_message_type();
  declared->set_name(message);
  if (type.empty()) return;
  auto* field = declared->add_field();
  field->set_name("f");
  field->set_number(1);
  field->set_type_name(type);
}

struct Behaviour {
  bool v1 = true;
  bool v1alpha = true;
  bool ends_on_unknown = false;  // tonic's: NOT_FOUND ends the stream
  ::grpc::StatusCode unknown = ::grpc::StatusCode::NOT_FOUND;
  bool whole_closure = false;  // C++ and Java send all imports; others one file
  std::vector<std::string> listed = {"t.A"};
  std::vector<FileDescriptorProto> files = {File("a.proto", {"b.proto"}, "A"), File("b.proto", {})};
};

class ReflectionServer final {
 public:
  explicit ReflectionServer(Behaviour behaviour)
      : behaviour_(std::move(behaviour)),
        server_([this](const Received& call) { return Handle(call); }) {}

  Target target() const { return *ParseTarget("up=" + server_.target()); }
  std::vector<Received> received() const { return server_.received(); }

 private:
  Answer Handle(const Received& call) const {
    const bool alpha = call.path.find("v1alpha") != std::string::npos;
    if (alpha ? !behaviour_.v1alpha : !behaviour_.v1) {
      return {.status = {::grpc::StatusCode::UNIMPLEMENTED, ""}};
    }
    const Answer answer = bridge::testing::AnswerReflection(
        call, behaviour_.files, behaviour_.listed, behaviour_.whole_closure);
    if (behaviour_.ends_on_unknown && answer.response.find("not known here") != std::string::npos) {
      return {.status = {behaviour_.unknown, "not known here"}};
    }
    return answer;
  }

  Behaviour behaviour_;
  GenericServer server_;
};

inline std::vector<std::string> FileNames(const Reflection& reflection) {
  std::vector<std::string> names;
  for (const std::string& bytes : reflection.files) {
    FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

}  // namespace bridge::upstream
