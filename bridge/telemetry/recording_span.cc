#include <algorithm>

#include "bridge/telemetry/text.h"
#include "bridge/telemetry/tracer.h"

namespace bridge::telemetry {

Span& Span::operator=(Span&& other) noexcept {
  if (this == &other) return *this;
  End();
  tracer_ = other.tracer_;
  context_ = std::move(other.context_);
  record_ = std::move(other.record_);
  left_out_ = other.left_out_;
  parent_is_remote_ = other.parent_is_remote_;
  kind_ = other.kind_;
  parent_span_id_ = other.parent_span_id_;
  name_ = other.name_;
  start_ = other.start_;
  return *this;
}

Span::~Span() {
  End();
}

void Span::End() {
  left_out_ = false;
  if (record_ == nullptr) return;
  record_->context = context_;
  record_->end = std::max(Clock::now(), record_->start);
  tracer_->Finish(std::move(record_));
}

void Span::SetName(std::string_view name) {
  if (record_ != nullptr) record_->name = name;
}

void Span::SetAttribute(std::string_view key, std::string_view value) {
  AttributeValue* slot = FindSlot(key);
  if (slot == nullptr) return;
  const std::string_view cut = CutUtf8(value, tracer_->span_limits().attribute_value_bytes);
  slot->emplace<std::string>(cut);
}

void Span::SetAttribute(std::string_view key, const char* value) {
  SetAttribute(key, std::string_view(value));
}

void Span::SetAttribute(std::string_view key, bool value) {
  if (AttributeValue* slot = FindSlot(key)) *slot = value;
}

void Span::SetAttribute(std::string_view key, double value) {
  if (AttributeValue* slot = FindSlot(key)) *slot = value;
}

void Span::SetInteger(std::string_view key, int64_t value) {
  if (AttributeValue* slot = FindSlot(key)) *slot = value;
}

AttributeValue* Span::FindSlot(std::string_view key) {
  if (record_ == nullptr) return nullptr;
  std::vector<Attribute>& attributes = record_->attributes;
  for (Attribute& attribute : attributes) {
    if (attribute.key == key) return &attribute.value;
  }
  if (attributes.size() >= tracer_->span_limits().attributes) {
    ++record_->dropped_attributes;
    return nullptr;
  }
  Attribute& added = attributes.emplace_back();
  added.key = key;
  return &added.value;
}

void Span::AddEvent(std::string_view name, std::vector<Attribute> attributes) {
  if (record_ == nullptr) return;
  const SpanLimits& limits = tracer_->span_limits();
  if (record_->events.size() >= limits.events) {
    ++record_->dropped_events;
    return;
  }
  SpanEvent event{Clock::now(), std::string(name), std::move(attributes)};
  if (event.attributes.size() > limits.event_attributes) {
    event.dropped_attributes =
        static_cast<uint32_t>(event.attributes.size() - limits.event_attributes);
    event.attributes.resize(limits.event_attributes);
  }
  for (Attribute& attribute : event.attributes) {
    if (auto* text = std::get_if<std::string>(&attribute.value)) {
      text->resize(CutUtf8(*text, limits.attribute_value_bytes).size());
    }
  }
  record_->events.push_back(std::move(event));
}

void Span::AddLink(const TraceContext& context) {
  if (record_ == nullptr || !context.valid()) return;
  if (record_->links.size() >= tracer_->span_limits().links) {
    ++record_->dropped_links;
    return;
  }
  record_->links.push_back(context);
}

void Span::SetError(std::string_view description) {
  if (record_ == nullptr) return;
  record_->status = SpanStatus::kError;
  record_->status_message = CutUtf8(description, tracer_->span_limits().attribute_value_bytes);
}

}  // namespace bridge::telemetry
