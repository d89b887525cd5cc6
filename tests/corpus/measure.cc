// Makes tools of all that descriptor sets declare, holds every schema of each profile against the
// vendors' rules, and prints what the default one cost: FILE... [--methods N FILE...]. Of a file
// after --methods only services with about so many methods in all are taken, in the default profile
// only, and their plans and schemas must fit into 64 MiB.
// Fails if a method is no tool, or a schema breaks a rule.
#include <malloc.h>

#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bridge/catalog/catalog.h"
#include "bridge/catalog/file_links.h"
#include "bridge/descriptor/graph.h"
#include "google/protobuf/descriptor.pb.h"
#include "nlohmann/json.hpp"
#include "tests/schema/vendor_lint.h"

namespace {

using bridge::catalog::Catalog;
using bridge::catalog::Source;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;

constexpr size_t kAll = ~size_t{0};
constexpr double kMaxCompiledMiB = 64;

// CPU time: the machine may be busy.
double Seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double HeapMiB() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<double>(heap.uordblks + heap.hblkhd) / (1 << 20);
}

struct Declared {
  std::vector<std::string> services;
  std::set<std::string> methods;  // in no hidden service
  size_t streaming = 0;
};

void Add(const FileDescriptorProto& file, size_t max_methods, Declared* declared) {
  const std::string scope = file.package().empty() ? "" : file.package() + ".";
  for (const auto& service : file.service()) {
    if (declared->methods.size() >= max_methods) return;
    declared->services.push_back(scope + service.name());
    for (const auto& method : service.method()) {
      declared->streaming += method.client_streaming() || method.server_streaming() ? 1 : 0;
      declared->methods.insert(scope + service.name() + "." + method.name());
    }
  }
}

size_t CountProperties(const nlohmann::json& node) {
  size_t count = 0;
  if (node.is_object() && node.contains("properties")) count += node["properties"].size();
  if (node.is_structured()) {
    for (const auto& child : node) count += CountProperties(child);
  }
  return count;
}

// Complaints about tools, and their sizes.
class Judge final {
 public:
  void Look(const bridge::catalog::Tool& tool) {
    const auto& text = tool.text;
    LookAt(text.name, text.input_schema, &inputs_, &bridge::schema::VendorLint::Input);
    LookAt(text.name, text.output_schema, &outputs_, &bridge::schema::VendorLint::Output);
    if (tool.input == nullptr || tool.output == nullptr) Complain(text.name, "has no plan");
    if (text.description.empty()) Complain(text.name, "has no description");
    bytes_ += text.description.size();
  }
  // The arguments in the profiles that are not the default.
  void LookAtOtherProfiles(const bridge::descriptor::Method& method) {
    using bridge::schema::MakeTool;
    using bridge::schema::SchemaProfile;
    using bridge::schema::VendorLint;
    for (const auto& [profile, lint] :
         {std::pair(SchemaProfile::kStandard, &VendorLint::Standard),
          std::pair(SchemaProfile::kOpenAiStrict, &VendorLint::Strict)}) {
      const std::string schema = MakeTool(method, {.profile = profile}).input_schema;
      for (const std::string& why : lint(schema)) Complain(method.full_name, why);
    }
  }
  void Complain(const std::string& what, const std::string& why) {
    if (++complaints_ <= 20) std::fprintf(stderr, "%s: %s\n", what.c_str(), why.c_str());
  }
  size_t complaints() const { return complaints_; }
  size_t bytes() const { return bytes_; }
  size_t properties() const { return properties_; }

 private:
  // Schemas that were looked at, and their properties: many methods share one.
  using Seen = std::unordered_map<std::string_view, size_t>;

  void LookAt(const std::string& name, const std::string& schema, Seen* seen,
              std::vector<std::string> (*lint)(const std::string&)) {
    const auto [entry, is_new] = seen->try_emplace(schema, 0);
    if (is_new) {
      for (const std::string& why : lint(schema)) Complain(name, why);
      entry->second = CountProperties(nlohmann::json::parse(schema));
    }
    bytes_ += schema.size();
    properties_ += entry->second;
  }

  Seen inputs_, outputs_;
  size_t complaints_ = 0;
  size_t bytes_ = 0;
  size_t properties_ = 0;
};

// What of `path` is to be made tools.
bool Load(const std::string& path, size_t max_methods, Declared* declared, Source* source) {
  FileDescriptorSet set;
  std::ifstream file(path, std::ios::binary);
  if (!set.ParseFromIstream(&file)) {
    std::fprintf(stderr, "%s: no descriptor set\n", path.c_str());
    return false;
  }
  for (const FileDescriptorProto& each : set.file()) Add(each, max_methods, declared);
  source->services = declared->services;
  const bridge::catalog::FileLinks links({set.file().data(), static_cast<size_t>(set.file_size())});
  for (const auto* each :
       links.Closure(declared->services, bridge::catalog::FileLinks::By::kImports)) {
    source->files.push_back(each->SerializeAsString());
  }
  return true;
}

struct Cost {
  double seconds, mib;
};

// What it costs to make what `make` returns, and to keep it.
template <typename Make>
Cost CostOf(Make make) {
  malloc_trim(0);
  const double heap = HeapMiB();
  const double start = Seconds();
  const auto made = make();
  return {Seconds() - start, HeapMiB() - heap};
}

Cost CostOfGraph(const Source& source) {
  FileDescriptorSet set;
  for (const std::string& bytes : source.files) set.add_file()->ParseFromString(bytes);
  return CostOf([&files = set.file()] {
    return *bridge::descriptor::Graph::Build({files.data(), static_cast<size_t>(files.size())});
  });
}

int Measure(const std::string& path, size_t max_methods) {
  Declared declared;
  Source source;
  if (!Load(path, max_methods, &declared, &source)) return 1;
  source.max_tools = source.max_tool_bytes = SIZE_MAX;
  const Cost graph = CostOfGraph(source);
  std::vector<std::string> problems;
  std::shared_ptr<const Catalog> catalog;
  const Cost all = CostOf([&] {
    catalog = Catalog::Make({&source, 1}, {}, {}, &problems);
    return catalog;
  });
  Judge judge;
  for (const std::string& problem : problems) judge.Complain(path, problem);
  for (const bridge::catalog::Tool& tool : catalog->tools()) {
    judge.Look(tool);
    if (max_methods == kAll) judge.LookAtOtherProfiles(*tool.method);
    declared.methods.erase(tool.method->full_name);
  }
  for (const std::string& method : declared.methods) judge.Complain(method, "is no tool");
  const double compiled_mib = all.mib - graph.mib;
  if (max_methods != kAll && compiled_mib > kMaxCompiledMiB) {
    judge.Complain(path, "plans and schemas take more than 64 MiB");
  }
  std::printf(
      "%s: %zu tools of %zu files, %zu of them streaming; %.1f MB of schemas and "
      "descriptions with %zu properties; %.2f s of CPU from encoded files, of which %.2f s for the "
      "graph; %.0f MiB for the graph, %.0f MiB for plans and schemas\n",
      path.substr(path.rfind('/') + 1).c_str(), catalog->tools().size(), source.files.size(),
      declared.streaming, static_cast<double>(judge.bytes()) / 1e6, judge.properties(), all.seconds,
      graph.seconds, graph.mib, compiled_mib);
  return judge.complaints() == 0 && !catalog->tools().empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  size_t max_methods = kAll;
  int failed = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--methods" && i + 1 < argc) {
      max_methods = std::stoul(argv[++i]);
    } else {
      failed |= Measure(argv[i], max_methods);
    }
  }
  return failed;
}
