#include "bridge/descriptor/comments.h"

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "bridge/base/text.h"
#include "google/protobuf/descriptor.pb.h"

namespace bridge::descriptor {
namespace {

namespace pb = google::protobuf;

// Numbers of the repeated declarations in descriptor.proto, the steps of a location's path.
constexpr int kFileMessage = 4, kFileEnum = 5, kFileService = 6, kFileExtension = 7;
constexpr int kMessageField = 2, kMessageNested = 3, kMessageEnum = 4, kMessageExtension = 6,
              kMessageOneof = 8;
constexpr int kEnumValue = 2, kServiceMethod = 2;

constexpr int kMaxNesting = 64;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

std::string WithoutInternalNotes(std::string_view text) {
  std::string out;
  while (true) {
    const size_t open = text.find("(--");
    out.append(text.substr(0, open));
    if (open == std::string_view::npos) return out;
    const size_t close = text.find("--)", open);
    if (close == std::string_view::npos) return out;
    text.remove_prefix(close + 3);
  }
}

// `[Text][pkg.Type]` and `[pkg.Type][]` are links of the API reference: only the text is kept.
std::string WithoutReferences(std::string_view text) {
  std::string out;
  while (true) {
    const size_t open = text.find('[');
    const size_t middle = open == std::string_view::npos ? open : text.find("][", open);
    const size_t close = middle == std::string_view::npos ? middle : text.find(']', middle + 2);
    if (close == std::string_view::npos) break;
    const std::string_view shown = text.substr(open + 1, middle - open - 1);
    const std::string_view target = text.substr(middle + 2, close - middle - 2);
    const bool is_name = std::all_of(target.begin(), target.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '.';
    });
    if (!is_name || shown.find_first_of("[]") != std::string_view::npos) {
      out.append(text.substr(0, open + 1));
      text.remove_prefix(open + 1);
      continue;
    }
    out.append(text.substr(0, open)).append(shown);
    text.remove_prefix(close + 1);
  }
  return out.append(text);
}

bool IsDirective(std::string_view line) {
  static constexpr std::string_view kDirectives[] = {
      "buf:lint:",    "@ignore-comment", "TODO",      "FIXME",       "api-linter:",
      "protolint:",   "nolint",          "@gotags",   "@inject_tag", "swagger:",
      "clang-format", "jsonschema:",     "+optional", "+required",   "+k8s:",
  };
  return std::any_of(std::begin(kDirectives), std::end(kDirectives),
                     [line](std::string_view directive) { return line.starts_with(directive); });
}

bool StartsListItem(std::string_view line) {
  if (line.starts_with("- ") || line.starts_with("* ")) return true;
  size_t digits = 0;
  while (digits < line.size() && std::isdigit(static_cast<unsigned char>(line[digits]))) ++digits;
  return digits > 0 && digits <= 2 && line.substr(digits).starts_with(". ");
}

void AppendCollapsed(std::string_view line, std::string* out) {
  bool space = false;
  for (const char c : line) {
    if (c == ' ') {
      space = true;
      continue;
    }
    if (space) *out += ' ';
    space = false;
    *out += c;
  }
}

std::string JoinLines(std::string_view text) {
  std::string out;
  bool blank = false;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) {
      blank = true;
      continue;
    }
    if (IsDirective(line)) continue;
    if (!out.empty()) out += blank ? "\n\n" : StartsListItem(line) ? "\n" : " ";
    blank = false;
    AppendCollapsed(line, &out);
  }
  return out;
}

// A path as a key, without a copy.
template <typename Path>
std::string_view BytesOf(const Path& path) {
  return {reinterpret_cast<const char*>(path.data()),
          static_cast<size_t>(path.size()) * sizeof(int)};
}

class Walk {
 public:
  Walk(const pb::FileDescriptorProto& file, std::unordered_map<std::string, std::string>* by_name)
      : by_name_(by_name) {
    for (const auto& location : file.source_code_info().location()) {
      if (!location.has_leading_comments() && !location.has_trailing_comments()) continue;
      locations_.emplace(BytesOf(location.path()), &location);
    }
    const std::string scope = file.package().empty() ? "" : file.package() + ".";
    for (int i = 0; i < file.message_type_size(); ++i) {
      const Step step(this, kFileMessage, i);
      AddMessage(file.message_type(i), scope);
    }
    for (int i = 0; i < file.enum_type_size(); ++i) {
      const Step step(this, kFileEnum, i);
      AddEnum(file.enum_type(i), scope);
    }
    for (int i = 0; i < file.extension_size(); ++i) {
      const Step step(this, kFileExtension, i);
      Take(scope + file.extension(i).name());
    }
    for (int i = 0; i < file.service_size(); ++i) {
      const Step step(this, kFileService, i);
      AddService(file.service(i), scope);
    }
  }

 private:
  // One level of the location's path while it lives.
  class Step {
   public:
    Step(Walk* walk, int number, int index) : path_(&walk->path_) {
      path_->push_back(number);
      path_->push_back(index);
    }
    ~Step() { path_->resize(path_->size() - 2); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::vector<int>* path_;
  };

  void Take(const std::string& full_name) {
    const auto found = locations_.find(BytesOf(path_));
    if (found == locations_.end()) return;
    std::string text = CleanComment(found->second->leading_comments());
    if (text.empty()) text = CleanComment(found->second->trailing_comments());
    if (!text.empty()) by_name_->emplace(full_name, std::move(text));
  }

  void AddMessage(const pb::DescriptorProto& message, const std::string& scope) {
    if (path_.size() > 2 * kMaxNesting) return;
    const std::string name = scope + message.name();
    Take(name);
    for (int i = 0; i < message.field_size(); ++i) {
      const Step step(this, kMessageField, i);
      Take(name + "." + message.field(i).name());
    }
    for (int i = 0; i < message.oneof_decl_size(); ++i) {
      const Step step(this, kMessageOneof, i);
      Take(name + "." + message.oneof_decl(i).name());
    }
    for (int i = 0; i < message.extension_size(); ++i) {
      const Step step(this, kMessageExtension, i);
      Take(name + "." + message.extension(i).name());
    }
    for (int i = 0; i < message.enum_type_size(); ++i) {
      const Step step(this, kMessageEnum, i);
      AddEnum(message.enum_type(i), name + ".");
    }
    for (int i = 0; i < message.nested_type_size(); ++i) {
      const Step step(this, kMessageNested, i);
      AddMessage(message.nested_type(i), name + ".");
    }
  }

  void AddEnum(const pb::EnumDescriptorProto& enumeration, const std::string& scope) {
    const std::string name = scope + enumeration.name();
    Take(name);
    for (int i = 0; i < enumeration.value_size(); ++i) {
      const Step step(this, kEnumValue, i);
      Take(name + "." + enumeration.value(i).name());
    }
  }

  void AddService(const pb::ServiceDescriptorProto& service, const std::string& scope) {
    const std::string name = scope + service.name();
    Take(name);
    for (int i = 0; i < service.method_size(); ++i) {
      const Step step(this, kServiceMethod, i);
      Take(name + "." + service.method(i).name());
    }
  }

  std::unordered_map<std::string, std::string>* by_name_;
  std::unordered_map<std::string_view, const pb::SourceCodeInfo::Location*> locations_;  // by path
  std::vector<int> path_;
};

}  // namespace

std::string CleanComment(std::string_view comment) {
  return JoinLines(WithoutReferences(WithoutInternalNotes(VisibleText(comment))));
}

void Comments::Add(const pb::FileDescriptorProto& file) {
  if (!file.has_source_code_info() || file.package() == "google.protobuf") return;
  Walk(file, &by_name_);
}

std::string Comments::Take(const std::string& full_name) {
  const auto found = by_name_.find(full_name);
  return found == by_name_.end() ? std::string() : std::move(found->second);
}

}  // namespace bridge::descriptor
