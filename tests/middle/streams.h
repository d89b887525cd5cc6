// Calls of tools whose methods stream, in front of a fake service and a fake clock.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "tests/middle/fake_timer.h"
#include "tests/middle/middle.h"

namespace bridge::mcp {

inline constexpr char kStreamMethods[] = R"(
    rpc Watch(Key) returns (stream Order) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc Load(stream Order) returns (Order);
    rpc Talk(stream Key) returns (stream Order);)";

class Stream : public Middle {
 protected:
  Stream() { Configure({}); }
  ~Stream() override {
    while (!upstream::StreamsUnderWay().empty()) upstream::StreamsUnderWay()[0]->EndCancelled();
  }

  void Configure(const StreamLimits& limits, size_t budget = 64u << 20) {
    ServerOptions options;
    options.stream = limits;
    Restart(std::move(options), budget);
    server_->Publish(MakeSurface(kStreamMethods));
  }

  // Of a client that reads an event stream.
  Asked& Watch(const std::string& arguments = "{}", const std::string& token = "",
               std::string_view session = "") {
    const std::string meta = token.empty() ? "" : R"("_meta":{"progressToken":)" + token + "},";
    return Ask(R"({"id":1,"method":"tools/call","params":{)" + meta +
                   R"("name":"Orders_Watch","arguments":)" + arguments + "}}",
               session.empty() ? kModern : kLegacy, session, nullptr, /*streams=*/true);
  }

  static upstream::StreamCall& Service(size_t index = 0) {
    return *upstream::StreamsUnderWay().at(index);
  }
  static size_t CountStreams() { return upstream::StreamsUnderWay().size(); }
};

}  // namespace bridge::mcp
