#include "bridge/base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "bridge/base/json_scan.h"
#include "bridge/base/utf8.h"

namespace bridge {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

// Appends a run without special bytes. False if it had to be repaired.
bool AppendUtf8Run(std::string* out, std::string_view run) {
  bool valid = true;
  for (;;) {
    const size_t good = Utf8PrefixLength(run);
    out->append(run.substr(0, good));
    if (good == run.size()) return valid;
    valid = false;
    out->append(kReplacement);
    run.remove_prefix(good + 1);
  }
}

struct Escape {
  char text[6];
  uint8_t size;
};

constexpr std::array<Escape, 32> MakeControlEscapes() {
  std::array<Escape, 32> table{};
  for (size_t i = 0; i < table.size(); ++i) {
    const char low = "0123456789abcdef"[i % 16];
    table[i] = {{'\\', 'u', '0', '0', i < 16 ? '0' : '1', low}, 6};
  }
  table['\b'] = {{'\\', 'b'}, 2};
  table['\f'] = {{'\\', 'f'}, 2};
  table['\n'] = {{'\\', 'n'}, 2};
  table['\r'] = {{'\\', 'r'}, 2};
  table['\t'] = {{'\\', 't'}, 2};
  return table;
}

constexpr std::array<Escape, 32> kControlEscapes = MakeControlEscapes();

template <typename Float>
char* WriteFloating(char* out, Float value, Float fixed_limit) {
  char* const end = out + kMaxJsonNumber;
  const Float magnitude = std::abs(value);
  if (magnitude < fixed_limit) {
    if (value == 0 && std::signbit(value)) {  // readers take "-0" for an integer, without a sign
      constexpr std::string_view kMinusZero = "-0.0";
      return std::copy(kMinusZero.begin(), kMinusZero.end(), out);
    }
    if (value == std::trunc(value)) {
      return WriteJsonInt(out, static_cast<int64_t>(value));
    }
    if (magnitude >= Float{1e-6F}) {
      return std::to_chars(out, end, value, std::chars_format::fixed).ptr;
    }
  }
  return std::to_chars(out, end, value).ptr;
}

// Money, rates and coordinates have few decimals. If value * 10^n is an integer m of at most 15
// digits and m / 10^n gives the value back, then those digits read back exactly, and with the
// smallest such n they are the fewest: much cheaper to find than in general. Null if there is none.
char* WriteFewDecimals(char* out, double value) {
  constexpr int kMaxDecimals = 6;
  constexpr double kRound = 0x1p52;  // adding it leaves no fraction of anything below it
  double scale = 1;
  for (int decimals = 1; decimals <= kMaxDecimals; ++decimals) {
    scale *= 10;
    const double scaled = value * scale + kRound - kRound;
    if (scaled >= 1e15) return nullptr;
    if (scaled / scale != value) continue;
    const auto whole = static_cast<uint64_t>(scaled) / static_cast<uint64_t>(scale);
    uint64_t rest = static_cast<uint64_t>(scaled) % static_cast<uint64_t>(scale);
    out = WriteJsonUint(out, whole);
    *out = '.';
    for (int i = decimals; i > 0; --i) {
      out[i] = static_cast<char>('0' + rest % 10);
      rest /= 10;
    }
    return out + decimals + 1;
  }
  return nullptr;
}

}  // namespace

std::string_view JsonEscapeOf(char special) {
  if (special == '"') return "\\\"";
  if (special == '\\') return "\\\\";
  const Escape& escape = kControlEscapes[static_cast<uint8_t>(special)];
  return std::string_view(escape.text, escape.size);
}

bool AppendJsonEscaped(std::string* out, std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  bool valid = true;
  while (p != end) {
    bool high = false;
    const char* const stop = FindJsonSpecial(p, end, &high);
    const std::string_view run(p, static_cast<size_t>(stop - p));
    if (high) {
      valid &= AppendUtf8Run(out, run);
    } else {
      out->append(run);
    }
    if (stop == end) break;
    out->append(JsonEscapeOf(*stop));
    p = stop + 1;
  }
  return valid;
}

bool AppendJsonString(std::string* out, std::string_view text) {
  out->push_back('"');
  const bool valid = AppendJsonEscaped(out, text);
  out->push_back('"');
  return valid;
}

void AppendJsonInString(std::string* out, std::string_view json) {
  const size_t start = out->size();
  out->resize(start + 2 * json.size() + 16);  // the most there can be, and a whole last block
  char* to = out->data() + start;
  const char* p = json.data();
  const char* const end = p + json.size();
#if defined(__SSE2__)
  while (end - p >= 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), block);
    const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(JsonQuotes(block)));
    const int plain = bits == 0 ? 16 : __builtin_ctz(bits);
    p += plain;
    to += plain;
    if (bits == 0) continue;
    *to++ = '\\';
    *to++ = *p++;
  }
#endif
  for (; p != end; ++p) {
    if (*p == '"' || *p == '\\') *to++ = '\\';
    *to++ = *p;
  }
  out->resize(static_cast<size_t>(to - out->data()));
}

char* WriteJsonInt(char* out, int64_t value) {
  const auto magnitude = static_cast<uint64_t>(value);
  if (value >= 0) return WriteJsonUint(out, magnitude);
  *out = '-';
  return WriteJsonUint(out + 1, 0 - magnitude);
}

char* WriteJsonUint(char* out, uint64_t value) {
  if (value < 10) {
    *out = static_cast<char>('0' + value);
    return out + 1;
  }
  return std::to_chars(out, out + kMaxJsonNumber, value).ptr;
}

char* WriteJsonDouble(char* out, double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 1e-6 && magnitude < 1e9 && magnitude != std::trunc(magnitude)) {
    if (value < 0) *out = '-';
    if (char* const end = WriteFewDecimals(out + (value < 0 ? 1 : 0), magnitude)) return end;
  }
  return WriteFloating<double>(out, value, 1e15);
}

char* WriteJsonFloat(char* out, float value) {
  return WriteFloating<float>(out, value, 1e7F);
}

void AppendJsonInt(std::string* out, int64_t value) {
  char text[kMaxJsonNumber];
  out->append(text, static_cast<size_t>(WriteJsonInt(text, value) - text));
}

void AppendJsonUint(std::string* out, uint64_t value) {
  char text[kMaxJsonNumber];
  out->append(text, static_cast<size_t>(WriteJsonUint(text, value) - text));
}

void AppendJsonDouble(std::string* out, double value) {
  char text[kMaxJsonNumber];
  out->append(text, static_cast<size_t>(WriteJsonDouble(text, value) - text));
}

void AppendJsonFloat(std::string* out, float value) {
  char text[kMaxJsonNumber];
  out->append(text, static_cast<size_t>(WriteJsonFloat(text, value) - text));
}

}  // namespace bridge
