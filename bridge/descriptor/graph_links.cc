// The second pass of GraphBuilder: fields, extensions and methods find their types.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "bridge/base/status_macros.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/graph_builder.h"
#include "bridge/descriptor/openapi.h"
#include "bridge/descriptor/options.h"
#include "bridge/descriptor/rules.h"
#include "bridge/descriptor/tool_options.h"
#include "bridge/descriptor/well_known.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;
using FieldProto = pb::FieldDescriptorProto;

constexpr int kMaxFieldNumber = (1 << 29) - 1;

// By FieldDescriptorProto::Type; 0 is "not given".
constexpr std::array<Kind, 19> kKinds = {
    Kind::kMessage,  Kind::kDouble,   Kind::kFloat,   Kind::kInt64,  Kind::kUint64,
    Kind::kInt32,    Kind::kFixed64,  Kind::kFixed32, Kind::kBool,   Kind::kString,
    Kind::kGroup,    Kind::kMessage,  Kind::kBytes,   Kind::kUint32, Kind::kEnum,
    Kind::kSfixed32, Kind::kSfixed64, Kind::kSint32,  Kind::kSint64,
};

bool IsPackable(Kind kind) {
  return kind != Kind::kString && kind != Kind::kBytes && kind != Kind::kMessage &&
         kind != Kind::kGroup;
}

bool IsMapKey(Kind kind) {
  return kind != Kind::kFloat && kind != Kind::kDouble && kind != Kind::kBytes &&
         kind != Kind::kMessage && kind != Kind::kGroup && kind != Kind::kEnum;
}

bool IsPrintableName(std::string_view json_name) {
  return VisibleText(json_name) == json_name && json_name.find('\n') == std::string_view::npos;
}

// In ProtoJSON [x] is an extension, and @type the type of an Any around the message.
bool HasOtherMeaning(std::string_view json_name) {
  return json_name == "@type" || (json_name.starts_with('[') && json_name.ends_with(']'));
}

constexpr int kMaxListedImports = 10;

// The schema says what these labels say, so the comment need not.
std::string WithoutSaidLabels(std::string_view comment, const Field& field) {
  static constexpr std::pair<std::string_view, uint16_t> kBehaviors[] = {
      {"required", kRequired},   {"output only", kOutputOnly}, {"input only", kInputOnly},
      {"immutable", kImmutable}, {"identifier", kIdentifier},
  };
  const auto is_said = [&field](std::string_view label) {
    return label == "optional" || (label == "repeated" && field.repeated) ||
           std::any_of(std::begin(kBehaviors), std::end(kBehaviors), [&](const auto& behavior) {
             return behavior.first == label && (field.behavior & behavior.second) != 0;
           });
  };
  for (std::string_view rest = comment; is_said(TakeLabel(&rest));) comment = rest;
  return std::string(comment);
}

}  // namespace

bool ExtendsOptions(const FieldProto& extension) {
  std::string_view extendee = extension.extendee();
  if (extendee.starts_with('.')) extendee.remove_prefix(1);
  return extendee.starts_with("google.protobuf.") && extendee.ends_with("Options");
}

absl::Status GraphBuilder::Link() {
  reads_tool_options_ =
      std::none_of(extensions_.begin(), extensions_.end(), [](const DeclaredExtension& declared) {
        return ExtendsOptions(*declared.proto) && declared.proto->number() == kToolOptions &&
               declared.scope != "mcp.bridge.v1";
      });
  for (const DeclaredMessage& declared : messages_) RETURN_IF_ERROR(LinkMessage(declared));
  for (Message& message : graph_->messages_) {
    message.well_known = RecognizeWellKnown(message);
    message.IndexFields();
  }
  TakenNumbers taken;
  for (const DeclaredExtension& declared : extensions_) {
    RETURN_IF_ERROR(LinkExtension(declared, &taken));
  }
  for (Message& message : graph_->messages_) RETURN_IF_ERROR(SortExtensions(&message));
  for (const DeclaredService& declared : services_) RETURN_IF_ERROR(LinkService(declared));
  return absl::OkStatus();
}

const GraphBuilder::Symbol* GraphBuilder::FindSymbol(std::string_view type_name,
                                                     std::string_view scope) const {
  const auto find = [this](const std::string& full_name) -> const Symbol* {
    const auto found = symbols_.find(full_name);
    return found == symbols_.end() ? nullptr : &found->second;
  };
  // It is put together with each scope, and may be as long as its file.
  if (type_name.size() > limits_.name_length + 1) return nullptr;
  if (type_name.starts_with('.')) return find(std::string(type_name.substr(1)));
  while (!scope.empty()) {
    if (const Symbol* symbol = find(std::string(scope) + "." + std::string(type_name))) {
      return symbol;
    }
    const size_t dot = scope.rfind('.');
    scope = dot == std::string_view::npos ? std::string_view() : scope.substr(0, dot);
  }
  return find(std::string(type_name));
}

absl::Status GraphBuilder::MissingType(const File& file, const std::string& element,
                                       const std::string& type_name) const {
  std::string missing;
  int count = 0;
  for (const std::string& import : file.dependency()) {
    if (files_.contains(import) || ++count > kMaxListedImports) continue;
    missing += (missing.empty() ? "; its imports that were not given: \"" : ", \"") +
               CutText(VisibleText(import), 100) + "\"";
  }
  return BrokenDescriptor(file.name(), element,
                          "its type \"" + CutText(VisibleText(type_name), 200) +
                              "\" is declared in none of the files" + missing);
}

absl::Status GraphBuilder::LinkMessage(const DeclaredMessage& declared) {
  const pb::DescriptorProto& proto = *declared.proto;
  Message& message = *declared.node;
  message.fields.resize(static_cast<size_t>(proto.field_size()));
  std::vector<Features> oneof_features;
  for (const auto& oneof : proto.oneof_decl()) {
    oneof_features.push_back(
        oneof.has_options()
            ? declared.features.With(oneof.options().SerializeAsString(), kOneofFeatures)
            : declared.features);
  }
  std::unordered_set<int> numbers;
  for (int i = 0; i < proto.field_size(); ++i) {
    const FieldProto& field_proto = proto.field(i);
    Field& field = message.fields[static_cast<size_t>(i)];
    const bool in_oneof = field_proto.has_oneof_index() && field_proto.oneof_index() >= 0 &&
                          field_proto.oneof_index() < proto.oneof_decl_size();
    RETURN_IF_ERROR(LinkField(*declared.file, field_proto, message.full_name,
                              in_oneof
                                  ? oneof_features[static_cast<size_t>(field_proto.oneof_index())]
                                  : declared.features,
                              &field));
    if (message.map_entry && field.kind == Kind::kGroup) field.kind = Kind::kMessage;
    if (!numbers.insert(field.number).second) {
      return BrokenDescriptor(declared.file->name(), message.full_name + "." + field.name,
                              "its number belongs to another field too");
    }
  }
  RETURN_IF_ERROR(LinkOneofs(declared));
  if (message.map_entry) RETURN_IF_ERROR(CheckMapEntry(declared));
  RETURN_IF_ERROR(ResolveNames(declared.file->name(), &message));
  ApplyOpenApi(OptionsWithExtensions(proto), &message);
  return absl::OkStatus();
}

absl::Status GraphBuilder::CheckMapEntry(const DeclaredMessage& declared) {
  std::vector<Field>& fields = declared.node->fields;
  std::sort(fields.begin(), fields.end(),
            [](const Field& a, const Field& b) { return a.number < b.number; });
  if (fields.size() == 2 && fields[0].number == 1 && fields[1].number == 2 && !fields[0].repeated &&
      !fields[1].repeated && IsMapKey(fields[0].kind) && declared.node->oneofs.empty()) {
    return absl::OkStatus();
  }
  return BrokenDescriptor(declared.file->name(), declared.node->full_name,
                          "is not a legal map entry: it needs a key (1) and a value (2)");
}

absl::Status GraphBuilder::LinkOneofs(const DeclaredMessage& declared) {
  const pb::DescriptorProto& proto = *declared.proto;
  Message& message = *declared.node;
  std::vector<std::vector<int>> members(static_cast<size_t>(proto.oneof_decl_size()));
  std::unordered_set<std::string_view> names;
  for (int i = 0; i < proto.field_size(); ++i) {
    const FieldProto& field = proto.field(i);
    if (!field.has_oneof_index()) continue;
    if (field.oneof_index() < 0 || field.oneof_index() >= proto.oneof_decl_size() ||
        message.fields[static_cast<size_t>(i)].repeated) {
      return BrokenDescriptor(declared.file->name(), message.full_name + "." + field.name(),
                              "is not a legal member of a oneof");
    }
    if (!field.proto3_optional()) members[static_cast<size_t>(field.oneof_index())].push_back(i);
  }
  for (int i = 0; i < proto.oneof_decl_size(); ++i) {
    std::vector<int>& fields = members[static_cast<size_t>(i)];
    if (fields.empty()) continue;
    Oneof oneof;
    oneof.name = proto.oneof_decl(i).name();
    const std::string full_name = message.full_name + "." + oneof.name;
    if (!IsIdentifier(oneof.name) || full_name.size() > limits_.name_length) {
      return BrokenDescriptor(declared.file->name(), full_name,
                              "is not the name of a oneof, or is too long");
    }
    if (!names.insert(proto.oneof_decl(i).name()).second) {
      return BrokenDescriptor(declared.file->name(), full_name, "is declared twice");
    }
    oneof.comment = comments_.Take(full_name);
    oneof.required = ParseOneofRequired(proto.oneof_decl(i).options().SerializeAsString());
    for (const int field : fields) {
      message.fields[static_cast<size_t>(field)].oneof = static_cast<int>(message.oneofs.size());
    }
    oneof.fields = std::move(fields);
    message.oneofs.push_back(std::move(oneof));
  }
  if (message.oneofs.size() > limits_.message_oneofs) {
    return TooManyOf(*declared.file, message.full_name, limits_.message_oneofs,
                     "oneofs (limit: message_oneofs)");
  }
  return absl::OkStatus();
}

absl::Status GraphBuilder::LinkField(const File& file, const FieldProto& proto,
                                     const std::string& scope, const Features& outer,
                                     Field* field) {
  const std::string full_name = scope.empty() ? proto.name() : scope + "." + proto.name();
  if (!IsIdentifier(proto.name()) || full_name.size() > limits_.name_length) {
    return BrokenDescriptor(file.name(), full_name, "is not a field name, or is too long");
  }
  if (proto.number() < 1 || proto.number() > kMaxFieldNumber) {
    return BrokenDescriptor(file.name(), full_name, "its number is out of range");
  }
  if (!IsPrintableName(proto.json_name()) || proto.json_name().size() > limits_.name_length) {
    return BrokenDescriptor(file.name(), full_name, "its json_name is not a legal name");
  }
  field->name = proto.name();
  field->json_name = proto.json_name().empty() ? ToJsonName(proto.name()) : proto.json_name();
  if (field->json_name.empty() || HasOtherMeaning(field->json_name)) {
    field->json_name = field->name;
  }
  field->number = proto.number();
  field->repeated = proto.label() == FieldProto::LABEL_REPEATED;

  const std::string options =
      proto.has_options() ? proto.options().SerializeAsString() : std::string();
  const Features features = options.empty() ? outer : outer.With(options, kFieldFeatures);
  RETURN_IF_ERROR(LinkFieldType(file, proto, scope, features, field));

  field->required = proto.label() == FieldProto::LABEL_REQUIRED ||
                    (!field->repeated && !proto.has_oneof_index() && !proto.has_extendee() &&
                     features.legacy_required);
  field->presence = !field->repeated && (field->message != nullptr || proto.has_oneof_index() ||
                                         proto.proto3_optional() || proto.has_extendee() ||
                                         !features.implicit_presence);
  field->packed = field->repeated && IsPackable(field->kind) &&
                  (proto.options().has_packed() ? proto.options().packed() : features.packed);
  field->check_utf8 = field->kind == Kind::kString && features.verify_utf8;
  field->deprecated = proto.options().deprecated();
  field->default_text = proto.default_value();
  if (!options.empty()) LinkFieldOptions(options, field);
  field->comment = WithoutSaidLabels(comments_.Take(full_name), *field);
  return absl::OkStatus();
}

void GraphBuilder::LinkFieldOptions(std::string_view options, Field* field) const {
  const FieldMarks marks = ParseFieldMarks(options);
  field->debug_redact = marks.debug_redact;
  field->behavior = marks.behavior;
  if (!HasExtension(options)) return;
  std::shared_ptr<FieldRules> rules = ParseFieldRules(options, field->repeated && !field->map);
  const bool has_rules = rules != nullptr;
  if (!has_rules) rules = std::make_shared<FieldRules>();
  const bool has_open_api = ApplyOpenApi(options, field, rules.get());
  if (reads_tool_options_) ApplyFieldOptions(options, field);
  std::string format = resources_.FindFormat(options);
  if (!format.empty()) rules->texts.push_back(std::move(format));
  if (has_rules || has_open_api || !rules->texts.empty()) field->rules = std::move(rules);
}

absl::Status GraphBuilder::LinkFieldType(const File& file, const FieldProto& proto,
                                         const std::string& scope, const Features& features,
                                         Field* field) {
  const std::string full_name = scope.empty() ? proto.name() : scope + "." + proto.name();
  const int type = proto.has_type() ? proto.type() : 0;
  field->kind = kKinds[static_cast<size_t>(type)];
  const bool wants_message = field->kind == Kind::kMessage || field->kind == Kind::kGroup;
  if (!wants_message && field->kind != Kind::kEnum) return absl::OkStatus();

  const Symbol* symbol = FindSymbol(proto.type_name(), scope);
  if (symbol == nullptr) return MissingType(file, full_name, proto.type_name());
  const bool is_message = symbol->message != nullptr && (type == 0 || wants_message);
  const bool is_enum = symbol->enumeration != nullptr && (type == 0 || !wants_message);
  if (is_enum) {
    field->kind = Kind::kEnum;
    field->enumeration = symbol->enumeration;
    return absl::OkStatus();
  }
  if (!is_message) {
    return BrokenDescriptor(file.name(), full_name,
                            "its type \"" + CutText(VisibleText(proto.type_name()), 200) +
                                "\" is of another kind than the field says");
  }
  field->message = symbol->message;
  if (symbol->message->map_entry) {
    if (!field->repeated) {
      return BrokenDescriptor(file.name(), full_name, "uses a map entry outside a map");
    }
    field->map = true;
    field->kind = Kind::kMessage;
  } else if (features.delimited) {
    field->kind = Kind::kGroup;
  }
  return absl::OkStatus();
}

absl::Status GraphBuilder::LinkExtension(const DeclaredExtension& declared, TakenNumbers* taken) {
  const FieldProto& proto = *declared.proto;
  const std::string full_name =
      declared.scope.empty() ? proto.name() : declared.scope + "." + proto.name();
  if (ExtendsOptions(proto)) return absl::OkStatus();
  const Symbol* symbol = FindSymbol(proto.extendee(), declared.scope);
  if (symbol == nullptr || symbol->message == nullptr) {
    return MissingType(*declared.file, full_name, proto.extendee());
  }
  if (symbol->message->message_set) return absl::OkStatus();
  Field& field = graph_->extensions_.emplace_back();
  RETURN_IF_ERROR(LinkField(*declared.file, proto, declared.scope, declared.features, &field));
  field.extension_name = full_name;
  Message& message = *symbol->message;
  if (message.map_entry) {
    return BrokenDescriptor(declared.file->name(), full_name, "extends a map entry");
  }
  const auto [numbers, is_first] = taken->try_emplace(&message);
  if (is_first) {
    for (const Field& other : message.fields) numbers->second.insert(other.number);
  }
  if (!numbers->second.insert(field.number).second) {
    return BrokenDescriptor(declared.file->name(), full_name,
                            "its number in " + message.full_name + " is taken");
  }
  message.extensions.push_back(&field);
  return absl::OkStatus();
}

absl::Status GraphBuilder::SortExtensions(Message* message) {
  std::vector<const Field*>& extensions = message->extensions;
  if (message->fields.size() + extensions.size() > limits_.message_fields) {
    return TooManyOf(*symbols_.at(message->full_name).file, message->full_name,
                     limits_.message_fields, "fields and extensions (limit: message_fields)");
  }
  std::sort(extensions.begin(), extensions.end(),
            [](const Field* a, const Field* b) { return a->extension_name < b->extension_name; });
  const auto twice = std::adjacent_find(
      extensions.begin(), extensions.end(),
      [](const Field* a, const Field* b) { return a->extension_name == b->extension_name; });
  if (twice == extensions.end()) return absl::OkStatus();
  const Symbol& extended = symbols_.at(message->full_name);
  return BrokenDescriptor(extended.file->name(), message->full_name,
                          "has two extensions of the name " + (*twice)->extension_name);
}

absl::Status GraphBuilder::LinkService(const DeclaredService& declared) {
  Service& service = *declared.node;
  const std::string options = OptionsWithExtensions(*declared.proto);
  if (reads_tool_options_ && !options.empty()) {
    Remark(*declared.file, service.full_name, ApplyServiceOptions(options, &service));
  }
  std::unordered_set<std::string_view> names;
  for (const auto& proto : declared.proto->method()) {
    const std::string full_name = service.full_name + "." + proto.name();
    // The name becomes part of the :path of a request.
    if (!IsIdentifier(proto.name()) || full_name.size() > limits_.name_length) {
      return BrokenDescriptor(declared.file->name(), full_name,
                              "is not a method name, or is too long");
    }
    if (!names.insert(proto.name()).second) {
      return BrokenDescriptor(declared.file->name(), full_name, "is declared twice");
    }
    const Symbol* input = FindSymbol(proto.input_type(), service.full_name);
    const Symbol* output = FindSymbol(proto.output_type(), service.full_name);
    if (input == nullptr || input->message == nullptr) {
      return MissingType(*declared.file, full_name, proto.input_type());
    }
    if (output == nullptr || output->message == nullptr) {
      return MissingType(*declared.file, full_name, proto.output_type());
    }
    if (input->message->map_entry || output->message->map_entry) {
      return BrokenDescriptor(declared.file->name(), full_name, "uses a map entry outside a map");
    }
    Method& method = service.methods.emplace_back();
    method.name = proto.name();
    method.full_name = full_name;
    method.path = "/" + service.full_name + "/" + proto.name();
    method.service = &service;
    method.input = input->message;
    method.output = output->message;
    method.client_streaming = proto.client_streaming();
    method.server_streaming = proto.server_streaming();
    method.deprecated = proto.options().deprecated();
    method.idempotency = static_cast<Idempotency>(proto.options().idempotency_level());
    method.comment = comments_.Take(full_name);
    method.hidden = service.hidden;
    Remark(*declared.file, full_name, LinkMethodOptions(OptionsWithExtensions(proto), &method));
  }
  return absl::OkStatus();
}

std::string GraphBuilder::LinkMethodOptions(std::string_view options, Method* method) const {
  if (options.empty()) return {};
  method->http_verb = ParseHttpVerb(options);
  method->operation_response = ParseOperationResponse(options);
  ApplyOpenApi(options, method);
  return reads_tool_options_ ? ApplyMethodOptions(options, method) : std::string();
}

}  // namespace bridge::descriptor
