#include "bridge/metrics/histogram.h"

#include <cstring>
#include <numeric>

namespace bridge::metrics {
namespace {

constexpr Bound kRequestBounds[] = {
    {5'000'000, "0.005"},   {10'000'000, "0.01"},    {25'000'000, "0.025"},  {50'000'000, "0.05"},
    {75'000'000, "0.075"},  {100'000'000, "0.1"},    {250'000'000, "0.25"},  {500'000'000, "0.5"},
    {750'000'000, "0.75"},  {1'000'000'000, "1.0"},  {2'500'000'000, "2.5"}, {5'000'000'000, "5.0"},
    {7'500'000'000, "7.5"}, {10'000'000'000, "10.0"}};
constexpr Bound kOperationBounds[] = {
    {10'000'000, "0.01"},       {20'000'000, "0.02"},      {50'000'000, "0.05"},
    {100'000'000, "0.1"},       {200'000'000, "0.2"},      {500'000'000, "0.5"},
    {1'000'000'000, "1.0"},     {2'000'000'000, "2.0"},    {5'000'000'000, "5.0"},
    {10'000'000'000, "10.0"},   {30'000'000'000, "30.0"},  {60'000'000'000, "60.0"},
    {120'000'000'000, "120.0"}, {300'000'000'000, "300.0"}};
constexpr Bound kByteBounds[] = {
    {256, "256.0"},         {1 << 10, "1024.0"},    {4 << 10, "4096.0"},
    {16 << 10, "16384.0"},  {64 << 10, "65536.0"},  {256 << 10, "262144.0"},
    {1 << 20, "1048576.0"}, {4 << 20, "4194304.0"}, {16 << 20, "16777216.0"}};

constexpr std::chrono::seconds kExemplarPause{1};

telemetry::Clock::time_point TimeOf(uint64_t word) {
  return telemetry::Clock::time_point(telemetry::Clock::duration(static_cast<int64_t>(word)));
}

}  // namespace

const Layout kRequestSeconds{kRequestBounds, Unit::kSeconds};
const Layout kOperationSeconds{kOperationBounds, Unit::kSeconds};
const Layout kBytes{kByteBounds, Unit::kBytes};

// Each word is released after the odd turn, so whoever has read a new word also sees that turn, and
// knows that what it has may be of two examples.
void ExemplarCell::Offer(const telemetry::TraceContext& trace, uint64_t value,
                         telemetry::Clock::time_point time) {
  const uint32_t turn = turn_.load(std::memory_order_relaxed);
  const auto last = TimeOf(words_[4].load(std::memory_order_relaxed));
  if (turn != 0 && time >= last && time - last < kExemplarPause) return;
  std::array<uint64_t, 5> words{};
  static_assert(sizeof(telemetry::TraceId) + sizeof(telemetry::SpanId) == 3 * sizeof(uint64_t));
  std::memcpy(words.data(), trace.trace_id.data(), sizeof(telemetry::TraceId));
  std::memcpy(words.data() + 2, trace.span_id.data(), sizeof(telemetry::SpanId));
  words[3] = value;
  words[4] = static_cast<uint64_t>(time.time_since_epoch().count());
  turn_.store(turn + 1, std::memory_order_relaxed);
  for (size_t i = 0; i < words.size(); ++i) words_[i].store(words[i], std::memory_order_release);
  turn_.store(turn + 2, std::memory_order_release);
}

std::optional<Exemplar> ExemplarCell::Read() const {
  const uint32_t turn = turn_.load(std::memory_order_acquire);
  if (turn == 0 || turn % 2 != 0) return std::nullopt;
  std::array<uint64_t, 5> words{};
  for (size_t i = 0; i < words.size(); ++i) words[i] = words_[i].load(std::memory_order_acquire);
  if (turn_.load(std::memory_order_relaxed) != turn) return std::nullopt;
  Exemplar exemplar;
  std::memcpy(exemplar.trace_id.data(), words.data(), sizeof(telemetry::TraceId));
  std::memcpy(exemplar.span_id.data(), words.data() + 2, sizeof(telemetry::SpanId));
  exemplar.value = words[3];
  exemplar.time = TimeOf(words[4]);
  return exemplar;
}

void HistogramSum::Add(const Histogram& histogram) {
  for (size_t i = 0; i < kMaxBuckets; ++i) counts_[i] += histogram.count(i);
  sum_ += histogram.sum();
}

void HistogramSum::Add(const TracedHistogram& histogram) {
  Add(histogram.counts());
  for (size_t i = 0; i < kMaxBuckets; ++i) Offer(i, histogram.exemplar(i).Read());
}

void HistogramSum::Add(const HistogramSum& sum) {
  for (size_t i = 0; i < kMaxBuckets; ++i) {
    counts_[i] += sum.counts_[i];
    Offer(i, sum.exemplars_[i]);
  }
  sum_ += sum.sum_;
}

void HistogramSum::Offer(size_t bucket, const std::optional<Exemplar>& exemplar) {
  if (!exemplar.has_value()) return;
  std::optional<Exemplar>& kept = exemplars_[bucket];
  if (!kept.has_value() || kept->time < exemplar->time) kept = exemplar;
}

uint64_t HistogramSum::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), uint64_t{0});
}

}  // namespace bridge::metrics
