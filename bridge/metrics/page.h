// Writes metrics as text for Prometheus: its own format 0.0.4 and OpenMetrics 1.0. By hand, since
// the packaged client library has neither OpenMetrics nor exemplars.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "bridge/metrics/histogram.h"

namespace bridge::metrics {

enum class Format : uint8_t { kText, kOpenMetrics };

// With version and charset, as a scraper requires.
std::string_view ContentType(Format format);

enum class Type : uint8_t { kCounter, kGauge, kHistogram, kInfo };

// All views of a family are literals. The name is that of its samples: a counter's ends in
// "_total", that of an info in "_info".
struct Family {
  std::string_view name;
  Type type;
  std::string_view help;
  std::string_view unit = {};  // "seconds": then the name ends in it, before "_total"
};

// A label whose value is empty is left out, which is the same to Prometheus.
struct Label {
  std::string_view name;
  std::string_view value;
};
using Labels = std::span<const Label>;

class Page final {
 public:
  explicit Page(Format format) : format_(format) {}

  Format format() const { return format_; }

  // A family and then all of its samples, the same labels at most once; then the next family.
  void Begin(const Family& family);

  // A sample of a counter or gauge.
  template <typename Number>
  void Value(Labels labels, Number value) {
    if constexpr (std::is_floating_point_v<Number>) {
      Real(labels, value);
    } else if constexpr (std::is_signed_v<Number>) {
      Signed(labels, value);
    } else {
      Unsigned(labels, value);
    }
  }
  template <typename Number>
  void Value(std::initializer_list<Label> labels, Number value) {
    Value(Labels(labels.begin(), labels.size()), value);
  }
  template <typename Number>
  void Value(Number value) {
    Value(Labels(), value);
  }

  // The sample of an info: 1.
  void Info(Labels labels) { Value(labels, 1u); }

  void Histogram(Labels labels, const Layout& layout, const HistogramSum& sum);
  void Histogram(std::initializer_list<Label> labels, const Layout& layout,
                 const HistogramSum& sum) {
    Histogram(Labels(labels.begin(), labels.size()), layout, sum);
  }

  // A family of one sample without labels.
  template <typename Number>
  void Single(const Family& family, Number value) {
    Begin(family);
    Value(value);
  }

  // The whole text; nothing may be added after it.
  std::string Finish() &&;

 private:
  void Real(Labels labels, double value);
  void Signed(Labels labels, int64_t value);
  void Unsigned(Labels labels, uint64_t value);
  // `name`, `suffix` and the labels, up to the space before the number.
  void Sample(std::string_view suffix, Labels labels, std::string_view le = {});
  void AppendExemplar(const Exemplar& exemplar, Unit unit);

  const Format format_;
  Family family_{};
  std::string out_;
};

}  // namespace bridge::metrics
