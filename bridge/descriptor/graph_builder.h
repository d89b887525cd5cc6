// Builds a Graph in two passes: declare every type of every file, then link the fields, methods
// and extensions to the declared types. One build, one thread; see Graph::Build for the contract.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "bridge/descriptor/comments.h"
#include "bridge/descriptor/features.h"
#include "bridge/descriptor/graph.h"
#include "bridge/descriptor/options.h"
#include "bridge/descriptor/resources.h"
#include "google/protobuf/descriptor.pb.h"

namespace bridge::descriptor {

class GraphBuilder final {
 public:
  GraphBuilder(const GraphLimits& limits, Comments comments)
      : limits_(limits), comments_(std::move(comments)), graph_(new Graph()) {}

  // All files first, then Link, then TakeGraph.
  absl::Status Declare(const google::protobuf::FileDescriptorProto& file);
  absl::Status Link();
  // True if a message of `file` is declared already.
  bool DeclaresAnyOf(const google::protobuf::FileDescriptorProto& file) const;
  std::shared_ptr<const Graph> TakeGraph() { return std::move(graph_); }

 private:
  using File = google::protobuf::FileDescriptorProto;

  // Declarations together with where they stand.
  struct DeclaredMessage {
    const File* file;
    const google::protobuf::DescriptorProto* proto;
    Message* node;
    Features features;
  };
  struct DeclaredService {
    const File* file;
    const google::protobuf::ServiceDescriptorProto* proto;
    Service* node;
  };
  struct DeclaredExtension {
    const File* file;
    const google::protobuf::FieldDescriptorProto* proto;
    std::string scope;
    Features features;
  };
  // Of the fields and extensions of the messages that are extended.
  using TakenNumbers = std::unordered_map<const Message*, std::unordered_set<int>>;
  struct Symbol {
    const File* file;
    const google::protobuf::Message* proto;
    Message* message = nullptr;
    Enum* enumeration = nullptr;
  };

  absl::Status DeclareMessage(const File& file, const std::string& scope, const Features& outer,
                              const google::protobuf::DescriptorProto& proto, int depth);
  absl::Status DeclareEnum(const File& file, const std::string& scope, const Features& outer,
                           const google::protobuf::EnumDescriptorProto& proto);
  absl::Status DeclareService(const File& file, const std::string& scope,
                              const google::protobuf::ServiceDescriptorProto& proto);
  // False in `is_new` if an equal declaration of that name is there already.
  absl::Status DeclareSymbol(const File& file, const std::string& full_name, const Symbol& symbol,
                             bool* is_new);
  absl::Status CountFields(int count);
  // Notes what is wrong with `element`, if anything is, and goes on without it.
  void Remark(const File& file, std::string_view element, const std::string& problem);

  absl::Status LinkMessage(const DeclaredMessage& declared);
  absl::Status LinkOneofs(const DeclaredMessage& declared);
  absl::Status CheckMapEntry(const DeclaredMessage& declared);
  absl::Status LinkField(const File& file, const google::protobuf::FieldDescriptorProto& proto,
                         const std::string& scope, const Features& outer, Field* field);
  absl::Status LinkFieldType(const File& file, const google::protobuf::FieldDescriptorProto& proto,
                             const std::string& scope, const Features& features, Field* field);
  void LinkFieldOptions(std::string_view options, Field* field) const;
  absl::Status LinkService(const DeclaredService& declared);
  // What is wrong with them, or nothing.
  std::string LinkMethodOptions(std::string_view options, Method* method) const;
  absl::Status LinkExtension(const DeclaredExtension& declared, TakenNumbers* taken);
  // By name; InvalidArgument if two have one.
  absl::Status SortExtensions(Message* message);

  // `type_name` as seen from `scope`; null if no file declares it.
  const Symbol* FindSymbol(std::string_view type_name, std::string_view scope) const;
  absl::Status MissingType(const File& file, const std::string& element,
                           const std::string& type_name) const;

  GraphLimits limits_;
  Comments comments_;
  Resources resources_;
  std::shared_ptr<Graph> graph_;
  std::unordered_map<std::string, Symbol> symbols_;
  std::unordered_map<std::string, const File*> files_;
  std::deque<DeclaredMessage> messages_;
  std::deque<DeclaredService> services_;
  std::deque<DeclaredExtension> extensions_;
  size_t field_count_ = 0;
  bool reads_tool_options_ = true;  // no other option has their number
};

// Gives every field of `message` its json_name and input_key as graph.h promises; InvalidArgument
// if two fields can not be told apart. `file` is for the error.
absl::Status ResolveNames(const std::string& file, Message* message);

// True for the extensions that declare options. Options are read from their bytes, so neither these
// extensions nor their types are needed.
bool ExtendsOptions(const google::protobuf::FieldDescriptorProto& extension);

// protobuf's own rule for a json_name: drop each '_' and raise the letter after it.
std::string ToJsonName(std::string_view proto_name);

// The encoded options of `proto` if they hold an extension, else nothing.
template <typename Declaration>
std::string OptionsWithExtensions(const Declaration& proto) {
  if (!proto.has_options()) return {};
  std::string options = proto.options().SerializeAsString();
  return HasExtension(options) ? options : std::string();
}

// InvalidArgument: `file "<file>": <element>: <problem>`, made safe to print.
absl::Status BrokenDescriptor(std::string_view file, std::string_view element,
                              std::string_view problem);

// ResourceExhausted: `file "<file>": <element>: has more than <limit> <what>`.
absl::Status TooManyOf(const google::protobuf::FileDescriptorProto& file, std::string_view element,
                       size_t limit, std::string_view what);

}  // namespace bridge::descriptor
