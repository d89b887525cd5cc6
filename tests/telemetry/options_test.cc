#include "bridge/telemetry/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

namespace bridge::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using Environment = std::map<std::string, std::string>;

TracerOptions Parse(const Environment& environment, std::vector<std::string>* warnings) {
  const auto lookup = [&environment](const char* name) -> const char* {
    const auto found = environment.find(name);
    return found == environment.end() ? nullptr : found->second.c_str();
  };
  return ParseTelemetryOptions(lookup, "bridge", warnings);
}

std::string ResourceValue(const TracerOptions& options, const std::string& key) {
  for (const Attribute& attribute : options.resource.attributes) {
    if (attribute.key == key) return std::get<std::string>(attribute.value);
  }
  return "";
}

struct Row {
  const char* what;
  Environment environment;
  std::function<void(const TracerOptions&)> check;
  // A part of the only warning; empty: there is none.
  const char* warning = "";
};

void CheckRows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    std::vector<std::string> warnings;
    const TracerOptions options = Parse(row.environment, &warnings);
    row.check(options);
    if (std::string(row.warning).empty()) {
      EXPECT_THAT(warnings, IsEmpty());
    } else {
      ASSERT_EQ(warnings.size(), 1u) << testing::PrintToString(warnings);
      EXPECT_THAT(warnings[0], HasSubstr(row.warning));
    }
  }
}

auto ServiceIs(const std::string& name) {
  return [name](const TracerOptions& o) { EXPECT_EQ(o.resource.service_name(), name); };
}
auto ResourceIs(const std::string& key, const std::string& value) {
  return [=](const TracerOptions& o) { EXPECT_EQ(ResourceValue(o, key), value); };
}
auto SamplerIs(bool parent_based, double ratio) {
  return [=](const TracerOptions& o) {
    EXPECT_EQ(o.sampler.parent_based, parent_based);
    EXPECT_EQ(o.sampler.ratio, ratio);
  };
}
auto TracesPerSecond(uint32_t rate) {
  return [=](const TracerOptions& o) { EXPECT_EQ(o.sampler.traces_per_second, rate); };
}
auto ExportsTo(bool otlp, bool console) {
  return [=](const TracerOptions& o) {
    EXPECT_EQ(o.otlp.has_value(), otlp);
    EXPECT_EQ(o.console, console);
  };
}
auto EndpointIs(const std::string& endpoint) {
  return [=](const TracerOptions& o) {
    ASSERT_TRUE(o.otlp.has_value());
    EXPECT_EQ(o.otlp->endpoint, endpoint);
  };
}
auto GrpcTargetIs(const std::string& endpoint, bool tls) {
  return [=](const TracerOptions& o) {
    ASSERT_TRUE(o.otlp.has_value());
    EXPECT_EQ(o.otlp->protocol, OtlpOptions::Protocol::kGrpc);
    EXPECT_EQ(o.otlp->endpoint, endpoint);
    EXPECT_EQ(o.otlp->tls, tls);
  };
}
auto NotExported() {
  return ExportsTo(false, false);
}

TEST(OptionsTest, Resource) {
  CheckRows({
      {"default name", {}, ServiceIs("bridge")},
      {"its own variable", {{"OTEL_SERVICE_NAME", "a"}}, ServiceIs("a")},
      {"empty is unset", {{"OTEL_SERVICE_NAME", ""}}, ServiceIs("bridge")},
      {"from the attributes", {{"OTEL_RESOURCE_ATTRIBUTES", "service.name=b"}}, ServiceIs("b")},
      {"its own variable wins",
       {{"OTEL_SERVICE_NAME", "a"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=b"}},
       ServiceIs("a")},
      {"percent-encoding",
       {{"OTEL_RESOURCE_ATTRIBUTES", "a=1%2C2%3d3 , b = x"}},
       ResourceIs("a", "1,2=3")},
      {"blanks", {{"OTEL_RESOURCE_ATTRIBUTES", "a=1%2C2%3d3 , b = x"}}, ResourceIs("b", "x")},
      {"one bad entry discards all",
       {{"OTEL_RESOURCE_ATTRIBUTES", "a=1,b"}},
       ResourceIs("a", ""),
       "OTEL_RESOURCE_ATTRIBUTES: is ignored"},
      {"a bad escape discards all",
       {{"OTEL_RESOURCE_ATTRIBUTES", "a=%4,b=1"}},
       ResourceIs("b", ""),
       "OTEL_RESOURCE_ATTRIBUTES: is ignored"},
      {"own attributes win",
       {{"OTEL_RESOURCE_ATTRIBUTES", "telemetry.sdk.language=go"}},
       ResourceIs("telemetry.sdk.language", "cpp")},
      {"instance id",
       {{"OTEL_RESOURCE_ATTRIBUTES", "service.instance.id=ns.pod.c"}},
       ResourceIs("service.instance.id", "ns.pod.c")},
  });
  std::vector<std::string> warnings;
  const std::string one = ResourceValue(Parse({}, &warnings), "service.instance.id");
  const std::string other = ResourceValue(Parse({}, &warnings), "service.instance.id");
  EXPECT_THAT(one,
              testing::MatchesRegex("[0-9a-f]+-[0-9a-f]+-4[0-9a-f]+-[89ab][0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(one.size(), 36u);
  EXPECT_NE(one, other);
}

TEST(OptionsTest, Sampler) {
  const char* kName = "OTEL_TRACES_SAMPLER";
  const char* kArg = "OTEL_TRACES_SAMPLER_ARG";
  CheckRows({
      {"default", {}, SamplerIs(true, 1)},
      {"always_on", {{kName, "always_on"}}, SamplerIs(false, 1)},
      {"always_off", {{kName, "always_off"}}, SamplerIs(false, 0)},
      {"any case", {{kName, "Always_OFF"}}, SamplerIs(false, 0)},
      {"traceidratio", {{kName, "traceidratio"}, {kArg, "0.25"}}, SamplerIs(false, 0.25)},
      {"traceidratio without argument", {{kName, "traceidratio"}}, SamplerIs(false, 1)},
      {"parentbased_always_on", {{kName, "parentbased_always_on"}}, SamplerIs(true, 1)},
      {"parentbased_always_off", {{kName, "parentbased_always_off"}}, SamplerIs(true, 0)},
      {"parentbased_traceidratio",
       {{kName, "parentbased_traceidratio"}, {kArg, "1e-3"}},
       SamplerIs(true, 0.001)},
      {"unknown", {{kName, "jaeger_remote"}}, SamplerIs(true, 1), "'jaeger_remote'"},
      {"argument over 1", {{kName, "traceidratio"}, {kArg, "1.5"}}, SamplerIs(false, 1), kArg},
      {"argument below 0", {{kName, "traceidratio"}, {kArg, "-0.5"}}, SamplerIs(false, 1), kArg},
      {"argument not a number",
       {{kName, "traceidratio"}, {kArg, "half"}},
       SamplerIs(false, 1),
       kArg},
      {"argument nan", {{kName, "traceidratio"}, {kArg, "nan"}}, SamplerIs(false, 1), kArg},
      {"argument alone", {{kArg, "0.5"}}, SamplerIs(true, 1), "has an effect only with"},
      {"argument of always_on",
       {{kName, "always_on"}, {kArg, "0.5"}},
       SamplerIs(false, 1),
       "has an effect only with"},
  });
}

TEST(B39Options, TheRateIsForTheRingAloneAndNoNamedSampler) {
  const char* kSampler = "OTEL_TRACES_SAMPLER";
  const char* kExporter = "OTEL_TRACES_EXPORTER";
  CheckRows({
      {"default", {}, TracesPerSecond(20)},
      {"exported nowhere", {{kExporter, "none"}}, TracesPerSecond(20)},
      {"to a collector", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"}}, TracesPerSecond(0)},
      {"to the log", {{kExporter, "console"}}, TracesPerSecond(0)},
      {"all", {{kSampler, "parentbased_always_on"}}, TracesPerSecond(0)},
      {"none", {{kSampler, "always_off"}}, TracesPerSecond(0)},
      {"a part", {{kSampler, "traceidratio"}}, TracesPerSecond(0)},
      {"no sampler", {{kSampler, "jaeger_remote"}}, TracesPerSecond(20), "'jaeger_remote'"},
  });
}

TEST(OptionsTest, Exporters) {
  const char* kName = "OTEL_TRACES_EXPORTER";
  const char* kEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
  CheckRows({
      {"nothing set: nothing sent", {}, NotExported()},
      {"endpoint", {{kEndpoint, "http://c:4318"}}, ExportsTo(true, false)},
      {"endpoint of traces",
       {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:4318"}},
       ExportsTo(true, false)},
      {"otlp by name", {{kName, "otlp"}}, ExportsTo(true, false)},
      {"console only, in spite of the endpoint",
       {{kName, "console"}, {kEndpoint, "http://c:4318"}},
       ExportsTo(false, true)},
      {"both", {{kName, "OTLP, console"}}, ExportsTo(true, true)},
      {"none", {{kName, "none"}, {kEndpoint, "http://c:4318"}}, NotExported()},
      {"none with another", {{kName, "otlp,none"}}, NotExported(), "none overrides"},
      {"unknown", {{kName, "zipkin"}}, NotExported(), "'zipkin'"},
      {"disabled",
       {{"OTEL_SDK_DISABLED", "true"}, {kName, "otlp"}},
       [](const TracerOptions& o) {
         EXPECT_TRUE(o.disabled);
         EXPECT_FALSE(o.otlp.has_value());
       }},
      {"disabled in upper case",
       {{"OTEL_SDK_DISABLED", "TRUE"}},
       [](const TracerOptions& o) { EXPECT_TRUE(o.disabled); }},
      {"not a boolean",
       {{"OTEL_SDK_DISABLED", "1"}},
       [](const TracerOptions& o) { EXPECT_FALSE(o.disabled); },
       "OTEL_SDK_DISABLED"},
      {"headers, but nowhere to send them",
       {{"OTEL_EXPORTER_OTLP_HEADERS", "a=b"}},
       NotExported(),
       "OTEL_EXPORTER_OTLP_HEADERS: has no effect"},
      {"protocol, but nowhere to speak it",
       {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}},
       NotExported(),
       "OTEL_EXPORTER_OTLP_PROTOCOL: has no effect"},
      {"batches, but none to send",
       {{"OTEL_BSP_SCHEDULE_DELAY", "1"}},
       NotExported(),
       "OTEL_BSP_SCHEDULE_DELAY: has no effect"},
  });
}

TEST(OptionsTest, HttpEndpoint) {
  const char* kGeneral = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const char* kTraces = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  CheckRows({
      {"default",
       {{"OTEL_TRACES_EXPORTER", "otlp"}},
       EndpointIs("http://localhost:4318/v1/traces")},
      {"base", {{kGeneral, "http://c:4318"}}, EndpointIs("http://c:4318/v1/traces")},
      {"base with slash", {{kGeneral, "http://c:4318/"}}, EndpointIs("http://c:4318/v1/traces")},
      {"base with path", {{kGeneral, "https://c/otlp"}}, EndpointIs("https://c/otlp/v1/traces")},
      {"traces as it is", {{kTraces, "http://c:4318/x"}}, EndpointIs("http://c:4318/x")},
      {"traces without path", {{kTraces, "http://c:4318"}}, EndpointIs("http://c:4318/")},
      {"traces wins", {{kTraces, "http://t/x"}, {kGeneral, "http://g"}}, EndpointIs("http://t/x")},
      {"upper case scheme", {{kGeneral, "HTTP://c:4318"}}, EndpointIs("http://c:4318/v1/traces")},
      {"IPv6", {{kGeneral, "http://[::1]:4318"}}, EndpointIs("http://[::1]:4318/v1/traces")},
      {"gRPC's port",
       {{kGeneral, "http://c:4317"}},
       EndpointIs("http://c:4317/v1/traces"),
       "usually speaks gRPC"},
      {"no scheme", {{kGeneral, "c:4318"}}, NotExported(), "must be an http://"},
      {"other scheme", {{kGeneral, "file:///etc/passwd"}}, NotExported(), "must be an http://"},
      {"user", {{kGeneral, "http://u:p@c:4318"}}, NotExported(), "must be an http://"},
      {"query of a base", {{kGeneral, "http://c?x=1"}}, NotExported(), "must be an http://"},
      {"no host", {{kGeneral, "http:///v1"}}, NotExported(), "must be an http://"},
      {"line break", {{kGeneral, "http://c\r\nx"}}, NotExported(), "must be an http://"},
      {"INSECURE",
       {{kGeneral, "http://c"}, {"OTEL_EXPORTER_OTLP_INSECURE", "true"}},
       EndpointIs("http://c/v1/traces"),
       "has no effect with http/protobuf"},
      {"json",
       {{kGeneral, "http://c"}, {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"}},
       EndpointIs("http://c/v1/traces"),
       "'http/json' is not supported"},
  });
}

TEST(OptionsTest, GrpcEndpoint) {
  const auto with = [](Environment more) {
    more["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc";
    more["OTEL_TRACES_EXPORTER"] = "otlp";
    return more;
  };
  const char* kName = "OTEL_EXPORTER_OTLP_ENDPOINT";
  const char* kInsecure = "OTEL_EXPORTER_OTLP_INSECURE";
  CheckRows({
      {"default", with({}), GrpcTargetIs("localhost:4317", false)},
      {"http", with({{kName, "http://c:1"}}), GrpcTargetIs("c:1", false)},
      {"https", with({{kName, "https://c:1"}}), GrpcTargetIs("c:1", true)},
      {"http without port", with({{kName, "http://c"}}), GrpcTargetIs("c:4317", false)},
      {"IPv6 without port", with({{kName, "http://[::1]"}}), GrpcTargetIs("[::1]:4317", false)},
      {"the scheme beats INSECURE", with({{kName, "https://c:1"}, {kInsecure, "true"}}),
       GrpcTargetIs("c:1", true)},
      {"bare is secure", with({{kName, "c:1"}}), GrpcTargetIs("c:1", true)},
      {"bare and insecure", with({{kName, "c:1"}, {kInsecure, "true"}}),
       GrpcTargetIs("c:1", false)},
      {"traces' own INSECURE",
       with({{kName, "c:1"}, {kInsecure, "true"}, {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "false"}}),
       GrpcTargetIs("c:1", true)},
      {"target", with({{kName, "unix:/run/c.sock"}, {kInsecure, "true"}}),
       GrpcTargetIs("unix:/run/c.sock", false)},
      {"path", with({{kName, "http://c:1/v1"}}), GrpcTargetIs("c:1", false), "path is ignored"},
      {"other scheme", with({{kName, "ftp://c:1"}}), NotExported(), "must be http://host:port"},
      {"no port", with({{kName, "c"}}), NotExported(), "must be http://host:port"},
      {"traces' own protocol", with({{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"}}),
       EndpointIs("http://localhost:4318/v1/traces")},
  });
}

TEST(OptionsTest, Headers) {
  const char* kName = "OTEL_EXPORTER_OTLP_HEADERS";
  const auto headers_are = [](auto matcher) {
    return [matcher](const TracerOptions& o) {
      ASSERT_TRUE(o.otlp.has_value());
      EXPECT_THAT(o.otlp->headers, matcher);
    };
  };
  const Environment grpc = {{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"},
                            {"OTEL_TRACES_EXPORTER", "otlp"}};
  const auto with = [](Environment base, const char* name, const char* value) {
    base["OTEL_TRACES_EXPORTER"] = "otlp";
    base[name] = value;
    return base;
  };
  CheckRows({
      {"two", with({}, kName, "Api-Key=s%20x, b=2"),
       headers_are(UnorderedElementsAre(Pair("api-key", "s x"), Pair("b", "2")))},
      {"traces' own replace", with({{kName, "a=1"}}, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "b=2"),
       headers_are(UnorderedElementsAre(Pair("b", "2")))},
      {"line break", with({}, kName, "a=x%0d%0ab: c"), headers_are(IsEmpty()), "one header"},
      {"reserved", with({}, kName, "content-length=1,b=2"),
       headers_are(UnorderedElementsAre(Pair("b", "2"))), "one header"},
      {"not a token", with({}, kName, "a b=1"), headers_are(IsEmpty()), "one header"},
      {"malformed", with({}, kName, "secret"), headers_are(IsEmpty()), "is ignored as a whole"},
      {"gRPC", with(grpc, kName, "Authorization=Bearer%20s"),
       headers_are(UnorderedElementsAre(Pair("authorization", "Bearer s")))},
      {"gRPC: pseudo header", with(grpc, kName, ":path=/x"), headers_are(IsEmpty()), "one header"},
      {"gRPC: reserved", with(grpc, kName, "grpc-timeout=1S"), headers_are(IsEmpty()),
       "one header"},
      {"gRPC: legal in HTTP only", with(grpc, kName, "a!b=1"), headers_are(IsEmpty()),
       "one header"},
      {"gRPC: binary", with(grpc, kName, "a-bin=1"), headers_are(IsEmpty()), "one header"},
      {"gRPC: non-ASCII", with(grpc, kName, "a=%C3%A9"), headers_are(IsEmpty()), "one header"},
  });
  std::vector<std::string> warnings;
  Parse({{"OTEL_TRACES_EXPORTER", "otlp"}, {kName, "hunter2"}}, &warnings);
  EXPECT_THAT(warnings, testing::Not(testing::Contains(HasSubstr("hunter2"))));
}

TEST(OptionsTest, BatchesAndLimits) {
  const auto with = [](const char* name, const char* value) {
    return Environment{{"OTEL_TRACES_EXPORTER", "otlp"}, {name, value}};
  };
  const auto timeout_is = [](int ms) {
    return [ms](const TracerOptions& o) { EXPECT_EQ(o.otlp->timeout.count(), ms); };
  };
  const auto batch_is = [](uint32_t queue, uint32_t batch) {
    return [=](const TracerOptions& o) {
      EXPECT_EQ(o.otlp->max_queue_spans, queue);
      EXPECT_EQ(o.otlp->max_batch_spans, batch);
    };
  };
  const auto limits_are = [](auto member, uint32_t value) {
    return [=](const TracerOptions& o) { EXPECT_EQ(o.span_limits.*member, value); };
  };
  CheckRows({
      {"timeout", with("OTEL_EXPORTER_OTLP_TIMEOUT", "200"), timeout_is(200)},
      {"traces' own", with("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "300"), timeout_is(300)},
      {"no limit of its own", with("OTEL_EXPORTER_OTLP_TIMEOUT", "0"), timeout_is(30'000)},
      {"the batch's is shorter", with("OTEL_BSP_EXPORT_TIMEOUT", "50"), timeout_is(50)},
      {"none for the batch", with("OTEL_BSP_EXPORT_TIMEOUT", "0"), timeout_is(10'000)},
      {"negative", with("OTEL_EXPORTER_OTLP_TIMEOUT", "-1"), timeout_is(10'000),
       "OTEL_EXPORTER_OTLP_TIMEOUT: must be"},
      {"with a unit", with("OTEL_EXPORTER_OTLP_TIMEOUT", "1s"), timeout_is(10'000),
       "OTEL_EXPORTER_OTLP_TIMEOUT: must be"},
      {"delay", with("OTEL_BSP_SCHEDULE_DELAY", "7"),
       [](const TracerOptions& o) { EXPECT_EQ(o.otlp->schedule_delay.count(), 7); }},
      {"queue", with("OTEL_BSP_MAX_QUEUE_SIZE", "600"), batch_is(600, 512)},
      {"empty queue", with("OTEL_BSP_MAX_QUEUE_SIZE", "0"), batch_is(8192, 512), "at least 1"},
      {"batch", with("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "9"), batch_is(8192, 9)},
      {"queue below the batch", with("OTEL_BSP_MAX_QUEUE_SIZE", "10"), batch_is(10, 10),
       "cut to its size"},
      {"gzip", with("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
       [](const TracerOptions& o) { EXPECT_TRUE(o.otlp->gzip); }},
      {"no compression", with("OTEL_EXPORTER_OTLP_COMPRESSION", "none"),
       [](const TracerOptions& o) { EXPECT_FALSE(o.otlp->gzip); }},
      {"other compression", with("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
       [](const TracerOptions& o) { EXPECT_FALSE(o.otlp->gzip); }, "'zstd'"},
      {"attributes", with("OTEL_ATTRIBUTE_COUNT_LIMIT", "3"),
       limits_are(&SpanLimits::attributes, 3)},
      {"span attributes", with("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "4"),
       limits_are(&SpanLimits::attributes, 4)},
      {"value length", with("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "5"),
       limits_are(&SpanLimits::attribute_value_bytes, 5)},
      {"events", with("OTEL_SPAN_EVENT_COUNT_LIMIT", "6"), limits_are(&SpanLimits::events, 6)},
      {"event attributes", with("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "0"),
       limits_are(&SpanLimits::event_attributes, 0)},
      {"links", with("OTEL_SPAN_LINK_COUNT_LIMIT", "8"), limits_are(&SpanLimits::links, 8)},
      {"too large a number", with("OTEL_SPAN_LINK_COUNT_LIMIT", "99999999999"),
       limits_are(&SpanLimits::links, 128), "OTEL_SPAN_LINK_COUNT_LIMIT"},
  });
}

TEST(OptionsTest, Certificates) {
  const std::string path = testing::TempDir() + std::to_string(getpid()) + "_options_test.pem";
  std::ofstream(path) << "-----PEM-----";
  const auto with = [](Environment more) {
    more["OTEL_EXPORTER_OTLP_ENDPOINT"] = "https://c";
    return more;
  };
  CheckRows({
      {"roots", with({{"OTEL_EXPORTER_OTLP_CERTIFICATE", path}}),
       [](const TracerOptions& o) { EXPECT_EQ(o.otlp->root_certificates, "-----PEM-----"); }},
      {"client",
       with({{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", path},
             {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", path}}),
       [](const TracerOptions& o) {
         EXPECT_EQ(o.otlp->client_certificate, "-----PEM-----");
         EXPECT_EQ(o.otlp->client_key, "-----PEM-----");
       }},
      {"no such file: nothing is sent", with({{"OTEL_EXPORTER_OTLP_CERTIFICATE", path + ".not"}}),
       NotExported(), "cannot read the file"},
      {"certificate without key", with({{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", path}}),
       NotExported(), "needs OTEL_EXPORTER_OTLP_CLIENT_KEY"},
  });
  std::remove(path.c_str());
}

TEST(OptionsTest, PropagatorsAndUnsupported) {
  const auto propagates = [](bool expected) {
    return [=](const TracerOptions& o) { EXPECT_EQ(o.propagate, expected); };
  };
  const auto anything = [](const TracerOptions&) {};
  CheckRows({
      {"default", {}, propagates(true)},
      {"tracecontext", {{"OTEL_PROPAGATORS", "tracecontext"}}, propagates(true)},
      {"none", {{"OTEL_PROPAGATORS", "none"}}, propagates(false)},
      {"baggage is named",
       {{"OTEL_PROPAGATORS", "tracecontext,baggage,tracecontext"}},
       propagates(true),
       "baggage comes from the caller"},
      {"b3", {{"OTEL_PROPAGATORS", "b3"}}, propagates(false), "'b3' is not supported"},
      {"configuration file", {{"OTEL_CONFIG_FILE", "x.yaml"}}, anything, "OTEL_CONFIG_FILE"},
      {"log level", {{"OTEL_LOG_LEVEL", "debug"}}, anything, "OTEL_LOG_LEVEL"},
      {"link attributes",
       {{"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "1"}},
       anything,
       "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"},
  });
}

}  // namespace
}  // namespace bridge::telemetry
