#include "server/paging.h"

#include <absl/strings/escaping.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "server/errors.h"

namespace server {
namespace {

constexpr int kMaxPageSize = 100;

struct Token {
  uint64_t conditions;  // hash of the request without its page fields
  int64_t cursor;
};

uint64_t HashConditions(const google::protobuf::Message& request) {
  std::unique_ptr<google::protobuf::Message> copy(request.New());
  copy->CopyFrom(request);
  for (const char* name : {"page_size", "page_token"}) {
    copy->GetReflection()->ClearField(copy.get(), copy->GetDescriptor()->FindFieldByName(name));
  }
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream output(&stream);
    output.SetSerializationDeterministic(true);
    copy->SerializeToCodedStream(&output);
  }
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same in every process, so that replicas agree
  for (const char byte : bytes) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return hash;
}

bool ParseToken(const std::string& text, Token* token) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(text, &bytes) || bytes.size() != sizeof(Token)) return false;
  std::memcpy(token, bytes.data(), sizeof(Token));
  return token->cursor > 0;
}

}  // namespace

grpc::Status ParsePage(const google::protobuf::Message& request, int default_size, Page* page) {
  const auto* descriptor = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  const int size = reflection->GetInt32(request, descriptor->FindFieldByName("page_size"));
  const std::string text =
      reflection->GetString(request, descriptor->FindFieldByName("page_token"));
  Violations violations;
  if (size < 0) violations.Add("page_size", "must not be negative");
  page->size = size == 0 ? default_size : std::min(size, kMaxPageSize);
  page->cursor = 0;
  if (!text.empty()) {
    Token token;
    if (!ParseToken(text, &token)) {
      violations.Add("page_token", "is not a token of this method; send the next_page_token as is");
    } else if (token.conditions != HashConditions(request)) {
      violations.Add("page_token", "was made for other conditions; start again without a token");
    } else {
      page->cursor = token.cursor;
    }
  }
  return violations.ToStatus();
}

std::string MakePageToken(const google::protobuf::Message& request, int64_t cursor) {
  const Token token{HashConditions(request), cursor};
  std::string bytes(sizeof(Token), '\0');
  std::memcpy(bytes.data(), &token, sizeof(Token));
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  return text;
}

}  // namespace server
