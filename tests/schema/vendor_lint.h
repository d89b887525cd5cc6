// The rules under which model vendors accept a tool, one function a rule where it can be. One
// schema that breaks one of them makes a model's whole request fail.
#pragma once

#include <algorithm>
#include <cctype>
#include <map>
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
  using Problems = std::vector<std::string>;

  // What is wrong with the schema of a tool's arguments for Anthropic, OpenAI (not strict) and
  // Gemini together; empty if nothing is.
  static Problems Input(const std::string& text) { return VendorLint(Rules::kPortable).Run(text); }
  // The same for OpenAI's strict mode.
  static Problems Strict(const std::string& text) { return VendorLint(Rules::kStrict).Run(text); }
  // The same for clients that know JSON Schema 2020-12, and MCP.
  static Problems Standard(const std::string& text) {
    return VendorLint(Rules::kStandard).Run(text);
  }
  // The same for a result: more keywords, but nothing may be promised.
  static Problems Output(const std::string& text) { return VendorLint(Rules::kResult).Run(text); }

  static bool IsToolName(std::string_view name) {
    return !name.empty() && name.size() <= 64 &&
           std::isalpha(static_cast<unsigned char>(name[0])) != 0 &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
             return std::isalnum(c) != 0 || c == '_' || c == '-';
           });
  }

 private:
  enum class Rules { kPortable, kStandard, kStrict, kResult };

  explicit VendorLint(Rules rules) : rules_(rules) {}

  bool portable() const { return rules_ == Rules::kPortable; }
  bool standard() const { return rules_ == Rules::kStandard; }
  bool strict() const { return rules_ == Rules::kStrict; }
  bool input() const { return rules_ != Rules::kResult; }

  Problems Run(const std::string& text) {
    root_ = Json::parse(text, nullptr, false);
    if (root_.is_discarded()) return {"not JSON"};
    if (root_.dump() != text) Complain("#", "not compact, or has a duplicate key");
    Root();
    Node(root_, "#", 1);
    if (root_.contains("$defs")) {
      for (const auto& [name, node] : root_["$defs"].items()) {
        Key(name, "#/$defs");
        if (!referenced_.contains(name)) Complain("#/$defs/" + name, "is never used");
        Node(node, "#/$defs/" + name, 1);
      }
    }
    if (portable() || strict()) RequiredCycles();
    if (strict()) StrictLimits();
    return problems_;
  }

  void Complain(const std::string& where, const std::string& what) {
    problems_.push_back(where + ": " + what);
  }

  void Root() {
    if (!root_.is_object() || root_.value("type", Json()) != "object") {
      Complain("#", "root is no object");
    }
    if (!root_.contains("properties")) Complain("#", "root has no properties");
    if (input() && !root_.contains("required")) Complain("#", "root has no required");
    for (const char* keyword : {"anyOf", "oneOf", "allOf", "$ref", "enum", "not"}) {
      if (root_.contains(keyword)) Complain("#", std::string(keyword) + " at the root");
    }
  }

  void Key(const std::string& key, const std::string& where) {
    const bool legal = std::all_of(key.begin(), key.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
    });
    if (!legal || key.empty() || key.size() > 64) Complain(where, "key " + key);
    characters_ += key.size();
  }

  // What each of them may say. Only clients that know all of JSON Schema are not listed.
  const std::set<std::string>& Keywords() const {
    static const std::set<std::string> kPortable = {
        "type",      "description", "properties", "required", "items",
        "enum",      "minimum",     "maximum",    "pattern",  "additionalProperties",
        "minLength", "maxLength",   "minItems",   "maxItems", "format",
        "anyOf",     "$ref",        "$defs"};
    static const std::set<std::string> kStrict = {
        "type",  "description", "properties", "required",         "items",
        "enum",  "minimum",     "maximum",    "pattern",          "additionalProperties",
        "const", "multipleOf",  "minItems",   "maxItems",         "format",
        "anyOf", "$ref",        "$defs",      "exclusiveMinimum", "exclusiveMaximum"};
    return strict() ? kStrict : kPortable;
  }

  void Node(const Json& node, const std::string& where, int depth) {
    if (!node.is_object()) return Complain(where, "is not an object");
    if (depth > 100) return Complain(where, "is too deep");
    for (const auto& [keyword, value] : node.items()) {
      const bool known =
          standard() || Keywords().contains(keyword) || (!input() && keyword == "contentEncoding");
      if (!known) Complain(where, "keyword " + keyword);
      if (keyword == "$defs" && where != "#") Complain(where, "$defs below the root");
    }
    if (node.contains("$ref")) Reference(node, where);
    if (node.contains("description")) Description(node["description"].get<std::string>(), where);
    if (node.contains("$ref")) return;
    if (node.contains("anyOf") && !standard()) return Union(node, where, depth);
    Type(node, where);
    Children(node, where, depth);
  }

  void Description(const std::string& text, const std::string& where) {
    if (text.empty() || text.size() > 500) Complain(where, "description of a strange size");
    for (const char c : text) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') Complain(where, "control character");
    }
  }

  void Union(const Json& node, const std::string& where, int depth) {
    if (node.contains("type")) Complain(where, "type beside anyOf");
    int branch = 0;
    for (const Json& each : node["anyOf"]) {
      Node(each, where + "/anyOf/" + std::to_string(branch++), depth);
    }
  }

  void Reference(const Json& node, const std::string& where) {
    if (node.size() != 1 && !standard()) Complain(where, "$ref has siblings");
    const std::string target = node["$ref"].get<std::string>();
    const std::string name = NameOf(target);
    if (name.empty() || !root_.contains("$defs") || !root_["$defs"].contains(name)) {
      Complain(where, "$ref to nothing: " + target);
    }
    referenced_.insert(name);
  }

  static std::string NameOf(const std::string& target) {
    constexpr std::string_view kPrefix = "#/$defs/";
    return target.starts_with(kPrefix) ? target.substr(kPrefix.size()) : "";
  }

  void Type(const Json& node, const std::string& where) {
    static const std::set<std::string> kTypes = {"object",  "array",   "string", "number",
                                                 "integer", "boolean", "null"};
    if (!node.contains("type")) {
      if (input() && !standard()) Complain(where, "has no type");
      return;
    }
    Json type = node["type"];
    if (type.is_array()) {
      if (portable()) return Complain(where, "has several types");
      if (strict() && (type.size() != 2 || type[1] != "null" || type[0] == "null")) {
        return Complain(where, "has several types other than null");
      }
      if (!strict()) return;
      type = type[0];
    }
    if (!kTypes.contains(type.get<std::string>())) Complain(where, "type " + type.dump());
    Places(node, type.get<std::string>(), where);
    if (type == "array" && !node.contains("items")) Complain(where, "array without items");
    if (node.contains("enum")) Enum(node["enum"], where);
    Text(node, where);
    if (type == "object" && strict()) StrictObject(node, where);
  }

  // Keywords stand only where they mean something.
  void Places(const Json& node, const std::string& type, const std::string& where) {
    static const std::map<std::string, std::set<std::string>> kPlaces = {
        {"minimum", {"number", "integer"}},
        {"maximum", {"number", "integer"}},
        {"exclusiveMinimum", {"number", "integer"}},
        {"exclusiveMaximum", {"number", "integer"}},
        {"minLength", {"string"}},
        {"maxLength", {"string"}},
        {"pattern", {"string"}},
        {"format", {"string"}},
        {"minItems", {"array"}},
        {"maxItems", {"array"}},
        {"uniqueItems", {"array"}},
        {"items", {"array"}},
        {"properties", {"object"}},
        {"required", {"object"}},
        {"propertyNames", {"object"}},
        {"additionalProperties", {"object"}}};
    for (const auto& [keyword, types] : kPlaces) {
      if (node.contains(keyword) && !types.contains(type)) {
        Complain(where, keyword + " on a " + type);
      }
    }
    if (node.contains("enum") && type != "string" && !standard()) {
      Complain(where, "enum on a " + type);
    }
  }

  void Text(const Json& node, const std::string& where) {
    static const std::set<std::string> kFormats = {"date-time", "uuid", "email",
                                                   "ipv4",      "ipv6", "hostname"};
    if (node.contains("pattern") && !IsPortablePattern(node["pattern"].get<std::string>())) {
      Complain(where, "pattern " + node["pattern"].get<std::string>());
    }
    if (node.contains("format") && !kFormats.contains(node["format"].get<std::string>())) {
      Complain(where, "format " + node["format"].get<std::string>());
    }
  }

  void Enum(const Json& values, const std::string& where) {
    std::set<std::string> seen;
    size_t characters = 0;
    for (const Json& value : values) {
      if (!value.is_string() && !standard()) {
        return Complain(where, "enum of something else than strings");
      }
      if (!seen.insert(value.dump()).second) Complain(where, "enum value twice");
      characters += value.dump().size() - 2;
    }
    enum_values_ += values.size();
    characters_ += characters;
    if (seen.empty() || seen.size() > 1000 || (seen.size() > 250 && characters > 15000)) {
      Complain(where, "enum of a strange size");
    }
  }

  void Children(const Json& node, const std::string& where, int depth) {
    if (strict() && depth > 10 && (node.contains("properties") || node.contains("items"))) {
      Complain(where, "more than 10 levels");
    }
    if (node.contains("properties")) {
      properties_ += node["properties"].size();
      for (const auto& [key, child] : node["properties"].items()) {
        if (input()) Key(key, where);
        Node(child, where + "/" + key, depth + 1);
      }
    }
    if (node.contains("items")) Node(node["items"], where + "/items", depth + 1);
    if (node.contains("required")) {
      for (const Json& key : node["required"]) {
        if (!node.contains("properties") || !node["properties"].contains(key.get<std::string>())) {
          Complain(where, "requires an unknown member");
        }
      }
    }
    if (!node.contains("additionalProperties")) return;
    const Json& more = node["additionalProperties"];
    if (!more.is_boolean()) return Node(more, where + "/*", depth + 1);
    if (!input() || (more.get<bool>() && !standard())) Complain(where, "additionalProperties");
  }

  void StrictObject(const Json& node, const std::string& where) {
    if (node.value("additionalProperties", Json()) != false) Complain(where, "is open");
    if (!node.contains("properties")) return Complain(where, "object without properties");
    std::set<std::string> required;
    for (const Json& key : node.value("required", Json::array())) required.insert(key);
    for (const auto& [key, child] : node["properties"].items()) {
      if (!required.contains(key)) Complain(where, "does not require " + key);
    }
  }

  void StrictLimits() {
    if (properties_ > 5000) Complain("#", "more than 5000 properties");
    if (enum_values_ > 1000) Complain("#", "more than 1000 enum values");
    if (characters_ > 120000) Complain("#", "more than 120000 characters of names and values");
  }

  // Gemini unrolls a cycle, which must be able to end: somewhere in it is an optional property.
  // In the strict form that is a nullable one.
  void RequiredCycles() {
    if (!root_.contains("$defs")) return;
    std::map<std::string, std::set<std::string>> needs;
    for (const auto& [name, node] : root_["$defs"].items()) Needs(node, &needs[name]);
    for (const auto& [name, direct] : needs) {
      std::set<std::string> reached = direct;
      for (size_t before = 0; before != reached.size();) {
        before = reached.size();
        for (const std::string& each : std::set<std::string>(reached)) {
          reached.insert(needs[each].begin(), needs[each].end());
        }
      }
      if (reached.contains(name)) Complain("#/$defs/" + name, "can never end");
    }
  }

  // The definitions that a value of `node` can not do without.
  static void Needs(const Json& node, std::set<std::string>* names) {
    if (!node.is_object() || node.contains("anyOf")) return;
    if (node.contains("$ref")) names->insert(NameOf(node["$ref"].get<std::string>()));
    for (const Json& key : node.value("required", Json::array())) {
      if (node.contains("properties") && node["properties"].contains(key.get<std::string>())) {
        Needs(node["properties"][key.get<std::string>()], names);
      }
    }
    // Vendors do not look whether a list may be empty.
    if (node.contains("items")) Needs(node["items"], names);
    if (node.contains("additionalProperties")) Needs(node["additionalProperties"], names);
  }

  const Rules rules_;
  Json root_;
  std::set<std::string> referenced_;
  Problems problems_;
  size_t properties_ = 0;
  size_t enum_values_ = 0;
  size_t characters_ = 0;
};

}  // namespace bridge::schema
