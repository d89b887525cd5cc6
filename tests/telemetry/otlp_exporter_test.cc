#include "bridge/telemetry/otlp_exporter.h"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/support/status.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>

#include "bridge/telemetry/log.h"
#include "bridge/telemetry/options.h"
#include "bridge/telemetry/random_id.h"
#include "bridge/telemetry/ring.h"
#include "bridge/telemetry/tracer.h"
#include "tests/telemetry/collector.h"

namespace bridge::telemetry {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Kind = Answer::Kind;

constexpr hours kNever{24};

SpanBatch MakeSpans(const std::vector<std::string>& names) {
  SpanBatch spans;
  for (const std::string& name : names) {
    auto span = std::make_shared<SpanRecord>();
    span->context.trace_id = MakeTraceId();
    span->context.span_id = MakeSpanId();
    span->name = name;
    spans.push_back(std::move(span));
  }
  return spans;
}

std::shared_ptr<const Resource> MakeResource() {
  return std::make_shared<const Resource>(Resource{{{"service.name", std::string("tested")}}});
}

steady_clock::time_point Later() {
  return steady_clock::now() + seconds(120);
}

// Takes the log while it lives.
class LogCapture {
 public:
  LogCapture() {
    SetLogDescriptor(fileno(file_));
    SetLogLevel(LogLevel::kInfo);
  }
  ~LogCapture() {
    SetLogLevel(LogLevel::kOff);
    SetLogDescriptor(STDERR_FILENO);
    std::fclose(file_);
  }
  // How many lines have this message.
  size_t Count(const std::string& message) const {
    std::string text(1 << 16, '\0');
    text.resize(static_cast<size_t>(pread(fileno(file_), text.data(), text.size(), 0)));
    const std::string member = "\"msg\":\"" + message + "\"";
    size_t count = 0;
    for (size_t at = 0; (at = text.find(member, at)) != std::string::npos; ++at) ++count;
    return count;
  }

 private:
  std::FILE* const file_ = std::tmpfile();
};

// Every test runs over gRPC and over HTTP.
class OtlpExporterTest : public testing::TestWithParam<OtlpOptions::Protocol> {
 protected:
  OtlpExporterTest() { SetLogLevel(LogLevel::kOff); }
  ~OtlpExporterTest() override { SetLogLevel(LogLevel::kInfo); }

  static bool IsGrpc() { return GetParam() == OtlpOptions::Protocol::kGrpc; }
  static std::unique_ptr<Collector> StartCollector(const Certificate* certificate = nullptr) {
    return IsGrpc() ? StartGrpcCollector(certificate) : StartHttpCollector(certificate);
  }
  // Only Flush and full batches send; retries follow at once; nothing times out.
  static OtlpOptions Options(const Collector& collector) {
    OtlpOptions options = collector.Options();
    options.schedule_delay = kNever;
    options.timeout = milliseconds(0);
    options.initial_backoff = milliseconds(1);
    return options;
  }
};

TEST_P(OtlpExporterTest, DeliversWithResourceAndHeaders) {
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  options.headers = {{"api-key", "s e=c"}};
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a", "b"}));
  EXPECT_EQ(exporter.exported_spans(), 0u);
  ASSERT_TRUE(exporter.Flush(Later()));
  const std::vector<Received> requests = collector->Requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(SpanNames(requests), ElementsAre("a", "b"));
  auto headers = requests[0].headers;
  EXPECT_EQ(headers["api-key"], "s e=c");
  EXPECT_THAT(headers["user-agent"], testing::StartsWith("grpc-mcp-bridge/"));
  EXPECT_THAT(headers["user-agent"], HasSubstr("OTel-OTLP-Exporter-Cpp/"));
  if (!IsGrpc()) {
    EXPECT_EQ(headers[":path"], "POST /v1/traces HTTP/1.1");
    EXPECT_EQ(headers["content-type"], "application/x-protobuf");
    EXPECT_EQ(headers.count("expect"), 0u);
  }
  const auto& resource = requests[0].request.resource_spans(0).resource();
  EXPECT_EQ(resource.attributes(0).value().string_value(), "tested");
  EXPECT_EQ(exporter.exported_spans(), 2u);
  EXPECT_EQ(exporter.dropped_spans(), 0u);
}

TEST_P(OtlpExporterTest, FullBatchesLeaveAtOnce) {
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  options.max_batch_spans = 2;
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a", "b", "c", "d", "e"}));
  EXPECT_THAT(SpanNames(collector->WaitForRequests(2)), ElementsAre("a", "b", "c", "d"));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(collector->Requests().size(), 3u);
  EXPECT_EQ(exporter.exported_spans(), 5u);
}

TEST_P(OtlpExporterTest, APartBatchLeavesAfterTheScheduleDelay) {
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  options.schedule_delay = milliseconds(1);
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a"}));
  EXPECT_THAT(SpanNames(collector->WaitForRequests(1)), ElementsAre("a"));
}

TEST_P(OtlpExporterTest, CompressesIfAsked) {
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  options.gzip = true;
  OtlpExporter exporter(options, MakeResource());
  const std::string name(100'000, 'x');
  exporter.Add(MakeSpans({name}));
  ASSERT_TRUE(exporter.Flush(Later()));
  const std::vector<Received> requests = collector->Requests();
  EXPECT_THAT(SpanNames(requests), ElementsAre(name));
  auto headers = requests[0].headers;
  if (!IsGrpc()) {
    EXPECT_EQ(headers["content-encoding"], "gzip");
    EXPECT_LT(std::stoi(headers["content-length"]), 10'000);
  }
  EXPECT_EQ(exporter.exported_spans(), 1u);
}

TEST_P(OtlpExporterTest, EachAnswer) {
  struct Row {
    const char* what;
    std::vector<Answer> answers;
    size_t requests;
    uint64_t exported, dropped;
  };
  const Row rows[] = {
      {"accepted", {{Kind::kAccept}}, 1, 3, 0},
      {"retried until accepted", {{Kind::kRetry}, {Kind::kRetry}, {Kind::kAccept}}, 3, 3, 0},
      {"retried after the time the collector asked for", {{Kind::kThrottle}}, 2, 3, 0},
      {"retried after a broken connection", {{Kind::kDisconnect}}, 2, 3, 0},
      {"refused: never retried", {{Kind::kRefuse}}, 1, 0, 3},
      {"retried, then refused", {{Kind::kRetry}, {Kind::kRefuse}}, 2, 0, 3},
      {"partial: never retried", {{Kind::kPartial, 2}}, 1, 1, 2},
      {"only a warning", {{Kind::kPartial, 0}}, 1, 3, 0},
      {"more rejected than sent", {{Kind::kPartial, 99}}, 1, 0, 3},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const auto collector = StartCollector();
    collector->Expect(row.answers);
    OtlpExporter exporter(Options(*collector), MakeResource());
    exporter.Add(MakeSpans({"a", "b", "c"}));
    ASSERT_TRUE(exporter.Flush(Later()));
    const std::vector<Received> requests = collector->Requests();
    EXPECT_EQ(requests.size(), row.requests);
    for (const Received& request : requests) {
      EXPECT_EQ(request.request.SerializeAsString(), requests[0].request.SerializeAsString());
    }
    EXPECT_EQ(exporter.exported_spans(), row.exported);
    EXPECT_EQ(exporter.dropped_spans(), row.dropped);
    // A failed batch does not stand in the way of the next.
    exporter.Add(MakeSpans({"next"}));
    ASSERT_TRUE(exporter.Flush(Later()));
    EXPECT_EQ(exporter.exported_spans(), row.exported + 1);
  }
}

TEST_P(OtlpExporterTest, GivesUpWhenTheTimeIsUsedUp) {
  const auto collector = StartCollector();
  collector->Expect({{Kind::kRetry}});
  OtlpOptions options = Options(*collector);
  options.timeout = seconds(30);
  options.initial_backoff = options.max_backoff = hours(1);
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(collector->Requests().size(), 1u);
  EXPECT_EQ(exporter.dropped_spans(), 1u);
}

TEST_P(OtlpExporterTest, AHangingCollectorEndsAtTheTimeout) {
  const auto collector = StartCollector();
  collector->Expect({{Kind::kHang}});
  OtlpOptions options = Options(*collector);
  options.timeout = milliseconds(100);
  options.initial_backoff = options.max_backoff = hours(1);
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(exporter.dropped_spans(), 1u);
}

TEST_P(OtlpExporterTest, AfterATimeoutTheNextRequestTakesANewConnection) {
  const auto collector = StartCollector();
  collector->Expect({{Kind::kAccept}, {Kind::kAccept}, {Kind::kHang}});
  OtlpOptions options = Options(*collector);
  options.timeout = seconds(1);
  options.initial_backoff = options.max_backoff = hours(1);
  OtlpExporter exporter(options, MakeResource());
  for (const char* name : {"one", "the same", "none in time", "new"}) {
    exporter.Add(MakeSpans({name}));
    ASSERT_TRUE(exporter.Flush(Later()));
  }
  std::vector<std::string> peers;
  for (const Received& request : collector->WaitForRequests(4)) {
    peers.push_back(request.headers.at(":peer"));
  }
  EXPECT_EQ(peers[0], peers[1]);
  EXPECT_EQ(peers[1], peers[2]);
  EXPECT_NE(peers[2], peers[3]);
  EXPECT_EQ(exporter.dropped_spans(), 1u);
}

TEST_P(OtlpExporterTest, SpansThatComeTooFastAreLogged) {
  const LogCapture log;
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  options.max_batch_spans = options.max_queue_spans = 1;
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a", "b", "c"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(exporter.exported_spans(), 1u);
  EXPECT_EQ(exporter.dropped_spans(), 2u);
  EXPECT_EQ(log.Count("spans were dropped"), 1u);
}

TEST_P(OtlpExporterTest, ACollectorThatKeepsFailingFillsNoLog) {
  const LogCapture log;
  const auto collector = StartCollector();
  collector->Expect({{Kind::kRefuse}, {Kind::kAccept}, {Kind::kRefuse}, {Kind::kAccept}});
  OtlpExporter exporter(Options(*collector), MakeResource());
  for (int i = 0; i < 4; ++i) {
    exporter.Add(MakeSpans({"a"}));
    ASSERT_TRUE(exporter.Flush(Later()));
  }
  EXPECT_EQ(exporter.dropped_spans(), 2u);
  EXPECT_EQ(log.Count("spans could not be exported"), 1u);
  EXPECT_EQ(log.Count("spans are exported again"), 1u);
}

// With no timeout only Shutdown can end the request; if it did not, the test would never end.
TEST_P(OtlpExporterTest, ShutdownDoesNotWaitForAHangingCollector) {
  const auto collector = StartCollector();
  collector->Expect({{Kind::kHang}});
  OtlpOptions options = Options(*collector);
  options.max_batch_spans = 2;
  options.max_queue_spans = 4;
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a", "b"}));
  collector->WaitForRequests(1);
  exporter.Add(MakeSpans({"1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_EQ(exporter.dropped_spans(), 3u);  // 4 fit the queue
  EXPECT_FALSE(exporter.Flush(steady_clock::now() + milliseconds(1)));
  exporter.Shutdown(steady_clock::now() + milliseconds(1));
  EXPECT_EQ(exporter.exported_spans(), 0u);
  EXPECT_EQ(exporter.dropped_spans(), 9u);
  exporter.Add(MakeSpans({"late"}));
  EXPECT_EQ(exporter.dropped_spans(), 10u);
}

TEST_P(OtlpExporterTest, ShutdownDoesNotWaitForABackoff) {
  const auto collector = StartCollector();
  collector->Expect({{Kind::kRetry}});
  OtlpOptions options = Options(*collector);
  options.initial_backoff = options.max_backoff = hours(1);
  options.max_batch_spans = 1;
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a"}));
  collector->WaitForRequests(1);
  exporter.Shutdown(steady_clock::now() + milliseconds(1));
  EXPECT_EQ(exporter.dropped_spans(), 1u);
}

TEST_P(OtlpExporterTest, ShutdownExportsWhatIsQueued) {
  const auto collector = StartCollector();
  OtlpExporter exporter(Options(*collector), MakeResource());
  exporter.Add(MakeSpans({"a", "b"}));
  exporter.Shutdown(Later());
  EXPECT_EQ(exporter.exported_spans(), 2u);
  EXPECT_THAT(SpanNames(collector->Requests()), ElementsAre("a", "b"));
}

TEST_P(OtlpExporterTest, ADeadCollectorCostsTheSpansOnly) {
  const int port = FindUnusedPort();
  OtlpOptions options;
  options.protocol = GetParam();
  options.endpoint =
      IsGrpc() ? "127.0.0.1:" + std::to_string(port) : "http://127.0.0.1:" + std::to_string(port);
  options.timeout = milliseconds(100);
  options.initial_backoff = milliseconds(10);
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"a", "b"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(exporter.dropped_spans(), 2u);
}

TEST_P(OtlpExporterTest, RequestsStayBelowFourMebibytes) {
  const auto collector = StartCollector();
  OtlpOptions options = Options(*collector);
  EXPECT_EQ(options.max_request_bytes, 4u << 20);
  // Megabytes that pass through a gRPC without instrumentation take a sanitizer minutes.
  options.max_request_bytes = 16 << 10;
  OtlpExporter exporter(options, MakeResource());
  const std::string long_name(12 << 10, 'x');
  const std::string too_long_name(20 << 10, 'x');
  exporter.Add(MakeSpans({long_name, too_long_name, long_name, "short"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(exporter.exported_spans(), 3u);
  EXPECT_EQ(exporter.dropped_spans(), 1u);
  const std::vector<Received> requests = collector->Requests();
  EXPECT_THAT(SpanNames(requests), ElementsAre(long_name, long_name, "short"));
  for (const Received& received : requests) {
    EXPECT_LE(received.request.ByteSizeLong(), options.max_request_bytes);
  }
  EXPECT_EQ(requests.size(), 2u);
}

TEST_P(OtlpExporterTest, Tls) {
  const Certificate certificate = MakeCertificate();
  const auto collector = StartCollector(&certificate);
  {
    OtlpExporter exporter(Options(*collector), MakeResource());
    exporter.Add(MakeSpans({"a"}));
    ASSERT_TRUE(exporter.Flush(Later()));
    EXPECT_EQ(exporter.exported_spans(), 1u);
  }
  const Certificate other = MakeCertificate();
  OtlpOptions options = Options(*collector);
  options.root_certificates = other.certificate_pem;  // does not vouch for the collector
  options.timeout = milliseconds(200);
  OtlpExporter exporter(options, MakeResource());
  exporter.Add(MakeSpans({"b"}));
  ASSERT_TRUE(exporter.Flush(Later()));
  EXPECT_EQ(exporter.dropped_spans(), 1u);
  EXPECT_THAT(SpanNames(collector->Requests()), ElementsAre("a"));
}

TEST_P(OtlpExporterTest, TheTracerExports) {
  const auto collector = StartCollector();
  TracerOptions options;
  options.resource = *MakeResource();
  options.otlp = Options(*collector);
  Tracer tracer(options);
  tracer.StartSpan("one", SpanKind::kServer, nullptr).End();
  ASSERT_TRUE(tracer.Flush(seconds(120)));
  EXPECT_EQ(tracer.exported_spans(), 1u);
  collector->Expect({{Kind::kRefuse}});
  tracer.StartSpan("two", SpanKind::kServer, nullptr).End();
  tracer.Shutdown(seconds(120));
  EXPECT_EQ(tracer.exported_spans(), 1u);
  EXPECT_EQ(tracer.dropped_spans(), 1u);
  EXPECT_THAT(SpanNames(collector->Requests()), ElementsAre("one", "two"));
  EXPECT_EQ(tracer.ring().List().size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Protocols, OtlpExporterTest,
                         testing::Values(OtlpOptions::Protocol::kGrpc,
                                         OtlpOptions::Protocol::kHttpProtobuf),
                         [](const auto& row) {
                           return row.param == OtlpOptions::Protocol::kGrpc ? "Grpc" : "Http";
                         });

TEST(OtlpResponseTest, GrpcCodes) {
  using grpc::StatusCode;
  using Outcome = SendResult::Outcome;
  const std::map<StatusCode, Outcome> retryable = {
      {StatusCode::CANCELLED, Outcome::kRetry},   {StatusCode::DEADLINE_EXCEEDED, Outcome::kRetry},
      {StatusCode::ABORTED, Outcome::kRetry},     {StatusCode::OUT_OF_RANGE, Outcome::kRetry},
      {StatusCode::UNAVAILABLE, Outcome::kRetry}, {StatusCode::DATA_LOSS, Outcome::kRetry}};
  for (int code = 1; code <= 16; ++code) {
    const auto status_code = static_cast<StatusCode>(code);
    const auto found = retryable.find(status_code);
    const Outcome expected = found == retryable.end() ? Outcome::kRefused : found->second;
    EXPECT_EQ(JudgeGrpcStatus(grpc::Status(status_code, "x")).outcome, expected) << code;
  }
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(2);
  retry.mutable_retry_delay()->set_nanos(5'000'000);
  google::rpc::Status status;
  status.add_details()->PackFrom(google::rpc::BadRequest());
  status.add_details()->PackFrom(retry);
  const std::string details = status.SerializeAsString();
  const SendResult throttled =
      JudgeGrpcStatus(grpc::Status(StatusCode::RESOURCE_EXHAUSTED, "x", details));
  EXPECT_EQ(throttled.outcome, Outcome::kRetry);
  ASSERT_TRUE(throttled.retry_after.has_value());
  EXPECT_EQ(throttled.retry_after->count(), 2005);
}

TEST(OtlpResponseTest, HttpCodes) {
  using Outcome = SendResult::Outcome;
  for (int status = 100; status < 600; ++status) {
    const bool accepted = status >= 200 && status < 300;
    const bool retry = status == 429 || status == 502 || status == 503 || status == 504;
    const Outcome expected = accepted ? Outcome::kAccepted
                             : retry  ? Outcome::kRetry
                                      : Outcome::kRefused;
    EXPECT_EQ(JudgeHttpStatus(status, seconds(0)).outcome, expected) << status;
  }
  EXPECT_FALSE(JudgeHttpStatus(503, seconds(0)).retry_after.has_value());
  EXPECT_EQ(JudgeHttpStatus(503, seconds(7)).retry_after, milliseconds(7'000));
  EXPECT_EQ(JudgeHttpStatus(503, hours(7)).retry_after, milliseconds(300'000));
}

}  // namespace
}  // namespace bridge::telemetry
