#include "bridge/app/print_tools.h"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "bridge/app/read_file.h"
#include "bridge/catalog/catalog.h"
#include "bridge/mcp/tool_lists.h"
#include "nlohmann/json.hpp"

namespace bridge::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::ordered_json;

std::string Write(const std::string& name, const std::string& bytes) {
  std::string path = testing::TempDir() + std::to_string(getpid()) + "_" + name;
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

std::string WriteSet(const std::string& name, const std::string& text) {
  google::protobuf::FileDescriptorSet set;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &set)) << text;
  return Write(name, set.SerializeAsString());
}

struct Printed {
  int exit_code;
  std::string out, err;
};

Printed Print(std::vector<std::string> files) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  const int exit_code = PrintTools({.files = std::move(files)});
  std::string out = testing::internal::GetCapturedStdout();
  return {exit_code, std::move(out), testing::internal::GetCapturedStderr()};
}

constexpr char kTypes[] = R"pb(
  file {
    name: "types.proto"
    package: "p"
    syntax: "proto3"
    message_type {
      name: "M"
      field { name: "user_id" number: 1 label: LABEL_OPTIONAL type: TYPE_INT64 json_name: "userId" }
    }
  })pb";
constexpr char kService[] = R"pb(
  file {
    name: "service.proto"
    package: "p"
    syntax: "proto3"
    dependency: "types.proto"
    service {
      name: "UserService"
      method { name: "GetUser" input_type: ".p.M" output_type: ".p.M" }
      method { name: "DropUser" input_type: ".p.M" output_type: ".p.M" }
    }
  })pb";

TEST(PrintTools, OneToolALineAsToolsListGivesIt) {
  const std::string types = WriteSet("types", kTypes);
  const std::string service = WriteSet("service", kService);
  catalog::Source source{.upstream = "one", .services = {"p.UserService"}};
  for (const std::string& path : {types, service}) {
    source.files.push_back(ReadDescriptorSet(path)->file(0).SerializeAsString());
  }
  std::vector<std::string> problems;
  const mcp::Surface surface(catalog::Catalog::Make({&source, 1}, {}, {}, &problems), {});
  const Json tools = Json::parse(*surface.Page(mcp::ListForm::kFull, std::nullopt)->tools);
  ASSERT_EQ(tools.size(), 2u);
  const std::string expected = tools[0].dump() + "\n" + tools[1].dump() + "\n";
  for (const auto& files : {std::vector{types, service}, std::vector{service, types, service}}) {
    const Printed printed = Print(files);
    EXPECT_EQ(printed.exit_code, 0);
    EXPECT_THAT(printed.err, IsEmpty());
    EXPECT_EQ(printed.out, expected);
  }
}

TEST(B45GuessedHints, AreListedOnRequest) {
  const std::string set = WriteSet("guessed", std::string(kTypes) + R"pb(
    file {
      name: "guessed.proto"
      package: "p"
      dependency: "types.proto"
      service {
        name: "Users"
        method { name: "Drop" input_type: ".p.M" output_type: ".p.M" }
        method { name: "Frob" input_type: ".p.M" output_type: ".p.M" }
        method {
          name: "Get"
          input_type: ".p.M"
          output_type: ".p.M"
          options { idempotency_level: NO_SIDE_EFFECTS }
        }
        method {
          name: "Create"
          input_type: ".p.M"
          output_type: ".p.M"
          options { idempotency_level: IDEMPOTENT }
        }
      }
    })pb");
  EXPECT_THAT(Print({set}).err, IsEmpty());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(PrintTools({.files = {set}, .list_guessed_hints = true}), 0);
  testing::internal::GetCapturedStdout();
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "Users_Create: guessed, not declared: destructiveHint false\n"
            "Users_Drop: guessed, not declared: readOnlyHint false, destructiveHint true, "
            "idempotentHint true\n");
}

TEST(PrintTools, WhatIsNoToolIsSaid) {
  const std::string set = WriteSet("partly", std::string(kTypes) + R"pb(
    file {
      name: "partly.proto"
      package: "p"
      dependency: "types.proto"
      service {
        name: "S"
        method { name: "Do" input_type: ".p.M" output_type: ".p.M" }
        method { name: "Watch" input_type: ".p.M" output_type: ".p.M" server_streaming: true }
        method { name: "Send" input_type: ".p.M" output_type: ".p.M" client_streaming: true }
      }
    }
    file {
      name: "broken.proto"
      package: "q"
      service {
        name: "T"
        method { name: "Do" input_type: ".q.Missing" output_type: ".q.Missing" }
      }
    })pb");
  const Printed printed = Print({set});
  EXPECT_EQ(printed.exit_code, 2);
  std::istringstream lines(printed.out);
  std::vector<std::string> tools;
  for (std::string line; std::getline(lines, line);) {
    const Json tool = Json::parse(line);
    EXPECT_EQ(tool["inputSchema"]["properties"].contains("messages"), tool["name"] == "S_Send");
    EXPECT_EQ(tool["inputSchema"]["properties"].contains("stream_limit"),
              tool["name"] == "S_Watch");
    EXPECT_EQ(tool["outputSchema"]["properties"].contains("messages"), tool["name"] == "S_Watch");
    tools.push_back(tool["name"]);
  }
  EXPECT_THAT(tools, ElementsAre("S_Do", "S_Send", "S_Watch"));
  EXPECT_EQ(printed.err,
            "grpc-mcp-bridge schema: service q.T: file \"broken.proto\": q.T.Do: its type "
            "\".q.Missing\" is declared in none of the files\n");
}

TEST(PrintTools, SetsAreJoined) {
  google::protobuf::FileDescriptorSet with_comment;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(kService, &with_comment));
  auto* const location = with_comment.mutable_file(0)->mutable_source_code_info()->add_location();
  for (const int step : {6, 0, 2, 0}) location->add_path(step);
  location->set_leading_comments("Gets one.");
  const std::string types = WriteSet("types2", kTypes);
  const std::string plain = WriteSet("plain", kService);
  const std::string commented = Write("commented", with_comment.SerializeAsString());
  const Printed printed = Print({types, plain, commented});
  EXPECT_THAT(printed.out, HasSubstr("Gets one."));
  EXPECT_EQ(printed.out, Print({types, commented, plain}).out);
  EXPECT_THAT(printed.err, IsEmpty());

  const std::string other = WriteSet("other", R"pb(file { name: "types.proto" package: "q" })pb");
  const Printed contradicted = Print({types, plain, other});
  EXPECT_EQ(contradicted.exit_code, 2);
  EXPECT_EQ(contradicted.err, "grpc-mcp-bridge schema: " + other +
                                  ": its file \"types.proto\" is not the one of that name before "
                                  "it, which is used\n");
  EXPECT_EQ(contradicted.out, Print({types, plain}).out);
}

TEST(PrintTools, NoServiceIsSaid) {
  const Printed printed = Print({WriteSet("types3", kTypes)});
  EXPECT_EQ(printed.exit_code, 2);
  EXPECT_EQ(printed.err, "grpc-mcp-bridge schema: no service is declared in what was given\n");
}

TEST(PrintTools, FilesThatAreNoneAreNamedWithTheRemedy) {
  const std::string good = WriteSet("good", kTypes);
  const struct {
    std::string path, expected;
  } rows[] = {
      {testing::TempDir() + "no/such/file", "No such file"},
      {testing::TempDir(), "Is a directory"},
      {Write("empty", ""), "--include_imports"},
      {Write("text", "syntax = \"proto3\"; message M {}"), "--include_imports"},
      {Write("cut",
             "\x0a\x7f\x0a\x01"
             "a"),
       "--include_imports"},
  };
  for (const auto& row : rows) {
    const Printed printed = Print({good, row.path});
    EXPECT_EQ(printed.exit_code, 1) << row.path;
    EXPECT_THAT(printed.out, IsEmpty()) << row.path;
    EXPECT_THAT(printed.err, HasSubstr(row.path + ": "));
    EXPECT_THAT(printed.err, HasSubstr(row.expected));
  }
}

TEST(ReadFile, ReadsNoMoreThanItsLimit) {
  const std::string path = Write("ten", "0123456789");
  EXPECT_EQ(*ReadFile(path, 10), "0123456789");
  EXPECT_THAT(std::string(ReadFile(path, 9).status().message()),
              HasSubstr(path + ": it has more than 9 bytes"));
  EXPECT_FALSE(ReadFile("/dev/zero", 1'000'000).ok());
  EXPECT_EQ(*ReadFile("/dev/null", 0), "");
}

}  // namespace
}  // namespace bridge::app
