#include "bridge/app/client_config.h"

#include <filesystem>
#include <iostream>
#include <string>
#include <string_view>

#include "bridge/base/json_text.h"

namespace bridge::app {
namespace {

using Client = ClientConfigCommand::Client;

// Clients start it from anywhere.
std::string OwnPath() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "grpc-mcp-bridge" : path.string();
}

std::string Quoted(std::string_view text) {
  std::string json;
  AppendJsonString(&json, text);
  return json;
}

// The members of the server, one a line.
std::string Server(const ClientConfigCommand& command) {
  const std::string indent = "      ";
  // Cursor knows the transport by the members that are there.
  if (!command.url.empty()) {
    const bool typed = command.client != Client::kCursor;
    return (typed ? indent + R"("type": "http",)" + "\n" : "") + indent + R"("url": )" +
           Quoted(command.url);
  }
  std::string text;
  if (command.client == Client::kVsCode) text.append(indent).append("\"type\": \"stdio\",\n");
  text.append(indent).append("\"command\": ").append(Quoted(OwnPath())).append(",\n");
  text.append(indent).append("\"args\": [\"stdio\"");
  for (const std::string& target : command.targets) text.append(", ").append(Quoted(target));
  return text.append("]");
}

}  // namespace

int PrintClientConfig(const ClientConfigCommand& command) {
  const char* const servers = command.client == Client::kVsCode ? "servers" : "mcpServers";
  std::cout << "{\n  \"" << servers << "\": {\n    " << Quoted(command.name) << ": {\n"
            << Server(command) << "\n    }\n  }\n}" << std::endl;
  return 0;
}

}  // namespace bridge::app
