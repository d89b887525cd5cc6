// Whoever calls must have the token: "authorization: Bearer TOKEN".
#pragma once

#include <grpcpp/security/auth_metadata_processor.h>

#include <string>
#include <string_view>

namespace server {

// Of a file that holds a token: without the end of the line.
std::string FirstLine(std::string_view text);

// Refuses calls without the token with UNAUTHENTICATED. Thread-safe.
class Tokens final : public grpc::AuthMetadataProcessor {
 public:
  explicit Tokens(std::string_view token) : expected_("Bearer " + std::string(token)) {}

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context,
                       OutputMetadata* consumed, OutputMetadata* answer) override;

 private:
  const std::string expected_;
};

}  // namespace server
