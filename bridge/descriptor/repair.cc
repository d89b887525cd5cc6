#include "bridge/descriptor/repair.h"

#include <algorithm>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;

void DropCopiesOfExtensions(pb::DescriptorProto* message) {
  auto* fields = message->mutable_field();
  fields->erase(std::remove_if(fields->begin(), fields->end(),
                               [](const pb::FieldDescriptorProto& field) {
                                 return !field.name().empty() && field.name().front() == '.';
                               }),
                fields->end());
}

void MarkOptionals(pb::DescriptorProto* message) {
  std::vector<int> members(static_cast<size_t>(message->oneof_decl_size()));
  const auto in_oneof = [&](const pb::FieldDescriptorProto& field) {
    return field.has_oneof_index() && field.oneof_index() >= 0 &&
           field.oneof_index() < message->oneof_decl_size();
  };
  for (const auto& field : message->field()) {
    if (in_oneof(field)) ++members[static_cast<size_t>(field.oneof_index())];
  }
  for (auto& field : *message->mutable_field()) {
    if (in_oneof(field) && members[static_cast<size_t>(field.oneof_index())] == 1 &&
        message->oneof_decl(field.oneof_index()).name() == "_" + field.name()) {
      field.set_proto3_optional(true);
    }
  }
}

// As the compiler does for a proto3 optional.
void GiveProto2FieldsPresence(pb::DescriptorProto* message) {
  for (auto& field : *message->mutable_field()) {
    const bool proto2 = field.options().has_packed() && !field.options().packed();
    if (!proto2 || field.label() == pb::FieldDescriptorProto::LABEL_REPEATED ||
        field.has_oneof_index()) {
      continue;
    }
    field.set_oneof_index(message->oneof_decl_size());
    field.set_proto3_optional(true);
    message->add_oneof_decl()->set_name("_" + field.name());
  }
}

void RepairMessage(bool proto3, pb::DescriptorProto* message) {
  DropCopiesOfExtensions(message);
  // A map entry has no types of its own.
  if (message->options().map_entry() && message->nested_type_size() > 0) {
    message->mutable_options()->clear_map_entry();
  }
  if (proto3) {
    MarkOptionals(message);
    GiveProto2FieldsPresence(message);
  }
  for (auto& nested : *message->mutable_nested_type()) RepairMessage(proto3, &nested);
}

}  // namespace

void RepairFile(pb::FileDescriptorProto* file) {
  const bool proto3 = file->syntax() == "proto3";
  for (auto& message : *file->mutable_message_type()) RepairMessage(proto3, &message);
}

}  // namespace bridge::descriptor
