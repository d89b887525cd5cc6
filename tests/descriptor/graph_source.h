// Graphs for tests; a broken one fails the test by an exception.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/text_format.h"

namespace bridge::descriptor {

using Files = std::vector<google::protobuf::FileDescriptorProto>;

inline std::vector<const google::protobuf::FileDescriptorProto*> PointersTo(const Files& files) {
  std::vector<const google::protobuf::FileDescriptorProto*> pointers;
  for (const auto& file : files) pointers.push_back(&file);
  return pointers;
}

inline std::shared_ptr<const Graph> BuildOrThrow(const Files& files, const Files& comments = {}) {
  auto graph = Graph::Build(PointersTo(files), PointersTo(comments));
  if (!graph.ok()) throw std::runtime_error(std::string(graph.status().message()));
  return *graph;
}

inline const Field& FieldOf(const Graph& graph, std::string_view message, std::string_view name) {
  const Message* found = graph.FindMessage(message);
  if (found == nullptr) throw std::runtime_error("no message " + std::string(message));
  const Field* field = found->FindField(name);
  if (field == nullptr) throw std::runtime_error("no field " + std::string(name));
  return *field;
}

inline google::protobuf::FileDescriptorProto FromText(const std::string& text) {
  google::protobuf::FileDescriptorProto file;
  if (!google::protobuf::TextFormat::ParseFromString(text, &file))
    throw std::runtime_error("bad text: " + text);
  return file;
}

}  // namespace bridge::descriptor
