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
  for (const std::string& word : command.words) text.append(", ").append(Quoted(word));
  return text.append("]");
}

// Which file it is, or that there is none. A sentence, or nothing.
std::string_view Place(const ClientConfigCommand& command) {
  switch (command.client) {
    case Client::kClaude:
      return command.url.empty()
                 ? "Add this to claude_desktop_config.json (Settings > Developer > Edit Config in "
                   "Claude Desktop), or to .mcp.json in a project (Claude Code)."
                 : "Add this to .mcp.json in a project (Claude Code). Claude Desktop takes no "
                   "addresses from its file: give TARGET in place of --url, and it starts a bridge "
                   "of its own.";
    case Client::kCursor:
      return "Add this to ~/.cursor/mcp.json, or to .cursor/mcp.json in a project.";
    case Client::kVsCode:
      return "Add this to .vscode/mcp.json in a workspace, or to the file that the command \"MCP: "
             "Open User Configuration\" opens.";
    case Client::kGeneric:
      break;
  }
  return "";
}

}  // namespace

int PrintClientConfig(const ClientConfigCommand& command) {
  const char* const servers = command.client == Client::kVsCode ? "servers" : "mcpServers";
  std::cout << "{\n  \"" << servers << "\": {\n    " << Quoted(command.name) << ": {\n"
            << Server(command) << "\n    }\n  }\n}" << std::endl;
  const std::string_view place = Place(command);
  if (!place.empty()) std::cerr << place << std::endl;
  return 0;
}

}  // namespace bridge::app
