// What the details of a gRPC error (google.rpc.Status in grpc-status-details-bin) say: once in
// pieces of text for a model, once as JSON members for programs. All of it is the service's: text
// is quoted (service_words.h) and cut, and what is left out is counted or named.
//
// Known are the messages of google/rpc/error_details.proto, of each the first, and every type that
// the upstream's own description has. DebugInfo is never shown.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/catalog/catalog.h"

namespace google::protobuf {
class Any;
}
namespace google::rpc {
class BadRequest;
class ErrorInfo;
class PreconditionFailure;
class QuotaFailure;
class ResourceInfo;
}  // namespace google::rpc

namespace bridge::mcp {

struct Violation {
  std::string where;  // "$.lines[0].quantity", or as the service said it
  bool argument;      // the first: a path of the arguments
  std::string description;
};

class ErrorDetails final {
 public:
  // `bytes` may be empty. `whole` lets messages of the service's own types be read; else they are
  // named. The tool must outlive this object.
  ErrorDetails(std::string_view bytes, const catalog::Tool& tool, bool whole);

  const std::vector<Violation>& violations() const { return violations_; }  // the first ten
  size_t more_violations() const { return more_violations_; }
  const std::string& resource_type() const { return resource_type_; }  // as it came, and the next
  const std::string& resource_name() const { return resource_name_; }
  const std::string& localized() const { return localized_; }
  int64_t retry_after_ms() const { return retry_after_ms_; }  // -1: not told

  // Pieces of text: `"CARD_DECLINED"`, `"order": "o-7"`
  const std::vector<std::string>& facts() const { return facts_; }
  // `"How to pay" at "https://..."`
  const std::vector<std::string>& help() const { return help_; }
  // `acme.v1.Denied {"limit":"5"}`
  const std::vector<std::string>& own() const { return own_; }
  // `"acme.v1.Odd"`
  const std::vector<std::string>& unknown() const { return unknown_; }

  // `,"reason":"CARD_DECLINED","domain":...`: each begins with a comma.
  const std::string& members() const { return members_; }

 private:
  void Read(const google::protobuf::Any& any);
  void ReadOwn(const google::protobuf::Any& any, const std::string& type);
  // `arguments` is the message `where` is a field path of, or null.
  void AddViolation(const std::string& where, const std::string& description,
                    const descriptor::Message* arguments);
  void AddUnknown(const std::string& type);
  void Take(const google::rpc::BadRequest& bad);
  void Take(const google::rpc::PreconditionFailure& failure);
  void Take(const google::rpc::QuotaFailure& failure);
  void Take(const google::rpc::ResourceInfo& resource);
  void Take(const google::rpc::ErrorInfo& error);
  void AddMember(std::string_view name, std::string_view value);

  const catalog::Tool& tool_;
  const bool whole_;
  std::vector<Violation> violations_;
  size_t more_violations_ = 0;
  std::string resource_type_, resource_name_, localized_;
  std::vector<std::string> facts_, help_, own_, unknown_;
  std::string own_members_;
  std::string members_;
  size_t own_bytes_ = 0;
  int64_t retry_after_ms_ = -1;
  std::set<std::string> seen_;  // types of which the first counts
};

}  // namespace bridge::mcp
