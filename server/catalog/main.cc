// shop-catalog: what the shop sells, and how much of it is in stock.
#include <CLI/CLI.hpp>

#include "server/catalog/service.h"
#include "server/process.h"

int main(int argc, char** argv) {
  CLI::App app("The catalog of the example shop: products, categories and stock.");
  server::ListenOptions listen{"127.0.0.1:50061"};
  server::AddListenOptions(&app, &listen);
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-catalog");
  server::catalog::CatalogService service;
  return process.Serve(listen,
                       {{server::catalog::pb::CatalogService::service_full_name(), &service}});
}
