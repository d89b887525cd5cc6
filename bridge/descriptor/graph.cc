#include "bridge/descriptor/graph.h"

#include <algorithm>
#include <numeric>
#include <string>
#include <unordered_set>

#include "bridge/descriptor/graph_builder.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/api.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/protobuf/empty.pb.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/source_context.pb.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/type.pb.h"
#include "google/protobuf/wrappers.pb.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;

// Some servers leave out the files everybody has; these are the copies inside the library.
std::vector<pb::FileDescriptorProto> WellKnownFiles() {
  std::vector<pb::FileDescriptorProto> files;
  for (const pb::Descriptor* type :
       {pb::Any::descriptor(), pb::Duration::descriptor(), pb::Empty::descriptor(),
        pb::FieldMask::descriptor(), pb::Struct::descriptor(), pb::Timestamp::descriptor(),
        pb::BoolValue::descriptor(), pb::SourceContext::descriptor(), pb::Type::descriptor(),
        pb::Api::descriptor()}) {
    type->file()->CopyTo(&files.emplace_back());
  }
  return files;
}

template <typename Node>
const Node* FindIn(const std::unordered_map<std::string_view, const Node*>& by_name,
                   std::string_view full_name) {
  const auto found = by_name.find(full_name);
  return found == by_name.end() ? nullptr : found->second;
}

}  // namespace

const Field* Message::FindField(std::string_view proto_name) const {
  if (by_name.empty()) {
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const Field& field) { return field.name == proto_name; });
    return found == fields.end() ? nullptr : &*found;
  }
  const auto found = std::lower_bound(
      by_name.begin(), by_name.end(), proto_name,
      [this](uint32_t index, std::string_view wanted) { return fields[index].name < wanted; });
  return found == by_name.end() || fields[*found].name != proto_name ? nullptr : &fields[*found];
}

void Message::IndexFields() {
  constexpr size_t kFew = 32;
  if (fields.size() <= kFew) return;
  by_name.resize(fields.size());
  std::iota(by_name.begin(), by_name.end(), 0u);
  std::sort(by_name.begin(), by_name.end(),
            [this](uint32_t a, uint32_t b) { return fields[a].name < fields[b].name; });
}

absl::StatusOr<std::shared_ptr<const Graph>> Graph::Build(
    std::span<const pb::FileDescriptorProto* const> files,
    std::span<const pb::FileDescriptorProto* const> comments, const GraphLimits& limits) {
  Comments texts;
  for (const pb::FileDescriptorProto* file : files) texts.Add(*file);
  for (const pb::FileDescriptorProto* file : comments) texts.Add(*file);

  GraphBuilder builder(limits, std::move(texts));
  std::unordered_set<std::string_view> given;
  for (const pb::FileDescriptorProto* file : files) {
    if (!given.insert(file->name()).second) continue;
    if (given.size() > limits.files) {
      return absl::ResourceExhaustedError("the descriptors have more than " +
                                          std::to_string(limits.files) + " files (limit: files)");
    }
    if (absl::Status status = builder.Declare(*file); !status.ok()) return status;
  }
  // A server may ship a well-known file under another path, so only what no file declares is added.
  const std::vector<pb::FileDescriptorProto> well_known = WellKnownFiles();
  for (const pb::FileDescriptorProto& file : well_known) {
    if (given.contains(file.name()) || builder.DeclaresAnyOf(file)) continue;
    if (absl::Status status = builder.Declare(file); !status.ok()) return status;
  }
  if (absl::Status status = builder.Link(); !status.ok()) return status;
  return builder.TakeGraph();
}

const Message* Graph::FindMessage(std::string_view full_name) const {
  return FindIn(messages_by_name_, full_name);
}

const Enum* Graph::FindEnum(std::string_view full_name) const {
  return FindIn(enums_by_name_, full_name);
}

const Service* Graph::FindService(std::string_view full_name) const {
  return FindIn(services_by_name_, full_name);
}

}  // namespace bridge::descriptor
