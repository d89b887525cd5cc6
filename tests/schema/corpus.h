// Every .proto file of the packages that the project builds on, and of tests/testdata/schema.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/tool.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {

struct CorpusFile {
  std::string name;
  descriptor::Files files;
  std::shared_ptr<const descriptor::Graph> graph;  // of the file and its imports
};

inline std::vector<CorpusFile> LoadCorpus() {
  const std::pair<std::string, std::string> places[] = {
      {"/usr/include/", "google/protobuf"},
      {"/usr/share/grpc-proto/", "grpc"},
      {"/usr/share/gocode/src/github.com/gogo/googleapis/", "google"},
      {TESTDATA_DIR "/schema/", ""},
  };
  std::vector<std::string> names;
  for (const auto& [root, folder] : places) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root + folder)) {
      if (entry.path().extension() != ".proto") continue;
      // Imports a file of Envoy's that no package has.
      if (entry.path().string().find("/meshca/") != std::string::npos) continue;
      names.push_back(entry.path().string().substr(root.size()));
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<CorpusFile> corpus;
  for (const std::string& name : names) {
    descriptor::Files files = descriptor::ProtoSource().Compile(name);
    auto graph = descriptor::BuildOrThrow(files);
    corpus.push_back({name, std::move(files), std::move(graph)});
  }
  return corpus;
}

// The same, compiled once for all tests.
inline const std::vector<CorpusFile>& Corpus() {
  static const std::vector<CorpusFile> corpus = LoadCorpus();
  return corpus;
}

// Calls `visit` once for each message type of the corpus that a field or a method may have.
template <typename Visit>
void ForEachMessage(Visit visit) {
  std::set<std::string> seen;
  for (const CorpusFile& file : Corpus()) {
    for (const auto& message : file.graph->messages()) {
      if (!message.map_entry && seen.insert(message.full_name).second) visit(message, file);
    }
  }
  if (seen.size() < 300) throw std::runtime_error("the packages with .proto files are missing");
}

inline std::string_view NameOf(SchemaProfile profile) {
  switch (profile) {
    case SchemaProfile::kPortable:
      return "portable";
    case SchemaProfile::kStandard:
      return "standard";
    case SchemaProfile::kOpenAiStrict:
      return "strict";
  }
  return "";
}

}  // namespace bridge::schema
