#include "bridge/descriptor/graph_builder.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bridge/base/status_macros.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/rules.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;

constexpr int kMaxNesting = 64;
constexpr size_t kMaxQuotedBytes = 200;
constexpr size_t kMaxRemarks = 20;

bool IsPackage(std::string_view package) {
  while (true) {
    const size_t dot = package.find('.');
    if (!IsIdentifier(package.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    package.remove_prefix(dot + 1);
  }
}

}  // namespace

absl::Status BrokenDescriptor(std::string_view file, std::string_view element,
                              std::string_view problem) {
  const auto safe = [](std::string_view text) {
    std::string visible = CutText(VisibleText(text), kMaxQuotedBytes);
    std::replace(visible.begin(), visible.end(), '\n', ' ');
    return visible;
  };
  return absl::InvalidArgumentError("file \"" + safe(file) + "\": " + safe(element) + ": " +
                                    std::string(problem));
}

absl::Status TooManyOf(const pb::FileDescriptorProto& file, std::string_view element, size_t limit,
                       std::string_view what) {
  const absl::Status broken = BrokenDescriptor(
      file.name(), element, "has more than " + std::to_string(limit) + " " + std::string(what));
  return absl::ResourceExhaustedError(broken.message());
}

absl::Status GraphBuilder::CountFields(int count) {
  field_count_ += static_cast<size_t>(count);
  if (field_count_ <= limits_.fields) return absl::OkStatus();
  return absl::ResourceExhaustedError("the descriptors have more than " +
                                      std::to_string(limits_.fields) +
                                      " fields, enum values and methods (limit: fields)");
}

void GraphBuilder::Remark(const File& file, std::string_view element, const std::string& problem) {
  if (problem.empty() || graph_->remarks_.size() == kMaxRemarks) return;
  const absl::Status status = BrokenDescriptor(file.name(), element, problem);
  graph_->remarks_.emplace_back(status.message());
}

absl::Status GraphBuilder::DeclareSymbol(const File& file, const std::string& full_name,
                                         const Symbol& symbol, bool* is_new) {
  if (full_name.size() > limits_.name_length) {
    return absl::ResourceExhaustedError(
        "file \"" + CutText(VisibleText(file.name()), kMaxQuotedBytes) + "\" has a name of " +
        std::to_string(full_name.size()) + " bytes, more than " +
        std::to_string(limits_.name_length) + " (limit: name_length)");
  }
  const auto [entry, inserted] = symbols_.emplace(full_name, symbol);
  *is_new = inserted;
  if (inserted) {
    if (symbols_.size() <= limits_.messages) return absl::OkStatus();
    return absl::ResourceExhaustedError("the descriptors have more than " +
                                        std::to_string(limits_.messages) +
                                        " messages, enums and services (limit: messages)");
  }
  const Symbol& other = entry->second;
  if (other.proto->GetDescriptor() == symbol.proto->GetDescriptor() &&
      other.proto->SerializeAsString() == symbol.proto->SerializeAsString()) {
    return absl::OkStatus();
  }
  return BrokenDescriptor(file.name(), full_name,
                          "file \"" + CutText(VisibleText(other.file->name()), kMaxQuotedBytes) +
                              "\" declares this name differently");
}

absl::Status GraphBuilder::Declare(const File& file) {
  // Some servers send this for a file that they do not have, with a syntax that is none.
  if (file.message_type().empty() && file.enum_type().empty() && file.service().empty() &&
      file.extension().empty()) {
    return absl::OkStatus();
  }
  files_.emplace(file.name(), &file);
  if (!file.package().empty() && !IsPackage(file.package())) {
    return BrokenDescriptor(file.name(), file.package(), "is not a package name");
  }
  const std::optional<Features> features = FileFeatures(file);
  if (!features) {
    return BrokenDescriptor(file.name(), file.syntax(),
                            "is a syntax or edition this bridge does not know (known: proto2, "
                            "proto3, editions 2023 and 2024)");
  }
  RETURN_IF_ERROR(CountFields(file.extension_size()));
  resources_.Add(OptionsWithExtensions(file));
  const std::string scope = file.package().empty() ? "" : file.package() + ".";
  for (const auto& message : file.message_type()) {
    RETURN_IF_ERROR(DeclareMessage(file, scope, *features, message, 0));
  }
  for (const auto& enumeration : file.enum_type()) {
    RETURN_IF_ERROR(DeclareEnum(file, scope, *features, enumeration));
  }
  for (const auto& service : file.service()) {
    RETURN_IF_ERROR(DeclareService(file, scope, service));
  }
  for (const auto& extension : file.extension()) {
    extensions_.push_back({&file, &extension, file.package(), *features});
  }
  return absl::OkStatus();
}

bool GraphBuilder::DeclaresAnyOf(const File& file) const {
  return std::any_of(file.message_type().begin(), file.message_type().end(),
                     [&](const pb::DescriptorProto& message) {
                       return symbols_.contains(file.package() + "." + message.name());
                     });
}

absl::Status GraphBuilder::DeclareMessage(const File& file, const std::string& scope,
                                          const Features& outer, const pb::DescriptorProto& proto,
                                          int depth) {
  const std::string full_name = scope + proto.name();
  if (!IsIdentifier(proto.name())) {
    return BrokenDescriptor(file.name(), full_name, "is not a message name");
  }
  if (depth > kMaxNesting) {
    return BrokenDescriptor(file.name(), full_name, "is nested too deep");
  }
  RETURN_IF_ERROR(CountFields(proto.field_size() + proto.extension_size()));
  Symbol symbol{&file, &proto};
  bool is_new = false;
  symbol.message = &graph_->messages_.emplace_back();
  if (absl::Status status = DeclareSymbol(file, full_name, symbol, &is_new);
      !status.ok() || !is_new) {
    graph_->messages_.pop_back();
    return status;
  }
  Message& message = *symbol.message;
  message.full_name = full_name;
  message.name = proto.name();
  message.map_entry = proto.options().map_entry();
  message.message_set = proto.options().message_set_wire_format();
  message.deprecated = proto.options().deprecated();
  message.comment = comments_.Take(full_name);
  const std::string options = OptionsWithExtensions(proto);
  message.rules = ParseMessageRules(options);
  resources_.Add(options);
  graph_->messages_by_name_.emplace(message.full_name, &message);

  const Features features = proto.has_options()
                                ? outer.With(proto.options().SerializeAsString(), kMessageFeatures)
                                : outer;
  messages_.push_back({&file, &proto, &message, features});
  for (const auto& nested : proto.nested_type()) {
    RETURN_IF_ERROR(DeclareMessage(file, full_name + ".", features, nested, depth + 1));
  }
  for (const auto& enumeration : proto.enum_type()) {
    RETURN_IF_ERROR(DeclareEnum(file, full_name + ".", features, enumeration));
  }
  for (const auto& extension : proto.extension()) {
    extensions_.push_back({&file, &extension, full_name, features});
  }
  return absl::OkStatus();
}

absl::Status GraphBuilder::DeclareEnum(const File& file, const std::string& scope,
                                       const Features& outer,
                                       const pb::EnumDescriptorProto& proto) {
  const std::string full_name = scope + proto.name();
  if (!IsIdentifier(proto.name())) {
    return BrokenDescriptor(file.name(), full_name, "is not an enum name");
  }
  if (proto.value_size() == 0) {
    return BrokenDescriptor(file.name(), full_name, "is an enum without values");
  }
  RETURN_IF_ERROR(CountFields(proto.value_size()));
  Symbol symbol{&file, &proto};
  bool is_new = false;
  symbol.enumeration = &graph_->enums_.emplace_back();
  if (absl::Status status = DeclareSymbol(file, full_name, symbol, &is_new);
      !status.ok() || !is_new) {
    graph_->enums_.pop_back();
    return status;
  }
  Enum& enumeration = *symbol.enumeration;
  enumeration.full_name = full_name;
  enumeration.closed =
      (proto.has_options() ? outer.With(proto.options().SerializeAsString(), kEnumFeatures) : outer)
          .closed_enum;
  enumeration.null_value = full_name == "google.protobuf.NullValue";
  enumeration.comment = comments_.Take(full_name);
  std::unordered_set<std::string_view> names;
  std::unordered_set<int> numbers;
  for (const auto& value : proto.value()) {
    const std::string value_name = full_name + "." + value.name();
    if (!IsIdentifier(value.name()) || value_name.size() > limits_.name_length) {
      return BrokenDescriptor(file.name(), value_name,
                              "is not the name of an enum value, or is too long");
    }
    if (!names.insert(value.name()).second) {
      return BrokenDescriptor(file.name(), value_name, "is declared twice");
    }
    enumeration.values.push_back({value.name(), value.number(), value.options().deprecated(),
                                  comments_.Take(value_name),
                                  !numbers.insert(value.number()).second});
  }
  graph_->enums_by_name_.emplace(enumeration.full_name, &enumeration);
  return absl::OkStatus();
}

absl::Status GraphBuilder::DeclareService(const File& file, const std::string& scope,
                                          const pb::ServiceDescriptorProto& proto) {
  const std::string full_name = scope + proto.name();
  if (!IsIdentifier(proto.name())) {
    return BrokenDescriptor(file.name(), full_name, "is not a service name");
  }
  RETURN_IF_ERROR(CountFields(proto.method_size()));
  bool is_new = false;
  RETURN_IF_ERROR(DeclareSymbol(file, full_name, Symbol{&file, &proto}, &is_new));
  if (!is_new) return absl::OkStatus();
  Service& service = graph_->services_.emplace_back();
  service.full_name = full_name;
  service.name = proto.name();
  service.deprecated = proto.options().deprecated();
  service.comment = comments_.Take(full_name);
  graph_->services_by_name_.emplace(service.full_name, &service);
  services_.push_back({&file, &proto, &service});
  return absl::OkStatus();
}

}  // namespace bridge::descriptor
