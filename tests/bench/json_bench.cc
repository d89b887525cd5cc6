// The other texts on the path of a call: the JSON reader, the writer, the JSON-RPC envelope, and,
// not on that path, the schema of a method. Bytes per second count JSON text.
//
//   json_bench --benchmark_filter=Read

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "benchmark/benchmark.h"
#include "bridge/base/json_cursor.h"
#include "bridge/base/json_text.h"
#include "bridge/jsonrpc/message.h"
#include "bridge/schema/tool.h"
#include "tests/bench/samples.h"
#include "tests/descriptor/graph_source.h"

namespace bridge {
namespace {

std::string CallBody(const std::string& arguments) {
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"Echo_EchoSmall",)"
         R"("arguments":)" +
         arguments +
         R"(,"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
}

void CountText(benchmark::State& state, const std::string& text) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void ReadJson(benchmark::State& state, const char* sample) {
  const std::string& json = bench::FindSample(sample).json();
  for ([[maybe_unused]] const auto& step : state) {
    if (!IsValidJson(json)) state.SkipWithError("refused");
  }
  CountText(state, json);
}

// What a bridge with a DOM would begin with.
void ReadNlohmann(benchmark::State& state, const char* sample) {
  const std::string& json = bench::FindSample(sample).json();
  for ([[maybe_unused]] const auto& step : state) {
    const auto parsed = nlohmann::json::parse(json, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded()) state.SkipWithError("refused");
    benchmark::DoNotOptimize(parsed.size());
  }
  CountText(state, json);
}

// JSON text as a JSON string: content[0].text of a result.
void WriteString(benchmark::State& state, const char* sample) {
  const std::string& json = bench::FindSample(sample).json();
  std::string out;
  for ([[maybe_unused]] const auto& step : state) {
    out.clear();
    if (!AppendJsonString(&out, json)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(out.data());
  }
  CountText(state, json);
}

void WriteNumbers(benchmark::State& state) {
  std::string out;
  for ([[maybe_unused]] const auto& step : state) {
    out.clear();
    AppendJsonInt(&out, -129'990'000);
    AppendJsonUint(&out, 18'446'744'073'709'551'615u);
    AppendJsonDouble(&out, 0.125);
    AppendJsonDouble(&out, 1234.56789);
    benchmark::DoNotOptimize(out.data());
  }
  CountText(state, out);
}

void ParseCall(benchmark::State& state, const char* sample) {
  const std::string body = CallBody(bench::FindSample(sample).json());
  for ([[maybe_unused]] const auto& step : state) {
    jsonrpc::Message message;
    jsonrpc::ParseFailure failure;
    if (!jsonrpc::ParseMessage(body, &message, &failure)) state.SkipWithError("refused");
    benchmark::DoNotOptimize(message.Find("arguments"));
  }
  CountText(state, body);
}

void PrintSchemas(benchmark::State& state, const char* type) {
  const auto graph = descriptor::BuildOrThrow(bench::EchoFiles());
  const descriptor::Message& message = *graph->FindMessage(type);
  std::string text;
  for ([[maybe_unused]] const auto& step : state) {
    text = schema::InputSchema(message);
    benchmark::DoNotOptimize(text.data());
  }
  CountText(state, text);
}

BENCHMARK_CAPTURE(ReadJson, small, "small");
BENCHMARK_CAPTURE(ReadNlohmann, small, "small");
BENCHMARK_CAPTURE(ReadJson, order, "order");
BENCHMARK_CAPTURE(ReadNlohmann, order, "order");
BENCHMARK_CAPTURE(WriteString, small, "small");
BENCHMARK_CAPTURE(WriteString, order, "order");
BENCHMARK(WriteNumbers);
BENCHMARK_CAPTURE(ParseCall, small, "small");
BENCHMARK_CAPTURE(ParseCall, order, "order");
BENCHMARK_CAPTURE(PrintSchemas, small, "bench.v1.Small");
BENCHMARK_CAPTURE(PrintSchemas, order, "bench.v1.Order");

}  // namespace
}  // namespace bridge

BENCHMARK_MAIN();
