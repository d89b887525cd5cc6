#include "bridge/telemetry/options.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "bridge/base/version.h"
#include "bridge/telemetry/random_id.h"
#include "bridge/telemetry/text.h"

namespace bridge::telemetry {
namespace {

std::vector<std::string> SplitList(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string word = ToLowerAscii(TrimBlanks(text.substr(0, comma)));
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) {
      words.push_back(word);
    }
  }
  return words;
}

void SetResource(Resource* resource, std::string_view key, std::string value) {
  for (Attribute& attribute : resource->attributes) {
    if (attribute.key != key) continue;
    attribute.value = std::move(value);
    return;
  }
  resource->attributes.push_back({std::string(key), std::move(value)});
}

bool Has(const Resource& resource, std::string_view key) {
  return std::any_of(resource.attributes.begin(), resource.attributes.end(),
                     [&](const Attribute& attribute) { return attribute.key == key; });
}

// A version 4 UUID.
std::string MakeInstanceId() {
  TraceId id = MakeTraceId();
  id[6] = (id[6] & 0x0f) | 0x40;
  id[8] = (id[8] & 0x3f) | 0x80;
  std::string text;
  AppendHex(&text, id);
  for (size_t position : {20, 16, 12, 8}) text.insert(position, 1, '-');
  return text;
}

Resource ParseResource(EnvReader* env, std::string service_name) {
  Resource resource;
  for (auto& [key, value] : env->ReadPairs({"OTEL_RESOURCE_ATTRIBUTES"})) {
    SetResource(&resource, key, std::move(value));
  }
  if (std::optional<std::string> name = env->Find({"OTEL_SERVICE_NAME"})) {
    SetResource(&resource, "service.name", std::move(*name));
  } else if (!Has(resource, "service.name")) {
    SetResource(&resource, "service.name", std::move(service_name));
  }
  if (!Has(resource, "service.instance.id")) {
    SetResource(&resource, "service.instance.id", MakeInstanceId());
  }
  SetResource(&resource, "telemetry.sdk.name", "grpc-mcp-bridge");
  SetResource(&resource, "telemetry.sdk.language", "cpp");
  SetResource(&resource, "telemetry.sdk.version", BRIDGE_VERSION);
  return resource;
}

double ParseRatio(EnvReader* env) {
  const std::optional<std::string> text = env->Find({"OTEL_TRACES_SAMPLER_ARG"});
  if (!text) return 1.0;
  double ratio = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), ratio);
  if (error == std::errc() && end == text->data() + text->size() && ratio >= 0 && ratio <= 1) {
    return ratio;
  }
  env->Warn("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1; 1 is used");
  return 1.0;
}

SamplerOptions ParseSampler(EnvReader* env) {
  SamplerOptions sampler;
  const std::optional<std::string> name = env->ReadEnum(
      {"OTEL_TRACES_SAMPLER"}, {"always_on", "always_off", "traceidratio", "parentbased_always_on",
                                "parentbased_always_off", "parentbased_traceidratio"});
  if (name) {
    constexpr std::string_view kParentBased = "parentbased_";
    sampler.parent_based = name->substr(0, kParentBased.size()) == kParentBased;
    const std::string root = sampler.parent_based ? name->substr(kParentBased.size()) : *name;
    if (root == "always_off") sampler.ratio = 0;
    if (root == "traceidratio") {
      sampler.ratio = ParseRatio(env);
      return sampler;
    }
  }
  if (!name) sampler.traces_per_second = kRingTracesPerSecond;
  if (env->Find({"OTEL_TRACES_SAMPLER_ARG"})) {
    env->Warn("OTEL_TRACES_SAMPLER_ARG",
              "has an effect only with OTEL_TRACES_SAMPLER=traceidratio or "
              "parentbased_traceidratio");
  }
  return sampler;
}

SpanLimits ParseSpanLimits(EnvReader* env) {
  SpanLimits limits;
  limits.attributes = env->ReadCount(
      {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"}, limits.attributes, 0);
  limits.attribute_value_bytes = env->ReadCount(
      {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"},
      limits.attribute_value_bytes, 0);
  limits.events = env->ReadCount({"OTEL_SPAN_EVENT_COUNT_LIMIT"}, limits.events, 0);
  limits.event_attributes =
      env->ReadCount({"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"},
                     limits.event_attributes, 0);
  limits.links = env->ReadCount({"OTEL_SPAN_LINK_COUNT_LIMIT"}, limits.links, 0);
  return limits;
}

// Whoever set these expects spans to be sent.
void WarnAboutUnusedOtlp(EnvReader* env) {
  constexpr const char* kNames[] = {"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
                                    "OTEL_EXPORTER_OTLP_PROTOCOL",
                                    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
                                    "OTEL_EXPORTER_OTLP_HEADERS",
                                    "OTEL_EXPORTER_OTLP_TRACES_INSECURE",
                                    "OTEL_EXPORTER_OTLP_INSECURE",
                                    "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
                                    "OTEL_EXPORTER_OTLP_CERTIFICATE",
                                    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
                                    "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
                                    "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
                                    "OTEL_EXPORTER_OTLP_CLIENT_KEY",
                                    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
                                    "OTEL_EXPORTER_OTLP_COMPRESSION",
                                    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
                                    "OTEL_EXPORTER_OTLP_TIMEOUT",
                                    "OTEL_BSP_SCHEDULE_DELAY",
                                    "OTEL_BSP_EXPORT_TIMEOUT",
                                    "OTEL_BSP_MAX_QUEUE_SIZE",
                                    "OTEL_BSP_MAX_EXPORT_BATCH_SIZE"};
  for (const char* name : kNames) {
    if (!env->Find({name})) continue;
    env->Warn(name,
              "has no effect while no spans are exported, for want of a valid "
              "OTEL_EXPORTER_OTLP_ENDPOINT");
  }
}

void ParseExporters(EnvReader* env, TracerOptions* options) {
  constexpr const char* kName = "OTEL_TRACES_EXPORTER";
  bool otlp = false;
  bool none = false;
  if (const std::optional<std::string> list = env->Find({kName})) {
    for (const std::string& word : SplitList(*list)) {
      if (word == "otlp") {
        otlp = true;
      } else if (word == "console") {
        options->console = true;
      } else if (word == "none") {
        none = true;
      } else {
        env->Warn(kName,
                  "'" + word + "' is not supported, so it is ignored; use otlp, console or none");
      }
    }
  } else {
    otlp = env->Find({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"})
               .has_value();
  }
  if (!otlp && !none && !options->console) WarnAboutUnusedOtlp(env);
  if (none && (otlp || options->console)) env->Warn(kName, "none overrides the others");
  if (none) {
    options->console = false;
  } else if (otlp) {
    options->otlp = ParseOtlpOptions(env);
  }
}

bool ParsePropagators(EnvReader* env) {
  constexpr const char* kName = "OTEL_PROPAGATORS";
  const std::optional<std::string> list = env->Find({kName});
  if (!list) return true;
  bool tracecontext = false;
  for (const std::string& word : SplitList(*list)) {
    if (word == "tracecontext") {
      tracecontext = true;
    } else if (word == "baggage") {
      env->Warn(kName, "baggage comes from the caller and is not passed on to services");
    } else if (word != "none") {
      env->Warn(kName,
                "'" + word + "' is not supported, so it is ignored; use tracecontext or none");
    }
  }
  return tracecontext;
}

void WarnAboutUnsupported(EnvReader* env) {
  constexpr std::pair<const char*, const char*> kRows[] = {
      {"OTEL_CONFIG_FILE", "declarative configuration is not supported; the OTEL_* variables are"},
      {"OTEL_LOG_LEVEL", "has no effect; the log level of the process applies"},
      {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "has no effect; links carry no attributes"},
      {"OTEL_SEMCONV_STABILITY_OPT_IN", "has no effect; only the stable conventions are emitted"},
      {"OTEL_EXPORTER_OTLP_SPAN_INSECURE", "is obsolete; use OTEL_EXPORTER_OTLP_TRACES_INSECURE"},
      {"OTEL_EXPORTER_OTLP_SPAN_ENDPOINT", "is obsolete; use OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"},
  };
  for (const auto& [name, problem] : kRows) {
    if (env->Find({name})) env->Warn(name, problem);
  }
}

}  // namespace

TracerOptions ParseTelemetryOptions(EnvLookup env, std::string service_name,
                                    std::vector<std::string>* warnings) {
  EnvReader reader(std::move(env), warnings);
  TracerOptions options;
  options.disabled = reader.ReadBool({"OTEL_SDK_DISABLED"}, /*fallback=*/false);
  options.resource = ParseResource(&reader, std::move(service_name));
  options.sampler = ParseSampler(&reader);
  options.span_limits = ParseSpanLimits(&reader);
  options.propagate = ParsePropagators(&reader);
  if (!options.disabled) ParseExporters(&reader, &options);
  if (options.otlp || options.console) options.sampler.traces_per_second = 0;
  WarnAboutUnsupported(&reader);
  return options;
}

}  // namespace bridge::telemetry
