#include "bridge/catalog/catalog.h"

#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "bridge/catalog/file_links.h"
#include "bridge/descriptor/repair.h"

namespace bridge::catalog {
namespace {

using ::google::protobuf::FileDescriptorProto;
using ::google::protobuf::FileDescriptorSet;
using Files = std::vector<FileDescriptorProto>;

// What may be read again and again to find the files that are broken, of one upstream.
constexpr size_t kMaxPartBytes = 256u << 20;

Files ParseComments(std::span<const std::string> sets, std::vector<std::string>* problems) {
  Files files;
  for (const std::string& bytes : sets) {
    FileDescriptorSet set;
    if (!set.ParseFromString(bytes)) {
      problems->push_back("a descriptor set of comments is damaged");
      continue;
    }
    for (FileDescriptorProto& file : *set.mutable_file()) files.push_back(std::move(file));
  }
  return files;
}

}  // namespace

class CatalogBuilder final {
 public:
  CatalogBuilder(std::span<const std::string> comments, const schema::SchemaOptions& options,
                 std::vector<std::string>* problems)
      : options_(options),
        problems_(*problems),
        comments_(ParseComments(comments, problems)),
        catalog_(new Catalog) {}

  void Add(const Source& source) {
    Files files;
    for (const std::string& bytes : source.files) {
      FileDescriptorProto file;
      if (file.ParseFromString(bytes)) {
        descriptor::RepairFile(&file);
        files.push_back(std::move(file));
      } else {
        Problem(source, "a file descriptor is damaged");
      }
    }
    const auto graph = descriptor::Graph::Build(files, comments_);
    if (graph.ok()) {
      AddServices(source, *graph, source.services);
      return;
    }
    part_bytes_ = 0;
    AddParts(source, FileLinks(files), source.services, std::string(graph.status().message()));
  }

  std::shared_ptr<const Catalog> Finish() {
    NameTools();
    auto& tools = catalog_->tools_;
    std::sort(tools.begin(), tools.end(),
              [](const Tool& a, const Tool& b) { return a.text.name < b.text.name; });
    for (const Tool& tool : tools) catalog_->by_name_.emplace(tool.text.name, &tool);
    return std::move(catalog_);
  }

 private:
  void Problem(const Source& source, const std::string& what) {
    problems_.push_back((source.upstream.empty() ? "" : "upstream " + source.upstream + ": ") +
                        what);
  }

  // One broken file must not hide the services that do not need it. They are halved until what is
  // left is whole or one: a graph for each would hold what they share once a service. `whole` is
  // why all together failed.
  void AddParts(const Source& source, const FileLinks& links, std::span<const std::string> services,
                const std::string& whole) {
    const Files closure = links.Closure(services);
    for (const FileDescriptorProto& file : closure) part_bytes_ += file.ByteSizeLong();
    if (part_bytes_ > kMaxPartBytes) {
      return Problem(source, std::to_string(services.size()) + " services from " +
                                 services.front() +
                                 " on: too many files are broken; the first: " + whole);
    }
    const auto part = descriptor::Graph::Build(closure, comments_);
    if (part.ok()) return AddServices(source, *part, services);
    if (services.size() > 1) {
      const size_t half = services.size() / 2;
      AddParts(source, links, services.first(half), whole);
      AddParts(source, links, services.subspan(half), whole);
      return;
    }
    const std::string alone(part.status().message());
    Problem(source, "service " + services.front() + ": " + alone +
                        (alone == whole ? "" : "; with all files: " + whole));
  }

  void AddServices(const Source& source, const std::shared_ptr<const descriptor::Graph>& graph,
                   std::span<const std::string> services) {
    const bool strict = options_.profile == schema::SchemaProfile::kOpenAiStrict;
    const auto codec = transcode::Codec::Make(
        graph, {}, strict ? transcode::ArgumentForm::kStrict : transcode::ArgumentForm::kProtoJson);
    catalog_->codecs_.push_back(codec);
    for (const std::string& name : services) {
      const descriptor::Service* service = graph->FindService(name);
      if (service == nullptr) {
        Problem(source, "service " + name + ": the server lists it but does not describe it");
        continue;
      }
      for (const descriptor::Method& method : service->methods) {
        if (method.hidden || method.client_streaming || method.server_streaming) continue;
        AddTool(source, *codec, method);
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
    tool.output = codec.Compile(*method.output);
    tool.upstream = source.index;
    aliases_.push_back(source.upstream);
    catalog_->tools_.push_back(std::move(tool));
  }

  // Names depend on the set of methods only. The same service behind two upstreams (as with
  // google.longrunning.Operations) is told apart by the upstream's alias.
  void NameTools() {
    auto& tools = catalog_->tools_;
    std::vector<const descriptor::Method*> methods;  // one of each full name
    std::map<std::string_view, int> served;
    for (const Tool& tool : tools) {
      if (++served[tool.method->full_name] == 1) methods.push_back(tool.method);
    }
    const std::vector<std::string> names = schema::ToolNames(methods);
    std::map<std::string_view, std::string> name_of;
    for (size_t i = 0; i < methods.size(); ++i) name_of[methods[i]->full_name] = names[i];
    std::set<std::string> taken;
    for (size_t i = 0; i < tools.size(); ++i) {
      const std::string& name = name_of[tools[i].method->full_name];
      std::string unique = served[tools[i].method->full_name] > 1 ? Prefixed(i, name) : name;
      for (int n = 2; !taken.insert(unique).second; ++n) {
        unique = Prefixed(i, name) + "_" + std::to_string(n);
      }
      tools[i].text.name = std::move(unique);
    }
  }

  // Some model vendors want a letter first and 64 characters at most.
  std::string Prefixed(size_t tool, const std::string& name) const {
    constexpr size_t kAliasBytes = 12;
    const bool letter = std::isalpha(static_cast<unsigned char>(aliases_[tool].front())) != 0;
    return (letter ? "" : "u") + aliases_[tool].substr(0, kAliasBytes) + "_" + name;
  }

  const schema::SchemaOptions& options_;
  std::vector<std::string>& problems_;
  Files comments_;
  std::shared_ptr<Catalog> catalog_;
  size_t part_bytes_ = 0;             // read by AddParts for this source
  std::vector<std::string> aliases_;  // of each tool, in the order they were added
};

std::shared_ptr<const Catalog> Catalog::Make(std::span<const Source> sources,
                                             std::span<const std::string> comments,
                                             const schema::SchemaOptions& options,
                                             std::vector<std::string>* problems) {
  CatalogBuilder builder(comments, options, problems);
  for (const Source& source : sources) builder.Add(source);
  return builder.Finish();
}

const Tool* Catalog::Find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

}  // namespace bridge::catalog
