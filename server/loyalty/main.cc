// shop-loyalty: the points that customers collect.
#include <CLI/CLI.hpp>

#include "server/loyalty/service.h"
#include "server/process.h"

int main(int argc, char** argv) {
  CLI::App app("The points that customers of the example shop collect.");
  server::ListenOptions listen{"127.0.0.1:50064"};
  server::AddListenOptions(&app, &listen);
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-loyalty");
  server::loyalty::LoyaltyService service;
  return process.Serve(listen,
                       {{server::loyalty::pb::LoyaltyService::service_full_name(), &service}});
}
