// The graph, the schemas and the codec as a program for tests in other languages. Each request on
// standard input is a 4-byte little-endian length, a letter, a message name, a zero byte and a
// payload; each answer the same length, then '+' and the result, or '-' and what is wrong.
//
//   D  a FileDescriptorSet: all later requests are about its messages
//   w  ProtoJSON -> wire              j  wire -> ProtoJSON
//   a  a tool's arguments -> wire     s  wire -> structured content
//   t  the same in the strict form
//   i  the input schema               o  the output schema
//      (payload: as of --schema-profile, or empty)
//
// With "server ", "client " or "bidi " before the name, a, t, i and o are about a method with such
// streams, whose request and answer are the message. What it sends is 4 bytes of length and the
// bytes for each message.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/descriptor/graph.h"
#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "bridge/transcode/stream_arguments.h"
#include "google/protobuf/descriptor.pb.h"

namespace bridge::transcode {
namespace {

struct Answer {
  bool ok = false;
  std::string text;
};

class Testee {
 public:
  Answer Handle(char letter, std::string_view name, std::string_view payload) {
    if (letter == 'D') return Load(payload);
    if (const size_t space = name.find(' '); space != std::string_view::npos) {
      return HandleStream(letter, name.substr(0, space), name.substr(space + 1), payload);
    }
    const descriptor::Message* const message =
        graph_ == nullptr ? nullptr : graph_->FindMessage(name);
    if (message == nullptr) return {false, "unknown message " + std::string(name)};
    if (letter == 'i') return {true, schema::InputSchema(*message, Options(payload))};
    if (letter == 'o') return {true, schema::OutputSchema(*message, Options(payload))};
    return Convert(letter, letter == 't' ? *strict_ : *codec_, *message, payload);
  }

 private:
  static schema::SchemaOptions Options(std::string_view profile) {
    schema::SchemaOptions options;
    if (profile == "standard") options.profile = schema::SchemaProfile::kStandard;
    if (profile == "openai-strict") options.profile = schema::SchemaProfile::kOpenAiStrict;
    return options;
  }

  Answer HandleStream(char letter, std::string_view shape, std::string_view name,
                      std::string_view payload) {
    const descriptor::Message* const message =
        graph_ == nullptr ? nullptr : graph_->FindMessage(name);
    if (message == nullptr) return {false, "unknown message " + std::string(name)};
    descriptor::Service service;
    service.name = service.full_name = "Service";
    descriptor::Method method;
    method.name = method.full_name = "Do";
    method.service = &service;
    method.input = method.output = message;
    method.client_streaming = shape != "server";
    method.server_streaming = shape != "client";
    if (letter == 'i') return {true, schema::MakeTool(method, Options(payload)).input_schema};
    if (letter == 'o') return {true, schema::MakeTool(method, Options(payload)).output_schema};
    const Codec& codec = letter == 't' ? *strict_ : *codec_;
    StreamArguments stream;
    CodecError error;
    if (!StreamArgumentsToWire({codec, *codec.Compile(*message), descriptor::StreamingOf(method)},
                               payload, {}, &stream, &error)) {
      return {false, error.path + ": " + error.message};
    }
    Answer answer{true, ""};
    for (size_t i = 0; i < stream.ends.size(); ++i) {
      const std::string_view sent = stream.message(i);
      const auto size = static_cast<uint32_t>(sent.size());
      answer.text.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(sent);
    }
    return answer;
  }

  Answer Load(std::string_view bytes) {
    google::protobuf::FileDescriptorSet set;
    if (!set.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return {false, "not a descriptor set"};
    }
    auto graph =
        descriptor::Graph::Build({set.file().data(), static_cast<size_t>(set.file_size())});
    if (!graph.ok()) return {false, std::string(graph.status().message())};
    graph_ = *std::move(graph);
    codec_ = Codec::Make(graph_);
    strict_ = Codec::Make(graph_, {}, ArgumentForm::kStrict);
    return {true, ""};
  }

  static Answer Convert(char letter, const Codec& codec, const descriptor::Message& message,
                        std::string_view payload) {
    const Plan& plan = *(letter == 's' ? codec.CompileAnswer(message) : codec.Compile(message));
    Answer answer;
    CodecError error;
    switch (letter) {
      case 'w':
        answer.ok = codec.JsonToWire(plan, payload, {}, &answer.text, &error);
        break;
      case 'j':
        answer.ok = codec.WireToJson(plan, payload, &answer.text, &error);
        break;
      case 'a':
      case 't':
        answer.ok = codec.ArgumentsToWire(plan, payload, &answer.text, &error);
        break;
      case 's':
        answer.ok = codec.WireToStructured(plan, payload, &answer.text, &error);
        break;
      default:
        return {false, "no such request"};
    }
    if (!answer.ok) answer.text = error.path + ": " + error.message;
    return answer;
  }

  std::shared_ptr<const descriptor::Graph> graph_;
  std::shared_ptr<const Codec> codec_;
  std::shared_ptr<const Codec> strict_;
};

bool ReadAll(char* p, size_t size) {
  return std::fread(p, 1, size, stdin) == size;
}

void Send(const Answer& answer) {
  const auto size = static_cast<uint32_t>(answer.text.size() + 1);
  std::fwrite(&size, sizeof(size), 1, stdout);
  std::fputc(answer.ok ? '+' : '-', stdout);
  std::fwrite(answer.text.data(), 1, answer.text.size(), stdout);
  std::fflush(stdout);
}

int Main() {
  Testee testee;
  uint32_t size;
  while (ReadAll(reinterpret_cast<char*>(&size), sizeof(size))) {
    std::string bytes(size, '\0');
    const bool complete = ReadAll(bytes.data(), size);
    const size_t end = bytes.find('\0');
    if (!complete || end == std::string::npos || end == 0) {
      std::fprintf(stderr, "broken request\n");
      return 1;
    }
    const std::string_view request = bytes;
    Send(testee.Handle(request[0], request.substr(1, end - 1), request.substr(end + 1)));
  }
  return 0;
}

}  // namespace
}  // namespace bridge::transcode

int main() {
  return bridge::transcode::Main();
}
