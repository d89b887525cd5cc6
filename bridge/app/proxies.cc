#include "bridge/app/proxies.h"

#include <cstdlib>

#include "bridge/telemetry/log.h"

namespace bridge::app {
namespace {

// What gRPC or libcurl reads.
constexpr const char* kVariables[] = {"grpc_proxy",  "https_proxy", "http_proxy",
                                      "HTTPS_PROXY", "all_proxy",   "ALL_PROXY"};

}  // namespace

std::string WithoutCredentials(std::string_view proxy) {
  if (const size_t scheme = proxy.find("://"); scheme != proxy.npos) {
    proxy.remove_prefix(scheme + 3);
  }
  proxy = proxy.substr(0, proxy.find_first_of("/?#"));
  return std::string(proxy.substr(proxy.rfind('@') + 1));  // npos + 1 is 0
}

void SettleProxies(bool use) {
  for (const char* variable : kVariables) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    telemetry::Log(telemetry::LogLevel::kInfo, "app",
                   use ? "a proxy of the environment is used"
                       : "a proxy of the environment is ignored; --use-proxy uses it",
                   {{"variable", variable}, {"proxy", WithoutCredentials(value)}});
    if (!use) unsetenv(variable);
  }
}

}  // namespace bridge::app
