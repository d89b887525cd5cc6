// The rules under which Anthropic, OpenAI (not strict) and Gemini accept a tool's schema, and those
// of MCP itself for results. One schema that breaks one of them makes a model's whole request fail.
#pragma once

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/schema/portable_pattern.h"
#include "nlohmann/json.hpp"

namespace bridge::schema {

class VendorLint final {
 public:
  using Json = nlohmann::ordered_json;

  // What is wrong with the schema of a tool's arguments; empty if nothing is.
  static std::vector<std::string> Input(const std::string& text) {
    return VendorLint(true).Run(text);
  }
  // The same for a result: more keywords, but nothing may be promised.
  static std::vector<std::string> Output(const std::string& text) {
    return VendorLint(false).Run(text);
  }

 private:
  explicit VendorLint(bool input) : input_(input) {}

  std::vector<std::string> Run(const std::string& text) {
    root_ = Json::parse(text, nullptr, false);
    if (root_.is_discarded()) return {"not JSON"};
    if (root_.dump() != text) Complain("#", "not compact, or has a duplicate key");
    if (!root_.is_object() || root_.value("type", "") != "object")
      Complain("#", "root is no object");
    if (!root_.contains("properties")) Complain("#", "root has no properties");
    if (input_ && !root_.contains("required")) Complain("#", "root has no required");
    for (const char* keyword : {"anyOf", "oneOf", "allOf", "$ref", "enum", "not"}) {
      if (root_.contains(keyword)) Complain("#", std::string(keyword) + " at the root");
    }
    Node(root_, "#", 0);
    if (root_.contains("$defs")) {
      for (const auto& [name, node] : root_["$defs"].items()) {
        Key(name, "#/$defs");
        if (!referenced_.contains(name)) Complain("#/$defs/" + name, "is never used");
        Node(node, "#/$defs/" + name, 0);
      }
    }
    return problems_;
  }

  void Complain(const std::string& where, const std::string& what) {
    problems_.push_back(where + ": " + what);
  }

  void Key(const std::string& key, const std::string& where) {
    const bool legal = std::all_of(key.begin(), key.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
    });
    if (!legal || key.empty() || key.size() > 64) Complain(where, "key " + key);
  }

  void Node(const Json& node, const std::string& where, int depth) {
    if (!node.is_object()) return Complain(where, "is not an object");
    if (depth > 100) return Complain(where, "is too deep");
    if (node.contains("$ref")) return Reference(node, where);
    static const std::set<std::string> kKeywords = {"type",
                                                    "description",
                                                    "properties",
                                                    "required",
                                                    "items",
                                                    "enum",
                                                    "additionalProperties",
                                                    "minimum",
                                                    "maximum",
                                                    "minLength",
                                                    "maxLength",
                                                    "minItems",
                                                    "maxItems",
                                                    "pattern",
                                                    "format",
                                                    "anyOf",
                                                    "$defs"};
    for (const auto& [keyword, value] : node.items()) {
      if (!kKeywords.contains(keyword)) Complain(where, "keyword " + keyword);
      if (keyword == "$defs" && where != "#") Complain(where, "$defs below the root");
    }
    if (node.contains("description")) {
      const std::string text = node["description"].get<std::string>();
      if (text.empty() || text.size() > 500) Complain(where, "description of a strange size");
      for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n') Complain(where, "control character");
      }
    }
    if (node.contains("anyOf")) {
      if (node.contains("type")) Complain(where, "type beside anyOf");
      int branch = 0;
      for (const Json& each : node["anyOf"])
        Node(each, where + "/anyOf/" + std::to_string(branch++), depth + 1);
      return;
    }
    Type(node, where);
    Children(node, where, depth);
  }

  void Reference(const Json& node, const std::string& where) {
    if (node.size() != 1) Complain(where, "$ref has siblings");
    const std::string target = node["$ref"].get<std::string>();
    constexpr std::string_view kPrefix = "#/$defs/";
    const std::string name = target.substr(std::min(kPrefix.size(), target.size()));
    if (!target.starts_with(kPrefix) || !root_.contains("$defs") ||
        !root_["$defs"].contains(name)) {
      Complain(where, "$ref to nothing: " + target);
    }
    referenced_.insert(name);
  }

  void Type(const Json& node, const std::string& where) {
    static const std::set<std::string> kTypes = {"object",  "array",   "string", "number",
                                                 "integer", "boolean", "null"};
    if (!node.contains("type")) {
      if (input_) Complain(where, "has no type");
      return;
    }
    if (node["type"].is_array()) {
      if (input_) Complain(where, "has several types");
      return;
    }
    const std::string type = node["type"].get<std::string>();
    if (!kTypes.contains(type)) Complain(where, "type " + type);
    const auto only_for = [&](const char* keyword, std::initializer_list<std::string_view> types) {
      if (!node.contains(keyword)) return;
      if (std::find(types.begin(), types.end(), type) == types.end()) {
        Complain(where, std::string(keyword) + " on a " + type);
      }
    };
    only_for("minimum", {"number", "integer"});
    only_for("maximum", {"number", "integer"});
    for (const char* keyword : {"minLength", "maxLength", "pattern", "format", "enum"}) {
      only_for(keyword, {"string"});
    }
    only_for("minItems", {"array"});
    only_for("maxItems", {"array"});
    only_for("items", {"array"});
    for (const char* keyword : {"properties", "required", "additionalProperties"}) {
      only_for(keyword, {"object"});
    }
    if (type == "array" && !node.contains("items")) Complain(where, "array without items");
    if (node.contains("enum")) Enum(node["enum"], where);
    if (node.contains("pattern") && !IsPortablePattern(node["pattern"].get<std::string>())) {
      Complain(where, "pattern " + node["pattern"].get<std::string>());
    }
    static const std::set<std::string> kFormats = {"date-time", "uuid", "email",
                                                   "ipv4",      "ipv6", "hostname"};
    if (node.contains("format") && !kFormats.contains(node["format"].get<std::string>())) {
      Complain(where, "format " + node["format"].get<std::string>());
    }
  }

  void Enum(const Json& values, const std::string& where) {
    std::set<std::string> seen;
    size_t characters = 0;
    for (const Json& value : values) {
      if (!value.is_string()) return Complain(where, "enum of something else than strings");
      if (!seen.insert(value.get<std::string>()).second) Complain(where, "enum value twice");
      characters += value.get<std::string>().size();
    }
    if (seen.empty() || seen.size() > 1000 || (seen.size() > 250 && characters > 15000)) {
      Complain(where, "enum of a strange size");
    }
  }

  void Children(const Json& node, const std::string& where, int depth) {
    if (node.contains("properties")) {
      for (const auto& [key, child] : node["properties"].items()) {
        if (input_) Key(key, where);
        Node(child, where + "/" + key, depth + 1);
      }
    }
    if (node.contains("items")) Node(node["items"], where + "/items", depth + 1);
    if (node.contains("required")) {
      if (!input_) Complain(where, "a result promises members");
      for (const Json& key : node["required"]) {
        if (!node.contains("properties") || !node["properties"].contains(key.get<std::string>())) {
          Complain(where, "requires an unknown member");
        }
      }
    }
    if (!node.contains("additionalProperties")) return;
    const Json& more = node["additionalProperties"];
    if (more.is_boolean()) {
      if (!input_ || more.get<bool>()) Complain(where, "additionalProperties");
    } else {
      Node(more, where + "/*", depth + 1);
    }
  }

  const bool input_;
  Json root_;
  std::set<std::string> referenced_;
  std::vector<std::string> problems_;
};

}  // namespace bridge::schema
