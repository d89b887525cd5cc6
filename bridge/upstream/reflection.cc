#include "bridge/upstream/reflection.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "bridge/base/status_macros.h"
#include "bridge/base/text.h"
#include "bridge/telemetry/log.h"
#include "bridge/telemetry/wire.h"
#include "bridge/upstream/descriptor_scan.h"
#include "bridge/upstream/peer_probe.h"
#include "bridge/upstream/reflection_stream.h"
#include "bridge/upstream/type_names.h"
#include "grpc/reflection/v1/reflection.pb.h"

namespace bridge::upstream {
namespace {

using ::grpc::reflection::v1::ErrorResponse;
using ::grpc::reflection::v1::FileDescriptorResponse;
using ::grpc::reflection::v1::ListServiceResponse;
using ::grpc::reflection::v1::ServerReflectionRequest;
using ::grpc::reflection::v1::ServerReflectionResponse;
using ::grpc::reflection::v1::ServiceResponse;
using telemetry::WireField;
using telemetry::WireReader;
using telemetry::WireType;

constexpr const char* kPaths[] = {
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
};

constexpr std::chrono::seconds kProbeTime{1};
constexpr size_t kMaxProblems = 20;
constexpr size_t kMaxQuotedBytes = 200;

// What an answer says, read in place: parsed, two bytes of it could become sixty in memory.
struct Answer {
  std::optional<std::string_view> files;     // FileDescriptorResponse
  std::optional<std::string_view> services;  // ListServiceResponse
  std::string_view error_message;
};

// Calls `take` with the bytes of each field `number` of `message`. False if that is damaged.
template <typename Take>
bool ForEach(std::string_view message, int number, Take take) {
  WireReader reader(message);
  for (WireField field; reader.Next(&field);) {
    if (field.Is(static_cast<uint32_t>(number), WireType::kBytes)) take(field.bytes);
  }
  return reader.ok();
}

bool Parse(std::string_view bytes, Answer* answer) {
  return ForEach(bytes, ServerReflectionResponse::kFileDescriptorResponseFieldNumber,
                 [&](std::string_view files) { answer->files = files; }) &&
         ForEach(bytes, ServerReflectionResponse::kListServicesResponseFieldNumber,
                 [&](std::string_view services) { answer->services = services; }) &&
         ForEach(bytes, ServerReflectionResponse::kErrorResponseFieldNumber,
                 [&](std::string_view error) {
                   ForEach(error, ErrorResponse::kErrorMessageFieldNumber,
                           [&](std::string_view message) { answer->error_message = message; });
                 });
}

std::string Where(const Target& target) {
  return "upstream " + target.name + " (" + target.address + "): ";
}

absl::Status ToStatus(const ::grpc::Status& status, const Target& target) {
  const std::string where = Where(target);
  if (status.error_code() == ::grpc::StatusCode::UNIMPLEMENTED) {
    return absl::UnimplementedError(
        where + "it does not serve reflection; enable grpc.reflection.v1 in the server");
  }
  const auto code = status.ok() ? absl::StatusCode::kInternal
                                : static_cast<absl::StatusCode>(status.error_code());
  return {code, where + (status.ok() ? "reflection ended early"
                                     : OneLine(status.error_message(), kMaxQuotedBytes))};
}

// One conversation with one server, over one of the two paths.
class Conversation final {
 public:
  Conversation(const Target& target, const ReflectionLimits& limits, ReflectionChannel* channel,
               const char* path, std::chrono::system_clock::time_point deadline,
               Cancellation* cancellation)
      : target_(target),
        limits_(limits),
        open_stream_([=](std::optional<ReflectionStream>* stream) {
          stream->emplace(channel, path, deadline, cancellation);
        }) {
    open_stream_(&stream_);
  }

  absl::StatusOr<Reflection> Run(std::span<const std::string> types) {
    RETURN_IF_ERROR(ListServices());
    for (const std::string& service : found_.services) {
      RETURN_IF_ERROR(AskForSymbol("service ", service).status());
    }
    RETURN_IF_ERROR(Close());
    AskForTypes(types);
    std::sort(found_.problems.begin(), found_.problems.end());
    return std::move(found_);
  }

  // The stream's own status after Run failed because it ended; OK if it did not.
  const ::grpc::Status& ended() const { return ended_; }

 private:
  absl::Status Ask(const ServerReflectionRequest& request, Answer* answer) {
    std::string_view bytes;
    if (!stream_->Ask(request.SerializeAsString(), &bytes)) {
      ended_ = stream_->Finish();
      return ToStatus(ended_, target_);
    }
    if (Parse(bytes, answer)) return absl::OkStatus();
    return absl::InternalError(Where(target_) + "an answer that is no reflection answer");
  }

  absl::Status ListServices() {
    ServerReflectionRequest request;
    request.set_list_services("*");
    Answer answer;
    RETURN_IF_ERROR(Ask(request, &answer));
    if (!answer.services.has_value()) {
      return absl::InternalError(Where(target_) + "it does not list its services");
    }
    std::set<std::string_view> names;
    ForEach(*answer.services, ListServiceResponse::kServiceFieldNumber,
            [&](std::string_view service) {
              ForEach(service, ServiceResponse::kNameFieldNumber, [&](std::string_view name) {
                if (!IsInfrastructureService(name) && names.size() <= limits_.services) {
                  names.insert(name);
                }
              });
            });
    if (names.size() > limits_.services) return TooMuch("services", limits_.services);
    found_.services.assign(names.begin(), names.end());
    return absl::OkStatus();
  }

  // Gets what the files so far need.
  absl::Status Close() {
    RETURN_IF_ERROR(AskForImports());
    if (!imports_missing_ && told_imports_) return absl::OkStatus();
    // A server may have a file under another path than those that import it say, or tell no imports
    // at all: the types that are named are asked for.
    while (true) {
      NameTypes();
      const std::vector<std::string> missing = types_.TakeMissing();
      if (missing.empty()) return absl::OkStatus();
      for (const std::string& type : missing) {
        if (types_.Declares(type)) continue;
        if (++asked_types_ > limits_.files) return TooMuch("missing types", limits_.files);
        RETURN_IF_ERROR(AskForSymbol("type ", type).status());
        RETURN_IF_ERROR(AskForImports());
        NameTypes();
      }
    }
  }

  void NameTypes() {
    for (; named_files_ < found_.files.size(); ++named_files_) {
      types_.Add(found_.files[named_files_]);
    }
  }

  // What services need comes first: whatever these end in, it is a problem and nothing more.
  void AskForTypes(std::span<const std::string> types) {
    for (const std::string& type : types) {
      const size_t files = found_.files.size();
      const absl::StatusOr<bool> described = AskForSymbol("type ", type);
      const absl::Status closed = described.ok() ? Close() : described.status();
      if (!closed.ok()) {
        found_.files.resize(files);
        return Problem("type " + type, std::string(closed.message()));
      }
      if (*described) found_.types.push_back(type);
    }
  }

  absl::Status AskForImports() {
    while (!wanted_.empty()) {
      const std::string name = wanted_.front();
      wanted_.pop_front();
      if (files_.contains(name)) continue;
      ServerReflectionRequest request;
      request.set_file_by_filename(name);
      RETURN_IF_ERROR(Take(request, "import ", name).status());
      imports_missing_ = imports_missing_ || !files_.contains(name);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> AskForSymbol(const char* kind, const std::string& name) {
    ServerReflectionRequest request;
    request.set_file_containing_symbol(name);
    return Take(request, kind, name);
  }

  // Takes the files of one answer: servers send the file alone, or with some or all imports. False
  // if there are none.
  absl::StatusOr<bool> Take(const ServerReflectionRequest& request, std::string_view kind,
                            std::string_view name) {
    const std::string what = std::string(kind).append(name);
    Answer answer;
    const absl::Status asked = Ask(request, &answer);
    // Some servers (tonic) end the stream where others send an error response.
    if (absl::IsNotFound(asked) || (kind != "service " && IsRefusal(asked))) {
      Problem(what, ended_.error_message());
      open_stream_(&stream_);
      return false;
    }
    RETURN_IF_ERROR(asked);
    if (!answer.files.has_value()) {
      Problem(what, answer.error_message);
      return false;
    }
    absl::Status taken;
    const bool whole =
        ForEach(*answer.files, FileDescriptorResponse::kFileDescriptorProtoFieldNumber,
                [&](std::string_view bytes) {
                  if (taken.ok()) taken = TakeFile(bytes, what);
                });
    if (!whole) Problem(what, "its answer is damaged");
    RETURN_IF_ERROR(taken);
    return true;
  }

  // How a stream ends that was asked for what is not there. Without a service its tools would go,
  // so there these are failures, after which the last description stays.
  static bool IsRefusal(const absl::Status& status) {
    return absl::IsInvalidArgument(status) || absl::IsUnknown(status) ||
           absl::IsUnimplemented(status);
  }

  absl::Status TakeFile(std::string_view bytes, const std::string& what) {
    const std::optional<DescriptorScan> file =
        ScanDescriptor(bytes, limits_.parsed_bytes - parsed_bytes_);
    if (!file.has_value()) {
      Problem(what, "its descriptor is damaged");
      return absl::OkStatus();
    }
    // What some servers (older grpc-go) send for a file they do not have.
    if (!file->declares && file->imports.empty()) return absl::OkStatus();
    if (!files_.emplace(file->name).second) return absl::OkStatus();
    if (files_.size() > limits_.files) return TooMuch("files", limits_.files);
    bytes_ += bytes.size();
    if (bytes_ > limits_.bytes) return TooMuch("bytes of descriptors", limits_.bytes);
    parsed_bytes_ += file->parsed_bytes;
    if (parsed_bytes_ > limits_.parsed_bytes) {
      return TooMuch("bytes of memory for its descriptors", limits_.parsed_bytes);
    }
    told_imports_ = told_imports_ || !file->imports.empty();
    for (const std::string_view import : file->imports) {
      if (asked_.emplace(import).second) wanted_.emplace_back(import);
      if (asked_.size() > limits_.files) return TooMuch("imports", limits_.files);
    }
    found_.files.emplace_back(bytes);
    return absl::OkStatus();
  }

  // Both texts are the server's.
  void Problem(std::string_view what, std::string_view why) {
    if (found_.problems.size() == kMaxProblems) return;
    found_.problems.push_back(OneLine(what, kMaxQuotedBytes) + ": " +
                              OneLine(why, kMaxQuotedBytes));
  }

  absl::Status TooMuch(const char* what, size_t limit) const {
    return absl::ResourceExhaustedError(Where(target_) + "more than " + std::to_string(limit) +
                                        " " + what);
  }

  const Target& target_;
  const ReflectionLimits& limits_;
  const std::function<void(std::optional<ReflectionStream>*)> open_stream_;
  std::optional<ReflectionStream> stream_;
  Reflection found_;
  ::grpc::Status ended_;
  std::set<std::string> files_;
  std::set<std::string> asked_;  // imports, whether there or not
  TypeNames types_;              // of the first so many files:
  size_t named_files_ = 0;
  size_t asked_types_ = 0;
  std::deque<std::string> wanted_;
  bool imports_missing_ = false;
  bool told_imports_ = false;
  size_t bytes_ = 0;
  size_t parsed_bytes_ = 0;
};

// gRPC says only that it could not talk to the other side.
absl::Status Explain(const absl::Status& unavailable, const Target& target) {
  // There is nobody to greet, and asking for the name again could take as long as gRPC took.
  if (unavailable.message().find("DNS resolution failed") != std::string_view::npos) {
    return unavailable;
  }
  switch (ProbePeer(target, kProbeTime)) {
    case Speaks::kTls:
      return absl::UnavailableError(
          Where(target) + "the other side seems to speak TLS; the bridge calls without it");
    case Speaks::kHttp1:
      return absl::UnavailableError(Where(target) +
                                    "the other side speaks HTTP/1.1; gRPC needs HTTP/2");
    case Speaks::kUnknown:
      return unavailable;
  }
  return unavailable;
}

}  // namespace

bool IsInfrastructureService(std::string_view full_name) {
  return full_name.starts_with("grpc.reflection.") || full_name.starts_with("grpc.health.") ||
         full_name.starts_with("grpc.channelz.");
}

absl::StatusOr<Reflection> Reflect(const Target& target, const ReflectionLimits& limits,
                                   Cancellation* cancellation, std::span<const std::string> types) {
  const telemetry::LibraryLogsAbout about(target.name);
  ReflectionChannel channel(target);
  const auto deadline = std::chrono::system_clock::now() + limits.timeout;
  absl::StatusOr<Reflection> found = absl::UnimplementedError("");
  for (const char* path : kPaths) {
    Conversation conversation(target, limits, &channel, path, deadline, cancellation);
    found = conversation.Run(types);
    if (found.ok() || conversation.ended().error_code() != ::grpc::StatusCode::UNIMPLEMENTED) break;
  }
  return absl::IsUnavailable(found.status()) ? Explain(found.status(), target) : std::move(found);
}

}  // namespace bridge::upstream
