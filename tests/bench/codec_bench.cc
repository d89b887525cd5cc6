// The codec against protobuf's own JSON code: on DynamicMessage, which is what a bridge without a
// codec of its own would use, and on generated messages, which no bridge has. Bytes per second
// count JSON text in both directions.
//
//   codec_bench --benchmark_filter=small

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

#include "benchmark/benchmark.h"
#include "bridge/transcode/codec.h"
#include "echo.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bench/samples.h"
#include "tests/descriptor/graph_source.h"

namespace bridge::transcode {
namespace {

using google::protobuf::Message;

class Setup {
 public:
  explicit Setup(const std::string& name) : sample_(bench::FindSample(name)) {
    auto graph = descriptor::BuildOrThrow(bench::EchoFiles());
    codec_ = Codec::Make(graph);
    plan_ = codec_->Compile(*graph->FindMessage(sample_.type()));
    std::string wire;
    CodecError error;
    if (!codec_->JsonToWire(*plan_, json(), {}, &wire, &error)) {
      throw std::runtime_error(error.path + ": " + error.message);
    }
    // Both must agree, or the comparison means nothing.
    const std::unique_ptr<Message> ours(prototype().New());
    const std::unique_ptr<Message> theirs(prototype().New());
    if (!ours->ParseFromString(wire) || !theirs->ParseFromString(sample_.wire()) ||
        ours->DebugString() != theirs->DebugString()) {
      throw std::runtime_error("the codec and json_util differ");
    }
  }

  const Codec& codec() const { return *codec_; }
  const Plan& plan() const { return *plan_; }
  const Message& prototype() const { return sample_.prototype(); }
  const Message& generated() const {
    const auto* const pool = ::bench::v1::Orders::descriptor()->file()->pool();
    return *google::protobuf::MessageFactory::generated_factory()->GetPrototype(
        pool->FindMessageTypeByName(sample_.type()));
  }
  const std::string& json() const { return sample_.json(); }
  const std::string& wire() const { return sample_.wire(); }

 private:
  const bench::Sample& sample_;
  std::shared_ptr<const Codec> codec_;
  const Plan* plan_;
};

const Setup& SetupOf(const std::string& name) {
  static std::map<std::string, std::unique_ptr<Setup>> setups;
  std::unique_ptr<Setup>& setup = setups[name];
  if (setup == nullptr) setup = std::make_unique<Setup>(name);
  return *setup;
}

void Count(benchmark::State& state, const Setup& setup) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(setup.json().size()));
}

void JsonToWire(benchmark::State& state, const Setup& setup) {
  std::string wire;
  CodecError error;
  for ([[maybe_unused]] const auto& step : state) {
    wire.clear();
    if (!setup.codec().JsonToWire(setup.plan(), setup.json(), {}, &wire, &error)) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(wire.data());
  }
  Count(state, setup);
}

void WireToJson(benchmark::State& state, const Setup& setup) {
  std::string json;
  CodecError error;
  for ([[maybe_unused]] const auto& step : state) {
    json.clear();
    if (!setup.codec().WireToJson(setup.plan(), setup.wire(), &json, &error)) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(json.data());
  }
  Count(state, setup);
}

void JsonUtilToWire(benchmark::State& state, const Setup& setup, const Message& prototype) {
  std::string wire;
  for ([[maybe_unused]] const auto& step : state) {
    const std::unique_ptr<Message> message(prototype.New());
    if (!google::protobuf::util::JsonStringToMessage(setup.json(), message.get()).ok()) {
      state.SkipWithError("refused");
    }
    message->SerializeToString(&wire);
    benchmark::DoNotOptimize(wire.data());
  }
  Count(state, setup);
}

void JsonUtilToJson(benchmark::State& state, const Setup& setup, const Message& prototype) {
  for ([[maybe_unused]] const auto& step : state) {
    std::string json;
    const std::unique_ptr<Message> message(prototype.New());
    message->ParseFromString(setup.wire());
    if (!google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(json.data());
  }
  Count(state, setup);
}

}  // namespace

void Register(const std::string& name) {
  const Setup& setup = SetupOf(name);
  const auto add = [&name](const char* what, const auto& function, const auto&... arguments) {
    benchmark::RegisterBenchmark(
        (what + ("/" + name)).c_str(),
        [function, &arguments...](benchmark::State& state) { function(state, arguments...); });
  };
  add("JsonToWire", JsonToWire, setup);
  add("JsonUtilToWire", JsonUtilToWire, setup, setup.prototype());
  add("JsonUtilToWireGenerated", JsonUtilToWire, setup, setup.generated());
  add("WireToJson", WireToJson, setup);
  add("JsonUtilToJson", JsonUtilToJson, setup, setup.prototype());
  add("JsonUtilToJsonGenerated", JsonUtilToJson, setup, setup.generated());
}

}  // namespace bridge::transcode

int main(int argc, char** argv) {
  for (const char* const name : {"small", "order", "order_1kb", "orders_100"}) {
    bridge::transcode::Register(name);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
