// Collectors for tests: real servers on loopback that answer each export as the test says.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "bridge/telemetry/otlp_options.h"
#include "otlp/trace_service.pb.h"

namespace bridge::telemetry {

namespace otlp = ::opentelemetry::proto::collector::trace::v1;

struct Answer {
  enum class Kind : uint8_t { kAccept, kPartial, kRetry, kThrottle, kRefuse, kHang, kDisconnect };

  Kind kind = Kind::kAccept;
  int rejected_spans = 0;  // kPartial
};

struct Received {
  otlp::ExportTraceServiceRequest request;
  std::map<std::string, std::string> headers;  // with ":peer", the connection; HTTP: and ":path"
};

// What both kinds of server share. Any thread.
class Collector {
 public:
  virtual ~Collector() = default;
  // Options that export to it; over TLS if it was made with a certificate.
  virtual OtlpOptions Options() const = 0;

  // The next requests are answered so, then accepted.
  void Expect(std::vector<Answer> answers);
  // Blocks until that many requests arrived, and returns all.
  std::vector<Received> WaitForRequests(size_t count);
  std::vector<Received> Requests() { return WaitForRequests(0); }

 protected:
  Answer Record(Received received);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Answer> answers_;
  std::vector<Received> received_;
};

struct Certificate {
  std::string certificate_pem, key_pem;
};
// Self-signed, for "localhost" and 127.0.0.1.
Certificate MakeCertificate();

// `certificate`: serves TLS with it; may be null.
std::unique_ptr<Collector> StartGrpcCollector(const Certificate* certificate = nullptr);
std::unique_ptr<Collector> StartHttpCollector(const Certificate* certificate = nullptr);

// An endpoint of 127.0.0.1 nobody listens on.
int FindUnusedPort();

std::vector<std::string> SpanNames(const std::vector<Received>& requests);

}  // namespace bridge::telemetry
