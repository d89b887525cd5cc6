#include "bridge/app/client_config.h"

#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

namespace bridge::app {
namespace {

using Json = nlohmann::ordered_json;
using Client = ClientConfigCommand::Client;

// Clients start it from anywhere.
std::string OwnPath() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "grpc-mcp-bridge" : path.string();
}

Json Server(const ClientConfigCommand& command) {
  Json server = Json::object();
  // Cursor knows the transport by the members that are there.
  const bool typed = command.client != Client::kCursor;
  if (!command.url.empty()) {
    if (typed) server["type"] = "http";
    server["url"] = command.url;
    return server;
  }
  if (command.client == Client::kVsCode) server["type"] = "stdio";
  server["command"] = OwnPath();
  server["args"] = {"stdio"};
  for (const std::string& target : command.targets) server["args"].push_back(target);
  return server;
}

}  // namespace

int PrintClientConfig(const ClientConfigCommand& command) {
  const char* const servers = command.client == Client::kVsCode ? "servers" : "mcpServers";
  Json file = Json::object();
  file[servers][command.name] = Server(command);
  std::cout << file.dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
  return 0;
}

}  // namespace bridge::app
