// shop-orders: the customers' orders. Calls the catalog and the payments.
#include <CLI/CLI.hpp>
#include <chrono>
#include <string>

#include "server/orders/fulfilment.h"
#include "server/orders/operations.h"
#include "server/orders/peers.h"
#include "server/orders/service.h"
#include "server/orders/store.h"
#include "server/process.h"

int main(int argc, char** argv) {
  CLI::App app("The orders of the example shop.");
  server::ListenOptions listen{"127.0.0.1:50063"};
  std::string catalog = "127.0.0.1:50061";
  std::string payments = "127.0.0.1:50062";
  int step_ms = 2000;
  int export_ms = 100;
  server::AddListenOptions(&app, &listen);
  app.add_option("--catalog", catalog, "HOST:PORT of shop-catalog")->capture_default_str();
  app.add_option("--payments", payments, "HOST:PORT of shop-payments")->capture_default_str();
  app.add_option("--step-ms", step_ms, "milliseconds an order stays placed, packed and shipped")
      ->check(CLI::Range(1, 86'400'000))
      ->capture_default_str();
  app.add_option("--export-ms", export_ms, "milliseconds it takes to export one order")
      ->check(CLI::Range(0, 60'000))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  server::Process process("shop-orders");
  const server::orders::Peers peers{
      shop::catalog::v1::CatalogService::NewStub(process.MakeChannel(catalog)),
      shop::payments::v1::PaymentService::NewStub(process.MakeChannel(payments))};
  server::orders::Store store;
  server::orders::Operations operations;
  server::orders::Fulfilment fulfilment(&store, &peers, std::chrono::milliseconds(step_ms));
  server::orders::OrderService service(&store, &peers, &fulfilment, &operations,
                                       std::chrono::milliseconds(export_ms));
  return process.Serve(listen,
                       {{shop::orders::v1::OrderService::service_full_name(), &service},
                        {google::longrunning::Operations::service_full_name(), &operations}},
                       [&store, &operations, &fulfilment] {
                         store.Stop();
                         operations.Stop();
                         fulfilment.Stop();
                       });
}
