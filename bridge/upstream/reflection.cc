#include "bridge/upstream/reflection.h"

#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "bridge/base/status_macros.h"
#include "bridge/base/text.h"
#include "bridge/upstream/gzip.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace bridge::upstream {
namespace {

using ::google::protobuf::FileDescriptorProto;
using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;

constexpr const char* kPaths[] = {
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

constexpr size_t kMaxProblems = 20;
constexpr size_t kMaxQuotedBytes = 200;
constexpr int kMaxAnswerBytes = 16 << 20;  // servers may send a whole closure at once

// Text from the server for a log and for people: short, visible, and on one line.
std::string OneLine(const std::string& text) {
  std::string line = CutText(VisibleText(text), kMaxQuotedBytes);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

// One reflection stream, used synchronously: each operation waits for its own completion.
class Stream final {
 public:
  Stream(::grpc::GenericStub* stub, const char* path,
         std::chrono::system_clock::time_point deadline) {
    context_.set_deadline(deadline);
    call_ = stub->PrepareCall(&context_, path, &queue_);
    call_->StartCall(this);
    started_ = Wait();
  }

  ~Stream() {
    context_.TryCancel();
    if (!finished_) Finish();
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // False when the stream is over; Finish then tells why.
  bool Ask(const ServerReflectionRequest& request, ServerReflectionResponse* response) {
    if (!started_) return false;
    const std::string bytes = request.SerializeAsString();
    const ::grpc::Slice slice(bytes);
    call_->Write(::grpc::ByteBuffer(&slice, 1), this);
    if (!Wait()) return false;
    ::grpc::ByteBuffer buffer;
    call_->Read(&buffer, this);
    if (!Wait()) return false;
    ::grpc::Slice answer;
    malformed_ = !buffer.DumpToSingleSlice(&answer).ok() || !Parse(answer, response);
    return !malformed_;
  }

  ::grpc::Status Finish() {
    if (malformed_) return {::grpc::StatusCode::INTERNAL, "an answer that is no reflection answer"};
    ::grpc::Status status;
    call_->Finish(&status, this);
    Wait();
    finished_ = true;
    return status;
  }

 private:
  static bool Parse(const ::grpc::Slice& answer, ServerReflectionResponse* response) {
    std::string_view bytes(reinterpret_cast<const char*>(answer.begin()), answer.size());
    std::string unpacked;
    const Unpacked outcome = Unpack(bytes, kMaxAnswerBytes, &unpacked);
    if (outcome == Unpacked::kDone) bytes = unpacked;
    return (outcome == Unpacked::kPlain || outcome == Unpacked::kDone) &&
           response->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  }

  bool Wait() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  ::grpc::ClientContext context_;
  ::grpc::CompletionQueue queue_;
  std::unique_ptr<::grpc::GenericClientAsyncReaderWriter> call_;
  bool started_ = false;
  bool finished_ = false;
  bool malformed_ = false;
};

absl::Status ToStatus(const ::grpc::Status& status, const Target& target) {
  const std::string where = "upstream " + target.name + " (" + target.address + "): ";
  if (status.error_code() == ::grpc::StatusCode::UNIMPLEMENTED) {
    return absl::UnimplementedError(
        where + "it does not serve reflection; enable grpc.reflection.v1 in the server");
  }
  const auto code = status.ok() ? absl::StatusCode::kInternal
                                : static_cast<absl::StatusCode>(status.error_code());
  return {code, where + (status.ok() ? "reflection ended early" : OneLine(status.error_message()))};
}

// One conversation with one server, over one of the two paths.
class Conversation final {
 public:
  Conversation(const Target& target, const ReflectionLimits& limits, ::grpc::GenericStub* stub,
               const char* path, std::chrono::system_clock::time_point deadline)
      : target_(target), limits_(limits), stub_(stub), path_(path), deadline_(deadline) {
    stream_.emplace(stub_, path_, deadline_);
  }

  absl::StatusOr<Reflection> Run() {
    RETURN_IF_ERROR(ListServices());
    for (const std::string& service : found_.services) RETURN_IF_ERROR(AskForService(service));
    while (!wanted_.empty()) {
      const std::string name = wanted_.front();
      wanted_.pop_front();
      if (!files_.contains(name)) RETURN_IF_ERROR(AskForFile(name));
    }
    std::sort(found_.problems.begin(), found_.problems.end());
    return std::move(found_);
  }

  // The stream's own status after Run failed because it ended; OK if it did not.
  const ::grpc::Status& ended() const { return ended_; }

 private:
  absl::Status Ask(const ServerReflectionRequest& request, ServerReflectionResponse* response) {
    if (stream_->Ask(request, response)) return absl::OkStatus();
    ended_ = stream_->Finish();
    return ToStatus(ended_, target_);
  }

  absl::Status ListServices() {
    ServerReflectionRequest request;
    request.set_list_services("*");
    ServerReflectionResponse response;
    RETURN_IF_ERROR(Ask(request, &response));
    if (!response.has_list_services_response()) {
      return absl::InternalError("upstream " + target_.name + ": it does not list its services");
    }
    for (const auto& service : response.list_services_response().service()) {
      if (!IsInfrastructureService(service.name())) found_.services.push_back(service.name());
    }
    std::sort(found_.services.begin(), found_.services.end());
    found_.services.erase(std::unique(found_.services.begin(), found_.services.end()),
                          found_.services.end());
    if (found_.services.size() > limits_.services) return TooMuch("services", limits_.services);
    return absl::OkStatus();
  }

  absl::Status AskForService(const std::string& service) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(service);
    return Take(request, "service " + service);
  }

  absl::Status AskForFile(const std::string& name) {
    ServerReflectionRequest request;
    request.set_file_by_filename(name);
    return Take(request, "import " + name);
  }

  // Takes the files of one answer: servers send the file alone, or with some or all imports.
  absl::Status Take(const ServerReflectionRequest& request, const std::string& what) {
    ServerReflectionResponse response;
    const absl::Status asked = Ask(request, &response);
    if (absl::IsNotFound(asked)) {
      // Some servers (tonic) end the stream where others send an error response.
      Problem(what, ended_.error_message());
      stream_.emplace(stub_, path_, deadline_);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(asked);
    if (!response.has_file_descriptor_response()) {
      Problem(what, response.error_response().error_message());
      return absl::OkStatus();
    }
    for (const std::string& bytes : response.file_descriptor_response().file_descriptor_proto()) {
      bytes_ += bytes.size();
      if (bytes_ > limits_.bytes) return TooMuch("bytes of descriptors", limits_.bytes);
      FileDescriptorProto file;
      if (!file.ParseFromString(bytes)) {
        Problem(what, "its descriptor is damaged");
        continue;
      }
      if (!files_.insert(file.name()).second) continue;
      if (files_.size() > limits_.files) return TooMuch("files", limits_.files);
      parsed_bytes_ += file.SpaceUsedLong();
      if (parsed_bytes_ > limits_.parsed_bytes) {
        return TooMuch("bytes of memory for its descriptors", limits_.parsed_bytes);
      }
      for (const std::string& import : file.dependency()) {
        if (asked_.insert(import).second) wanted_.push_back(import);
      }
      found_.files.push_back(bytes);
    }
    return absl::OkStatus();
  }

  // Both texts are the server's.
  void Problem(const std::string& what, const std::string& why) {
    if (found_.problems.size() == kMaxProblems) return;
    found_.problems.push_back(OneLine(what) + ": " + OneLine(why));
  }

  absl::Status TooMuch(const char* what, size_t limit) const {
    return absl::ResourceExhaustedError("upstream " + target_.name + ": more than " +
                                        std::to_string(limit) + " " + what);
  }

  const Target& target_;
  const ReflectionLimits& limits_;
  ::grpc::GenericStub* const stub_;
  const char* const path_;
  const std::chrono::system_clock::time_point deadline_;
  std::optional<Stream> stream_;
  Reflection found_;
  ::grpc::Status ended_;
  std::set<std::string> files_;
  std::set<std::string> asked_;  // imports, whether there or not
  std::deque<std::string> wanted_;
  size_t bytes_ = 0;
  size_t parsed_bytes_ = 0;
};

}  // namespace

bool IsInfrastructureService(std::string_view full_name) {
  return full_name.starts_with("grpc.reflection.") || full_name.starts_with("grpc.health.") ||
         full_name.starts_with("grpc.channelz.");
}

absl::StatusOr<Reflection> Reflect(const Target& target, const ReflectionLimits& limits) {
  ::grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  AcceptPackedAnswers(&arguments);
  arguments.SetMaxReceiveMessageSize(kMaxAnswerBytes);
  ::grpc::GenericStub stub(
      ::grpc::CreateCustomChannel(target.address, ::grpc::InsecureChannelCredentials(), arguments));
  const auto deadline = std::chrono::system_clock::now() + limits.timeout;
  absl::StatusOr<Reflection> found = absl::UnimplementedError("");
  for (const char* path : kPaths) {
    Conversation conversation(target, limits, &stub, path, deadline);
    found = conversation.Run();
    if (found.ok() || conversation.ended().error_code() != ::grpc::StatusCode::UNIMPLEMENTED) break;
  }
  return found;
}

}  // namespace bridge::upstream
