// HTTP proxies that the environment names (http_proxy and its like).
#pragma once

#include <string>
#include <string_view>

namespace bridge::app {

// gRPC and libcurl send through such a proxy of themselves, loopback too, with the credentials in
// its address. Unless `use` is true they never learn of it. What is used or ignored is logged.
//
// For all of the process; before any thread is started.
void SettleProxies(bool use);

// "proxy.example:3128" of "http://user:password@proxy.example:3128/".
std::string WithoutCredentials(std::string_view proxy);

}  // namespace bridge::app
