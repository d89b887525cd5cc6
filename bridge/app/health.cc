#include "bridge/app/health.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"

namespace bridge::app {
namespace {

using boost::asio::ip::tcp;

constexpr std::chrono::seconds kPatience{2};
constexpr size_t kMaxAnswerBytes = 64 * 1024;

// The answer's body when the status is 200.
absl::StatusOr<std::string> Ask(const Endpoint& admin, const std::string& path) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(admin.host, error);
  if (error) return absl::InvalidArgumentError("\"" + admin.host + "\" is no IP address");
  tcp::iostream stream;
  stream.expires_after(kPatience);
  stream.connect(tcp::endpoint(address, admin.port));
  stream << "GET " << path << " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
         << std::flush;
  std::string answer;
  for (char c = 0; answer.size() < kMaxAnswerBytes && stream.get(c);) answer.push_back(c);
  const size_t body = answer.find("\r\n\r\n");
  if (!answer.starts_with("HTTP/1.1 ") || body == std::string::npos) {
    return absl::UnavailableError(stream.error() && stream.error() != boost::asio::error::eof
                                      ? stream.error().message()
                                      : "no answer in HTTP");
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
