// shop-shipping: what it costs to send a parcel, and where one is.
#include <CLI/CLI.hpp>

#include "server/process.h"
#include "server/shipping/service.h"

int main(int argc, char** argv) {
  CLI::App app("The parcels of the example shop.");
  server::ListenOptions listen{"127.0.0.1:50065"};
  server::AddListenOptions(&app, &listen);
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-shipping");
  server::shipping::ShippingService service;
  return process.Serve(listen,
                       {{server::shipping::pb::ShippingService::service_full_name(), &service}});
}
