// shop-payments: takes the money of the customers.
#include <CLI/CLI.hpp>
#include <string>

#include "server/payments/service.h"
#include "server/process.h"

int main(int argc, char** argv) {
  CLI::App app("The payments of the example shop.");
  std::string listen = "127.0.0.1:50062";
  app.add_option("--listen", listen, "HOST:PORT to serve gRPC at; port 0 takes a free one")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-payments");
  server::payments::PaymentService service;
  return process.Serve(listen,
                       {{server::payments::pb::PaymentService::service_full_name(), &service}});
}
