#include "bridge/telemetry/otlp_decode.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "bridge/base/json_text.h"
#include "bridge/base/status_macros.h"
#include "bridge/telemetry/text.h"
#include "bridge/telemetry/wire.h"

namespace bridge::telemetry {
namespace {

// Of lists and maps inside an attribute value.
constexpr int kMaxValueDepth = 8;

Clock::time_point FromUnixNanos(uint64_t nanos) {
  constexpr uint64_t kLatest = std::numeric_limits<int64_t>::max();
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(
      std::chrono::nanoseconds(static_cast<int64_t>(std::min(nanos, kLatest)))));
}

uint32_t ToCount(uint64_t value) {
  return static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX));
}

std::string ToText(std::string_view bytes, size_t max_bytes) {
  return ToValidUtf8(CutUtf8(bytes, max_bytes));
}

template <size_t size>
bool ReadId(std::string_view bytes, std::array<uint8_t, size>* id) {
  if (bytes.size() != size) return false;
  std::memcpy(id->data(), bytes.data(), size);
  return true;
}

bool AppendValueAsJson(std::string_view message, int depth, size_t max_bytes, std::string* out);

// ArrayValue and KeyValueList: both are `values = 1`.
bool AppendValuesAsJson(std::string_view message, bool is_map, int depth, size_t max_bytes,
                        std::string* out) {
  WireReader reader(message);
  WireField field;
  *out += is_map ? '{' : '[';
  bool first = true;
  while (out->size() < max_bytes && reader.Next(&field)) {
    if (!field.Is(1, WireType::kBytes)) continue;
    if (!std::exchange(first, false)) *out += ',';
    std::string_view value = field.bytes;
    if (is_map) {
      std::string_view key;
      value = {};
      WireReader entry(field.bytes);
      while (entry.Next(&field)) {
        if (field.Is(1, WireType::kBytes)) key = field.bytes;
        if (field.Is(2, WireType::kBytes)) value = field.bytes;
      }
      if (!entry.ok()) return false;
      AppendJsonString(out, CutUtf8(key, max_bytes));
      *out += ':';
    }
    if (!AppendValueAsJson(value, depth + 1, max_bytes, out)) return false;
  }
  *out += is_map ? '}' : ']';
  return reader.ok();
}

bool AppendValueAsJson(std::string_view message, int depth, size_t max_bytes, std::string* out) {
  if (depth > kMaxValueDepth) {
    *out += "null";
    return true;
  }
  WireReader reader(message);
  WireField field;
  WireField value;
  while (reader.Next(&field)) value = field;
  if (value.Is(1, WireType::kBytes)) {
    AppendJsonString(out, CutUtf8(value.bytes, max_bytes));
  } else if (value.Is(2, WireType::kVarint)) {
    *out += value.value != 0 ? "true" : "false";
  } else if (value.Is(3, WireType::kVarint)) {
    AppendJsonInt(out, static_cast<int64_t>(value.value));
  } else if (value.Is(4, WireType::kFixed64) && std::isfinite(std::bit_cast<double>(value.value))) {
    AppendJsonDouble(out, std::bit_cast<double>(value.value));
  } else if (value.Is(5, WireType::kBytes) || value.Is(6, WireType::kBytes)) {
    return reader.ok() && AppendValuesAsJson(value.bytes, value.number == 6, depth, max_bytes, out);
  } else if (value.Is(7, WireType::kBytes)) {
    *out += '"';
    const std::string_view bytes = value.bytes.substr(0, max_bytes / 2);
    AppendHex(out, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
    *out += '"';
  } else {
    *out += "null";
  }
  return reader.ok();
}

class Decoder final {
 public:
  explicit Decoder(const OtlpDecodeLimits& limits) : limits_(limits) {}

  absl::Status Decode(std::string_view bytes);
  DecodedSpans Take() { return std::move(decoded_); }

 private:
  bool ReadResourceSpans(std::string_view message);
  bool ReadScopeSpans(std::string_view message, SpanBatch* spans);
  bool ReadSpan(std::string_view message, SpanRecord* span, bool* usable);
  bool ReadSpanPart(const WireField& field, SpanRecord* span);
  bool ReadAttribute(std::string_view message, size_t max_count, std::vector<Attribute>* attributes,
                     uint32_t* dropped);
  bool ReadValue(std::string_view message, AttributeValue* value);
  bool ReadEvent(std::string_view message, SpanRecord* span);
  bool ReadLink(std::string_view message, SpanRecord* span);
  bool ReadStatus(std::string_view message, SpanRecord* span);

  std::string ToName(std::string_view bytes) { return Charged(ToText(bytes, limits_.name_bytes)); }
  std::string Charged(std::string text) {
    charged_ += text.size();
    return text;
  }
  // What a list of spans, attributes ... grows by with one more, at most: lists double. False if
  // that is too much for one request.
  template <typename Element>
  bool ChargeElement() {
    charged_ += 2 * sizeof(Element);
    return charged_ <= limits_.decoded_bytes;
  }

  const OtlpDecodeLimits& limits_;
  size_t charged_ = 0;
  bool too_many_spans_ = false;
  DecodedSpans decoded_;
};

absl::Status Decoder::Decode(std::string_view bytes) {
  if (bytes.size() > limits_.bytes) {
    return absl::ResourceExhaustedError("OTLP request of " + std::to_string(bytes.size()) +
                                        " bytes, the limit is " + std::to_string(limits_.bytes) +
                                        "; send smaller batches");
  }
  WireReader reader(bytes);
  WireField field;
  bool ok = true;
  while (ok && reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) ok = ReadResourceSpans(field.bytes);
  }
  if (too_many_spans_) {
    return absl::ResourceExhaustedError("OTLP request of more than " +
                                        std::to_string(limits_.spans) +
                                        " spans; send smaller batches");
  }
  if (charged_ > limits_.decoded_bytes) {
    return absl::ResourceExhaustedError("OTLP request that takes more than " +
                                        std::to_string(limits_.decoded_bytes) +
                                        " bytes of memory; send smaller batches");
  }
  if (!ok || !reader.ok()) {
    return absl::InvalidArgumentError("not an OTLP ExportTraceServiceRequest in protobuf encoding");
  }
  return absl::OkStatus();
}

bool Decoder::ReadResourceSpans(std::string_view message) {
  if (!ChargeElement<ResourceSpans>() || !ChargeElement<Resource>()) return false;
  auto resource = std::make_shared<Resource>();
  ResourceSpans result;
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) {
      WireReader resource_reader(field.bytes);
      uint32_t dropped = 0;
      while (resource_reader.Next(&field)) {
        if (field.Is(1, WireType::kBytes) &&
            !ReadAttribute(field.bytes, limits_.span.attributes, &resource->attributes, &dropped)) {
          return false;
        }
      }
      if (!resource_reader.ok()) return false;
    } else if (field.Is(2, WireType::kBytes)) {
      if (!ReadScopeSpans(field.bytes, &result.spans)) return false;
    }
  }
  result.resource = std::move(resource);
  if (!result.spans.empty()) decoded_.resources.push_back(std::move(result));
  return reader.ok();
}

bool Decoder::ReadScopeSpans(std::string_view message, SpanBatch* spans) {
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (!field.Is(2, WireType::kBytes)) continue;
    if (decoded_.spans + decoded_.rejected_spans >= limits_.spans) {
      too_many_spans_ = true;
      return false;
    }
    if (!ChargeElement<SpanRecord>()) return false;
    auto span = std::make_shared<SpanRecord>();
    bool usable = false;
    if (!ReadSpan(field.bytes, span.get(), &usable)) return false;
    if (usable) {
      ++decoded_.spans;
      spans->push_back(std::move(span));
    } else {
      ++decoded_.rejected_spans;
    }
  }
  return reader.ok();
}

bool Decoder::ReadSpan(std::string_view message, SpanRecord* span, bool* usable) {
  span->kind = SpanKind::kUnspecified;
  WireReader reader(message);
  WireField field;
  bool ids = true;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) {
      ids = ids && ReadId(field.bytes, &span->context.trace_id);
    } else if (field.Is(2, WireType::kBytes)) {
      ids = ids && ReadId(field.bytes, &span->context.span_id);
    } else if (field.Is(4, WireType::kBytes)) {
      ids = ids && (field.bytes.empty() || ReadId(field.bytes, &span->parent_span_id));
    } else if (!ReadSpanPart(field, span)) {
      return false;
    }
  }
  *usable = ids && span->context.valid();
  return reader.ok();
}

bool Decoder::ReadSpanPart(const WireField& field, SpanRecord* span) {
  const uint64_t value = field.value;
  if (field.type == WireType::kBytes) {
    switch (field.number) {
      case 3:
        span->context.tracestate = ToName(field.bytes);
        return true;
      case 5:
        span->name = ToName(field.bytes);
        return true;
      case 9:
        return ReadAttribute(field.bytes, limits_.span.attributes, &span->attributes,
                             &span->dropped_attributes);
      case 11:
        return ReadEvent(field.bytes, span);
      case 13:
        return ReadLink(field.bytes, span);
      case 15:
        return ReadStatus(field.bytes, span);
      default:
        return true;
    }
  }
  if (field.Is(6, WireType::kVarint)) {
    span->kind = value <= 5 ? static_cast<SpanKind>(value) : SpanKind::kUnspecified;
  } else if (field.Is(7, WireType::kFixed64)) {
    span->start = FromUnixNanos(value);
  } else if (field.Is(8, WireType::kFixed64)) {
    span->end = FromUnixNanos(value);
  } else if (field.Is(10, WireType::kVarint)) {
    span->dropped_attributes += ToCount(value);
  } else if (field.Is(12, WireType::kVarint)) {
    span->dropped_events += ToCount(value);
  } else if (field.Is(14, WireType::kVarint)) {
    span->dropped_links += ToCount(value);
  } else if (field.Is(16, WireType::kFixed32)) {
    span->context.flags = value & (TraceContext::kSampled | TraceContext::kRandom);
    span->parent_is_remote = (value & 0x300) == 0x300;
  }
  return true;
}

bool Decoder::ReadAttribute(std::string_view message, size_t max_count,
                            std::vector<Attribute>* attributes, uint32_t* dropped) {
  if (attributes->size() >= max_count) {
    ++*dropped;
    return true;
  }
  if (!ChargeElement<Attribute>()) return false;
  Attribute attribute;
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) {
      attribute.key = ToName(field.bytes);
    } else if (field.Is(2, WireType::kBytes)) {
      if (!ReadValue(field.bytes, &attribute.value)) return false;
    }
  }
  attributes->push_back(std::move(attribute));
  return reader.ok();
}

bool Decoder::ReadValue(std::string_view message, AttributeValue* value) {
  const size_t max_bytes = limits_.span.attribute_value_bytes;
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) {
      *value = Charged(ToText(field.bytes, max_bytes));
    } else if (field.Is(2, WireType::kVarint)) {
      *value = field.value != 0;
    } else if (field.Is(3, WireType::kVarint)) {
      *value = static_cast<int64_t>(field.value);
    } else if (field.Is(4, WireType::kFixed64)) {
      *value = std::bit_cast<double>(field.value);
    } else if (field.Is(5, WireType::kBytes) || field.Is(6, WireType::kBytes)) {
      std::string json;
      if (!AppendValuesAsJson(field.bytes, field.number == 6, 1, max_bytes, &json)) return false;
      *value = Charged(ToText(json, max_bytes));
    } else if (field.Is(7, WireType::kBytes)) {
      std::string hex;
      const std::string_view bytes = field.bytes.substr(0, max_bytes / 2);
      AppendHex(&hex, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
      *value = Charged(std::move(hex));
    }
  }
  return reader.ok();
}

bool Decoder::ReadEvent(std::string_view message, SpanRecord* span) {
  if (span->events.size() >= limits_.span.events) {
    ++span->dropped_events;
    return true;
  }
  if (!ChargeElement<SpanEvent>()) return false;
  SpanEvent event;
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kFixed64)) {
      event.time = FromUnixNanos(field.value);
    } else if (field.Is(2, WireType::kBytes)) {
      event.name = ToName(field.bytes);
    } else if (field.Is(4, WireType::kVarint)) {
      event.dropped_attributes += ToCount(field.value);
    } else if (field.Is(3, WireType::kBytes) &&
               !ReadAttribute(field.bytes, limits_.span.event_attributes, &event.attributes,
                              &event.dropped_attributes)) {
      return false;
    }
  }
  span->events.push_back(std::move(event));
  return reader.ok();
}

bool Decoder::ReadLink(std::string_view message, SpanRecord* span) {
  TraceContext link;
  bool ids = true;
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(1, WireType::kBytes)) ids = ids && ReadId(field.bytes, &link.trace_id);
    if (field.Is(2, WireType::kBytes)) ids = ids && ReadId(field.bytes, &link.span_id);
    if (field.Is(3, WireType::kBytes)) link.tracestate = ToName(field.bytes);
    if (field.Is(6, WireType::kFixed32)) {
      link.flags = field.value & (TraceContext::kSampled | TraceContext::kRandom);
    }
  }
  if (ids && link.valid() && span->links.size() < limits_.span.links) {
    if (!ChargeElement<TraceContext>()) return false;
    span->links.push_back(std::move(link));
  } else {
    ++span->dropped_links;
  }
  return reader.ok();
}

bool Decoder::ReadStatus(std::string_view message, SpanRecord* span) {
  WireReader reader(message);
  WireField field;
  while (reader.Next(&field)) {
    if (field.Is(2, WireType::kBytes)) {
      span->status_message = Charged(ToText(field.bytes, limits_.span.attribute_value_bytes));
    } else if (field.Is(3, WireType::kVarint)) {
      span->status = field.value <= 2 ? static_cast<SpanStatus>(field.value) : SpanStatus::kUnset;
    }
  }
  return reader.ok();
}

}  // namespace

absl::StatusOr<DecodedSpans> DecodeOtlp(std::string_view bytes, const OtlpDecodeLimits& limits) {
  Decoder decoder(limits);
  RETURN_IF_ERROR(decoder.Decode(bytes));
  return decoder.Take();
}

absl::StatusOr<OtlpPartialSuccess> DecodeOtlpResponse(std::string_view bytes) {
  OtlpPartialSuccess result;
  WireReader reader(bytes);
  WireField field;
  while (reader.Next(&field)) {
    if (!field.Is(1, WireType::kBytes)) continue;
    WireReader partial(field.bytes);
    while (partial.Next(&field)) {
      if (field.Is(1, WireType::kVarint)) result.rejected_spans = static_cast<int64_t>(field.value);
      if (field.Is(2, WireType::kBytes)) result.message = ToText(field.bytes, 1024);
    }
    if (!partial.ok()) return absl::InvalidArgumentError("malformed OTLP partial success");
  }
  if (!reader.ok()) return absl::InvalidArgumentError("malformed OTLP response");
  return result;
}

}  // namespace bridge::telemetry
