#include "bridge/descriptor/comments.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "bridge/base/markdown.h"
#include "bridge/base/text.h"
#include "bridge/descriptor/graph.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

std::string_view FirstWord(std::string_view line) {
  return line.substr(0, line.find(' '));
}

// Without `(-- internal notes --)` and `<!-- HTML comments -->`.
std::string WithoutNotes(std::string_view text, std::string_view open, std::string_view close) {
  std::string out;
  while (true) {
    const size_t start = text.find(open);
    out.append(text.substr(0, start));
    if (start == std::string_view::npos) return out;
    const size_t end = text.find(close, start);
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + close.size());
  }
}

// `[Text][pkg.Type]` and `[pkg.Type][]` are links of the API reference: only the text is kept.
std::string WithoutReferences(std::string_view text) {
  std::string out;
  for (size_t middle; (middle = text.find("][")) != std::string_view::npos;) {
    const std::string_view before = text.substr(0, middle);
    const size_t open = before.find_last_of("[]");
    const size_t close = text.find(']', middle + 2);
    if (close == std::string_view::npos) break;
    const std::string_view target = text.substr(middle + 2, close - middle - 2);
    const bool is_name = std::all_of(target.begin(), target.end(),
                                     [](char c) { return IsIdentifierByte(c) || c == '.'; });
    if (!is_name || open == std::string_view::npos || before[open] == ']') {
      out.append(text.substr(0, middle + 1));
      text.remove_prefix(middle + 1);
      continue;
    }
    out.append(before.substr(0, open)).append(before.substr(open + 1));
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

bool IsDirective(std::string_view line) {
  static constexpr std::string_view kDirectives[] = {
      "buf:lint:", "@ignore-comment", "TODO",        "FIXME",     "api-linter:",  "protolint:",
      "nolint",    "@gotags",         "@inject_tag", "swagger:",  "clang-format", "jsonschema:",
      "+optional", "+required",       "+k8s:",       "LINT:",     "LINT.",        "NEXT_ID",
      "NEXT_TAG",  "NEXT TAG:",       "Next ID:",    "Next ID =", "Next id:",     "Next tag:",
  };
  return std::any_of(std::begin(kDirectives), std::end(kDirectives),
                     [line](std::string_view directive) { return line.starts_with(directive); });
}

// A tag of Javadoc or Doxygen, and what is said in its place; without words its text goes too.
struct Tag {
  std::string_view name;
  bool keeps_text = false;
  std::string_view words = {};
};

const Tag* FindTag(std::string_view line) {
  static constexpr Tag kTags[] = {
      {"@param"},       {"@return"},
      {"@returns"},     {"@throws"},
      {"@exception"},   {"@see"},
      {"@since"},       {"@author"},
      {"@version"},     {"@deprecated", true, "Deprecated:"},
      {"@brief", true},
  };
  const std::string_view word = FirstWord(line);
  const auto* const found = std::find_if(std::begin(kTags), std::end(kTags),
                                         [word](const Tag& tag) { return tag.name == word; });
  return found == std::end(kTags) ? nullptr : found;
}

bool StartsWithBullet(std::string_view line) {
  return line.starts_with("- ") || line.starts_with("* ");
}

bool StartsWithOrdinal(std::string_view line) {
  const size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  return digits > 0 && digits <= 2 && line.substr(digits).starts_with(". ");
}

bool IsUpper(char c) {
  return std::isupper(static_cast<unsigned char>(c)) != 0;
}
bool IsLower(char c) {
  return std::islower(static_cast<unsigned char>(c)) != 0;
}

// With "Returns" or "If", not with HTTP, Job.state or PageToken: these stand anywhere in a
// sentence.
bool StartsWithCapital(std::string_view line) {
  const std::string_view word = line.substr(0, line.find_first_of(" ,:'-"));
  return !word.empty() && IsUpper(word.front()) &&
         std::all_of(word.begin() + 1, word.end(), IsLower);
}

// "NOT_FOUND: no such task", "2 - yes", "`asc` = upwards": a value, and what it means.
bool StartsWithValue(std::string_view line) {
  static constexpr std::string_view kBetween[] = {"=", "-", "--", "->", "=>", ":", "–", "—"};
  std::string_view value = FirstWord(line);
  if (value.ends_with(':')) {
    value.remove_suffix(1);
  } else {
    const std::string_view between = FirstWord(Trim(line.substr(value.size())));
    if (std::find(std::begin(kBetween), std::end(kBetween), between) == std::end(kBetween))
      return false;
  }
  if (value.size() > 2 && value.front() == value.back() &&
      std::string_view("`'\"").find(value.front()) != std::string_view::npos) {
    return true;
  }
  if (value.starts_with('-')) value.remove_prefix(1);
  // Not a word of prose.
  return IsIdentifier(value) && (value.find('_') != std::string_view::npos ||
                                 std::none_of(value.begin(), value.end(), IsLower));
}

constexpr std::string_view kRuleCharacters = "-=*#_/ ";

// "-----", "* * *", "####".
bool IsRule(std::string_view line) {
  return line.size() >= 3 && line.find_first_not_of(kRuleCharacters) == std::string_view::npos;
}

// "---- paging ----".
bool IsFramed(std::string_view line) {
  const size_t first = line.find_first_not_of(kRuleCharacters);
  const size_t last = line.find_last_not_of(kRuleCharacters);
  return first != std::string_view::npos && first >= 3 && last + 3 < line.size() &&
         line[first - 1] == ' ' && line[last + 1] == ' ';
}

// Takes the first line of `text`.
std::string_view TakeLine(std::string_view* text) {
  const size_t end = std::min(text->find('\n'), text->size());
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return line;
}

// True for one line between rules, which heads the declarations after it and describes none, unless
// it is a sentence.
bool IsBanner(std::string_view text) {
  std::string_view heading;
  bool rule_before = false;
  bool rule_after = false;
  while (!text.empty()) {
    const std::string_view line = Trim(TakeLine(&text));
    if (IsRule(line) || line == "//") {  // of "////"
      (heading.empty() ? rule_before : rule_after) = true;
    } else if (!line.empty()) {
      if (!heading.empty()) return false;
      heading = line;
    }
  }
  return ((rule_before && rule_after) || IsFramed(heading)) && !heading.ends_with('.');
}

// `line` without the rest of `///`, `//!` or, where a comment begins, `/**`: there is no space
// before it.
std::string_view WithoutMarks(std::string_view line, bool first) {
  const size_t marks = std::min(line.find_first_not_of(first ? "/!*" : "/!"), line.size());
  std::string_view rest = line.substr(marks);
  if (marks > 0 && rest.starts_with('<')) rest.remove_prefix(1);  // Doxygen: of what is before
  return rest.empty() || rest.starts_with(' ') ? rest : line;
}

// `line` has no spaces at its ends.
void AppendCollapsed(std::string_view line, std::string* out) {
  for (size_t spaces; (spaces = line.find("  ")) != std::string_view::npos;) {
    out->append(line.substr(0, spaces + 1));
    line.remove_prefix(line.find_first_not_of(' ', spaces));
  }
  out->append(line);
}

// Joins the lines of a comment to paragraphs, items and code, without those that are not meant for
// readers.
class LineJoiner final {
 public:
  void Add(std::string_view raw) {
    const std::string_view line = Trim(raw);
    const std::string_view fence = fence_.empty() ? OpeningFence(line) : std::string_view(fence_);
    const bool closes = !fence_.empty() && !line.empty() && IsClosingFence(line, fence_);
    if (closes || (fence_.empty() && !fence.empty())) {
      StartLine(true);
      out_.append(fence);
      fence_ = closes ? "" : std::string(fence);
      indent_ = raw.find_first_not_of(' ');
      ends_line_ = true;
    } else if (!fence_.empty() && !line.empty()) {
      StartLine(true);
      raw.remove_prefix(std::min(indent_, raw.find_first_not_of(' ')));
      out_.append(raw.substr(0, raw.find_last_not_of(' ') + 1));
      ends_line_ = true;
    } else if (line.empty() || IsRule(line)) {
      blank_ = true;
      in_tag_ = false;
    } else if (!IsDirective(line)) {
      AddText(line, raw.find_first_not_of(' '));
    }
  }

  std::string TakeText() {
    if (!fence_.empty()) out_ += "\n" + fence_;
    return std::string(Trim(out_));
  }

 private:
  static constexpr size_t kNone = ~size_t{0};
  static constexpr size_t kWidth = 60;   // a line that could be longer ends on purpose
  static constexpr size_t kClosing = 3;  // quotes and brackets after a sentence

  void AddText(std::string_view line, size_t column) {
    const Tag* const tag = FindTag(line);
    if (tag != nullptr) {
      in_tag_ = !tag->keeps_text;
      line = Trim(line.substr(tag->name.size()));
      item_ = kNone;
    }
    if (in_tag_) return;
    StartLine(IsAlone(line, column) || tag != nullptr);
    if (tag != nullptr && !tag->words.empty()) out_.append(tag->words).append(" ");
    AppendCollapsed(line, &out_);
  }

  // True for an item of a list and for what comes after it; keeps track of them. A number or a
  // value that a line happens to begin with in the middle of a sentence is no item.
  bool IsAlone(std::string_view line, size_t column) {
    if (blank_) item_ = kNone;
    const bool in_list = item_ != kNone;
    const bool ends_early = width_ + FirstWord(line).size() < kWidth;
    const bool may_be_item = LastIsOneOf(".:;!?-=") ||
                             (in_list ? column <= item_ : column > column_) ||
                             (ends_early && line.starts_with("1. "));
    const bool marked = StartsWithBullet(line) || (may_be_item && StartsWithOrdinal(line));
    const bool item = marked || (may_be_item && StartsWithValue(line));
    // Of an item the further lines are indented, or else begin within a sentence.
    const bool comes_after =
        in_list && column < text_ && StartsWithCapital(line) && (ends_early || LastIsOneOf(".!?"));
    if (item) {
      item_ = column;
      text_ = column + (marked ? 1 : 0);
    } else if (comes_after) {
      item_ = kNone;
    }
    column_ = column;
    width_ = column + line.size();
    return item || comes_after;
  }

  // Of the text so far. True as well if there is none, or the next line is another's in any case.
  bool LastIsOneOf(std::string_view ends) const {
    const std::string_view end =
        std::string_view(out_).substr(out_.size() - std::min(out_.size(), kClosing + 1));
    const size_t last = end.find_last_not_of("\"'`)]*");
    return blank_ || ends_line_ || last == std::string_view::npos ||
           ends.find(end[last]) != std::string_view::npos;
  }

  void StartLine(bool alone) {
    if (!out_.empty() && !out_.ends_with(' ') && !out_.ends_with('\n'))
      out_ += blank_ ? "\n\n" : alone || ends_line_ ? "\n" : " ";
    blank_ = ends_line_ = false;
  }

  std::string out_;
  bool blank_ = false;      // a blank line is before the next
  bool ends_line_ = false;  // what is there does not go on in the next line
  std::string fence_;       // of the code that is open
  bool in_tag_ = false;     // of which nothing is kept, until a blank line
  size_t indent_ = 0;       // of the code
  size_t width_ = 0;        // of the last line
  size_t column_ = 0;       // where it begins
  size_t item_ = kNone;     // where the item of a list begins that it belongs to
  size_t text_ = 0;         // where further lines of that item begin at least
};

std::string JoinLines(std::string_view text) {
  LineJoiner joiner;
  for (bool first = true; !text.empty(); first = false) {
    joiner.Add(WithoutMarks(TakeLine(&text), first));
  }
  return joiner.TakeText();
}

// The full name of the declaration that `path` leads to from `file`, as pairs of the number of a
// repeated field of descriptor.proto and an index; empty if it is nothing that has a name.
std::string NameOf(const pb::FileDescriptorProto& file, const pb::RepeatedField<int>& path) {
  if (path.empty() || path.size() % 2 != 0) return {};
  std::string name = file.package();
  const pb::Message* at = &file;
  for (int i = 0; i < path.size(); i += 2) {
    const auto* const list = at->GetDescriptor()->FindFieldByNumber(path[i]);
    if (list == nullptr || !list->is_repeated() || list->message_type() == nullptr) return {};
    const pb::Reflection& reflection = *at->GetReflection();
    if (path[i + 1] < 0 || path[i + 1] >= reflection.FieldSize(*at, list)) return {};
    at = &reflection.GetRepeatedMessage(*at, list, path[i + 1]);
    const auto* const own_name = at->GetDescriptor()->FindFieldByName("name");
    if (own_name == nullptr || own_name->is_repeated()) return {};
    if (!name.empty()) name += '.';
    std::string buffer;
    name += at->GetReflection()->GetStringReference(*at, own_name, &buffer);
    if (name.size() > GraphLimits().name_length) return {};  // it is refused later on
  }
  return name;
}

}  // namespace

std::string CleanComment(std::string_view comment) {
  const std::string visible = WithoutNotes(VisibleText(comment), "(--", "--)");
  const std::string text = WithoutReferences(WithoutNotes(visible, "<!--", "-->"));
  return IsBanner(text) ? std::string() : JoinLines(text);
}

void Comments::Add(const pb::FileDescriptorProto& file) {
  if (file.package() == "google.protobuf") return;
  for (const auto& location : file.source_code_info().location()) {
    if (!location.has_leading_comments() && !location.has_trailing_comments()) continue;
    const auto clean = [](const std::string& comment) {
      return CleanComment(std::string_view(comment).substr(0, kMaxCommentBytes));
    };
    std::string text = clean(location.leading_comments());
    if (text.empty()) text = clean(location.trailing_comments());
    if (text.empty()) continue;
    std::string name = NameOf(file, location.path());
    if (!name.empty()) by_name_.emplace(std::move(name), std::move(text));
  }
}

std::string Comments::Take(const std::string& full_name) {
  const auto found = by_name_.find(full_name);
  return found == by_name_.end() ? std::string() : std::move(found->second);
}

}  // namespace bridge::descriptor
