// What the process holds for calls that hang: the limits page promises a budget, and the manifests
// a limit above it.
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;
using nlohmann::json;

constexpr size_t kMiB = 1u << 20;
constexpr size_t kBudgetKb = 256u << 10;
constexpr size_t kSlackKb = 64u << 10;

// Many.Hang(Values) -> Values; Values has a list of each kind.
FileDescriptorProto ManyService() {
  FileDescriptorProto file;
  file.set_name("many.proto");
  file.set_package("t");
  file.set_syntax("proto3");
  auto* values = file.add_message_type();
  values->set_name("Values");
  const std::pair<const char*, FieldDescriptorProto::Type> kFields[] = {
      {"doubles", FieldDescriptorProto::TYPE_DOUBLE},
      {"texts", FieldDescriptorProto::TYPE_STRING},
      {"flags", FieldDescriptorProto::TYPE_BOOL}};
  for (int i = 0; i < 3; ++i) {
    auto* field = values->add_field();
    field->set_name(kFields[i].first);
    field->set_number(i + 1);
    field->set_type(kFields[i].second);
    field->set_label(FieldDescriptorProto::LABEL_REPEATED);
  }
  auto* service = file.add_service();
  service->set_name("Many");
  for (const char* name : {"Hang", "Say"}) {
    auto* method = service->add_method();
    method->set_name(name);
    method->set_input_type(".t.Values");
    method->set_output_type(".t.Values");
  }
  return file;
}

struct Row {
  const char* what;
  json arguments;
  size_t calls;
  size_t at_least;  // that must be let in: the budget is for use
};

json Repeated(const char* field, const json& element, size_t json_bytes) {
  const size_t each = element.dump().size() + 1;
  return {{field, std::vector<json>(json_bytes / each, element)}};
}

TEST(A3CallsThatHang, StayWithinTheBudget) {
  const Row kRows[] = {
      {"1 MiB of doubles", Repeated("doubles", 1.5, kMiB), 120, 100},
      {"short doubles", Repeated("doubles", 7, kMiB * 3 / 4), 120, 70},  // encoded: four times that
      {"3 MiB of text", {{"texts", {std::string(3 * kMiB, 't')}}}, 100, 80},
      {"60 KiB of flags", Repeated("flags", true, 60 << 10), 800, 800},
      {"next to nothing", json::object(), 800, 800},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.what);
    const std::unique_ptr<GenericServer> many(
        StartDescribedServer({ManyService()}, [](const Received& call) -> Answer {
          return {.response = call.request, .hang = call.path.ends_with("/Hang")};
        }));
    BridgeProcess bridge(
        {"--call-timeout", "10m", "--drain-timeout", "0", "many=" + many->target()});
    for (int i = 0; i < 3; ++i) bridge.Call("Many_Say", row.arguments);
    const size_t before = bridge.process().MeasureUsage().resident_kb;
    const size_t received = many->received().size();
    const std::string text = ModernCall("Many_Hang", row.arguments);
    std::vector<std::unique_ptr<OpenRequest>> calls;
    for (size_t i = 0; i < row.calls; ++i) {
      calls.push_back(std::make_unique<OpenRequest>(bridge.mcp_port(), text));
    }
    size_t arrived = 0;
    for (int patience = 0; patience < 12 && arrived < row.at_least; ++patience) {
      arrived = many->WaitForRequests(received + row.at_least) - received;
    }
    EXPECT_GE(arrived, row.at_least);
    const Usage usage = bridge.process().MeasureUsage();
    EXPECT_LT(usage.resident_kb, before + kBudgetKb + kSlackKb + kQuarantineKb);
    EXPECT_LT(usage.peak_resident_kb, before + kBudgetKb + kSlackKb + kQuarantineKb);
    EXPECT_EQ(Fetch(bridge.admin_port(), "GET", "/livez").status, 200);
  }
}

// Sixty answers of 8 MiB of JSON are ready before anybody reads: not all find room. Each call has
// taken effect, so none of them is answered by a refusal.
TEST(B6AnswersNobodyReads, AreResultsAndNeverRefusals) {
  constexpr size_t kCalls = 60;
  const std::unique_ptr<GenericServer> server(
      StartDescribedServer({TextService("Book", {"Write"})}, [](const Received&) {
        return Answer{.response = EncodeText(std::string(4 * kMiB - 100, 'x'))};
      }));
  BridgeProcess bridge({"book=" + server->target()});
  const size_t before = server->received().size();
  const std::string text = ModernCall("Book_Write", json::object());
  std::vector<std::unique_ptr<OpenRequest>> calls;
  for (size_t i = 0; i < kCalls; ++i) {
    calls.push_back(std::make_unique<OpenRequest>(bridge.mcp_port(), text));
  }
  ASSERT_EQ(server->WaitForRequests(before + kCalls), before + kCalls);
  size_t whole = 0;
  for (const auto& call : calls) {
    const HttpAnswer answer = call->Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.headers.contains("retry-after"));
    const json result = answer.Json()["result"];
    if (!result.value("isError", false)) {
      ++whole;
      continue;
    }
    const std::string told = result["content"][0]["text"];
    EXPECT_THAT(told, ::testing::HasSubstr("The call has taken effect"));
    EXPECT_EQ(result["_meta"]["grpc-mcp-bridge/status"]["retryable"], false);
  }
  EXPECT_GE(whole, 20u);
}

}  // namespace
}  // namespace bridge::testing
