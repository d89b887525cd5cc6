#include "bridge/telemetry/random_id.h"

#include <bit>
#include <cstring>
#include <random>

namespace bridge::telemetry {
namespace {

// xoshiro256++ (Blackman and Vigna, 2019).
class Generator final {
 public:
  Generator() {
    std::random_device device;
    for (uint64_t& word : state_) word = uint64_t{device()} << 32 | device();
    state_[0] |= 1;  // the all-zero state would stay zero
  }

  uint64_t Next() {
    const uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  uint64_t NextNonZero() {
    uint64_t value = Next();
    while (value == 0) value = Next();
    return value;
  }

 private:
  std::array<uint64_t, 4> state_;
};

Generator& ThreadGenerator() {
  thread_local Generator generator;
  return generator;
}

}  // namespace

TraceId MakeTraceId() {
  Generator& generator = ThreadGenerator();
  const uint64_t words[2] = {generator.Next(), generator.NextNonZero()};
  TraceId id;
  std::memcpy(id.data(), words, sizeof(words));
  return id;
}

SpanId MakeSpanId() {
  const uint64_t word = ThreadGenerator().NextNonZero();
  SpanId id;
  std::memcpy(id.data(), &word, sizeof(word));
  return id;
}

double MakeRandomFraction() {
  return static_cast<double>(ThreadGenerator().Next() >> 11) * 0x1.0p-53;
}

}  // namespace bridge::telemetry
