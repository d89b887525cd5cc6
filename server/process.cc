#include "server/process.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>
#include <grpcpp/impl/server_builder_plugin.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <vector>

#include "server/tokens.h"

namespace server {
namespace {

constexpr int kMaxThreads = 256;
constexpr int kMaxMessageBytes = 4 << 20;
constexpr std::chrono::seconds kDrainTime{10};

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

// All threads, gRPC's included, inherit the mask, so that only sigwait sees the signals.
std::string_view BlockEndSignals(std::string_view service_name) {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // Debian's Abseil aborts at a cycle of locks, and gRPC has harmless ones.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  return service_name;
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Takes away what InitProtoReflectionServerBuilderPlugin adds to every server.
class WithoutReflection final : public grpc::ServerBuilderOption {
  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins,
                  [](const auto& plugin) { return plugin->name() == "proto_server_reflection"; });
  }
};

std::shared_ptr<grpc::ServerCredentials> Credentials(const ListenOptions& listen) {
  if (listen.certificate_file.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions tls(
      listen.client_ca_file.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                                    : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_key_cert_pairs.push_back({ReadFile(listen.key_file), ReadFile(listen.certificate_file)});
  if (!listen.client_ca_file.empty()) tls.pem_root_certs = ReadFile(listen.client_ca_file);
  auto credentials = grpc::SslServerCredentials(tls);
  if (!listen.token_file.empty()) {
    credentials->SetAuthMetadataProcessor(
        std::make_shared<Tokens>(FirstLine(ReadFile(listen.token_file))));
  }
  return credentials;
}

}  // namespace

Process::Process(std::string_view service_name) : tracing_(BlockEndSignals(service_name)) {}

void AddListenOptions(CLI::App* app, ListenOptions* options) {
  app->add_option("--listen", options->address,
                  "HOST:PORT to serve gRPC at; port 0 takes a free one")
      ->capture_default_str();
  CLI::Option* const certificate =
      app->add_option("--tls-cert", options->certificate_file,
                      "PEM file of a certificate: TLS instead of plaintext")
          ->check(CLI::ExistingFile);
  CLI::Option* const key = app->add_option("--tls-key", options->key_file, "PEM file of its key")
                               ->check(CLI::ExistingFile)
                               ->needs(certificate);
  certificate->needs(key);
  app->add_option("--tls-client-ca", options->client_ca_file,
                  "PEM file: clients need a certificate of this authority")
      ->check(CLI::ExistingFile)
      ->needs(certificate);
  app->add_option("--token-file", options->token_file,
                  "file of a token that every call has to carry as \"authorization: Bearer ...\"")
      ->check(CLI::ExistingFile)
      ->needs(certificate);
  app->add_flag("!--no-reflection", options->reflection, "do not describe itself");
}

int Process::Serve(const ListenOptions& listen,
                   const std::map<std::string, grpc::Service*>& services,
                   const std::function<void()>& stop) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen.address, Credentials(listen), &port);
  if (!listen.reflection) builder.SetOption(std::make_unique<WithoutReflection>());
  // Two services at one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetResourceQuota(grpc::ResourceQuota().SetMaxThreads(kMaxThreads));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  for (const auto& [name, service] : services) builder.RegisterService(service);
  tracing_.Install(&builder);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::cerr << "cannot listen at " << listen.address
              << ": is the port in use, are certificate and key what they should be?\n";
    stop();
    return 1;
  }
  for (const auto& [name, service] : services) {
    server->GetHealthCheckService()->SetServingStatus(name, true);
  }
  std::cout << "ready grpc=" << listen.address.substr(0, listen.address.rfind(':')) << ':' << port
            << std::endl;

  const sigset_t signals = EndSignals();
  int number = 0;
  sigwait(&signals, &number);
  server->GetHealthCheckService()->Shutdown();
  stop();
  server->Shutdown(std::chrono::system_clock::now() + kDrainTime);
  server->Wait();
  return 0;
}

}  // namespace server
