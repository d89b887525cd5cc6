// Every .proto file of the packages that the project builds on, and of tests/testdata/schema.
#pragma once

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::schema {

struct CorpusFile {
  std::string name;
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
    corpus.push_back({name, descriptor::BuildOrThrow(descriptor::ProtoSource().Compile(name))});
  }
  return corpus;
}

}  // namespace bridge::schema
