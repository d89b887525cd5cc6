#include "bridge/app/print_tools.h"

#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
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
#include "bridge/schema/annotations.h"

namespace bridge::app {
namespace {

using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

// What all descriptor sets say, as one server would say it: each file and each service once, with
// the comments of whichever set has them.
class Description final {
 public:
  explicit Description(std::vector<std::string>* problems) : problems_(*problems) {}

  absl::Status Add(const std::string& path) {
    ASSIGN_OR_RETURN(auto set, ReadDescriptorSet(path));
    for (FileDescriptorProto& file : *set.mutable_file()) {
      for (const ServiceDescriptorProto& service : file.service()) AddService(file, service);
      AddFile(path, &file);
    }
    return absl::OkStatus();
  }
  const catalog::Source& source() const { return source_; }

 private:
  struct Known {
    size_t index;     // in source_.files
    size_t declared;  // hash of all but the comments
    bool has_comments;
  };

  void AddFile(const std::string& path, FileDescriptorProto* file) {
    std::string bytes = file->SerializePartialAsString();
    const bool has_comments = file->has_source_code_info();
    file->clear_source_code_info();
    const size_t declared = std::hash<std::string>()(file->SerializePartialAsString());
    const auto [entry, is_new] =
        files_.try_emplace(file->name(), Known{source_.files.size(), declared, has_comments});
    Known& known = entry->second;
    if (is_new) {
      source_.files.push_back(std::move(bytes));
    } else if (known.declared != declared) {
      problems_.push_back(path + ": its file \"" + VisibleText(file->name()) +
                          "\" is not the one of that name before it, which is used");
    } else if (has_comments && !known.has_comments) {
      known.has_comments = true;
      source_.files[known.index] = std::move(bytes);
    }
  }

  void AddService(const FileDescriptorProto& file, const ServiceDescriptorProto& service) {
    const std::string name =
        file.package().empty() ? service.name() : file.package() + "." + service.name();
    if (services_.insert(name).second) source_.services.push_back(name);
  }

  std::vector<std::string>& problems_;
  // One's own files: all of them.
  catalog::Source source_{.max_tools = SIZE_MAX, .max_tool_bytes = SIZE_MAX};
  std::map<std::string, Known> files_;
  std::set<std::string> services_;
};

// What clients are told of a tool although nothing declares it.
void PrintGuessedHints(const catalog::Tool& tool) {
  const auto hints =
      schema::GuessedHints(tool.text.annotations, schema::DeclaredHints(*tool.method));
  if (hints.empty()) return;
  std::cerr << tool.text.name << ": guessed, not declared: ";
  const char* comma = "";
  for (const schema::GuessedHint& hint : hints) {
    std::cerr << std::exchange(comma, ", ") << hint.name << (hint.value ? " true" : " false");
  }
  std::cerr << '\n';
}

}  // namespace

int PrintTools(const SchemaCommand& command) {
  std::vector<std::string> problems;
  Description description(&problems);
  for (const std::string& path : command.files) {
    if (const absl::Status status = description.Add(path); !status.ok()) {
      std::cerr << "grpc-mcp-bridge schema: " << status.message() << std::endl;
      return 1;
    }
  }
  const catalog::Source& source = description.source();
  if (source.services.empty()) problems.emplace_back("no service is declared in what was given");
  const auto catalog = catalog::Catalog::Make({&source, 1}, {}, command.schema, &problems);
  for (const catalog::Tool& tool : catalog->tools()) {
    std::cout << mcp::ToolJson(tool, mcp::ListForm::kFull) << '\n';
  }
  for (const std::string& problem : problems) {
    std::cerr << "grpc-mcp-bridge schema: " << problem << '\n';
  }
  if (command.list_guessed_hints) {
    for (const catalog::Tool& tool : catalog->tools()) PrintGuessedHints(tool);
  }
  if (!std::cout.flush()) {
    std::cerr << "grpc-mcp-bridge schema: stdout cannot be written" << std::endl;
    return 1;
  }
  return problems.empty() ? 0 : 2;
}

}  // namespace bridge::app
