#include "tests/support/described_server.h"

#include <algorithm>
#include <utility>

#include "grpc/reflection/v1/reflection.pb.h"

namespace bridge::testing {
namespace {

using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;
using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;

bool Declares(const FileDescriptorProto& file, const std::string& symbol) {
  const auto is_symbol = [&](const auto& declared) {
    return file.package() + "." + declared.name() == symbol;
  };
  return std::any_of(file.service().begin(), file.service().end(), is_symbol) ||
         std::any_of(file.message_type().begin(), file.message_type().end(), is_symbol) ||
         std::any_of(file.enum_type().begin(), file.enum_type().end(), is_symbol);
}

void Describe(const ServerReflectionRequest& request, const Files& files, bool whole_closure,
              ServerReflectionResponse* response) {
  for (const FileDescriptorProto& file : files) {
    if (!Declares(file, request.file_containing_symbol()) &&
        request.file_by_filename() != file.name()) {
      continue;
    }
    auto* found = response->mutable_file_descriptor_response();
    found->add_file_descriptor_proto(file.SerializeAsString());
    for (const FileDescriptorProto& other : files) {
      if (whole_closure && other.name() != file.name()) {
        found->add_file_descriptor_proto(other.SerializeAsString());
      }
    }
    return;
  }
  response->mutable_error_response()->set_error_code(5);
  response->mutable_error_response()->set_error_message("not known here");
}

}  // namespace

Answer AnswerReflection(const Received& call, const Files& files,
                        const std::vector<std::string>& listed, bool whole_closure) {
  ServerReflectionRequest request;
  request.ParseFromString(call.request);
  ServerReflectionResponse response;
  if (request.has_list_services()) {
    for (const std::string& name : listed) {
      response.mutable_list_services_response()->add_service()->set_name(name);
    }
  } else {
    Describe(request, files, whole_closure, &response);
  }
  return {.response = response.SerializeAsString(), .stream = true};
}

std::vector<std::string> ServiceNames(const Files& files) {
  std::vector<std::string> names;
  for (const FileDescriptorProto& file : files) {
    for (const auto& service : file.service())
      names.push_back(file.package() + "." + service.name());
  }
  return names;
}

FileDescriptorProto TextService(const std::string& service,
                                const std::vector<std::string>& methods) {
  FileDescriptorProto file;
  file.set_name(service + ".proto");
  file.set_package("t." + service);
  file.set_syntax("proto3");
  auto* message = file.add_message_type();
  message->set_name("Text");
  auto* field = message->add_field();
  field->set_name("text");
  field->set_json_name("text");
  field->set_number(1);
  field->set_type(FieldDescriptorProto::TYPE_STRING);
  field->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  auto* declared = file.add_service();
  declared->set_name(service);
  for (const std::string& name : methods) {
    auto* method = declared->add_method();
    method->set_name(name);
    method->set_input_type(".t." + service + ".Text");
    method->set_output_type(".t." + service + ".Text");
  }
  return file;
}

std::string EncodeText(const std::string& value) {
  std::string bytes = "\x0a";
  for (size_t rest = value.size();; rest >>= 7) {
    bytes.push_back(static_cast<char>(rest < 128 ? rest : (rest & 127) | 128));
    if (rest < 128) break;
  }
  return bytes + value;
}

GenericServer* StartDescribedServer(Files files, std::function<Answer(const Received&)> handler,
                                    const std::string& address,
                                    std::chrono::milliseconds connection_age) {
  auto answer = [files = std::move(files), handler = std::move(handler)](const Received& call) {
    if (call.path.find("v1alpha") != std::string::npos) {
      return Answer{.status = {::grpc::StatusCode::UNIMPLEMENTED, ""}};
    }
    if (call.path.find("ServerReflection") == std::string::npos) return handler(call);
    return AnswerReflection(call, files, ServiceNames(files), false);
  };
  return new GenericServer(std::move(answer), address, connection_age);
}

}  // namespace bridge::testing
