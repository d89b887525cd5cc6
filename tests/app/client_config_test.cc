#include "bridge/app/client_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "nlohmann/json.hpp"

namespace bridge::app {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

struct Printed {
  Json config;
  std::string place;  // standard error
};

Printed Print(std::vector<std::string> words) {
  words.insert(words.begin(), {"grpc-mcp-bridge", "client-config"});
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  int exit_code = -1;
  const auto command = ParseCommandLine(static_cast<int>(argv.size()), argv.data(), &exit_code);
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(PrintClientConfig(std::get<ClientConfigCommand>(*command)), 0);
  return {Json::parse(::testing::internal::GetCapturedStdout()),
          ::testing::internal::GetCapturedStderr()};
}

std::string Self() {
  return std::filesystem::read_symlink("/proc/self/exe").string();
}

TEST(ClientConfig, OfEachClientWithABridgeOfItsOwn) {
  const Json plain = {{"command", Self()}, {"args", {"stdio", "orders:50051", "c=unix:/run/c"}}};
  Json typed = {{"type", "stdio"}};
  typed.update(plain);
  const struct {
    std::string client;
    std::string servers;
    Json server;
    std::string place;
  } rows[] = {
      {"claude", "mcpServers", plain, "claude_desktop_config.json"},
      {"cursor", "mcpServers", plain, "~/.cursor/mcp.json"},
      {"vscode", "servers", typed, ".vscode/mcp.json"},
      {"generic", "mcpServers", plain, ""},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.client);
    const Printed printed =
        Print({"--client", row.client, "--name", "my \"shop\"", "orders:50051", "c=unix:/run/c"});
    EXPECT_EQ(printed.config, (Json{{row.servers, {{"my \"shop\"", row.server}}}}));
    EXPECT_THAT(printed.place, HasSubstr(row.place));
  }
  EXPECT_EQ(Print({"orders:50051"}).place, "");
}

TEST(ClientConfig, OfEachClientWithABridgeThatRuns) {
  constexpr const char* kUrl = "http://127.0.0.1:8080/mcp";
  const Json plain = {{"url", kUrl}};
  const Json typed = {{"type", "http"}, {"url", kUrl}};
  EXPECT_EQ(Print({"--client", "cursor", "--url", kUrl}).config,
            (Json{{"mcpServers", {{"grpc", plain}}}}));
  EXPECT_EQ(Print({"--client", "vscode", "--url", kUrl}).config,
            (Json{{"servers", {{"grpc", typed}}}}));
  EXPECT_EQ(Print({"--url", kUrl}).config, (Json{{"mcpServers", {{"grpc", typed}}}}));
  const Printed claude = Print({"--client=claude", std::string("--url=") + kUrl, "--name=a"});
  EXPECT_EQ(claude.config, (Json{{"mcpServers", {{"a", typed}}}}));
  EXPECT_THAT(claude.place, HasSubstr("Claude Desktop takes no addresses from its file"));
}

TEST(ClientConfig, OptionsOfStdioAreThereAsWrittenAndFilesWithTheirWholePaths) {
  std::filesystem::current_path(std::filesystem::path(Self()).parent_path());
  const std::string file = std::filesystem::path(Self()).filename();
  const Printed printed =
      Print({"--call-timeout", "5s", "--descriptor-set", file, "--name", "shop",
             "--descriptor-set=" + file, "--log-calls", "--stream-messages=20", "a:1"});
  EXPECT_EQ(printed.config["mcpServers"]["shop"]["args"],
            (Json{"stdio", "--call-timeout", "5s", "--descriptor-set", Self(), "--descriptor-set",
                  Self(), "--log-calls", "--stream-messages=20", "a:1"}));
}

}  // namespace
}  // namespace bridge::app
