#include "bridge/transcode/stream_arguments.h"

#include <array>
#include <iterator>
#include <limits>
#include <utility>

#include "bridge/base/json_cursor.h"
#include "bridge/descriptor/well_known.h"
#include "bridge/transcode/failure.h"
#include "bridge/transcode/number_text.h"
#include "bridge/transcode/plan.h"

namespace bridge::transcode {
namespace {

using descriptor::kMessagesKey;
using descriptor::kSecondsKey;

// Finds the parts of the arguments and hands each message to the codec as it stands in the text.
// Each function tells in faults_ what is wrong; what is whole is in out_.
class StreamPass final {
 public:
  StreamPass(const Codec& codec, const Plan& input, const descriptor::Streaming& streaming,
             const ParseOptions& options, StreamArguments* out)
      : codec_(codec), input_(input), streaming_(streaming), options_(options), out_(*out) {}

  bool Run(std::string_view json, CodecError* error);

 private:
  struct Member {
    std::string key;
    std::string_view value;  // JSON text
  };

  void OneMessage(std::string_view object);
  void ListOfMessages(std::string_view object);
  void Messages(std::string_view value);
  void Element(std::string_view json, const std::string& path);
  void Convert(std::string_view json, const ParseOptions& options, const std::string& path);
  void Limit(std::string_view value);
  void Count(std::string_view value, const std::string& path, std::optional<uint32_t>* count);

  // True for a member beside the one message that the codec must not see: the limit, and a name
  // that only here it is known what was meant by.
  bool IsBeside(std::string_view key);
  void Unknown(const std::string& path, std::string_view key,
               const std::vector<std::string_view>& names);
  void Twice(const std::string& path, std::string_view key) {
    Fail(path, "duplicate field \"" + std::string(key) + "\"; it may be given only once");
  }
  // `json` if it is a `wanted` value, or what is in it if it is a string of one, which `text`
  // keeps. Empty if it is neither, and that is told.
  std::string_view Take(std::string_view json, JsonType wanted, std::string_view expected,
                        const std::string& path, std::string* text);
  void Wrong(std::string_view json, std::string_view expected, const std::string& path);
  void Repaired() {
    if (options_.repairs != nullptr) ++*options_.repairs;
  }

  void Fail(const std::string& path, std::string message) {
    faults_.push_back({"$" + path, std::move(message)});
  }
  // Nothing can be read behind it.
  void FailAtLast(const std::string& path, std::string message) {
    Fail(path, std::move(message));
    stopped_ = true;
  }
  void SyntaxError(const JsonCursor& cursor) {
    FailAtLast("",
               "invalid JSON at byte " + std::to_string(cursor.offset()) + ": " + cursor.error());
  }
  size_t max_faults() const { return static_cast<size_t>(codec_.limits().max_faults); }
  bool full() const { return stopped_ || faults_.size() > max_faults(); }

  // An entry of a strict map is two levels, and a message is up to two levels inside.
  JsonCursor Open(std::string_view json) const {
    return JsonCursor(json, 2 * codec_.limits().max_depth + 3);
  }
  JsonType TypeOf(std::string_view json) const {
    JsonType type = JsonType::kNull;
    Open(json).Peek(&type);
    return type;
  }

  const Codec& codec_;
  const Plan& input_;
  const descriptor::Streaming& streaming_;
  const ParseOptions& options_;
  StreamArguments& out_;
  std::vector<CodecError> faults_;
  size_t unknown_ = 0;
  bool stopped_ = false;
};

bool StreamPass::Run(std::string_view json, CodecError* error) {
  out_.wire.clear();
  out_.ends.clear();
  out_.max_messages = out_.max_seconds = std::nullopt;
  if (options_.repairs != nullptr) *options_.repairs = 0;
  if (options_.given != nullptr) *options_.given = 0;
  std::string text;
  const std::string_view object =
      Take(json.empty() ? "{}" : json, JsonType::kObject, "an object", "", &text);
  if (!object.empty()) streaming_.sends() ? ListOfMessages(object) : OneMessage(object);
  if (faults_.empty()) {
    out_.wire.shrink_to_fit();
    out_.ends.shrink_to_fit();
    return true;
  }
  out_ = {};
  const bool and_more = faults_.size() > max_faults();
  if (and_more) faults_.resize(max_faults());
  *error = std::move(faults_.front());
  error->and_more |= and_more;
  error->more.assign(std::make_move_iterator(faults_.begin() + 1),
                     std::make_move_iterator(faults_.end()));
  return false;
}

void StreamPass::OneMessage(std::string_view object) {
  // What the codec reads: with blanks where it must not look, so that its places are right.
  std::string kept;
  std::vector<Member> beside;
  bool any_before = false;
  JsonCursor cursor = Open(object);
  std::string_view key;
  cursor.EnterObject();
  for (size_t begin = cursor.offset(); cursor.NextMember(&key); begin = cursor.offset()) {
    const bool is_beside = IsBeside(key);
    if (is_beside && beside.size() < max_faults() + 2) beside.push_back({std::string(key), {}});
    std::string_view value;
    if (!cursor.SkipValue(&value)) break;
    any_before |= !is_beside;
    if (!is_beside) continue;
    if (beside.back().value.empty()) beside.back().value = value;
    if (kept.empty()) kept = object;
    size_t end = cursor.offset();
    if (!any_before) {
      const size_t comma = object.find_first_not_of(" \t\r\n", end);
      if (comma != std::string_view::npos && object[comma] == ',') end = comma + 1;
    }
    kept.replace(begin, end - begin, end - begin, ' ');
  }
  if (!cursor.ok() || !cursor.Finish()) return SyntaxError(cursor);
  int repairs = 0;
  ParseOptions options = options_;
  if (options_.repairs != nullptr) options.repairs = &repairs;
  Convert(kept.empty() ? object : kept, options, "");
  const std::string_view limit_key = streaming_.limit_key;
  std::vector<std::string_view> names = {limit_key};
  bool seen = false;
  for (const Member& member : beside) {
    if (full()) return;
    if (member.key != limit_key) {
      if (descriptor::NeedsWrapping(*input_.message)) names = {"value", limit_key};
      Unknown("", member.key, names);
    } else if (std::exchange(seen, true)) {
      Twice("." + member.key, limit_key);
    } else {
      Limit(member.value);
    }
  }
}

bool StreamPass::IsBeside(std::string_view key) {
  if (key == streaming_.limit_key) return true;
  switch (input_.well_known) {
    case descriptor::WellKnown::kStruct:
    case descriptor::WellKnown::kAny:
      return false;
    case descriptor::WellKnown::kNone:
    case descriptor::WellKnown::kEmpty:
      break;
    default:
      return key != "value";
  }
  // The codec stops at so many.
  if (input_.names.Find(key) != NameTable::kNone || ++unknown_ > max_faults() + 1) return false;
  std::vector<std::string_view> names = input_.ShownNames();
  if (names.empty()) return true;
  names.emplace_back(streaming_.limit_key);
  return Nearest(key, names) == streaming_.limit_key;
}

void StreamPass::ListOfMessages(std::string_view object) {
  const std::string_view limit_key = streaming_.limit_key;
  std::vector<std::string_view> names = {kMessagesKey};
  if (!limit_key.empty()) names.push_back(limit_key);
  std::string_view limit;
  bool seen = false;
  JsonCursor cursor = Open(object);
  std::string_view key;
  cursor.EnterObject();
  while (!full() && cursor.NextMember(&key)) {
    const bool is_messages = key == kMessagesKey;
    const bool is_limit = !is_messages && !limit_key.empty() && key == limit_key;
    if (is_messages ? seen : is_limit && !limit.empty()) {
      Twice("." + std::string(key), key);
    } else if (!is_messages && !is_limit) {
      Unknown("", key, names);
    }
    std::string_view value;
    if (!cursor.SkipValue(&value)) break;
    if (is_messages && !std::exchange(seen, true)) Messages(value);
    if (is_limit && limit.empty()) limit = value;
  }
  if (full()) return;
  if (!cursor.ok() || !cursor.Finish()) return SyntaxError(cursor);
  if (!seen) {
    Fail("", "required field \"" + std::string(kMessagesKey) + "\" is missing");
  }
  if (!limit.empty()) Limit(limit);
}

void StreamPass::Messages(std::string_view value) {
  const std::string path = "." + std::string(kMessagesKey);
  if (options_.repairs != nullptr && TypeOf(value) == JsonType::kObject) {
    Repaired();
    return Element(value, path);
  }
  std::string text;
  const std::string_view list = Take(value, JsonType::kArray, "an array", path, &text);
  if (list.empty()) return;
  const CodecLimits& limits = codec_.limits();
  JsonCursor cursor = Open(list);
  cursor.EnterArray();
  for (size_t i = 0; !full() && cursor.NextElement(); ++i) {
    std::string_view json;
    cursor.SkipValue(&json);
    if (i == limits.max_messages) {
      return FailAtLast(path, "more than the limit of " + std::to_string(i) +
                                  " messages; send fewer in one call");
    }
    Element(json, path + "[" + std::to_string(i) + "]");
    if (out_.wire.size() > limits.max_wire_bytes) {
      FailAtLast(path, "the encoded messages are larger than the limit of " +
                           std::to_string(limits.max_wire_bytes) + " bytes");
    }
  }
}

void StreamPass::Element(std::string_view json, const std::string& path) {
  ParseOptions options = options_;
  options.given = nullptr;
  int repairs = 0;
  if (options_.repairs != nullptr) options.repairs = &repairs;
  if (TypeOf(json) == JsonType::kNull) {
    Fail(path, "null is not allowed in a list; leave the element out");
  } else {
    Convert(json, options, path);
  }
}

// `options` has a counter of its own.
void StreamPass::Convert(std::string_view json, const ParseOptions& options,
                         const std::string& path) {
  CodecError error;
  const bool done = codec_.ArgumentsToWire(input_, json, &out_.wire, &error, options);
  if (options.repairs != nullptr) *options_.repairs += *options.repairs;
  out_.ends.push_back(out_.wire.size());
  if (done) return;
  const auto add = [this, &path](CodecError fault) {
    fault.path = "$" + path + fault.path.substr(1);
    faults_.push_back(std::move(fault));
  };
  std::vector<CodecError> more = std::move(error.more);
  const bool and_more = std::exchange(error.and_more, false);
  add(std::move(error));
  for (CodecError& fault : more) add(std::move(fault));
  if (and_more) faults_.front().and_more = stopped_ = true;
}

void StreamPass::Limit(std::string_view value) {
  if (TypeOf(value) == JsonType::kNull) return;
  const std::string path = "." + streaming_.limit_key;
  std::string text;
  const std::string_view object =
      Take(value, JsonType::kObject, R"(an object with "messages" or "seconds")", path, &text);
  if (object.empty()) return;
  const std::vector<std::string_view> names = {kMessagesKey, kSecondsKey};
  const std::array<std::optional<uint32_t>*, 2> counts = {&out_.max_messages, &out_.max_seconds};
  std::array<bool, 2> seen = {};
  JsonCursor cursor = Open(object);
  std::string_view key;
  cursor.EnterObject();
  while (!full() && cursor.NextMember(&key)) {
    const size_t i = key == names[0] ? 0 : key == names[1] ? 1 : names.size();
    const bool twice = i < names.size() && std::exchange(seen[i], true);
    if (i == names.size()) Unknown(path, key, names);
    if (twice) Twice(path + "." + std::string(key), key);
    std::string_view count;
    cursor.SkipValue(&count);
    if (i < names.size() && !twice) Count(count, path + "." + std::string(names[i]), counts[i]);
  }
}

void StreamPass::Count(std::string_view value, const std::string& path,
                       std::optional<uint32_t>* count) {
  constexpr auto kMax = std::numeric_limits<uint32_t>::max();
  const JsonType type = TypeOf(value);
  if (type == JsonType::kNull) return;
  std::string buffer;
  std::string_view text = value;
  if (type == JsonType::kString) Open(value).ReadString(&text, &buffer);
  if (options_.repairs != nullptr && type == JsonType::kString && !IsJsonNumber(text)) {
    const std::string_view number = TrimmedNumber(text);
    if (!number.empty()) {
      text = number;
      Repaired();
    }
  }
  bool negative = false;
  uint64_t magnitude = 0;
  if ((type == JsonType::kNumber || type == JsonType::kString) && IsJsonNumber(text) &&
      ParseInteger(text, &negative, &magnitude) == IntegerError::kNone && !negative &&
      magnitude >= 1 && magnitude <= kMax) {
    *count = static_cast<uint32_t>(magnitude);
  } else {
    Wrong(value, "an integer from 1 to " + std::to_string(kMax), path);
  }
}

void StreamPass::Unknown(const std::string& path, std::string_view key,
                         const std::vector<std::string_view>& names) {
  std::string message = "unknown field " + QuoteInput(key);
  const bool of_message =
      streaming_.sends() && path.empty() &&
      (descriptor::NeedsWrapping(*input_.message) ? key == "value" : input_.Shows(key));
  Fail(path, of_message ? message + "; it belongs in an object in \"messages\""
                        : message + NearestOrAll(key, names));
}

std::string_view StreamPass::Take(std::string_view json, JsonType wanted, std::string_view expected,
                                  const std::string& path, std::string* text) {
  JsonCursor cursor = Open(json);
  JsonType type;
  if (cursor.Peek(&type) && type == wanted) return json;
  if (!cursor.SkipValue(nullptr) || !cursor.Finish()) {
    SyntaxError(cursor);
    return {};
  }
  if (type == JsonType::kString && options_.repairs != nullptr) {
    std::string_view inside;
    Open(json).ReadString(&inside, text);
    JsonCursor inner = Open(inside);
    if (inner.Peek(&type) && type == wanted && inner.SkipValue(nullptr) && inner.Finish()) {
      Repaired();
      return inside;
    }
  }
  Wrong(json, expected, path);
  return {};
}

void StreamPass::Wrong(std::string_view json, std::string_view expected, const std::string& path) {
  const JsonType type = TypeOf(json);
  std::string buffer;
  std::string_view text = json;
  if (type == JsonType::kString) Open(json).ReadString(&text, &buffer);
  Fail(path, "expected " + std::string(expected) + ", found " + DescribeValue(type, text));
}

}  // namespace

bool StreamArgumentsToWire(const StreamMethod& method, std::string_view json,
                           const ParseOptions& options, StreamArguments* out, CodecError* error) {
  return StreamPass(method.codec, method.input, method.streaming, options, out).Run(json, error);
}

}  // namespace bridge::transcode
