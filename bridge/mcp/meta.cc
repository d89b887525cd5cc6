#include "bridge/mcp/meta.h"

#include <iterator>
#include <utility>

#include "bridge/base/json_cursor.h"

namespace bridge::mcp {
namespace {

constexpr std::string_view kVersionKey = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view kCapabilitiesKey = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view kClientInfoKey = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view kReadKeys[] = {kVersionKey, kCapabilitiesKey, kClientInfoKey,
                                          "traceparent", "tracestate"};

// An Implementation: name and version are strings.
bool IsImplementation(std::string_view raw) {
  JsonCursor cursor(raw);
  if (!cursor.EnterObject()) return false;
  bool name = false;
  bool version = false;
  std::string_view key;
  while (cursor.NextMember(&key)) {
    JsonType type;
    if (!cursor.Peek(&type)) return false;
    if (key == "name") name = type == JsonType::kString;
    if (key == "version") version = type == JsonType::kString;
    if (!cursor.SkipValue(nullptr)) return false;
  }
  return cursor.ok() && name && version;
}

class MetaReader final {
 public:
  explicit MetaReader(std::string_view raw) : cursor_(raw) {}

  Meta Read() {
    if (!cursor_.EnterObject()) {
      meta_.problem = "params._meta must be an object";
      return std::move(meta_);
    }
    std::string_view key;
    while (cursor_.NextMember(&key)) {
      if (!Member(key)) break;
    }
    Judge();
    if (!traceparent_.empty())
      meta_.trace = telemetry::ParseTraceContext(traceparent_, tracestate_);
    return std::move(meta_);
  }

 private:
  bool Member(std::string_view key) {
    JsonType type;
    if (!cursor_.Peek(&type)) return false;
    for (size_t i = 0; i < std::size(kReadKeys); ++i) {
      if (key != kReadKeys[i]) continue;
      if ((seen_ >> i & 1) != 0) twice_ = kReadKeys[i];
      seen_ |= 1u << i;
    }
    if (key == kVersionKey) {
      meta_.claims_modern = true;
      return Text(type, &meta_.version, &has_version_);
    }
    if (key == kCapabilitiesKey) {
      has_capabilities_ = type == JsonType::kObject;
      return cursor_.SkipValue(nullptr);
    }
    if (key == kClientInfoKey) {
      std::string_view raw;
      if (!cursor_.SkipValue(&raw)) return false;
      client_info_ok_ = type == JsonType::kNull || IsImplementation(raw);
      return true;
    }
    if (key == "progressToken") {
      std::string_view raw;
      if (!cursor_.SkipValue(&raw)) return false;
      const bool token = type == JsonType::kString || type == JsonType::kNumber;
      if (token && raw.size() <= jsonrpc::kMaxIdBytes) meta_.progress_token = raw;
      return true;
    }
    if (key == "traceparent") return Text(type, &traceparent_, nullptr);
    if (key == "tracestate") return Text(type, &tracestate_, nullptr);
    return cursor_.SkipValue(nullptr);
  }

  // Keeps a string of reasonable length; any other type is skipped and leaves `present` false.
  bool Text(JsonType type, std::string* out, bool* present) {
    if (type != JsonType::kString) return cursor_.SkipValue(nullptr);
    std::string_view value;
    if (!cursor_.ReadString(&value, &scratch_)) return false;
    if (value.size() <= 4096) out->assign(value);
    if (present != nullptr) *present = true;
    return true;
  }

  void Judge() {
    if (!meta_.claims_modern) {
      meta_.problem = "params._meta lacks \"" + std::string(kVersionKey) + "\"";
    } else if (!twice_.empty()) {
      meta_.problem = "\"" + std::string(twice_) + "\" stands twice in params._meta";
    } else if (!has_version_) {
      meta_.problem = "\"" + std::string(kVersionKey) + "\" must be a string";
    } else if (!has_capabilities_) {
      meta_.problem = "params._meta needs the object \"" + std::string(kCapabilitiesKey) + "\"";
    } else if (!client_info_ok_) {
      meta_.problem = "\"" + std::string(kClientInfoKey) + "\" needs the strings name and version";
    } else {
      meta_.valid_envelope = true;
    }
  }

  JsonCursor cursor_;
  Meta meta_;
  std::string scratch_;
  std::string traceparent_;
  std::string tracestate_;
  unsigned seen_ = 0;       // one bit for each of kReadKeys
  std::string_view twice_;  // one of them that came again: readers could disagree about it
  bool has_version_ = false;
  bool has_capabilities_ = false;
  bool client_info_ok_ = true;
};

}  // namespace

Meta ParseMeta(const jsonrpc::Message& message) {
  const jsonrpc::Param* meta = message.Find("_meta");
  if (meta == nullptr) {
    Meta none;
    none.problem = "params._meta is missing";
    return none;
  }
  return MetaReader(meta->raw).Read();
}

}  // namespace bridge::mcp
