// The codec against protobuf's own JSON code on DynamicMessage, which is what a bridge without a
// codec of its own would use. Bytes per second count JSON text in both directions.
//
//   codec_bench --benchmark_filter=small

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "benchmark/benchmark.h"
#include "bridge/transcode/codec.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/util/json_util.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge::transcode {
namespace {

constexpr const char* kProto = R"(
syntax = "proto3";
package bench;
import "google/protobuf/timestamp.proto";
enum Status { STATUS_UNSPECIFIED = 0; OPEN = 1; PAID = 2; SHIPPED = 3; }
message Small {
  string order_id = 1;
  string customer_name = 2;
  int32 quantity = 3;
  int64 price_micros = 4;
  bool gift = 5;
  Status status = 6;
  double discount_rate = 7;
}
message Address { string street = 1; string city = 2; string postal_code = 3; string country = 4; }
message Line {
  string sku = 1;
  string title = 2;
  int32 quantity = 3;
  int64 price_micros = 4;
  repeated string tags = 5;
  double weight_kg = 6;
}
message Order {
  string name = 1;
  google.protobuf.Timestamp create_time = 2;
  Address shipping = 3;
  Address billing = 4;
  repeated Line lines = 5;
  map<string, string> labels = 6;
  Status status = 7;
  oneof payment { string iban = 8; string card_token = 9; }
  repeated int32 ratings = 10;
}
)";

constexpr std::string_view kSmall =
    R"({"orderId":"ord-2025-000123456","customerName":"Ada Lovelace of Marylebone","quantity":3,)"
    R"("priceMicros":"129990000","gift":true,"status":"PAID","discountRate":0.125})";

constexpr std::string_view kOrder =
    R"({"name":"customers/1234/orders/5678","createTime":"2025-01-31T12:34:56.789Z",)"
    R"("shipping":{"street":"12 St James's Square","city":"London","postalCode":"SW1Y 4JH",)"
    R"("country":"GB"},"billing":{"street":"Rue de la Paix 7","city":"Paris",)"
    R"("postalCode":"75002","country":"FR"},"lines":[{"sku":"AB-1001","title":"Analytical engine, )"
    R"(desk size","quantity":1,"priceMicros":"4999000000","tags":["brass","limited"],"weightKg":42.5},)"
    R"({"sku":"AB-1002","title":"Punched cards, box of 500","quantity":12,"priceMicros":"19990000",)"
    R"("tags":["paper"],"weightKg":1.25},{"sku":"AB-1003","title":"Oil \"fine\"","quantity":2,)"
    R"("priceMicros":"8500000","weightKg":0.3}],"labels":{"channel":"web","campaign":"winter-sale",)"
    R"("priority":"high"},"status":"PAID","iban":"GB29NWBK60161331926819","ratings":[5,4,5,3]})";

class Setup {
 public:
  Setup(const std::string& message, std::string_view json) : json_(json) {
    const auto files = descriptor::CompileText(kProto);
    auto graph = descriptor::BuildOrThrow(files);
    codec_ = Codec::Make(graph);
    plan_ = codec_->Compile(*graph->FindMessage(message));
    for (const auto& file : files) pool_.BuildFile(file);
    prototype_ = factory_.GetPrototype(pool_.FindMessageTypeByName(message));
    CodecError error;
    if (!codec_->JsonToWire(*plan_, json_, {}, &wire_, &error)) {
      throw std::runtime_error(error.path + ": " + error.message);
    }
    // Both must agree, or the comparison means nothing.
    const std::unique_ptr<google::protobuf::Message> theirs(prototype_->New());
    if (!google::protobuf::util::JsonStringToMessage(json_, theirs.get()).ok()) {
      throw std::runtime_error("json_util refuses the text");
    }
    const std::unique_ptr<google::protobuf::Message> ours(prototype_->New());
    if (!ours->ParseFromString(wire_) || ours->DebugString() != theirs->DebugString()) {
      throw std::runtime_error("the codec and json_util differ");
    }
  }

  const Codec& codec() const { return *codec_; }
  const Plan& plan() const { return *plan_; }
  const google::protobuf::Message& prototype() const { return *prototype_; }
  const std::string& json() const { return json_; }
  const std::string& wire() const { return wire_; }

 private:
  std::string json_;
  std::string wire_;
  std::shared_ptr<const Codec> codec_;
  const Plan* plan_;
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
  const google::protobuf::Message* prototype_;
};

const Setup& SmallSetup() {
  static const Setup setup("bench.Small", kSmall);
  return setup;
}
const Setup& OrderSetup() {
  static const Setup setup("bench.Order", kOrder);
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
