#include "bridge/app/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

namespace bridge::app {
namespace {

using ::testing::HasSubstr;

struct Parsed {
  std::optional<Command> command;
  int exit_code = -1;
  std::string said;
};

Parsed Parse(std::vector<std::string> words) {
  words.insert(words.begin(), "grpc-mcp-bridge");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  Parsed parsed;
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  parsed.command = ParseCommandLine(static_cast<int>(argv.size()), argv.data(), &parsed.exit_code);
  parsed.said = ::testing::internal::GetCapturedStdout() + ::testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(CommandLine, WhatCannotBeDoneIsSaid) {
  const struct {
    std::vector<std::string> words;
    int exit_code;
    std::string text;
  } rows[] = {
      {{}, 64, "A subcommand is required"},
      {{"--version"}, 0, "grpc-mcp-bridge 0."},
      {{"serve"}, 64, "TARGET is required"},
      {{"serve", "--help"}, 0, "--drain-timeout"},
      {{"health", "--help"}, 0, "--ready"},
      {{"schema"}, 64, "FILE is required"},
      {{"schema", "--help"}, 0, "Exits with 0 if all was converted"},
      {{"health", "--admin", "9090"}, 64, "is no ADDRESS:PORT"},
      {{"health", "--admin", "127.0.0.1:70000"}, 64, "is no ADDRESS:PORT"},
      {{"health", "extra"}, 64, "extra"},
      {{"serve", "a:1", "a:2"}, 64, "two targets are named"},
      {{"serve", "--call-timeout", "3", "a:1"}, 64, "call-timeout"},
      {{"serve", "--schema-profile", "strict", "a:1"}, 64, "--schema-profile"},
      {{"schema", "--descriptions", "long", "x"}, 64, "--descriptions"},
      {{"client-config"}, 64, "client-config needs a TARGET, or --url"},
      {{"client-config", "orders"}, 64, "host or port is missing"},
      {{"client-config", "a:1", "a:2"}, 64, "two targets are named"},
      {{"client-config", "--client", "emacs", "a:1"}, 64, "--client"},
      {{"client-config", "--url", "127.0.0.1:8080"}, 64, "is no URL"},
      {{"client-config", "--url", "http://a/mcp", "a:1"}, 64, "excludes"},
      {{"client-config", "--call-timeout", "3", "a:1"}, 64, "call-timeout"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(::testing::PrintToString(row.words));
    const Parsed parsed = Parse(row.words);
    EXPECT_FALSE(parsed.command.has_value());
    EXPECT_EQ(parsed.exit_code, row.exit_code);
    EXPECT_THAT(parsed.said, HasSubstr(row.text));
  }
}

TEST(CommandLine, Schema) {
  const Parsed parsed = Parse({"schema", "a.binpb", "b.binpb"});
  ASSERT_TRUE(parsed.command.has_value()) << parsed.said;
  EXPECT_EQ(std::get<SchemaCommand>(*parsed.command).files,
            (std::vector<std::string>{"a.binpb", "b.binpb"}));
  EXPECT_FALSE(std::get<SchemaCommand>(*parsed.command).list_guessed_hints);
  const Parsed hints = Parse({"schema", "--hints", "a.binpb"});
  EXPECT_TRUE(std::get<SchemaCommand>(*hints.command).list_guessed_hints);
}

TEST(CommandLine, ArgumentRepairCanBeSwitchedOff) {
  const Parsed usual = Parse({"serve", "a:1"});
  ASSERT_TRUE(usual.command.has_value()) << usual.said;
  EXPECT_TRUE(std::get<ServeOptions>(*usual.command).repair_arguments);
  const Parsed strict = Parse({"serve", "--no-argument-repair", "a:1"});
  ASSERT_TRUE(strict.command.has_value()) << strict.said;
  EXPECT_FALSE(std::get<ServeOptions>(*strict.command).repair_arguments);
}

TEST(CommandLine, Health) {
  const Parsed plain = Parse({"health"});
  ASSERT_TRUE(plain.command.has_value()) << plain.said;
  const HealthOptions& defaults = std::get<HealthOptions>(*plain.command);
  EXPECT_EQ(defaults.admin.host, ServeOptions().admin.host);
  EXPECT_EQ(defaults.admin.port, ServeOptions().admin.port);
  EXPECT_FALSE(defaults.ready);
  const Parsed full = Parse({"health", "--admin", "[::1]:1234", "--ready"});
  ASSERT_TRUE(full.command.has_value()) << full.said;
  const HealthOptions& options = std::get<HealthOptions>(*full.command);
  EXPECT_EQ(options.admin.host, "::1");
  EXPECT_EQ(options.admin.port, 1234);
  EXPECT_TRUE(options.ready);
}

TEST(CommandLine, Serve) {
  const Parsed parsed = Parse({"serve", "--listen", "0.0.0.0:80", "--drain-timeout", "7",
                               "--call-timeout", "1500ms", "--allow-host=x", "a:1", "b=c:2"});
  ASSERT_TRUE(parsed.command.has_value()) << parsed.said;
  const ServeOptions& options = std::get<ServeOptions>(*parsed.command);
  EXPECT_EQ(options.listen.host, "0.0.0.0");
  EXPECT_EQ(options.listen.port, 80);
  EXPECT_EQ(options.drain_timeout, std::chrono::seconds(7));
  EXPECT_EQ(options.call_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(options.allow_hosts, std::vector<std::string>{"x"});
  ASSERT_EQ(options.targets.size(), 2u);
  EXPECT_EQ(options.targets[1].name, "b");
}

TEST(SessionKeyRotation, FilesKeepTheirOrderAndTakeNoTarget) {
  const std::string file = "/dev/null";
  const Parsed two =
      Parse({"serve", "--session-key-file", file, "--session-key-file", "/dev/zero", "a:1", "b:2"});
  ASSERT_TRUE(two.command.has_value()) << two.said;
  EXPECT_EQ(std::get<ServeOptions>(*two.command).session_key_files,
            (std::vector<std::string>{"/dev/null", "/dev/zero"}));
  EXPECT_EQ(std::get<ServeOptions>(*two.command).targets.size(), 2u);
  const Parsed one = Parse({"serve", "--session-key-file", file, "a:1"});
  ASSERT_TRUE(one.command.has_value()) << one.said;
  EXPECT_EQ(std::get<ServeOptions>(*one.command).session_key_files.size(), 1u);
}

TEST(A16Options, WhatWouldNeverMatchIsAMistake) {
  for (const char* host : {"mcp.example.com", "*", "[::1]", "localhost:80", "my_service"}) {
    EXPECT_TRUE(Parse({"serve", "--allow-host", host, "a:1"}).command.has_value()) << host;
  }
  for (const char* host : {"https://mcp.example.com", "a b", "user@host", "mcp.example.com/mcp",
                           "*.example.com", "::1"}) {
    EXPECT_FALSE(Parse({"serve", "--allow-host", host, "a:1"}).command.has_value()) << host;
  }
  for (const char* origin :
       {"https://app.example.com", "*", "http://localhost:6274", "null", "vscode-webview://abc"}) {
    EXPECT_TRUE(Parse({"serve", "--allow-origin", origin, "a:1"}).command.has_value()) << origin;
  }
  for (const char* origin : {"https://app.example.com/", "app.example.com", "https://u@h",
                             "https://*.example.com", "https:app.example.com"}) {
    EXPECT_FALSE(Parse({"serve", "--allow-origin", origin, "a:1"}).command.has_value()) << origin;
  }
}

TEST(CommandLine, A7TheShareOfAnAddress) {
  const Parsed defaults = Parse({"serve", "a:1"});
  ASSERT_TRUE(defaults.command.has_value()) << defaults.said;
  EXPECT_EQ(std::get<ServeOptions>(*defaults.command).connections_per_address, 2'500u);
  const Parsed given = Parse({"serve", "--connections-per-address", "10000", "a:1"});
  ASSERT_TRUE(given.command.has_value()) << given.said;
  EXPECT_EQ(std::get<ServeOptions>(*given.command).connections_per_address, 10'000u);
  for (const char* wrong : {"0", "10001", "-1", "many"}) {
    EXPECT_EQ(Parse({"serve", "--connections-per-address", wrong, "a:1"}).exit_code, 64) << wrong;
  }
}

TEST(CommandLine, Schemas) {
  const Parsed serve =
      Parse({"serve", "--schema-profile", "openai-strict", "--descriptions", "full", "a:1"});
  ASSERT_TRUE(serve.command.has_value()) << serve.said;
  const schema::SchemaOptions& served = std::get<ServeOptions>(*serve.command).schema;
  EXPECT_EQ(served.profile, schema::SchemaProfile::kOpenAiStrict);
  EXPECT_TRUE(served.whole_comments);
  EXPECT_EQ(served.zero_values, descriptor::ZeroValues::kAuto);
  const Parsed print =
      Parse({"schema", "--schema-profile", "standard", "--zero-values", "all", "x"});
  ASSERT_TRUE(print.command.has_value()) << print.said;
  const schema::SchemaOptions& printed = std::get<SchemaCommand>(*print.command).schema;
  EXPECT_EQ(printed.profile, schema::SchemaProfile::kStandard);
  EXPECT_FALSE(printed.whole_comments);
  EXPECT_EQ(printed.zero_values, descriptor::ZeroValues::kAll);
}

}  // namespace
}  // namespace bridge::app
