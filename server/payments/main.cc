// shop-payments: takes the money of the customers.
#include <CLI/CLI.hpp>

#include "server/payments/service.h"
#include "server/process.h"

int main(int argc, char** argv) {
  CLI::App app("The payments of the example shop.");
  server::ListenOptions listen{"127.0.0.1:50062"};
  server::AddListenOptions(&app, &listen);
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-payments");
  server::payments::PaymentService service;
  return process.Serve(listen,
                       {{server::payments::pb::PaymentService::service_full_name(), &service}});
}
