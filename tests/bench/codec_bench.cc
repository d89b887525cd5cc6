// The codec against protobuf's own JSON code on DynamicMessage, which is what a bridge without a
// codec of its own would use. Bytes per second count JSON text in both directions.
//
//   codec_bench --benchmark_filter=small

#include <memory>
#include <stdexcept>
#include <string>

#include "benchmark/benchmark.h"
#include "bridge/transcode/codec.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "tests/bench/samples.h"
#include "tests/descriptor/graph_source.h"

namespace bridge::transcode {
namespace {

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
    const std::unique_ptr<google::protobuf::Message> ours(prototype().New());
    const std::unique_ptr<google::protobuf::Message> theirs(prototype().New());
    if (!ours->ParseFromString(wire) || !theirs->ParseFromString(sample_.wire()) ||
        ours->DebugString() != theirs->DebugString()) {
      throw std::runtime_error("the codec and json_util differ");
    }
  }

  const Codec& codec() const { return *codec_; }
  const Plan& plan() const { return *plan_; }
  const google::protobuf::Message& prototype() const { return sample_.prototype(); }
  const std::string& json() const { return sample_.json(); }
  const std::string& wire() const { return sample_.wire(); }

 private:
  const bench::Sample& sample_;
  std::shared_ptr<const Codec> codec_;
  const Plan* plan_;
};

const Setup& SmallSetup() {
  static const Setup setup("small");
  return setup;
}
const Setup& OrderSetup() {
  static const Setup setup("order");
  return setup;
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

void JsonUtilToWire(benchmark::State& state, const Setup& setup) {
  std::string wire;
  for ([[maybe_unused]] const auto& step : state) {
    const std::unique_ptr<google::protobuf::Message> message(setup.prototype().New());
    if (!google::protobuf::util::JsonStringToMessage(setup.json(), message.get()).ok()) {
      state.SkipWithError("refused");
    }
    message->SerializeToString(&wire);
    benchmark::DoNotOptimize(wire.data());
  }
  Count(state, setup);
}

void JsonUtilToJson(benchmark::State& state, const Setup& setup) {
  for ([[maybe_unused]] const auto& step : state) {
    std::string json;
    const std::unique_ptr<google::protobuf::Message> message(setup.prototype().New());
    message->ParseFromString(setup.wire());
    if (!google::protobuf::util::MessageToJsonString(*message, &json).ok()) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(json.data());
  }
  Count(state, setup);
}

BENCHMARK_CAPTURE(JsonToWire, small, SmallSetup());
BENCHMARK_CAPTURE(JsonUtilToWire, small, SmallSetup());
BENCHMARK_CAPTURE(WireToJson, small, SmallSetup());
BENCHMARK_CAPTURE(JsonUtilToJson, small, SmallSetup());
BENCHMARK_CAPTURE(JsonToWire, order, OrderSetup());
BENCHMARK_CAPTURE(JsonUtilToWire, order, OrderSetup());
BENCHMARK_CAPTURE(WireToJson, order, OrderSetup());
BENCHMARK_CAPTURE(JsonUtilToJson, order, OrderSetup());

}  // namespace
}  // namespace bridge::transcode

BENCHMARK_MAIN();
