#include "server/process.h"

#include <absl/synchronization/mutex.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <signal.h>

#include <chrono>
#include <iostream>

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

}  // namespace

Process::Process(std::string_view service_name) : tracing_(BlockEndSignals(service_name)) {}

int Process::Serve(const std::string& listen, const std::map<std::string, grpc::Service*>& services,
                   const std::function<void()>& stop) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(listen, grpc::InsecureServerCredentials(), &port);
  // Two services at one port would each get half of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetResourceQuota(grpc::ResourceQuota().SetMaxThreads(kMaxThreads));
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  for (const auto& [name, service] : services) builder.RegisterService(service);
  tracing_.Install(&builder);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    std::cerr << "cannot listen at " << listen << ": is the port in use?\n";
    stop();
    return 1;
  }
  for (const auto& [name, service] : services) {
    server->GetHealthCheckService()->SetServingStatus(name, true);
  }
  std::cout << "ready grpc=" << listen.substr(0, listen.rfind(':')) << ':' << port << std::endl;

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
