// Comments of .proto files, made fit for a model: joined by full name, because descriptors from
// reflection carry none and the file that has them may be of another version.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace google::protobuf {
class FileDescriptorProto;
}

namespace bridge::descriptor {

// More of a comment, or of an option that stands for one, is in no description.
inline constexpr size_t kMaxCommentBytes = 8 * 1024;

// A comment without what is not meant for readers: internal notes `(-- ... --)` (AIP-192) and HTML
// comments, lines for linters and generators, TODOs, tags of other languages' tools (but the text
// of @deprecated), the marks of their comments (`///`, `/**`), lines that only rule off, one line
// between rules (the heading of a section), reference links (`[Text][pkg.Type]` becomes `Text`),
// and characters nobody can see. White space is collapsed; paragraphs, list items, values with
// their meaning ("NOT_FOUND: no such task", "1 = yes") and code keep their lines. Code stays
// between its fences, without the name of its language, and every fence is closed: who shows the
// text cuts and drops them (bridge/base/markdown.h).
std::string CleanComment(std::string_view comment);

// The cleaned comments of some files by full name. The name of an enum value is that of its enum,
// a dot, and its own. Not thread-safe while it grows.
class Comments final {
 public:
  // Adds the comments of a file that has source info; the first comment of a name stays. Files of
  // package google.protobuf are left out: they explain protobuf, not the field of that type.
  void Add(const google::protobuf::FileDescriptorProto& file);

  // Empty if there is none, or if it was taken before.
  std::string Take(const std::string& full_name);

 private:
  std::unordered_map<std::string, std::string> by_name_;
};

}  // namespace bridge::descriptor
