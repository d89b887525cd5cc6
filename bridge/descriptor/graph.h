// The closed, validated graph of everything a set of .proto files declares, resolved to the bits
// that conversion needs. It is the one conversion table of the product: `schema` prints it as JSON
// Schema and `transcode` compiles it to plans, so what is advertised is what is accepted.
//
// Sources: FileDescriptorProto of proto2, proto3 and editions 2023/2024 (features are resolved
// here, by number: protobuf 3.21 does not know them). Custom options are read from their raw bytes
// by number, so no option's .proto has to be present: google.api's, protovalidate's, OpenAPI's and
// our own, proto/mcp/bridge/v1/options.proto.
//
// A Graph is immutable and owns all it points to; share it by shared_ptr<const Graph>. Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"

namespace google::protobuf {
class FileDescriptorProto;
}

namespace bridge::descriptor {

struct Message;
struct Enum;
struct Service;
struct FieldRules;
struct MessageRules;

// The wire type of a field, after editions features are resolved (kGroup = DELIMITED message).
enum class Kind : uint8_t {
  kDouble,
  kFloat,
  kInt32,
  kSint32,
  kSfixed32,
  kUint32,
  kFixed32,
  kInt64,
  kSint64,
  kSfixed64,
  kUint64,
  kFixed64,
  kBool,
  kString,
  kBytes,
  kEnum,
  kMessage,
  kGroup,
};

// Messages with a JSON form of their own (https://protobuf.dev/programming-guides/json/). A message
// that has only the name of one, not its fields, is an ordinary message: kNone.
enum class WellKnown : uint8_t {
  kNone,
  kTimestamp,
  kDuration,
  kFieldMask,
  kStruct,
  kValue,
  kListValue,
  kAny,
  kEmpty,
  kDoubleValue,
  kFloatValue,
  kInt64Value,
  kUint64Value,
  kInt32Value,
  kUint32Value,
  kBoolValue,
  kStringValue,
  kBytesValue,
};

// google.api.field_behavior values as bits.
enum Behavior : uint16_t {
  kOptionalBehavior = 1 << 1,
  kRequired = 1 << 2,
  kOutputOnly = 1 << 3,
  kInputOnly = 1 << 4,
  kImmutable = 1 << 5,
  kUnorderedList = 1 << 6,
  kNonEmptyDefault = 1 << 7,
  kIdentifier = 1 << 8,
};

struct EnumValue {
  std::string name;
  int32_t number = 0;
  bool deprecated = false;
  std::string comment;  // cleaned, see comments.h; empty if there is none
  bool alias = false;   // a value before it has the number

  // True for the zero value that says that nothing was chosen.
  bool IsUnspecified() const { return number == 0 && name.ends_with("UNSPECIFIED"); }
};

struct Enum {
  std::string full_name;          // "pkg.Outer.Color"
  std::vector<EnumValue> values;  // declaration order; several may share a number (aliases)
  bool closed = false;            // proto2 / CLOSED: unknown numbers are not values
  bool null_value = false;        // google.protobuf.NullValue
  std::string comment;
};

struct Oneof {
  std::string name;
  bool required = false;  // (buf.validate.oneof).required or (validate.required)
  std::string comment;
  std::vector<int> fields;  // indices into Message::fields
};

// What options say of a field in words (mcp.bridge.v1 and OpenAPI); empty: nothing.
struct FieldTexts {
  std::string title;
  std::string description;  // in place of the comment, and in whole
  std::string example;      // as its author wrote it: JSON, or YAML
};

struct Field {
  std::string name;            // proto name
  std::string json_name;       // as the descriptor says; unique in the message (see Build)
  std::string input_key;       // property name in a tool's input: the first of json_name and
                               // name that fits ^[a-zA-Z0-9_.-]{1,64}$, else a shortened name;
                               // a parser accepts json_name, name and input_key
  std::string extension_name;  // "pkg.ext" for an extension, else empty
  int32_t number = 0;
  Kind kind = Kind::kInt32;
  bool repeated = false;    // true for maps too
  bool map = false;         // `message` is the entry: fields[0] key, fields[1] value
  bool presence = false;    // explicit presence (proto3 optional, oneof, messages, proto2)
  bool packed = false;      // how to write; both forms are read
  bool required = false;    // proto2 required / LEGACY_REQUIRED
  bool check_utf8 = false;  // string must be UTF-8 on the wire
  bool deprecated = false;
  bool hidden = false;               // in no schema; accepted and written all the same
  bool debug_redact = false;         // no text repeats the value
  uint16_t behavior = 0;             // Behavior bits
  int oneof = -1;                    // index into Message::oneofs; synthetic oneofs are not listed
  const Message* message = nullptr;  // kMessage, kGroup
  const Enum* enumeration = nullptr;
  std::string default_text;  // proto2 / editions default as written in the descriptor
  std::string comment;
  std::shared_ptr<const FieldTexts> texts;  // null if there are none
  std::shared_ptr<const FieldRules> rules;  // of validation options; null if there are none

  // True if arguments show it: what is hidden or only the server sets they show only if they must.
  bool IsArgument() const { return required || (!hidden && (behavior & kOutputOnly) == 0); }
};

struct Message {
  std::string full_name;
  std::string name;                      // last part of full_name
  std::vector<Field> fields;             // declaration order
  std::vector<const Field*> extensions;  // of this message, by full name; none of a MessageSet
  std::vector<Oneof> oneofs;             // real ones only
  WellKnown well_known = WellKnown::kNone;
  bool map_entry = false;
  bool message_set = false;  // message_set_wire_format: its extensions are unknown fields
  bool deprecated = false;
  std::string comment;
  std::shared_ptr<const MessageRules> rules;

  // Nobody writes so many fields by hand: what would take a look at all fields for each of them is
  // not done here.
  bool IsWide() const { return fields.size() > 256; }

  // Null if there is none. For start-up, not for calls.
  const Field* FindField(std::string_view proto_name) const;
  // Makes FindField quick where there are many fields, which must not change any more.
  void IndexFields();

  std::vector<uint32_t> by_name;  // indices of the fields if there are many, else empty
};

enum class Idempotency : uint8_t { kUnknown, kNoSideEffects, kIdempotent };
enum class HttpVerb : uint8_t { kNone, kGet, kPut, kPost, kDelete, kPatch, kCustom };

// MCP's hints about a tool, as far as options give them.
struct ToolHints {
  std::optional<bool> read_only, destructive, idempotent, open_world;
};

struct Method {
  std::string name;       // "CreateOrder"
  std::string full_name;  // "shop.orders.v1.Orders.CreateOrder"
  std::string path;       // "/shop.orders.v1.Orders/CreateOrder": the gRPC :path
  const Service* service = nullptr;
  const Message* input = nullptr;
  const Message* output = nullptr;
  bool client_streaming = false;
  bool server_streaming = false;
  bool deprecated = false;
  Idempotency idempotency = Idempotency::kUnknown;
  HttpVerb http_verb = HttpVerb::kNone;  // google.api.http
  std::string operation_response;        // google.longrunning.operation_info: a type, as written
  std::string comment;
  bool hidden = false;    // no tool, by its own options or its service's
  std::string tool_name;  // what its options ask for: ^[A-Za-z][A-Za-z0-9_-]{0,47}$, or empty
  std::string title;      // by options, else empty
  ToolHints hints;
};

struct Service {
  std::string full_name;
  std::string name;
  std::vector<Method> methods;  // declaration order
  bool deprecated = false;
  std::string comment;
  bool hidden = false;      // no tools, but of methods whose options say otherwise
  std::string tool_prefix;  // stands for the service in names of tools; empty: its name
};

// What one set of files may cost. A set beyond a limit is refused with the name of the limit.
struct GraphLimits {
  size_t files = 10'000;
  size_t messages = 200'000;
  size_t fields = 1'000'000;  // with enum values and methods
  // Of one message: what an object or an answer of it costs however little it has.
  size_t message_fields = 10'000;  // with extensions
  size_t message_oneofs = 1'000;
  size_t name_length = 512;
};

class Graph final {
 public:
  // Builds a graph from `files`, in any order; every import but option-only ones must be among
  // them (a missing import is an error only if a type of it is used). Google's well-known types
  // are known even if their files are missing. A file given twice with the same name is taken once,
  // and so is a type that two files declare alike. `comments` are further files (a descriptor set
  // with source info) whose comments are joined by full name: reflection delivers none.
  //
  // Where two fields of a message ask for one json_name, the field of that proto name keeps it,
  // else the first; the others fall back to their proto names, and so do fields whose json_name
  // means something else in ProtoJSON: "@type" and what stands in brackets.
  //
  // Errors: InvalidArgument names the file and the element that is broken; ResourceExhausted
  // names the limit.
  static absl::StatusOr<std::shared_ptr<const Graph>> Build(
      std::span<const google::protobuf::FileDescriptorProto* const> files,
      std::span<const google::protobuf::FileDescriptorProto* const> comments = {},
      const GraphLimits& limits = {});

  // Null if there is none. `full_name` has no leading dot.
  const Message* FindMessage(std::string_view full_name) const;
  const Enum* FindEnum(std::string_view full_name) const;
  const Service* FindService(std::string_view full_name) const;

  // Order of the files and of declaration.
  const std::deque<Service>& services() const { return services_; }
  const std::deque<Message>& messages() const { return messages_; }
  // What of the descriptors is not used, and why, of each graph the first twenty: all else is whole
  // without it.
  const std::vector<std::string>& remarks() const { return remarks_; }

 private:
  friend class GraphBuilder;
  Graph() = default;

  std::deque<Message> messages_;
  std::deque<Enum> enums_;
  std::deque<Service> services_;
  std::deque<Field> extensions_;
  std::vector<std::string> remarks_;
  std::unordered_map<std::string_view, const Message*> messages_by_name_;
  std::unordered_map<std::string_view, const Enum*> enums_by_name_;
  std::unordered_map<std::string_view, const Service*> services_by_name_;
};

}  // namespace bridge::descriptor
