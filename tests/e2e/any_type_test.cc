// An answer holds an Any of a type that no service of the upstream imports.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "grpc/reflection/v1/reflection.pb.h"
#include "tests/support/bridge_process.h"
#include "tests/support/described_server.h"

namespace bridge::testing {
namespace {

using ::google::protobuf::FieldDescriptorProto;
using ::google::protobuf::FileDescriptorProto;
using nlohmann::json;

void AddField(FileDescriptorProto* file, const std::string& message, const std::string& field,
              FieldDescriptorProto::Type type, const std::string& type_name = "") {
  auto* declared = file->add_message_type();
  declared->set_name(message);
  auto* added = declared->add_field();
  added->set_name(field);
  added->set_json_name(field);
  added->set_number(1);
  added->set_label(FieldDescriptorProto::LABEL_OPTIONAL);
  added->set_type(type);
  if (!type_name.empty()) added->set_type_name(type_name);
}

// Service s.Store: Get takes and returns Box{google.protobuf.Any content = 1}.
FileDescriptorProto Store() {
  FileDescriptorProto file;
  file.set_name("store.proto");
  file.set_package("s");
  file.set_syntax("proto3");
  AddField(&file, "Box", "content", FieldDescriptorProto::TYPE_MESSAGE, ".google.protobuf.Any");
  AddField(&file, "Wish", "type", FieldDescriptorProto::TYPE_STRING);
  auto* service = file.add_service();
  service->set_name("Store");
  auto* get = service->add_method();
  get->set_name("Get");
  get->set_input_type(".s.Wish");
  get->set_output_type(".s.Box");
  auto* put = service->add_method();
  put->set_name("Put");
  put->set_input_type(".s.Box");
  put->set_output_type(".s.Box");
  return file;
}

FileDescriptorProto Event() {
  FileDescriptorProto file;
  file.set_name("event.proto");
  file.set_package("e");
  file.set_syntax("proto3");
  AddField(&file, "Event", "sku", FieldDescriptorProto::TYPE_STRING);
  return file;
}

// Get: a Box with an Any of the type that was asked for, whose field 1 is "x". Put: what came.
Answer Serve(const Received& call) {
  if (call.path.ends_with("/Put")) return {.response = call.request};
  const std::string url = "type.googleapis.com/" + call.request.substr(2);
  return {.response = EncodeText(EncodeText(url) + std::string("\x12\x03\x0a\x01x", 5))};
}

json Content(const BridgeProcess& bridge, const std::string& type) {
  return bridge.Call("Store_Get", {{"type", type}})["result"]["structuredContent"]["content"];
}

bool Eventually(const std::function<bool()>& so) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    if (so()) return true;
    std::this_thread::yield();
  }
  return false;
}

TEST(B10AnyType, IsAskedForAndKnownFromThenOn) {
  const std::unique_ptr<GenericServer> server(StartDescribedServer({Store(), Event()}, Serve));
  const BridgeProcess bridge({"store=" + server->target()});
  const std::string url = "type.googleapis.com/e.Event";
  const json opaque = {{"@type", url}, {"value", "CgF4"}};
  const json decoded = {{"@type", url}, {"sku", "x"}};
  EXPECT_EQ(Content(bridge, "e.Event"), opaque);
  EXPECT_TRUE(Eventually([&] { return Content(bridge, "e.Event") == decoded; }));
  const json put = bridge.Call("Store_Put", {{"content", decoded}});
  EXPECT_EQ(put["result"]["structuredContent"]["content"], decoded);
}

// The names that `server` was asked for by symbol.
std::set<std::string> AskedSymbols(const GenericServer& server) {
  std::set<std::string> symbols;
  for (const Received& received : server.received()) {
    ::grpc::reflection::v1::ServerReflectionRequest request;
    if (received.path.find("ServerReflection") == std::string::npos) continue;
    if (!request.ParseFromString(received.request)) continue;
    const std::string& symbol = request.file_containing_symbol();
    if (symbol.starts_with("s.") || symbol.starts_with("h.")) symbols.insert(symbol);
  }
  return symbols;
}

TEST(B10AnyType, AnUpstreamCannotMakeTheBridgeAskForEver) {
  const std::unique_ptr<GenericServer> server(StartDescribedServer({Store(), Event()}, Serve));
  const BridgeProcess bridge({"store=" + server->target()});
  for (int i = 0; i < 300; ++i) Content(bridge, "h.T" + std::to_string(i));
  for (const char* illegal : {"h..T", "h/T", "-", "h.T\n"}) Content(bridge, illegal);
  EXPECT_TRUE(Eventually([&] { return AskedSymbols(*server).contains("h.T1"); }));
  EXPECT_TRUE(Eventually([&] { return AskedSymbols(*server).size() >= 101; }));
  const std::set<std::string> asked = AskedSymbols(*server);
  EXPECT_EQ(asked.size(), 101u);  // the service, and the first hundred
  EXPECT_FALSE(asked.contains("h.T100"));
  EXPECT_EQ(bridge.tools(), 2);
  EXPECT_EQ(Content(bridge, "h.T0")["value"], "CgF4");
}

}  // namespace
}  // namespace bridge::testing
