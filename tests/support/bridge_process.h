// The real bridge as a process of its own, and a plain HTTP client on real sockets to talk to it.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/support/child_process.h"

namespace bridge::testing {

struct HttpAnswer {
  int status = 0;                              // 0: the connection ended without an answer
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;

  nlohmann::json Json() const { return nlohmann::json::parse(body, nullptr, false); }
};

// One request on a connection of its own. `headers` are whole lines without CRLF.
HttpAnswer Fetch(int port, const std::string& method, const std::string& path,
                 const std::vector<std::string>& headers = {}, const std::string& body = "");

// A connection that has sent a request and goes away with its destruction, or by Close.
class OpenRequest final {
 public:
  OpenRequest(int port, const std::string& text);
  // One more request, after the answer to the one before.
  void Send(const std::string& text);
  ~OpenRequest();
  OpenRequest(const OpenRequest&) = delete;
  OpenRequest& operator=(const OpenRequest&) = delete;
  void Close();
  HttpAnswer Read();

 private:
  int socket_;
};

// The text of a tools/call of the modern era with its mirrored headers.
std::string ModernCall(const std::string& tool, const nlohmann::json& arguments,
                       const std::vector<std::string>& extra_headers = {},
                       const nlohmann::json& extra_meta = nlohmann::json::object());

// The path of the program.
std::string BridgeBinary();

class BridgeProcess final {
 public:
  // Starts `grpc-mcp-bridge serve` on free ports with these further arguments and waits for the
  // ready line; the test fails if it does not come.
  explicit BridgeProcess(const std::vector<std::string>& arguments,
                         const std::vector<std::string>& environment = {});
  // Ends it by SIGTERM if it still runs.
  ~BridgeProcess();

  int mcp_port() const { return mcp_port_; }
  int admin_port() const { return admin_port_; }
  int tools() const { return tools_; }

  // A tools/call of the modern era; the JSON-RPC message that came back.
  nlohmann::json Call(const std::string& tool, const nlohmann::json& arguments) const;
  // Any other modern request.
  HttpAnswer Modern(const std::string& method,
                    nlohmann::json params = nlohmann::json::object()) const;

  // Sends the signal and waits for the end; the exit code, or minus the signal if it was killed.
  int Stop(int signal);
  ChildProcess& process() { return *process_; }

 private:
  std::unique_ptr<ChildProcess> process_;
  int mcp_port_ = 0;
  int admin_port_ = 0;
  int tools_ = 0;
};

}  // namespace bridge::testing
