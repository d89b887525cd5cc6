#include "tests/support/bridge_process.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

namespace bridge::testing {
namespace {

using nlohmann::json;

int Connect(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval timeout{.tv_sec = 30, .tv_usec = 0};
  setsockopt(socket_fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    close(socket_fd);
    return -1;
  }
  return socket_fd;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Head of an answer: status and headers. False until the head is whole.
bool ParseHead(const std::string& bytes, HttpAnswer* answer, size_t* body_at) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  *body_at = end + 4;
  answer->status = std::atoi(bytes.c_str() + 9);
  size_t at = bytes.find("\r\n") + 2;
  while (at < end + 2) {
    const size_t line_end = bytes.find("\r\n", at);
    const size_t colon = bytes.find(':', at);
    answer->headers[Lower(bytes.substr(at, colon - at))] =
        bytes.substr(colon + 2, line_end - colon - 2);
    at = line_end + 2;
  }
  return true;
}

HttpAnswer ReadAnswer(int socket_fd) {
  HttpAnswer answer;
  std::string bytes;
  char buffer[16384];
  size_t body_at = 0;
  bool head = false;
  size_t length = 0;
  while (true) {
    if (!head && ParseHead(bytes, &answer, &body_at)) {
      head = true;
      const auto found = answer.headers.find("content-length");
      length = found == answer.headers.end() ? 0 : std::stoul(found->second);
    }
    if (head && bytes.size() >= body_at + length) break;
    const ssize_t got = recv(socket_fd, buffer, sizeof(buffer), 0);
    if (got <= 0) break;
    bytes.append(buffer, static_cast<size_t>(got));
  }
  if (head) answer.body = bytes.substr(body_at, length);
  return answer;
}

std::string RequestText(const std::string& method, const std::string& path,
                        const std::vector<std::string>& headers, const std::string& body) {
  std::string text = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const std::string& header : headers) text += header + "\r\n";
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

std::vector<std::string> ModernHeaders(const std::string& method, const json& params) {
  std::vector<std::string> headers = {"Content-Type: application/json",
                                      "MCP-Protocol-Version: 2026-07-28", "Mcp-Method: " + method};
  if (method == "tools/call") headers.push_back("Mcp-Name: " + params["name"].get<std::string>());
  return headers;
}

json ModernBody(const std::string& method, json params) {
  params["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2026-07-28";
  params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json::object();
  return {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(params)}};
}

}  // namespace

HttpAnswer Fetch(int port, const std::string& method, const std::string& path,
                 const std::vector<std::string>& headers, const std::string& body) {
  OpenRequest request(port, RequestText(method, path, headers, body));
  return request.Read();
}

OpenRequest::OpenRequest(int port, const std::string& text) : socket_(Connect(port)) {
  if (socket_ >= 0) Send(text);
}

void OpenRequest::Send(const std::string& text) {
  EXPECT_EQ(send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

OpenRequest::~OpenRequest() {
  Close();
}

void OpenRequest::Close() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

HttpAnswer OpenRequest::Read() {
  return socket_ < 0 ? HttpAnswer() : ReadAnswer(socket_);
}

std::string ModernCall(const std::string& tool, const json& arguments,
                       const std::vector<std::string>& extra_headers, const json& extra_meta) {
  const json params = {{"name", tool}, {"arguments", arguments}, {"_meta", extra_meta}};
  std::vector<std::string> headers = ModernHeaders("tools/call", params);
  headers.insert(headers.end(), extra_headers.begin(), extra_headers.end());
  return RequestText("POST", "/mcp", headers, ModernBody("tools/call", params).dump());
}

std::string BridgeBinary() {
  return BRIDGE_BINARY;
}

BridgeProcess::BridgeProcess(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& environment) {
  std::vector<std::string> words = {BridgeBinary(), "serve",   "--listen",
                                    "127.0.0.1:0",  "--admin", "127.0.0.1:0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  process_ = std::make_unique<ChildProcess>(std::move(words), environment);
  const std::string line = process_->ReadLine();
  const int read_fields = std::sscanf(
      line.c_str(), "ready mcp=http://127.0.0.1:%d/mcp admin=http://127.0.0.1:%d tools=%d",
      &mcp_port_, &admin_port_, &tools_);
  EXPECT_EQ(read_fields, 3) << "no ready line but: " << line;
}

BridgeProcess::~BridgeProcess() {
  if (process_ != nullptr) Stop(SIGTERM);
}

json BridgeProcess::Call(const std::string& tool, const json& arguments) const {
  OpenRequest request(mcp_port_, ModernCall(tool, arguments));
  return request.Read().Json();
}

HttpAnswer BridgeProcess::Modern(const std::string& method, json params) const {
  const std::vector<std::string> headers = ModernHeaders(method, params);
  return Fetch(mcp_port_, "POST", "/mcp", headers, ModernBody(method, std::move(params)).dump());
}

int BridgeProcess::Stop(int signal) {
  process_->Signal(signal);
  const int ended = process_->Wait();
  process_.reset();
  return ended;
}

}  // namespace bridge::testing
