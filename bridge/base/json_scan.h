// Runs of plain string bytes: those that stand for themselves in JSON text. Shared by the reader
// and the writers. 16 bytes at a time with SSE2; never reads past the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace bridge {

#if defined(__SSE2__)
// All ones in each byte that is '"' or '\\'.
inline __m128i JsonQuotes(__m128i block) {
  return _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                      _mm_cmpeq_epi8(block, _mm_set1_epi8('\\')));
}

// A bit for each byte that is '"', '\\' or U+0000..U+001F.
inline uint32_t JsonSpecialBits(__m128i block) {
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block);
  return static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(JsonQuotes(block), control)));
}

inline uint32_t HighBits(__m128i block) {
  return static_cast<uint32_t>(_mm_movemask_epi8(block));
}
#endif

// The first of '"', '\' and U+0000..U+001F in [p, end), or `end`. Sets `*high` if a byte before it
// is not ASCII; leaves it alone otherwise.
inline const char* FindJsonSpecial(const char* p, const char* end, bool* high) {
#if defined(__SSE2__)
  while (end - p >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const uint32_t special_bits = JsonSpecialBits(block);
    const uint32_t high_bits = HighBits(block);
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

// True if [p, end) begins with the `size` bytes at `word`, behind which 16 more can be read.
inline bool BeginsWith(const char* p, const char* end, const char* word, size_t size) {
#if defined(__SSE2__)
  if (static_cast<size_t>(end - p) >= size + 15) {
    for (; size > 16; size -= 16, p += 16, word += 16) {
      const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)),
                                           _mm_loadu_si128(reinterpret_cast<const __m128i*>(word)));
      if (_mm_movemask_epi8(equal) != 0xFFFF) return false;
    }
    const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)),
                                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(word)));
    const uint32_t used = (1u << size) - 1;
    return (static_cast<uint32_t>(_mm_movemask_epi8(equal)) & used) == used;
  }
#endif
  return static_cast<size_t>(end - p) >= size && std::memcmp(p, word, size) == 0;
}

// Copies the string that begins at `p` up to its closing quote: returns the number of bytes. -1 if
// it has an escape, bytes that are not ASCII, a fault, or is not shown to be short enough.
inline constexpr int kMaxShortString = 112;
inline int CopyShortString(char* out, const char* p, const char* end) {
#if defined(__SSE2__)
  for (int size = 0; size < kMaxShortString && end - p >= 16; size += 16, p += 16, out += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), block);
    const uint32_t stops = JsonSpecialBits(block) | HighBits(block);
    if (stops == 0) continue;
    const int plain = __builtin_ctz(stops);
    return p[plain] == '"' ? size + plain : -1;
  }
#else
  for (int size = 0; size < kMaxShortString && p != end; ++size, ++p, ++out) {
    const auto byte = static_cast<uint8_t>(*p);
    if (byte == '"') return size;
    if (byte < 0x20 || byte >= 0x80 || byte == '\\') return -1;
    *out = *p;
  }
#endif
  return -1;
}

// Copies `size` bytes if all of them are plain ASCII: returns the end of the copy. Otherwise null,
// and `out` has rubbish in it.
inline char* CopyPlainJson(char* out, const char* p, size_t size) {
#if defined(__SSE2__)
  const auto is_plain = [](__m128i block, uint32_t used) {
    return ((JsonSpecialBits(block) | HighBits(block)) & used) == 0;
  };
  // Shorter than a block: its first and its last bytes, which may overlap.
  if (size < 16) {
    if (size >= 8) {
      uint64_t head;
      uint64_t tail;
      std::memcpy(&head, p, 8);
      std::memcpy(&tail, p + size - 8, 8);
      const auto low = static_cast<int64_t>(head);
      const auto high = static_cast<int64_t>(tail);
      if (!is_plain(_mm_set_epi64x(high, low), 0xFFFF)) return nullptr;
      std::memcpy(out, &head, 8);
      std::memcpy(out + size - 8, &tail, 8);
      return out + size;
    }
    if (size >= 4) {
      uint32_t head;
      uint32_t tail;
      std::memcpy(&head, p, 4);
      std::memcpy(&tail, p + size - 4, 4);
      const auto both = static_cast<int64_t>(static_cast<uint64_t>(tail) << 32 | head);
      if (!is_plain(_mm_cvtsi64_si128(both), 0xFF)) return nullptr;
      std::memcpy(out, &head, 4);
      std::memcpy(out + size - 4, &tail, 4);
      return out + size;
    }
  } else {
    for (size_t at = 0;; at += 16) {
      if (size - at < 16) at = size - 16;
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + at));
      if (!is_plain(block, 0xFFFF)) return nullptr;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + at), block);
      if (at + 16 == size) return out + size;
    }
  }
#endif
  for (size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<uint8_t>(p[i]);
    if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') return nullptr;
    out[i] = p[i];
  }
  return out + size;
}

}  // namespace bridge
