#include "bridge/transcode/mask_path.h"

#include <algorithm>

#include "bridge/base/text.h"
#include "bridge/transcode/field_mask_text.h"

namespace bridge::transcode {
namespace {

enum class To : uint8_t { kProto, kJson };

// The size of what comes before `separator`, which counts outside of backquotes only.
size_t SizeUntil(std::string_view text, char separator) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '`') quoted = !quoted;
    if (text[i] == separator && !quoted) return i;
  }
  return text.size();
}

std::string_view TakeName(std::string_view* path) {
  const std::string_view name = path->substr(0, SizeUntil(*path, '.'));
  path->remove_prefix(std::min(path->size(), name.size() + 1));
  return name;
}

const FieldPlan* FindField(const Plan& plan, std::string_view name) {
  const uint32_t index = plan.names.Find(name);
  if (index == NameTable::kNone || !plan.fields[index].source->extension_name.empty()) {
    return nullptr;
  }
  return &plan.fields[index];
}

std::string_view NameOf(const FieldPlan& field, To to) {
  // A name with a point or a comma in it could not be told from two.
  return to == To::kJson && IsIdentifier(field.name) ? field.name : field.source->name;
}

const Plan* Inside(const FieldPlan& field) {
  const FieldPlan& element = field.map ? field.child->fields[1] : field;
  const bool ordinary =
      element.child != nullptr && element.child->well_known == descriptor::WellKnown::kNone;
  return ordinary ? element.child : nullptr;
}

// The names from one on that no field has, in the other spelling if that can be undone.
std::string Respelled(std::string_view names, To to) {
  if (to == To::kProto && names.find("..") != std::string_view::npos) return {};
  ByteBuffer buffer;
  buffer.Reset(names.size() * 2);
  const bool done =
      to == To::kProto ? AppendSnakePath(names, &buffer) : AppendCamelPath(names, &buffer);
  if (done) return std::string(buffer.view());
  if (to == To::kJson) return std::string(names);
  const bool literal = std::all_of(names.begin(), names.end(), [](char c) {
    return IsIdentifierByte(c) || c == '.' || c == '*';
  });
  return literal || names.find('`') != std::string_view::npos ? std::string(names) : std::string();
}

std::string Convert(std::string_view path, const Plan* plan, To to) {
  std::string out;
  const auto add = [&out](std::string_view name) {
    if (!out.empty()) out += '.';
    out += name;
  };
  while (!path.empty()) {
    const std::string_view from_here = path;
    const std::string_view name = TakeName(&path);
    if (name.empty()) return {};
    if (name == "*") {
      add(name);
      continue;
    }
    const FieldPlan* const field = plan == nullptr ? nullptr : FindField(*plan, name);
    if (field == nullptr) {
      const std::string rest = Respelled(from_here, to);
      if (rest.empty()) return {};
      add(rest);
      return out;
    }
    add(NameOf(*field, to));
    plan = Inside(*field);
    if (field->map && !path.empty()) {
      const std::string_view key = TakeName(&path);
      if (key.empty()) return {};
      add(key);
    }
  }
  return out;
}

std::string ConvertByFirstName(std::string_view path, std::span<const Plan* const> masked, To to) {
  const std::string_view first = path.substr(0, SizeUntil(path, '.'));
  for (const Plan* const plan : masked) {
    if (FindField(*plan, first) != nullptr) return Convert(path, plan, to);
  }
  return Convert(path, nullptr, to);
}

}  // namespace

std::string MaskPathToProto(std::string_view path, std::span<const Plan* const> masked) {
  if (path.ends_with('.')) return {};
  return ConvertByFirstName(path, masked, To::kProto);
}

std::string MaskPathToJson(std::string_view path, std::span<const Plan* const> masked) {
  std::string converted = ConvertByFirstName(path, masked, To::kJson);
  return converted.empty() ? std::string(path) : converted;
}

size_t MaskPathSize(std::string_view paths) {
  return SizeUntil(paths, ',');
}

}  // namespace bridge::transcode
