#include "bridge/telemetry/otlp_options.h"

#include <grpc/grpc.h>
#include <grpc/slice.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

constexpr std::string_view kTracesPath = "v1/traces";

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

struct Url {
  std::string scheme;     // lower case
  std::string authority;  // host[:port]
  std::string path;       // with query; empty or starts with '/'
};

std::optional<Url> ParseUrl(std::string_view text) {
  const size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = ToLowerAscii(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") return std::nullopt;
  const std::string_view rest = text.substr(scheme_end + 3);
  const size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  url.authority = rest.substr(0, authority_end);
  url.path = rest.substr(authority_end);
  const auto is_legal = [](char c) { return c > 0x20 && c < 0x7f; };
  if (url.authority.empty() || url.authority.find('@') != std::string::npos ||
      url.path.find('#') != std::string::npos || !std::all_of(rest.begin(), rest.end(), is_legal)) {
    return std::nullopt;
  }
  return url;
}

bool HasPort(std::string_view authority) {
  const size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

bool ParseHttpEndpoint(EnvReader* env, OtlpOptions* options) {
  const char* name = nullptr;
  if (env->Find({"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"}, &name)) {
    env->Warn(name,
              "has no effect with http/protobuf; http:// or https:// of the endpoint decides");
  }
  const std::optional<std::string> own = env->Find({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}, &name);
  const std::optional<std::string> base =
      own ? std::nullopt : env->Find({"OTEL_EXPORTER_OTLP_ENDPOINT"}, &name);
  if (!own && !base) return true;
  std::optional<Url> url = ParseUrl(own ? *own : *base);
  if (!url || (base && url->path.find('?') != std::string::npos)) {
    env->Warn(name, "must be an http:// or https:// URL, without user; no spans are exported");
    return false;
  }
  if (base) {
    if (url->path.empty() || url->path.back() != '/') url->path += '/';
    url->path += kTracesPath;
  } else if (url->path.empty()) {
    url->path += '/';
  }
  if (url->authority.size() > 5 && url->authority.substr(url->authority.size() - 5) == ":4317") {
    env->Warn(name, "port 4317 usually speaks gRPC; set OTEL_EXPORTER_OTLP_PROTOCOL=grpc if so");
  }
  options->endpoint = url->scheme + "://" + url->authority + url->path;
  return true;
}

bool ParseGrpcEndpoint(EnvReader* env, OtlpOptions* options) {
  options->endpoint = "localhost:4317";
  const bool insecure = env->ReadBool(
      {"OTEL_EXPORTER_OTLP_TRACES_INSECURE", "OTEL_EXPORTER_OTLP_INSECURE"}, /*fallback=*/false);
  const char* name = nullptr;
  const std::optional<std::string> value =
      env->Find({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"}, &name);
  if (!value) return true;
  if (const std::optional<Url> url = ParseUrl(*value)) {
    if (url->path.size() > 1) env->Warn(name, "gRPC uses only host and port; the path is ignored");
    options->endpoint = HasPort(url->authority) ? url->authority : url->authority + ":4317";
    options->tls = url->scheme == "https";
    return true;
  }
  constexpr std::array<std::string_view, 4> kResolvers = {"dns:", "unix:", "ipv4:", "ipv6:"};
  const bool is_target = std::any_of(kResolvers.begin(), kResolvers.end(), [&](auto prefix) {
    return StartsWith(*value, prefix) && value->size() > prefix.size();
  });
  const auto is_legal = [](char c) { return c > 0x20 && c < 0x7f && c != '@'; };
  if ((!is_target && (value->find('/') != std::string::npos || !HasPort(*value))) ||
      !std::all_of(value->begin(), value->end(), is_legal)) {
    env->Warn(name,
              "must be http://host:port, https://host:port, host:port or a gRPC target; "
              "no spans are exported");
    return false;
  }
  options->endpoint = *value;
  options->tls = !insecure;
  return true;
}

bool IsToken(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

// gRPC aborts the process when it meets metadata it calls illegal: it is asked first.
bool IsLegalMetadata(const std::string& key, const std::string& value) {
  const grpc_slice key_slice = grpc_slice_from_static_buffer(key.data(), key.size());
  const grpc_slice value_slice = grpc_slice_from_static_buffer(value.data(), value.size());
  return grpc_header_key_is_legal(key_slice) != 0 && grpc_is_binary_header(key_slice) == 0 &&
         grpc_header_nonbin_value_is_legal(value_slice) != 0 && !StartsWith(key, "grpc-");
}

void ParseHeaders(EnvReader* env, OtlpOptions* options) {
  constexpr std::array<std::string_view, 8> kReserved = {
      "content-type", "content-length",    "content-encoding", "host",
      "te",           "transfer-encoding", "connection",       "user-agent"};
  const char* name = nullptr;
  const EnvReader::Names names = {"OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                                  "OTEL_EXPORTER_OTLP_HEADERS"};
  env->Find(names, &name);
  for (auto& [original_key, value] : env->ReadPairs(names)) {
    std::string key = ToLowerAscii(original_key);
    const auto is_visible = [](char c) { return c >= 0x20 && c <= 0x7e; };
    const bool reserved = std::find(kReserved.begin(), kReserved.end(), key) != kReserved.end();
    if (reserved || !IsToken(key) || !std::all_of(value.begin(), value.end(), is_visible) ||
        (options->protocol == OtlpOptions::Protocol::kGrpc && !IsLegalMetadata(key, value))) {
      env->Warn(name, "one header has a reserved or illegal name or value and is not sent");
      continue;
    }
    options->headers.emplace_back(std::move(key), std::move(value));
  }
}

bool ParseCertificates(EnvReader* env, OtlpOptions* options) {
  struct Row {
    const char* own;
    const char* general;
    std::string* pem;
  };
  const Row rows[] = {
      {"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "OTEL_EXPORTER_OTLP_CERTIFICATE",
       &options->root_certificates},
      {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
       &options->client_certificate},
      {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "OTEL_EXPORTER_OTLP_CLIENT_KEY",
       &options->client_key},
  };
  for (const Row& row : rows) {
    if (!env->Find({row.own, row.general})) continue;
    std::optional<std::string> pem = env->ReadFile({row.own, row.general});
    if (!pem) return false;
    *row.pem = std::move(*pem);
  }
  if (options->client_certificate.empty() != options->client_key.empty()) {
    env->Warn("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
              "needs OTEL_EXPORTER_OTLP_CLIENT_KEY and the reverse; no spans are exported");
    return false;
  }
  return true;
}

void ParseBatching(EnvReader* env, OtlpOptions* options) {
  const std::chrono::milliseconds request = env->ReadMilliseconds(
      {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"}, options->timeout);
  const std::chrono::milliseconds batch =
      env->ReadMilliseconds({"OTEL_BSP_EXPORT_TIMEOUT"}, std::chrono::milliseconds(30'000));
  const bool request_is_limited = request.count() != 0;
  const bool batch_is_limited = batch.count() != 0;
  options->timeout = request_is_limited && batch_is_limited ? std::min(request, batch)
                     : request_is_limited                   ? request
                                                            : batch;
  options->schedule_delay =
      env->ReadMilliseconds({"OTEL_BSP_SCHEDULE_DELAY"}, options->schedule_delay);
  options->max_queue_spans =
      env->ReadCount({"OTEL_BSP_MAX_QUEUE_SIZE"}, options->max_queue_spans, 1);
  options->max_batch_spans =
      env->ReadCount({"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"}, options->max_batch_spans, 1);
  if (options->max_batch_spans > options->max_queue_spans) {
    env->Warn("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "is larger than the queue and cut to its size");
    options->max_batch_spans = options->max_queue_spans;
  }
}

}  // namespace

std::optional<OtlpOptions> ParseOtlpOptions(EnvReader* env) {
  OtlpOptions options;
  const std::optional<std::string> protocol =
      env->ReadEnum({"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"},
                    {"grpc", "http/protobuf"});
  if (protocol == "grpc") options.protocol = OtlpOptions::Protocol::kGrpc;
  const std::optional<std::string> compression =
      env->ReadEnum({"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"},
                    {"gzip", "none"});
  options.gzip = compression == "gzip";
  ParseHeaders(env, &options);
  ParseBatching(env, &options);
  const bool has_endpoint = options.protocol == OtlpOptions::Protocol::kGrpc
                                ? ParseGrpcEndpoint(env, &options)
                                : ParseHttpEndpoint(env, &options);
  if (!has_endpoint || !ParseCertificates(env, &options)) return std::nullopt;
  return options;
}

}  // namespace bridge::telemetry
