// docs/conversion.md is what the code does: every row of its tables is computed again. A changed
// conversion rewrites them: CONVERSION_UPDATE=1 build/release/bin/conversion_test

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/schema/tool.h"
#include "bridge/transcode/codec.h"
#include "bridge/transcode/stream_arguments.h"
#include "gtest/gtest.h"
#include "tests/descriptor/graph_source.h"
#include "tests/descriptor/proto_source.h"

namespace bridge {
namespace {

using Cells = std::vector<std::string>;

constexpr char kPage[] = TESTDATA_DIR "/../../docs/conversion.md";
constexpr char kImports[] = R"(
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
import "buf/validate/validate.proto";
import "google/api/field_behavior.proto";
import "google/api/field_info.proto";
import "mcp/bridge/v1/options.proto";
)";
constexpr char kFieldInfo[] = R"(
syntax = "proto3";
package google.api;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { google.api.FieldInfo field_info = 291403980; }
message FieldInfo {
  enum Format { FORMAT_UNSPECIFIED = 0; UUID4 = 1; IPV4 = 2; IPV6 = 3; IPV4_OR_IPV6 = 4; }
  Format format = 1;
}
)";
constexpr std::string_view kRpc = "rpc ";
constexpr descriptor::ZeroValues kZeroValues[] = {
    descriptor::ZeroValues::kNone, descriptor::ZeroValues::kAuto, descriptor::ZeroValues::kTop,
    descriptor::ZeroValues::kAll};
constexpr schema::SchemaProfile kProfiles[] = {schema::SchemaProfile::kPortable,
                                               schema::SchemaProfile::kStandard,
                                               schema::SchemaProfile::kOpenAiStrict};

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (text.empty()) throw std::runtime_error(path + " cannot be read");
  return text;
}

void Replace(std::string* text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text->find(from, at)) != std::string::npos; at += to.size()) {
    text->replace(at, from.size(), to);
  }
}

// The options that rows use. Those of protovalidate stand under names of our own in a test file.
std::map<std::string, std::string> OptionFiles() {
  std::string validate = ReadFile(TESTDATA_DIR "/schema/test_options.proto");
  Replace(&validate, "package test;", "package buf.validate;");
  Replace(&validate, "  FieldRules rules = 1159;", "  FieldRules field = 1159;");
  Replace(&validate, "  repeated FieldBehavior field_behavior = 1052 [packed = false];", "");
  Replace(&validate, "  FieldInfo info = 291403980;", "");
  const std::string protos = TESTDATA_DIR "/../../proto/";
  return {{"buf/validate/validate.proto", validate},
          {"google/api/field_behavior.proto", ReadFile(protos + "google/api/field_behavior.proto")},
          {"google/api/field_info.proto", kFieldInfo},
          {"mcp/bridge/v1/options.proto", ReadFile(protos + "mcp/bridge/v1/options.proto")}};
}

// The cells of a row whose first one is code, without their backticks; none of any other line.
Cells ReadRow(std::string line) {
  if (!line.starts_with("| `")) return {};
  Replace(&line, "\\|", "\x01");
  Cells cells;
  std::istringstream rest(line.substr(1));
  for (std::string cell; std::getline(rest, cell, '|');) {
    Replace(&cell, "\x01", "|");
    const size_t first = cell.find_first_not_of(' ');
    if (first == std::string::npos) {
      cells.emplace_back();
      continue;
    }
    cell = cell.substr(first, cell.find_last_not_of(' ') + 1 - first);
    const size_t quotes = cell.starts_with("`` ") ? 3 : cell.starts_with('`') ? 1 : 0;
    cell = cell.substr(quotes, cell.size() - 2 * quotes);
    cells.push_back(cell);
  }
  return cells;
}

std::string WriteRow(const Cells& cells) {
  std::string line = "|";
  for (std::string cell : cells) {
    Replace(&cell, "|", "\\|");
    const bool has_quote = cell.find('`') != std::string::npos;
    line += cell.empty() ? " |" : has_quote ? " `` " + cell + " `` |" : " `" + cell + "` |";
  }
  return line;
}

// The n-th ```proto block of the page: what its rows refer to.
std::string ReadBlock(const std::string& page, int number) {
  constexpr std::string_view kFence = "```proto\n";
  size_t begin = 0;
  for (int i = 0; i < number; ++i) {
    begin = page.find(kFence, begin);
    if (begin == std::string::npos) throw std::runtime_error("a block is missing");
    begin += kFence.size();
  }
  return page.substr(begin, page.find("```", begin) - begin);
}

std::string ToHex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(byte);
    if (!text.empty()) text += ' ';
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

bool IsHex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789ABCDEF ") == std::string_view::npos;
}

std::string FromHex(const std::string& text) {
  std::string bytes;
  std::istringstream numbers(text);
  for (unsigned byte = 0; numbers >> std::hex >> byte;) bytes += static_cast<char>(byte);
  return bytes;
}

// A message with the members of a row, and its conversions; or a method of such messages:
// "rpc (Row) returns (stream Row); int32 f = 1;".
class RowMessage {
 public:
  RowMessage(const std::string& page, std::string members) {
    std::string service;
    if (members.starts_with(kRpc)) {
      const size_t end = members.find(';') + 1;
      service = "service S { rpc Do" + members.substr(kRpc.size(), end - kRpc.size()) + "}";
      members.erase(0, end);
    }
    constexpr std::string_view kProto2 = "proto2 ";
    const bool proto2 = members.starts_with(kProto2);
    if (proto2) members.erase(0, kProto2.size());
    const std::string block = ReadBlock(page, proto2 ? 2 : 1);
    const size_t head = block.find(';') + 1;
    auto files = OptionFiles();
    files["row.proto"] = block.substr(0, head) + kImports + block.substr(head) + "message Row {" +
                         members + "}" + service;
    graph_ = descriptor::BuildOrThrow(descriptor::ProtoSource(files).Compile("row.proto"));
    message_ = graph_->FindMessage("Row");
    codec_ = transcode::Codec::Make(graph_);
    plan_ = codec_->Compile(*message_);
    if (!service.empty()) method_ = graph_->services().front().methods.data();
  }

  schema::Tool Tool() const { return schema::MakeTool(*method_); }
  bool ToStream(const std::string& json, transcode::StreamArguments* stream,
                std::string* refusal) const {
    transcode::CodecError error;
    int repairs = 0;
    if (transcode::StreamArgumentsToWire({*codec_, *plan_, descriptor::StreamingOf(*method_)}, json,
                                         {.repairs = &repairs}, stream, &error)) {
      return true;
    }
    *refusal = error.path + ": " + error.message;
    return false;
  }
  // Of a service that answers each message with the same, or all of them with the last.
  std::string ToResult(const transcode::StreamArguments& stream) const {
    if (!method_->server_streaming) {
      const size_t count = stream.ends.size();
      return ToJson(count == 0 ? "" : std::string(stream.message(count - 1)));
    }
    std::string json;
    for (size_t i = 0; i < stream.ends.size(); ++i) {
      json += (i == 0 ? "" : ",") + ToJson(std::string(stream.message(i)));
    }
    return "{\"messages\":[" + json + "]}";
  }

  // Of the only property; of all of them if there are several.
  std::string Schema(schema::SchemaProfile profile = schema::SchemaProfile::kPortable) const {
    const auto schema =
        nlohmann::ordered_json::parse(schema::InputSchema(*message_, {.profile = profile}));
    const auto& properties = schema["properties"];
    if (properties.empty()) return "";
    return properties.size() == 1 ? properties.front().dump() : properties.dump();
  }

  bool ToWire(const std::string& json, std::string* wire, std::string* refusal) const {
    transcode::CodecError error;
    int repairs = 0;
    transcode::ParseOptions options;
    options.repairs = &repairs;
    if (codec_->ArgumentsToWire(*plan_, json, wire, &error, options)) return true;
    *refusal = error.path + ": " + error.message;
    return false;
  }

  std::string ToJson(const std::string& wire,
                     descriptor::ZeroValues values = descriptor::ZeroValues::kNone) const {
    const auto codec =
        transcode::Codec::Make(graph_, {}, transcode::ArgumentForm::kProtoJson, values);
    transcode::CodecError error;
    std::string json;
    if (codec->WireToStructured(*codec->CompileAnswer(*message_), wire, &json, &error)) return json;
    return error.path + ": " + error.message;
  }

 private:
  std::shared_ptr<const descriptor::Graph> graph_;
  const descriptor::Message* message_ = nullptr;
  const descriptor::Method* method_ = nullptr;
  std::shared_ptr<const transcode::Codec> codec_;
  const transcode::Plan* plan_ = nullptr;
};

// The row of a method as it has to be: its schemas; or arguments, the messages that are sent, the
// limit, and the result; or arguments and their refusal.
Cells ConvertStream(const RowMessage& method, const Cells& row) {
  if (row.size() == 3 && row[1].starts_with(R"({"type":)")) {
    const schema::Tool tool = method.Tool();
    return {row[0], tool.input_schema, tool.output_schema};
  }
  transcode::StreamArguments stream;
  std::string refusal;
  const bool converted = method.ToStream(row[1], &stream, &refusal);
  if (row.size() == 3) return {row[0], row[1], converted ? "converted" : refusal};
  if (!converted) return {row[0], row[1], "refused", refusal, ""};
  std::string wire;
  for (size_t i = 0; i < stream.ends.size(); ++i) {
    const std::string_view message = stream.message(i);
    wire += (i == 0 ? "" : ", ") + (message.empty() ? "empty" : ToHex(message));
  }
  std::string limit;
  if (stream.max_messages) {
    limit = std::to_string(*stream.max_messages) +
            (*stream.max_messages == 1 ? " message" : " messages");
  }
  if (stream.max_seconds) {
    limit += (limit.empty() ? "" : " or ") + std::to_string(*stream.max_seconds) + " s";
  }
  return {row[0], row[1], wire, limit, method.ToResult(stream)};
}

// The row as it has to be: members, schema, JSON in, wire, JSON out; or members, JSON in, refusal;
// or members, wire, JSON out; or members and the schema in each profile; or members, wire, and JSON
// out with each kind of zero values.
Cells Convert(const std::string& page, const Cells& row) {
  const RowMessage message(page, row[0]);
  if (row[0].starts_with(kRpc)) return ConvertStream(message, row);
  if (row.size() == 4) {
    Cells cells = {row[0]};
    for (const auto profile : kProfiles) cells.push_back(message.Schema(profile));
    return cells;
  }
  if (row.size() == 6) {
    Cells cells = {row[0], row[1]};
    for (const auto values : kZeroValues) cells.push_back(message.ToJson(FromHex(row[1]), values));
    return cells;
  }
  if (row.size() == 3 && IsHex(row[1])) return {row[0], row[1], message.ToJson(FromHex(row[1]))};
  const std::string& json = row.size() == 3 ? row[1] : row[2];
  std::string wire;
  std::string refusal;
  const bool converted = message.ToWire(json, &wire, &refusal);
  if (row.size() == 3) return {row[0], json, converted ? "converted" : refusal};
  if (!converted) return {row[0], message.Schema(), json, "refused", refusal};
  return {row[0], message.Schema(), json, ToHex(wire), message.ToJson(wire)};
}

TEST(ConversionPage, EveryRowIsWhatTheCodeDoes) {
  const std::string page = ReadFile(kPage);
  std::string updated;
  size_t rows = 0;
  std::istringstream lines(page);
  for (std::string line; std::getline(lines, line); updated += line + "\n") {
    const Cells row = ReadRow(line);
    if (row.empty()) continue;
    ASSERT_TRUE(row.size() >= 3 && row.size() <= 6) << line;
    ++rows;
    const std::string right = WriteRow(Convert(page, row));
    EXPECT_EQ(line, right);
    line = right;
  }
  EXPECT_GE(rows, 80u);
  if (std::getenv("CONVERSION_UPDATE") != nullptr) std::ofstream(kPage) << updated;
}

}  // namespace
}  // namespace bridge
