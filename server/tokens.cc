#include "server/tokens.h"

namespace server {

std::string FirstLine(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of("\r\n")));
}

grpc::Status Tokens::Process(const InputMetadata& metadata, grpc::AuthContext* /*context*/,
                             OutputMetadata* consumed, OutputMetadata* /*answer*/) {
  const auto found = metadata.find("authorization");
  if (found == metadata.end()) {
    return {grpc::StatusCode::UNAUTHENTICATED, "a token is needed: authorization: Bearer ..."};
  }
  const std::string_view given(found->second.data(), found->second.size());
  // Of this example: a real service compares in constant time.
  if (given != expected_) return {grpc::StatusCode::UNAUTHENTICATED, "the token is not known"};
  consumed->emplace("authorization", std::string(given));
  return grpc::Status::OK;
}

}  // namespace server
