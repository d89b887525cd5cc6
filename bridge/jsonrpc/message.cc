#include "bridge/jsonrpc/message.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "bridge/base/json_text.h"

namespace bridge::jsonrpc {
namespace {

constexpr size_t kMaxKeyBytes = 256;

std::optional<int64_t> ParseInteger(std::string_view raw) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) return std::nullopt;
  return value;
}

// What MCP allows as an id: a string, or an integer that fits 64 bits.
bool IsLegalId(JsonType type, std::string_view raw) {
  return type == JsonType::kString || (type == JsonType::kNumber && ParseInteger(raw).has_value());
}

}  // namespace

std::string IdKey(std::string_view raw) {
  if (raw.size() > kMaxIdBytes) return {};
  if (raw.starts_with('"')) {
    JsonCursor cursor(raw);
    std::string_view text;
    std::string scratch;
    if (!cursor.ReadString(&text, &scratch) || !cursor.Finish()) return {};
    return "\"" + std::string(text);
  }
  if (const auto integer = ParseInteger(raw); integer.has_value()) return std::to_string(*integer);
  double number = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), number);
  constexpr double kExactIntegers = 9007199254740992;  // 2^53
  if (error != std::errc() || end != raw.data() + raw.size() || number != std::trunc(number) ||
      std::abs(number) > kExactIntegers) {
    return {};
  }
  return std::to_string(static_cast<int64_t>(number));
}

const Param* Message::Find(std::string_view key) const {
  const Param* const param = FindAny(key);
  return param == nullptr || param->type == JsonType::kNull ? nullptr : param;
}

const Param* Message::FindAny(std::string_view key) const {
  for (size_t i = 0; i < param_count_; ++i) {
    if (params_[i].key == key) return &params_[i];
  }
  return nullptr;
}

// Reads one message; its methods return false once `failure_` has been filled.
class Parser final {
 public:
  Parser(std::string_view text, Message* message, ParseFailure* failure)
      : text_(text), cursor_(text), message_(*message), failure_(*failure) {}

  bool Parse() {
    JsonType type;
    if (!cursor_.Peek(&type)) return NotJson();
    if (type != JsonType::kObject) {
      if (!cursor_.SkipValue(nullptr) || !cursor_.Finish()) return NotJson();
      return Invalid("the body must be one JSON-RPC object");
    }
    if (!cursor_.EnterObject()) return NotJson();
    std::string_view key;
    while (cursor_.NextMember(&key)) {
      if (!Member(key)) return NotJson();
    }
    if (!cursor_.ok() || !cursor_.Finish()) return NotJson();
    return Classify();
  }

 private:
  enum Seen : unsigned {
    kVersion = 1,
    kId = 2,
    kMethod = 4,
    kParams = 8,
    kResult = 16,
    kError = 32,
  };

  // False only when the text is not JSON; a wrong shape is remembered and told at the end, so that
  // the id is known by then.
  bool Member(std::string_view key) {
    if (key == "jsonrpc") return Version();
    if (key == "id") return Id();
    if (key == "method") return Method();
    if (key == "params") return Params();
    if (key == "result") return Mark(kResult, "result") && cursor_.SkipValue(&message_.result);
    if (key == "error") return Mark(kError, "error") && cursor_.SkipValue(&message_.error);
    Wrong("a message has no member but jsonrpc, id, method, params, result and error");
    return cursor_.SkipValue(nullptr);
  }

  bool Mark(Seen bit, const char* name) {
    if ((seen_ & bit) != 0) Wrong(std::string("member \"") + name + "\" stands twice");
    seen_ |= bit;
    return true;
  }

  bool Version() {
    Mark(kVersion, "jsonrpc");
    std::string_view raw;
    if (!cursor_.SkipValue(&raw)) return false;
    if (raw != "\"2.0\"") Wrong("\"jsonrpc\" must be \"2.0\"");
    return true;
  }

  bool Id() {
    Mark(kId, "id");
    JsonType type;
    std::string_view raw;
    if (!cursor_.Peek(&type) || !cursor_.SkipValue(&raw)) return false;
    if (raw.size() > kMaxIdBytes) {
      Wrong("\"id\" must not have more than " + std::to_string(kMaxIdBytes) +
            " bytes of JSON text: choose a shorter one");
    } else if (IsLegalId(type, raw)) {
      message_.id = raw;
    } else {
      Wrong("\"id\" must be a string or an integer of 64 bits");
    }
    return true;
  }

  bool Method() {
    Mark(kMethod, "method");
    JsonType type;
    if (!cursor_.Peek(&type)) return false;
    if (type != JsonType::kString) {
      Wrong("\"method\" must be a string");
      return cursor_.SkipValue(nullptr);
    }
    return cursor_.ReadString(&message_.method, &message_.method_storage_);
  }

  bool Params() {
    Mark(kParams, "params");
    JsonType type;
    if (!cursor_.Peek(&type)) return false;
    if (type == JsonType::kNull) return cursor_.SkipValue(nullptr);
    if (type != JsonType::kObject) {
      Wrong("\"params\" must be an object");
      return cursor_.SkipValue(nullptr);
    }
    if (!cursor_.EnterObject()) return false;
    std::string_view key;
    while (cursor_.NextMember(&key)) {
      if (!OneParam(key)) return false;
    }
    return cursor_.ok();
  }

  bool OneParam(std::string_view key) {
    if (message_.FindAny(key) != nullptr) Wrong("a member of \"params\" stands twice");
    if (message_.param_count_ == Message::kMaxParams || key.size() > kMaxKeyBytes) {
      Wrong("\"params\" has too many or too long members");
      return cursor_.SkipValue(nullptr);
    }
    Param& param = message_.params_[message_.param_count_];
    if (!cursor_.Peek(&param.type) || !cursor_.SkipValue(&param.raw)) return false;
    param.key = Keep(key);
    ++message_.param_count_;
    return true;
  }

  // A key that was escaped lives in the cursor's buffer: copy it to where it stays. The reserve
  // keeps earlier views valid, since no more than that can ever be appended.
  std::string_view Keep(std::string_view key) {
    if (key.data() >= text_.data() && key.data() < text_.data() + text_.size()) return key;
    std::string& storage = message_.key_storage_;
    storage.reserve(Message::kMaxParams * kMaxKeyBytes);
    const size_t at = storage.size();
    storage.append(key);
    return std::string_view(storage).substr(at);
  }

  bool Classify() {
    if ((seen_ & kVersion) == 0) Wrong("\"jsonrpc\":\"2.0\" is missing");
    const bool response = (seen_ & (kResult | kError)) != 0;
    if ((seen_ & kMethod) != 0) {
      if (response) Wrong("a message has either a method or a result or error");
      message_.kind = (seen_ & kId) != 0 ? Kind::kRequest : Kind::kNotification;
    } else if (response) {
      if ((seen_ & kResult) != 0 && (seen_ & kError) != 0) {
        Wrong("a response has a result or an error, not both");
      }
      message_.kind = Kind::kResponse;
    } else {
      Wrong("\"method\" is missing");
    }
    return wrong_.empty() || Invalid(wrong_);
  }

  void Wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  bool Invalid(std::string_view what) {
    failure_.code = ErrorCode::kInvalidRequest;
    failure_.message = "Invalid request: " + std::string(what);
    failure_.id = std::string(message_.id);
    return false;
  }

  bool NotJson() {
    failure_.code = ErrorCode::kParseError;
    failure_.message = "Parse error: " + std::string(cursor_.error()) + " at byte " +
                       std::to_string(cursor_.offset());
    failure_.id.clear();
    return false;
  }

  const std::string_view text_;
  JsonCursor cursor_;
  Message& message_;
  ParseFailure& failure_;
  unsigned seen_ = 0;
  std::string wrong_;
};

bool ParseMessage(std::string_view text, Message* message, ParseFailure* failure) {
  return Parser(text, message, failure).Parse();
}

bool IsBatch(std::string_view text) {
  const size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '[';
}

void AppendError(std::string* out, std::string_view id, ErrorCode code, std::string_view message,
                 std::string_view data) {
  out->append(R"({"jsonrpc":"2.0")");
  if (!id.empty()) out->append(R"(,"id":)").append(id);
  out->append(R"(,"error":{"code":)");
  AppendJsonInt(out, static_cast<int>(code));
  out->append(R"(,"message":)");
  AppendJsonString(out, message);
  if (!data.empty()) out->append(R"(,"data":)").append(data);
  out->append("}}");
}

void AppendResultHead(std::string* out, std::string_view id) {
  out->append(R"({"jsonrpc":"2.0","id":)").append(id).append(R"(,"result":)");
}

}  // namespace bridge::jsonrpc
