#include "bridge/base/text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <utility>

#include "bridge/base/markdown.h"

namespace bridge {
namespace {

constexpr size_t kLongestNameToCompare = 128;  // a tool's name has at most 64
constexpr std::string_view kEllipsis = "…";
// What follows the first sentence in so little text limits rather than explains: "Max results.
// 1-500, default 50."
constexpr size_t kShortText = 150;

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool IsSeparator(char c) {
  return c == '_' || c == '-';
}

// Levenshtein distances from one name to many, of all characters or of case-folded names without
// '_' and '-': Myers' algorithm (Journal of the ACM 46(3), 1999; global form by Hyyrö), one step of
// word operations a letter.
class NameDistance final {
 public:
  static constexpr size_t kMaxLetters = 64;  // what comes after them is not looked at

  enum class Of : uint8_t { kLetters, kCharacters };

  NameDistance(std::string_view name, Of of) : of_(of) {
    for (const char c : name) {
      if (IsSkipped(c) || letters_ == kMaxLetters) continue;
      places_[Index(c)] |= uint64_t{1} << letters_++;
    }
  }

  size_t letters() const { return letters_; }

  size_t To(std::string_view other) const {
    const uint64_t last = letters_ == 0 ? 0 : uint64_t{1} << (letters_ - 1);
    uint64_t more = ~uint64_t{0};  // bit i: one more at letter i + 1 than at letter i
    uint64_t less = 0;
    size_t distance = letters_;
    for (const char c : other) {
      if (IsSkipped(c)) continue;
      const uint64_t equal = places_[Index(c)];
      const uint64_t vertical = equal | less;
      const uint64_t horizontal = (((equal & more) + more) ^ more) | equal;
      uint64_t up = less | ~(horizontal | more);
      uint64_t down = more & horizontal;
      if ((up & last) != 0) ++distance;
      if ((down & last) != 0) --distance;
      up = up << 1 | 1;
      down <<= 1;
      more = down | ~(vertical | up);
      less = up & vertical;
    }
    return distance;
  }

 private:
  bool IsSkipped(char c) const { return of_ == Of::kLetters && IsSeparator(c); }
  size_t Index(char c) const {
    return static_cast<unsigned char>(of_ == Of::kLetters ? Lower(c) : c);
  }

  const Of of_;
  std::array<uint64_t, 256> places_{};  // of each letter in the name, as bits
  size_t letters_ = 0;
};

// The words that all of several names begin with, with the '_' behind them.
std::string_view CommonWords(std::span<const std::string_view> names) {
  if (names.size() < 2) return {};
  std::string_view common = names.front();
  for (const std::string_view name : names) {
    const auto end = std::mismatch(common.begin(), common.end(), name.begin(), name.end()).first;
    common = common.substr(0, static_cast<size_t>(end - common.begin()));
  }
  return common.substr(0, common.rfind('_') + 1);
}

// `name` without `words` at its beginning, if it has them in some spelling.
std::string_view WithoutWords(std::string_view name, std::string_view words) {
  size_t at = 0;
  for (const char c : words) {
    if (IsSeparator(c)) continue;
    while (at < name.size() && IsSeparator(name[at])) ++at;
    if (at == name.size() || Lower(name[at]) != Lower(c)) return name;
    ++at;
  }
  return name.substr(at);
}

// Decodes the character at `text[at]` and returns its length in bytes, 0 if it is not UTF-8.
size_t DecodeUtf8(std::string_view text, size_t at, char32_t* out) {
  const auto byte = [&](size_t i) -> uint32_t { return static_cast<unsigned char>(text[i]); };
  const uint32_t first = byte(at);
  if (first < 0x80) {
    *out = first;
    return 1;
  }
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return 0;
  char32_t value = first & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    value = value << 6 | (byte(at + i) & 0x3F);
  }
  constexpr std::array<char32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return 0;
  *out = value;
  return length;
}

// Control characters but '\n'; all of Unicode's Default_Ignorable_Code_Point
// (DerivedCoreProperties.txt, the same from version 14 to 17), which has the zero-width, tag and
// most bidirectional characters; line and paragraph separators; the marks of interlinear
// annotations; and the braille pattern without a dot.
bool IsInvisible(char32_t c) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kInvisible[] = {
      {0x00, 0x09},       {0x0B, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},
      {0x34F, 0x34F},     {0x61C, 0x61C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},
      {0x180B, 0x180F},   {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},
      {0x2800, 0x2800},   {0x3164, 0x3164}, {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
      {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
      {0xE0000, 0xE0FFF},
  };
  return std::any_of(std::begin(kInvisible), std::end(kInvisible),
                     [c](Range range) { return c >= range.first && c <= range.last; });
}

// Neither invisible nor of several bytes.
bool IsPlain(char c) {
  return (c >= ' ' && c <= '~') || c == '\n';
}

bool IsSpace(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

std::string_view TrimSpace(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view TrimEnd(std::string_view text, std::string_view without) {
  return text.substr(0, text.find_last_not_of(without) + 1);
}

bool IsLetterOrDigit(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// Of `word`, which ends in a stop: "vs.", or "e.g.", "p.m.", "U.S."
bool IsAbbreviation(std::string_view word) {
  static constexpr std::string_view kAbbreviations[] = {
      "approx.", "cf.", "Dr.", "excl.", "incl.", "max.", "min.", "Mr.", "Mrs.", "Ms.", "no.", "vs.",
  };
  const auto is_word = [word](std::string_view other) {
    return word == other || (word.substr(1) == other.substr(1) && Lower(word[0]) == other[0]);
  };
  if (std::any_of(std::begin(kAbbreviations), std::end(kAbbreviations), is_word)) return true;
  if (word.size() < 4 || word.size() % 2 != 0) return false;
  for (size_t i = 0; i < word.size(); i += 2) {
    if (std::isalpha(static_cast<unsigned char>(word[i])) == 0 || word[i + 1] != '.') return false;
  }
  return true;
}

// "1." or "a." before the text of a list item.
bool IsOrdinal(std::string_view text) {
  return text.size() == 2 ||
         (text.size() == 3 && std::all_of(text.begin(), text.end() - 1,
                                          [](unsigned char c) { return std::isdigit(c) != 0; }));
}

// Length of the first sentence of `text`, its full stop included.
size_t SentenceLength(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') return i;
    if (text[i] == '`') {
      // No stop within code ends a sentence.
      const size_t code = InlineCodeSize(text.substr(i));
      const size_t line = std::min(text.find('\n', i), text.size()) - i;
      if (code > 0 && code <= line) i += code - 1;
      continue;
    }
    if (text[i] != '.' && text[i] != '!' && text[i] != '?') continue;
    const size_t next = i + 1;
    if (next == text.size()) return next;
    if (!IsSpace(text[next])) continue;
    if (next + 1 < text.size() && std::islower(static_cast<unsigned char>(text[next + 1])))
      continue;
    const std::string_view sentence = text.substr(0, next);
    const size_t word = sentence.find_last_of(" ([\"") + 1;  // npos + 1 is 0
    if (!IsOrdinal(sentence) && !IsAbbreviation(sentence.substr(word))) return next;
  }
  return text.size();
}

bool TakeItemMark(std::string_view* line) {
  if (!line->starts_with("- ") && !line->starts_with("* ")) return false;
  line->remove_prefix(2);
  return true;
}

// "[Output Only] The id." of "Output only. [Output Only] The id."
std::string_view WithoutRepeatedLabels(std::string_view text) {
  text = TrimSpace(text);
  std::string_view rest = text;
  std::string_view last;
  for (std::string_view label, before = rest; !(label = TakeLabel(&rest)).empty(); before = rest) {
    if (label == last) text = before;
    last = label;
  }
  return text;
}

// Appends to a line that ends in a colon what `rest` has under it: a list, a paragraph, or code of
// one line.
void AppendAnnounced(std::string_view rest, std::string* sentence) {
  bool taken = false;
  bool bullets = false;
  bool blank = false;
  while (!rest.empty()) {
    if (const size_t block = CodeBlockSize(rest); block > 0) {
      const std::string code = WithoutFences(rest.substr(0, block));
      const bool fits = sentence->size() + code.size() < kShortText;
      if (!taken && fits && code.find('\n') == std::string::npos) {
        *sentence += " " + code;
      } else if (!taken) {
        sentence->back() = '.';
      }
      return;
    }
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = TrimSpace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) {
      blank = true;
      continue;
    }
    const bool item = TakeItemMark(&line);
    const bool after_list = bullets && std::isupper(static_cast<unsigned char>(line.front())) != 0;
    if (!item && (after_list || (taken && blank))) return;
    *sentence += taken && IsLetterOrDigit(sentence->back()) ? "; " : " ";
    *sentence += line;
    bullets = bullets || item;
    taken = true;
    blank = false;
  }
}

}  // namespace

std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates) {
  if (name.size() > kLongestNameToCompare) return {};
  const std::string_view words = CommonWords(candidates);
  name = WithoutWords(name, words);
  const NameDistance letters(name, NameDistance::Of::kLetters);
  const NameDistance characters(name, NameDistance::Of::kCharacters);
  if (letters.letters() == 0) return {};
  std::string_view best;
  std::pair<size_t, size_t> best_distance = {letters.letters() / 3 + 1, 0};
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestNameToCompare) continue;
    const std::string_view rest = candidate.substr(words.size());
    const size_t in_letters = letters.To(rest);
    if (in_letters > best_distance.first) continue;
    const std::pair distance(in_letters, characters.To(rest));
    if (distance > best_distance) continue;
    best = distance < best_distance ? candidate : std::string_view();
    best_distance = distance;
  }
  return best;
}

std::string VisibleText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    if (IsPlain(text[at])) {
      const size_t start = at;
      while (at < text.size() && IsPlain(text[at])) ++at;
      out.append(text, start, at - start);
      continue;
    }
    char32_t c = 0;
    const size_t length = DecodeUtf8(text, at, &c);
    if (length == 0) {
      ++at;
      continue;
    }
    if (c == '\t') {
      out += ' ';
    } else if (c == 0x2028 || c == 0x2029) {
      out += '\n';
    } else if (!IsInvisible(c)) {
      out.append(text, at, length);
    }
    at += length;
  }
  return out;
}

std::string_view TakeLabel(std::string_view* text) {
  static constexpr std::string_view kLabels[] = {
      "required",  "optional",   "output only", "input only",
      "immutable", "identifier", "deprecated",  "repeated",
  };
  std::string_view rest = *text;
  const char open = rest.empty() ? '\0' : rest.front();
  const std::string_view ends = open == '[' ? "]" : open == '(' ? ")" : ".:";
  if (ends.size() == 1) rest.remove_prefix(1);
  for (const std::string_view label : kLabels) {
    const size_t end = label.size();
    if (!std::equal(label.begin(), label.end(), rest.begin(),
                    rest.begin() + std::min(end, rest.size()),
                    [](char a, char b) { return a == Lower(b); })) {
      continue;
    }
    if (end < rest.size() && ends.find(rest[end]) == std::string_view::npos) continue;
    if (end + 1 < rest.size() && !IsSpace(rest[end + 1])) continue;
    rest.remove_prefix(std::min(end + 1, rest.size()));
    *text = TrimSpace(rest);
    return label;
  }
  return {};
}

std::string FirstSentence(std::string_view text) {
  text = WithoutRepeatedLabels(text);
  std::string_view rest = text;
  while (!TakeLabel(&rest).empty()) {
  }
  std::string_view prose = rest;
  while (const size_t block = CodeBlockSize(prose)) prose = TrimSpace(prose.substr(block));
  const size_t length = SentenceLength(prose);
  std::string sentence(TrimSpace(text.substr(0, text.size() - rest.size())));
  if (!sentence.empty() && !prose.empty()) sentence += ' ';
  sentence += TrimSpace(prose.substr(0, length));
  if (sentence.ends_with(':')) AppendAnnounced(TrimSpace(prose.substr(length)), &sentence);
  return sentence;
}

std::string_view TakeSentence(std::string_view* text) {
  *text = TrimSpace(*text);
  const std::string_view sentence = text->substr(0, SentenceLength(*text));
  *text = TrimSpace(text->substr(sentence.size()));
  return sentence;
}

std::string ShortText(std::string_view text) {
  text = WithoutRepeatedLabels(text);
  return text.size() <= kShortText ? std::string(text) : FirstSentence(text);
}

void AddSentence(std::string* text, std::string_view sentence) {
  if (sentence.empty()) return;
  const std::string_view words = TrimEnd(*text, ")]}>\"'`");
  if (!words.empty() && IsLetterOrDigit(words.back())) *text += '.';
  if (!text->empty()) *text += ' ';
  *text += sentence;
}

std::string CutText(std::string_view text, size_t max_bytes) {
  text = TrimSpace(text);
  if (text.size() <= max_bytes) return std::string(text);
  std::string_view rest = text;  // a label alone says too little
  while (!TakeLabel(&rest).empty()) {
  }
  size_t kept = 0;
  for (size_t at = text.size() - rest.size(); at < text.size();) {
    at += SentenceLength(text.substr(at));
    if (at > max_bytes) break;
    kept = at;
    while (at < text.size() && IsSpace(text[at])) ++at;
  }
  if (kept > 0) return std::string(TrimSpace(text.substr(0, kept)));
  if (max_bytes < kEllipsis.size()) return {};
  size_t end = max_bytes - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  const size_t space = text.substr(0, end).find_last_of(" \n");
  if (space != std::string_view::npos && space > end / 2) end = space;
  return std::string(TrimSpace(text.substr(0, end))).append(kEllipsis);
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsIdentifierByte);
}

std::string OneLine(std::string_view text, size_t max_bytes) {
  std::string line;
  // Most of what cannot be seen has three bytes a character; more than that says nothing.
  for (const char c : VisibleText(text.substr(0, 4 * max_bytes + 64))) {
    const bool space = c == ' ' || c == '\n';
    if (!space) {
      line.push_back(c);
    } else if (!line.empty() && line.back() != ' ') {
      line.push_back(' ');
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  std::string cut = CutText(line, max_bytes);
  if (cut.size() == line.size() || cut.ends_with(kEllipsis)) return cut;
  // Whole sentences of it: a reader should see that there are more.
  cut = CutText(line, max_bytes - std::min(max_bytes, kEllipsis.size()));
  return cut.ends_with(kEllipsis) ? cut : cut.append(kEllipsis);
}

}  // namespace bridge
