#include "bridge/app/health.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "bridge/base/status_macros.h"

namespace bridge::app {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{2};
constexpr size_t kMaxAnswerBytes = 64 * 1024;

// Sends `request` and takes what comes until the peer closes.
absl::StatusOr<std::string> Converse(const tcp::endpoint& peer, const std::string& request) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  std::string answer;
  boost::system::error_code end = boost::asio::error::timed_out;
  socket.async_connect(peer, [&](boost::system::error_code error) {
    // A few bytes, which the socket takes at once.
    if (!error) boost::asio::write(socket, boost::asio::buffer(request), error);
    if (error) {
      end = error;
      return;
    }
    boost::asio::async_read(socket, boost::asio::dynamic_buffer(answer, kMaxAnswerBytes),
                            [&end](boost::system::error_code read, size_t) { end = read; });
  });
  io.run_for(kPatience);
  if (end && end != boost::asio::error::eof) return absl::UnavailableError(end.message());
  return answer;
}

// The answer's body when the status is 200.
absl::StatusOr<std::string> Ask(const Endpoint& admin, const std::string& path) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(admin.host, error);
  if (error) return absl::InvalidArgumentError("\"" + admin.host + "\" is no IP address");
  ASSIGN_OR_RETURN(const std::string answer,
                   Converse({address, admin.port}, "GET " + path +
                                                       " HTTP/1.1\r\nHost: localhost\r\n"
                                                       "Connection: close\r\n\r\n"));
  const size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || body == std::string::npos) {
    return absl::UnavailableError("no answer in HTTP");
  }
  if (!answer.starts_with("HTTP/1.1 200 ")) {
    return absl::UnavailableError(answer.substr(9, 3) + ", " + answer.substr(body + 4));
  }
  return answer.substr(body + 4);
}

}  // namespace

int CheckHealth(const HealthOptions& options) {
  const std::string path = options.ready ? "/readyz" : "/livez";
  const absl::StatusOr<std::string> answer = Ask(options.admin, path);
  if (answer.ok()) {
    std::cout << *answer << std::flush;
    return 0;
  }
  std::string problem(answer.status().message());
  if (!problem.ends_with('\n')) problem.push_back('\n');
  std::cerr << "grpc-mcp-bridge health: " << options.admin.host << ':' << options.admin.port << path
            << ": " << problem << std::flush;
  return 1;
}

}  // namespace bridge::app
