#include "tests/bench/samples.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/descriptor/proto_source.h"

namespace bridge::bench {
namespace {

using ::google::protobuf::DescriptorProto;
using ::google::protobuf::FileDescriptorProto;

constexpr int kMethodsPerService = 50;

std::string ReadFile(const std::string& name) {
  std::ifstream file(std::string(BENCH_DIR "/") + name, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty()) throw std::runtime_error("cannot read " + name);
  return text;
}

std::string ReadText(const std::string& name) {
  std::string text = ReadFile(name);
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

std::string Orders(int count, const std::string& order) {
  std::string text = "{\"orders\":[" + order;
  for (int i = 1; i < count; ++i) text += "," + order;
  return text + "]}";
}

std::string Numbered(const char* format, int number) {
  char text[32];
  std::snprintf(text, sizeof(text), format, number);
  return text;
}

const DescriptorProto& MessageOf(const FileDescriptorProto& file, const std::string& name) {
  for (const DescriptorProto& message : file.message_type()) {
    if (message.name() == name) return message;
  }
  throw std::runtime_error("no message " + name);
}

}  // namespace

Files EchoFiles() {
  return descriptor::ProtoSource({{"bench/v1/echo.proto", ReadFile("echo.proto")}})
      .Compile("bench/v1/echo.proto");
}

Files StreamFiles() {
  return descriptor::ProtoSource({{"bench/v1/echo.proto", ReadFile("echo.proto")},
                                  {"bench/v1/stream.proto", ReadFile("stream.proto")}})
      .Compile("bench/v1/stream.proto");
}

Files FurtherMethods(int count) {
  const Files echo = EchoFiles();
  const DescriptorProto& small = MessageOf(echo.back(), "Small");
  Files files;
  for (int first = 0; first < count; first += kMethodsPerService) {
    const std::string number = Numbered("%02d", first / kMethodsPerService);
    FileDescriptorProto& file = files.emplace_back();
    file.set_name("bench/v1/further" + number + ".proto");
    file.set_package("bench.v1");
    file.set_syntax("proto3");
    file.add_dependency(echo.back().name());
    auto* service = file.add_service();
    service->set_name("Further" + number + "Service");
    for (int i = first; i < std::min(count, first + kMethodsPerService); ++i) {
      auto* method = service->add_method();
      method->set_name(Numbered("Method%04d", i));
      for (const char* role : {"Request", "Response"}) {
        DescriptorProto* message = file.add_message_type();
        *message = small;
        message->set_name(method->name() + role);
      }
      method->set_input_type(".bench.v1." + method->name() + "Request");
      method->set_output_type(".bench.v1." + method->name() + "Response");
    }
  }
  return files;
}

Sample::Sample(const std::string& type, const std::string& json) : type_(type), json_(json) {
  for (const FileDescriptorProto& each : EchoFiles()) pool_.BuildFile(each);
  prototype_ = factory_.GetPrototype(pool_.FindMessageTypeByName(type));
  const std::unique_ptr<::google::protobuf::Message> message(prototype_->New());
  const auto status = ::google::protobuf::util::JsonStringToMessage(json_, message.get());
  if (!status.ok()) throw std::runtime_error(json + ": " + status.ToString());
  message->SerializeToString(&wire_);
}

const Sample& FindSample(const std::string& name) {
  static const Sample small("bench.v1.Small", ReadText("small.json"));
  static const Sample order("bench.v1.Order", ReadText("order.json"));
  static const Sample order_1kb("bench.v1.Order", ReadText("order_1kb.json"));
  static const Sample orders_100("bench.v1.Orders", Orders(100, ReadText("order_1kb.json")));
  if (name == "small") return small;
  if (name == "order") return order;
  if (name == "order_1kb") return order_1kb;
  if (name == "orders_100") return orders_100;
  throw std::runtime_error("no sample " + name);
}

}  // namespace bridge::bench
