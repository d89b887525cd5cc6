#include "bridge/metrics/page.h"

#include <chrono>
#include <utility>

#include "bridge/base/json_text.h"

namespace bridge::metrics {
namespace {

constexpr std::string_view kTypeNames[] = {"counter", "gauge", "histogram", "info"};

// Both formats escape alike; a help text has no quotes around it.
void AppendEscaped(std::string* out, std::string_view text, bool quoted) {
  for (const char c : text) {
    if (c == '\n') {
      out->append("\\n");
    } else {
      if (c == '\\' || (c == '"' && quoted)) out->push_back('\\');
      out->push_back(c);
    }
  }
}

double InUnit(uint64_t value, Unit unit) {
  const auto number = static_cast<double>(value);
  return unit == Unit::kSeconds ? number / 1e9 : number;
}

std::string_view WithoutSuffix(std::string_view name, std::string_view suffix) {
  return name.ends_with(suffix) ? name.substr(0, name.size() - suffix.size()) : name;
}

}  // namespace

std::string_view ContentType(Format format) {
  return format == Format::kOpenMetrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

// In OpenMetrics a family has a name without what its samples end in, and infos have a type.
void Page::Begin(const Family& family) {
  family_ = family;
  std::string_view name = family.name;
  std::string_view type = kTypeNames[static_cast<size_t>(family.type)];
  if (format_ == Format::kOpenMetrics) {
    if (family.type == Type::kCounter) name = WithoutSuffix(name, "_total");
    if (family.type == Type::kInfo) name = WithoutSuffix(name, "_info");
  } else if (family.type == Type::kInfo) {
    type = "gauge";
  }
  out_.append("# HELP ").append(name).append(" ");
  AppendEscaped(&out_, family.help, /*quoted=*/false);
  out_.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
  if (format_ == Format::kOpenMetrics && !family.unit.empty()) {
    out_.append("# UNIT ").append(name).append(" ").append(family.unit).append("\n");
  }
}

void Page::Sample(std::string_view suffix, Labels labels, std::string_view le) {
  out_.append(family_.name).append(suffix);
  char before = '{';
  const auto append = [&](const Label& label) {
    if (label.value.empty()) return;
    out_.push_back(before);
    before = ',';
    out_.append(label.name).append("=\"");
    AppendEscaped(&out_, label.value, /*quoted=*/true);
    out_.push_back('"');
  };
  for (const Label& label : labels) append(label);
  append({"le", le});
  if (before == ',') out_.push_back('}');
  out_.push_back(' ');
}

void Page::Real(Labels labels, double value) {
  Sample({}, labels);
  AppendJsonDouble(&out_, value);
  out_.push_back('\n');
}

void Page::Signed(Labels labels, int64_t value) {
  Sample({}, labels);
  AppendJsonInt(&out_, value);
  out_.push_back('\n');
}

void Page::Unsigned(Labels labels, uint64_t value) {
  Sample({}, labels);
  AppendJsonUint(&out_, value);
  out_.push_back('\n');
}

void Page::AppendExemplar(const Exemplar& exemplar, Unit unit) {
  out_.append(" # {trace_id=\"");
  telemetry::AppendHex(&out_, exemplar.trace_id);
  out_.append("\",span_id=\"");
  telemetry::AppendHex(&out_, exemplar.span_id);
  out_.append("\"} ");
  AppendJsonDouble(&out_, InUnit(exemplar.value, unit));
  out_.push_back(' ');
  using std::chrono::milliseconds;
  const auto since = std::chrono::duration_cast<milliseconds>(exemplar.time.time_since_epoch());
  AppendJsonDouble(&out_, static_cast<double>(since.count()) / 1e3);
}

void Page::Histogram(Labels labels, const Layout& layout, const HistogramSum& sum) {
  uint64_t count = 0;
  for (size_t i = 0; i <= layout.bounds.size(); ++i) {
    count += sum.count(i);
    Sample("_bucket", labels, i < layout.bounds.size() ? layout.bounds[i].le : "+Inf");
    AppendJsonUint(&out_, count);
    if (format_ == Format::kOpenMetrics && sum.exemplar(i).has_value()) {
      AppendExemplar(*sum.exemplar(i), layout.unit);
    }
    out_.push_back('\n');
  }
  Sample("_sum", labels);
  AppendJsonDouble(&out_, InUnit(sum.sum(), layout.unit));
  out_.push_back('\n');
  Sample("_count", labels);
  AppendJsonUint(&out_, count);
  out_.push_back('\n');
}

std::string Page::Finish() && {
  if (format_ == Format::kOpenMetrics) out_.append("# EOF\n");
  return std::move(out_);
}

}  // namespace bridge::metrics
