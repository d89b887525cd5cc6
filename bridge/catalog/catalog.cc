#include "bridge/catalog/catalog.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"
#include "bridge/base/text.h"
#include "bridge/catalog/file_links.h"
#include "bridge/descriptor/repair.h"

namespace bridge::catalog {
namespace {

using ::google::protobuf::Arena;
using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::FileDescriptorSet;
using Files = std::span<const FileDescriptorProto* const>;

// What may be read again and again to find the files that are broken, of one upstream.
constexpr size_t kMaxPartBytes = 64u << 20;

// In an arena: they are very many small objects that come and go together. Each Add is false, and
// adds nothing, if the bytes are damaged.
class ParsedFiles final {
 public:
  bool AddFile(const std::string& bytes) {
    FileDescriptorProto* const file = set_->add_file();
    if (!file->ParseFromString(bytes)) return Truncate(set_->file_size() - 1);
    descriptor::RepairFile(file);
    return true;
  }
  bool AddSet(const std::string& bytes) {
    const int size = set_->file_size();
    return set_->MergeFromString(bytes) || Truncate(size);
  }
  Files files() const { return {set_->file().data(), static_cast<size_t>(set_->file_size())}; }

 private:
  bool Truncate(int size) {
    while (set_->file_size() > size) set_->mutable_file()->RemoveLast();
    return false;
  }

  Arena arena_;
  FileDescriptorSet* const set_ = Arena::CreateMessage<FileDescriptorSet>(&arena_);
};

}  // namespace

class CatalogBuilder final {
 public:
  CatalogBuilder(std::span<const std::string> comments, const schema::SchemaOptions& options,
                 std::vector<std::string>* problems, const std::atomic<bool>* stop)
      : options_(options), problems_(*problems), stop_(stop), catalog_(new Catalog) {
    for (const std::string& set : comments) {
      if (!comments_.AddSet(set)) problems_.push_back("a descriptor set of comments is damaged");
    }
  }

  void Add(const Source& source) {
    ParsedFiles parsed;
    for (const std::string& bytes : source.files) {
      if (!parsed.AddFile(bytes)) Problem(source, "a file descriptor is damaged");
    }
    AddFiles(source, parsed.files());
  }

  // What the descriptor sets say beside comments: types that no upstream describes. After all Adds.
  void AddTypesOfSets() {
    Source source;
    for (const FileDescriptorProto* file : comments_.files()) {
      const std::string scope = file->package().empty() ? "" : file->package() + ".";
      for (const auto& message : file->message_type()) {
        std::string name = scope + message.name();
        if (!any_types_->Has(name)) source.types.push_back(std::move(name));
      }
    }
    if (source.types.empty()) return;
    const FileLinks links(comments_.files());
    AddFiles(source, links.Closure(source.types, FileLinks::By::kImports));
  }

  std::shared_ptr<const Catalog> Finish() {
    NameTools();
    NameFollowers();
    auto& tools = catalog_->tools_;
    std::sort(tools.begin(), tools.end(),
              [](const Tool& a, const Tool& b) { return a.text.name < b.text.name; });
    for (const Tool& tool : tools) catalog_->by_name_.emplace(tool.text.name, &tool);
    return std::move(catalog_);
  }

 private:
  void Problem(const Source& source, const std::string& what) {
    std::string problem =
        (source.upstream.empty() ? "" : "upstream " + source.upstream + ": ") + VisibleText(what);
    if (std::find(problems_.begin(), problems_.end(), problem) == problems_.end()) {
      problems_.push_back(std::move(problem));
    }
  }

  void AddFiles(const Source& source, Files files) {
    tools_ = tool_bytes_ = left_out_ = part_bytes_ = types_left_out_ = 0;
    own_types_ = std::make_shared<transcode::AnyTypes>(any_types_);
    types_ = {source.types.begin(), source.types.end()};
    std::vector<std::string> roots = source.services;
    roots.insert(roots.end(), source.types.begin(), source.types.end());
    const size_t first_codec = catalog_->codecs_.size();
    const auto graph = descriptor::Graph::Build(files, comments_.files());
    if (graph.ok()) {
      AddGraph(source, *graph, roots);
    } else {
      AddParts(source, FileLinks(files), roots, std::string(graph.status().message()));
    }
    if (left_out_ > 0) {
      Problem(source, std::to_string(left_out_) + " methods beyond " + std::to_string(tools_) +
                          " tools of " + std::to_string(tool_bytes_) + " bytes");
    }
    if (types_left_out_ > 0) {
      Problem(source, std::to_string(types_left_out_) +
                          " types that only an Any may hold; the first: " + type_problem_);
    }
    const auto codecs = std::span(catalog_->codecs_).subspan(first_codec);
    for (const auto& codec : codecs) {
      codec->AddTo(any_types_.get());
      if (codecs.size() > 1) codec->AddTo(own_types_.get());
    }
  }

  // One broken file must not hide the services that do not need it. They are halved until what is
  // left is whole or one: a graph for each would hold what they share once a service. `whole` is
  // why all together failed.
  void AddParts(const Source& source, const FileLinks& links, std::span<const std::string> roots,
                const std::string& whole) {
    std::string alone;
    for (const FileLinks::By by : {FileLinks::By::kImports, FileLinks::By::kTypes}) {
      const std::vector<const FileDescriptorProto*> closure = links.Closure(roots, by);
      for (const FileDescriptorProto* file : closure) part_bytes_ += file->ByteSizeLong();
      if (part_bytes_ > kMaxPartBytes) {
        return Problem(source, std::to_string(roots.size()) + " services or types from " +
                                   roots.front() +
                                   " on: too many files are broken; the first: " + whole);
      }
      const auto part = descriptor::Graph::Build(closure, comments_.files());
      if (part.ok()) {
        if (by == FileLinks::By::kTypes) Problem(source, alone + " (no service needs that)");
        return AddGraph(source, *part, roots);
      }
      if (alone.empty()) alone = std::string(part.status().message());
    }
    if (roots.size() > 1) {
      const size_t half = roots.size() / 2;
      AddParts(source, links, roots.first(half), whole);
      AddParts(source, links, roots.subspan(half), whole);
      return;
    }
    if (types_.contains(roots.front())) {
      if (types_left_out_++ == 0) type_problem_ = roots.front() + ": " + alone;
      return;
    }
    Problem(source, "service " + roots.front() + ": " + alone +
                        (alone == whole ? "" : "; with all files: " + whole));
  }

  void AddGraph(const Source& source, const std::shared_ptr<const descriptor::Graph>& graph,
                std::span<const std::string> roots) {
    const bool strict = options_.profile == schema::SchemaProfile::kOpenAiStrict;
    const auto codec = transcode::Codec::Make(
        graph, {}, strict ? transcode::ArgumentForm::kStrict : transcode::ArgumentForm::kProtoJson,
        options_.zero_values, own_types_, source.unknown_types);
    catalog_->codecs_.push_back(codec);
    for (const std::string& remark : graph->remarks()) Problem(source, remark);
    for (const std::string& name : roots) {
      const descriptor::Service* service = graph->FindService(name);
      if (service != nullptr) {
        AddService(source, *codec, *service);
      } else if (!types_.contains(name)) {
        Problem(source, "service " + name + ": the server lists it but does not describe it");
      }
    }
  }

  void AddService(const Source& source, const transcode::Codec& codec,
                  const descriptor::Service& service) {
    for (const descriptor::Method& method : service.methods) {
      if (stop_ != nullptr && *stop_) return;
      if (method.hidden) continue;
      if (tools_ == source.max_tools || tool_bytes_ > source.max_tool_bytes) {
        ++left_out_;
      } else {
        AddTool(source, codec, method);
      }
    }
  }

  void AddTool(const Source& source, const transcode::Codec& codec,
               const descriptor::Method& method) {
    Tool tool;
    tool.text = schema::MakeTool(method, options_);
    for (std::string* text : {&tool.text.input_schema, &tool.text.output_schema}) {
      text->shrink_to_fit();  // they are kept, and grew by doubling
    }
    tool.method = &method;
    tool.codec = &codec;
    tool.input = codec.Compile(*method.input);
    tool.output = codec.CompileAnswer(*method.output, &method);
    tool.upstream = source.index;
    tool.streaming = descriptor::StreamingOf(method);
    ++tools_;
    tool_bytes_ += tool.text.description.size() + tool.text.input_schema.size() +
                   tool.text.output_schema.size();
    aliases_.push_back(source.upstream);
    catalog_->tools_.push_back(std::move(tool));
  }

  // Names depend on the set of methods only, and those of an upstream on its own methods: none can
  // take a name from another. A name that two upstreams want nobody gets; both have their alias in
  // front.
  void NameTools() {
    auto& tools = catalog_->tools_;
    std::map<size_t, std::vector<size_t>> tools_of;  // by upstream
    for (size_t i = 0; i < tools.size(); ++i) tools_of[tools[i].upstream].push_back(i);
    for (const auto& [upstream, indices] : tools_of) {
      std::vector<const descriptor::Method*> methods;
      for (const size_t i : indices) methods.push_back(tools[i].method);
      const std::vector<std::string> names = schema::ToolNames(methods);
      for (size_t i = 0; i < indices.size(); ++i) tools[indices[i]].text.name = names[i];
    }
    if (tools_of.size() > 1) SeparateUpstreams();
  }

  void SeparateUpstreams() {
    auto& tools = catalog_->tools_;
    std::vector<bool> prefixed(tools.size());
    // A name with an alias in front may be what another upstream calls a tool of its own.
    for (bool changed = true; changed;) {
      changed = false;
      std::map<std::string, std::set<size_t>> owners;
      for (const Tool& tool : tools) {
        owners[absl::AsciiStrToLower(tool.text.name)].insert(tool.upstream);
      }
      for (size_t i = 0; i < tools.size(); ++i) {
        std::string& name = tools[i].text.name;
        if (prefixed[i] || owners[absl::AsciiStrToLower(name)].size() == 1) continue;
        name = Prefixed(i, name);
        changed = prefixed[i] = true;
      }
    }
    // Numbers come last, so that none is what another tool is called.
    std::set<std::string> taken;
    std::vector<Tool*> again;
    for (Tool& tool : tools) {
      if (!taken.insert(absl::AsciiStrToLower(tool.text.name)).second) again.push_back(&tool);
    }
    for (Tool* const tool : again) {
      const std::string name = tool->text.name;
      for (int n = 2; !taken.insert(absl::AsciiStrToLower(tool->text.name)).second; ++n) {
        const std::string suffix = "_" + std::to_string(n);
        tool->text.name = name.substr(0, schema::kMaxToolName - suffix.size()) + suffix;
      }
    }
  }

  // Tells each tool that starts an operation which tools of its upstream follow it: those of its
  // service, else those of another.
  void NameFollowers() {
    using Key = std::tuple<size_t, std::string, std::string>;  // upstream, type, service or ""
    const auto key = [](const Tool& tool, const std::string& service) {
      return Key(tool.upstream, tool.method->output->full_name, service);
    };
    std::map<Key, schema::OperationTools> followers;
    for (const Tool& tool : catalog_->tools_) {
      const schema::OperationRole role = schema::OperationRoleOf(*tool.method);
      const bool gets = role == schema::OperationRole::kGets;
      if (!gets && role != schema::OperationRole::kWaits) continue;
      for (const std::string& service : {tool.method->service->full_name, std::string()}) {
        schema::OperationTools& of = followers[key(tool, service)];
        std::string& name = gets ? of.get : of.wait;
        if (name.empty() || tool.text.name < name) name = tool.text.name;
      }
    }
    if (followers.empty()) return;
    for (Tool& tool : catalog_->tools_) {
      if (schema::OperationRoleOf(*tool.method) != schema::OperationRole::kStarts) continue;
      auto found = followers.find(key(tool, tool.method->service->full_name));
      if (found == followers.end()) found = followers.find(key(tool, ""));
      if (found == followers.end()) continue;
      tool.text.description = schema::Describe(*tool.method, options_, found->second);
    }
  }

  // Some model vendors want a letter first.
  std::string Prefixed(size_t tool, const std::string& name) const {
    constexpr size_t kAliasBytes = 12;
    const bool letter = std::isalpha(static_cast<unsigned char>(aliases_[tool].front())) != 0;
    return schema::FitToolName(
        (letter ? "" : "u") + aliases_[tool].substr(0, kAliasBytes) + "_" + name,
        catalog_->tools_[tool].method->full_name);
  }

  const schema::SchemaOptions& options_;
  std::vector<std::string>& problems_;
  const std::atomic<bool>* const stop_;
  ParsedFiles comments_;
  std::shared_ptr<Catalog> catalog_;
  const std::shared_ptr<transcode::AnyTypes> any_types_ = std::make_shared<transcode::AnyTypes>();
  // Of the source that is being added:
  std::shared_ptr<transcode::AnyTypes> own_types_;  // where it has several graphs
  std::set<std::string_view> types_;
  std::string type_problem_;
  size_t types_left_out_ = 0;
  size_t part_bytes_ = 0;  // read by AddParts
  size_t tools_ = 0;
  size_t tool_bytes_ = 0;
  size_t left_out_ = 0;
  std::vector<std::string> aliases_;  // of each tool, in the order they were added
};

std::shared_ptr<const Catalog> Catalog::Make(std::span<const Source> sources,
                                             std::span<const std::string> comments,
                                             const schema::SchemaOptions& options,
                                             std::vector<std::string>* problems,
                                             const std::atomic<bool>* stop) {
  CatalogBuilder builder(comments, options, problems, stop);
  for (const Source& source : sources) builder.Add(source);
  builder.AddTypesOfSets();
  return builder.Finish();
}

const Tool* Catalog::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

}  // namespace bridge::catalog
