#include "bridge/app/print_tools.h"

#include <cstdint>
#include <iostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "bridge/app/read_file.h"
#include "bridge/base/status_macros.h"
#include "bridge/base/text.h"
#include "bridge/catalog/catalog.h"
#include "bridge/mcp/tool_lists.h"

namespace bridge::app {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

// Why methods of `service` are no tools.
void AddStreams(const std::string& name, const ServiceDescriptorProto& service,
                std::vector<std::string>* problems) {
  for (const auto& method : service.method()) {
    if (!method.client_streaming() && !method.server_streaming()) continue;
    problems->push_back("method " + name + "." + VisibleText(method.name()) +
                        ": streaming methods are no tools yet");
  }
}

// What all files say, as one server would say it: each service once.
absl::Status Load(const std::vector<std::string>& paths, catalog::Source* source,
                  std::vector<std::string>* problems) {
  std::set<std::string> files, services;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const auto set, ReadDescriptorSet(path));
    for (const FileDescriptorProto& file : set.file()) {
      if (!files.insert(file.name()).second) continue;
      source->files.push_back(file.SerializePartialAsString());
      for (const ServiceDescriptorProto& service : file.service()) {
        const std::string name =
            file.package().empty() ? service.name() : file.package() + "." + service.name();
        if (!services.insert(name).second) continue;
        source->services.push_back(name);
        AddStreams(VisibleText(name), service, problems);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

int PrintTools(const SchemaCommand& command) {
  catalog::Source source;
  source.max_tools = source.max_tool_bytes = SIZE_MAX;  // one's own files
  std::vector<std::string> problems;
  if (const absl::Status status = Load(command.files, &source, &problems); !status.ok()) {
    std::cerr << "grpc-mcp-bridge schema: " << status.message() << std::endl;
    return 1;
  }
  const auto catalog = catalog::Catalog::Make({&source, 1}, {}, command.schema, &problems);
  for (const catalog::Tool& tool : catalog->tools()) {
    std::cout << mcp::ToolJson(tool, mcp::kModernList) << '\n';
  }
  for (const std::string& problem : problems) {
    std::cerr << "grpc-mcp-bridge schema: " << problem << '\n';
  }
  if (!std::cout.flush()) {
    std::cerr << "grpc-mcp-bridge schema: stdout cannot be written" << std::endl;
    return 1;
  }
  return problems.empty() ? 0 : 2;
}

}  // namespace bridge::app
