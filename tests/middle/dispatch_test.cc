// Every method in both eras.
#include "bridge/mcp/methods.h"
#include "tests/middle/middle.h"

namespace bridge::mcp {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kInitialize[] =
    R"({"id":1,"method":"initialize","params":{"protocolVersion":"%","capabilities":{},)"
    R"("clientInfo":{"name":"c","version":"1"}}})";

std::string Initialize(const std::string& version) {
  std::string text = kInitialize;
  return text.replace(text.find('%'), 1, version);
}

using Dispatch = Middle;

TEST_F(Dispatch, EachEraHasItsMethodsAndNoOther) {
  struct Row {
    const char* method;
    bool modern;
    bool legacy;
  };
  for (const Row& row : {Row{"server/discover", true, false},
                         {"tools/list", true, true},
                         {"tools/call", true, true},
                         {"initialize", false, true},
                         {"ping", false, true},
                         {"resources/list", false, false},
                         {"Tools/list", false, false},
                         {"tools/lists", false, false}}) {
    for (const Revision& revision : Revisions()) {
      SCOPED_TRACE(std::string(row.method) + " in " + std::string(revision.version));
      const bool has = revision.modern ? row.modern : row.legacy;
      EXPECT_EQ(FindMethod(revision, row.method) != nullptr, has);
      Asked& asked = Ask(R"({"id":"x","method":")" + std::string(row.method) + R"(","params":{}})",
                         revision.version);
      ASSERT_EQ(asked.replies, 1);
      EXPECT_EQ(asked.call, nullptr);
      EXPECT_EQ(asked.Message()["id"], "x");
      EXPECT_EQ(asked.reply->error == jsonrpc::ErrorCode::kMethodNotFound, !has);
      if (!has) {
        EXPECT_EQ(asked.Message()["error"]["message"],
                  "Method not found: " + std::string(row.method));
      }
    }
  }
}

TEST_F(Dispatch, DiscoverTellsModernVersionsOnly) {
  const Json result = Ask(R"({"id":1,"method":"server/discover"})").Result();
  EXPECT_EQ(result["resultType"], "complete");
  EXPECT_EQ(result["supportedVersions"], Json::array({"2026-07-28"}));
  EXPECT_TRUE(result["capabilities"]["tools"].is_object());
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "grpc-mcp-bridge");
}

TEST_F(Dispatch, InitializeNegotiatesALegacyRevision) {
  struct Row {
    const char* asked;
    const char* got;
  };
  for (const Row& row : {Row{"2025-11-25", "2025-11-25"},
                         {"2025-06-18", "2025-06-18"},
                         {"2025-03-26", "2025-03-26"},
                         {"2024-11-05", "2025-11-25"},
                         {"2026-07-28", "2025-11-25"},
                         {"", "2025-11-25"}}) {
    SCOPED_TRACE(row.asked);
    Asked& asked = Ask(Initialize(row.asked), kLegacy);
    EXPECT_EQ(asked.Result()["protocolVersion"], row.got);
    EXPECT_EQ(asked.Result()["serverInfo"]["name"], "grpc-mcp-bridge");
    ASSERT_NE(asked.reply->negotiated, nullptr);
    EXPECT_EQ(asked.reply->negotiated->version, row.got);
  }
}

TEST_F(Dispatch, InitializeNeedsItsParams) {
  for (const char* params :
       {"{}", R"({"protocolVersion":1,"capabilities":{},"clientInfo":{}})",
        R"({"protocolVersion":"2025-11-25","capabilities":[],"clientInfo":{}})",
        R"({"protocolVersion":"2025-11-25","capabilities":{}})"}) {
    Asked& asked =
        Ask(R"({"id":1,"method":"initialize","params":)" + std::string(params) + "}", kLegacy);
    EXPECT_EQ(asked.reply->error, jsonrpc::ErrorCode::kInvalidParams) << params;
    EXPECT_EQ(asked.reply->negotiated, nullptr) << params;
  }
}

TEST_F(Dispatch, PingIsAnsweredWithAnEmptyResult) {
  EXPECT_EQ(Ask(R"({"id":7,"method":"ping"})", kLegacy).Text(),
            R"({"jsonrpc":"2.0","id":7,"result":{}})");
}

TEST_F(Dispatch, ListsComeInTheFormOfTheirRevision) {
  struct Row {
    const char* version;
    bool cacheable;
    bool output_schema;
  };
  for (const Row& row : {Row{"2026-07-28", true, true},
                         {"2025-11-25", false, true},
                         {"2025-06-18", false, true},
                         {"2025-03-26", false, false}}) {
    SCOPED_TRACE(row.version);
    const Json result = Ask(R"({"id":1,"method":"tools/list"})", row.version).Result();
    ASSERT_EQ(result["tools"].size(), 2u);
    EXPECT_EQ(result["tools"][0]["name"], "Orders_Get");
    EXPECT_EQ(result["tools"][1]["name"], "Orders_Put");
    EXPECT_EQ(result.contains("ttlMs"), row.cacheable);
    EXPECT_EQ(result["tools"][0].contains("outputSchema"), row.output_schema);
    EXPECT_FALSE(result.contains("nextCursor"));
  }
}

TEST_F(Dispatch, ListsGoOnWithTheirCursorUntilTheyChange) {
  ListOptions pages;
  pages.page_tools = 1;
  server_->Publish(MakeSurface("", pages));
  for (const char* version : {kModern, kLegacy}) {
    const Json first = Ask(R"({"id":1,"method":"tools/list"})", version).Result();
    ASSERT_EQ(first["tools"].size(), 1u);
    const std::string more =
        R"({"id":2,"method":"tools/list","params":{"cursor":)" + first["nextCursor"].dump() + "}}";
    const Json second = Ask(more, version).Result();
    EXPECT_EQ(second["tools"][0]["name"], "Orders_Put");
    EXPECT_FALSE(second.contains("nextCursor"));
    server_->Publish(MakeSurface("rpc Drop(Key) returns (Order);", pages));
    EXPECT_EQ(Ask(more, version).reply->error, jsonrpc::ErrorCode::kInvalidParams);
    server_->Publish(MakeSurface("", pages));
  }
  for (const char* cursor : {R"("")", R"("nonsense")", "7", "{}"}) {
    EXPECT_EQ(
        Ask(R"({"id":1,"method":"tools/list","params":{"cursor":)" + std::string(cursor) + "}}")
            .reply->error,
        jsonrpc::ErrorCode::kInvalidParams)
        << cursor;
  }
}

// What is no call of a tool is refused before anything is sent.
TEST_F(Dispatch, CallsThatNameNoToolAreRefused) {
  struct Row {
    const char* params;
    const char* message;
  };
  for (const Row& row :
       {Row{"{}", "tools/call needs the string params.name"},
        {R"({"name":7})", "tools/call needs the string params.name"},
        {R"({"name":"Orders_Gett"})", "Unknown tool: Orders_Gett; did you mean Orders_Get?"},
        {R"({"name":"t.Orders/Put"})", "Unknown tool: t.Orders/Put; did you mean Orders_Put?"},
        {R"({"name":"entirely else"})", "Unknown tool: entirely else"},
        {R"({"name":"Orders_Get","arguments":[]})", "params.arguments must be an object"},
        {R"({"name":"Orders_Get","arguments":7})", "params.arguments must be an object"},
        {R"({"name":"Orders_Get","arguments":"no object"})",
         "params.arguments must be an object"}}) {
    for (const char* version : {kModern, kLegacy}) {
      Asked& asked = Ask(
          R"({"id":1,"method":"tools/call","params":)" + std::string(row.params) + "}", version);
      EXPECT_EQ(asked.reply->error, jsonrpc::ErrorCode::kInvalidParams) << row.params;
      EXPECT_EQ(asked.Message()["error"]["message"], row.message);
      EXPECT_EQ(CountUnderWay(), 0u);
      EXPECT_EQ(server_->calls_in_flight(), 0u);
    }
  }
}

TEST_F(Dispatch, ArgumentsThatDoNotFitAreAToolErrorAndNothingIsSent) {
  for (const char* version : {kModern, kLegacy}) {
    Asked& asked = Call("Orders_Put", R"({"cuont":1})", version);
    EXPECT_TRUE(asked.IsError());
    EXPECT_THAT(asked.ToolText(), StartsWith("Invalid arguments at $: unknown field \"cuont\""));
    EXPECT_THAT(asked.ToolText(), HasSubstr("Nothing was sent to the service"));
    EXPECT_EQ(CountUnderWay(), 0u);
  }
}

TEST_F(Dispatch, ACallIsSentAsTheMethodAndAnsweredInTheFormOfItsRevision) {
  for (const Revision& revision : Revisions()) {
    SCOPED_TRACE(revision.version);
    Asked& asked = Call("Orders_Put", R"({"id":"a","count":3})", revision.version, "s", "\"i\"");
    ASSERT_EQ(CountUnderWay(), 1u);
    EXPECT_NE(asked.call, nullptr);
    EXPECT_EQ(asked.replies, 0);
    EXPECT_EQ(UnderWay().target, "shop");
    EXPECT_EQ(UnderWay().path, "/t.Orders/Put");
    EXPECT_EQ(UnderWay().request, std::string("\x0a\x01"
                                              "a\x10\x03"));
    EXPECT_EQ(UnderWay().timeout, std::chrono::seconds(30));
    UnderWay().Answer(Order("b"));
    EXPECT_EQ(asked.replies, 1);
    EXPECT_EQ(asked.Message()["id"], "i");
    const Json result = asked.Result();
    EXPECT_FALSE(asked.IsError());
    EXPECT_EQ(Json::parse(asked.ToolText())["id"], "b");
    EXPECT_EQ(result.contains("resultType"), revision.modern);
    EXPECT_EQ(result.contains("structuredContent"), revision.structured);
    EXPECT_EQ(result.value("structuredContent", Json::object()).value("id", ""),
              revision.structured ? "b" : "");
    EXPECT_EQ(server_->calls_in_flight(), 0u);
  }
}

// Names, too, that are written with escapes, and arguments in a string.
TEST_F(Dispatch, WhatModelsSendIsRead) {
  Ask(R"({"id":1,"method":"tools/call","params":{"name":"Orders_\u0047et"}})");
  ASSERT_EQ(CountUnderWay(), 1u);
  EXPECT_EQ(UnderWay().path, "/t.Orders/Get");
  EXPECT_EQ(UnderWay().request, "");
  UnderWay().Answer("");
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_arguments_repaired_total 0\n"));
  Call("Orders_Get", R"("{\"id\":\"q\"}")");
  ASSERT_EQ(CountUnderWay(), 1u);
  EXPECT_EQ(UnderWay().request, Order("q"));
  EXPECT_THAT(Page(), HasSubstr("mcp_bridge_arguments_repaired_total 1\n"));
}

}  // namespace
}  // namespace bridge::mcp
