// Finds the end of a run of plain string bytes: those that stand for themselves in JSON text.
// Shared by the reader and the writer. 16 bytes at a time with SSE2; never reads past `end`.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bridge {

// The first of '"', '\' and U+0000..U+001F in [p, end), or `end`. Sets `*high` if a byte before it
// is not ASCII; leaves it alone otherwise.
inline const char* FindJsonSpecial(const char* p, const char* end, bool* high) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  while (end - p >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)),
                     _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block));
    const auto special_bits = static_cast<uint32_t>(_mm_movemask_epi8(special));
    const auto high_bits = static_cast<uint32_t>(_mm_movemask_epi8(block));
    if (special_bits != 0) {
      const int index = __builtin_ctz(special_bits);
      if ((high_bits & ((1u << index) - 1)) != 0) *high = true;
      return p + index;
    }
    if (high_bits != 0) *high = true;
    p += 16;
  }
#endif
  for (; p != end; ++p) {
    const auto byte = static_cast<uint8_t>(*p);
    if (byte < 0x20 || byte == '"' || byte == '\\') return p;
    if (byte >= 0x80) *high = true;
  }
  return end;
}

}  // namespace bridge
