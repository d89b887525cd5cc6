// A random instance of an input schema, as a model would make it: from the keywords, and from the
// sentences where the keywords say too little.
#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"

namespace bridge::schema {

class InstanceMaker final {
 public:
  using Json = nlohmann::ordered_json;

  InstanceMaker(const std::string& schema, unsigned seed)
      : root_(Json::parse(schema)), random_(seed) {}

  // `choices` are the oneofs of the root, which stand in the tool's description.
  Json Make(const std::vector<std::vector<std::string>>& choices) {
    return MakeObject(root_, choices, 0);
  }

 private:
  static constexpr int kMaxDepth = 5;

  size_t Pick(size_t count) { return std::uniform_int_distribution<size_t>(0, count - 1)(random_); }
  bool Chance(int percent) { return Pick(100) < static_cast<size_t>(percent); }

  static bool Says(const Json& node, const char* words) {
    return node.value("description", "").find(words) != std::string::npos;
  }

  Json MakeNode(const Json& node, int depth) {
    if (node.contains("$ref")) {
      const std::string target = node["$ref"].get<std::string>().substr(1);
      return MakeNode(root_.at(Json::json_pointer(target)), depth);
    }
    if (node.contains("anyOf")) {
      Json chosen = node;
      chosen.erase("anyOf");
      chosen.update(node["anyOf"][Pick(node["anyOf"].size())]);
      return MakeNode(chosen, depth);
    }
    if (node.contains("const")) return node["const"];
    if (node.contains("enum")) return node["enum"][Pick(node["enum"].size())];
    if (!node.contains("type")) return Json({1.5, nullptr, "x", {{"deep", true}}});
    Json types = node["type"];
    if (types.is_string()) types = Json::array({types});
    const std::string type = types[Pick(types.size())].get<std::string>();
    if (type == "object") return MakeObject(node, {}, depth);
    if (type == "array") return MakeArray(node, depth);
    if (type == "string") return MakeString(node);
    if (type == "boolean") return Chance(50);
    if (type == "null") return nullptr;
    if (type == "integer") {
      const int64_t low = node.value("minimum", int64_t{-2147483648});
      const int64_t high = node.value("maximum", int64_t{2147483647});
      return std::uniform_int_distribution<int64_t>(low, high)(random_);
    }
    if (node.contains("exclusiveMinimum")) return node["exclusiveMinimum"].get<double>() + 0.125;
    const double low = node.value("minimum", -1000.0);
    return Chance(50) ? Json(low) : Json(low + static_cast<double>(Pick(8)) / 8);
  }

  Json MakeArray(const Json& node, int depth) {
    Json array = Json::array();
    const size_t low = node.value("minItems", size_t{0});
    const size_t size = depth >= kMaxDepth ? low : low + Pick(3);
    // What is true of each item is said of the list.
    Json item = node["items"];
    if (!item.contains("description") && !item.contains("$ref") && node.contains("description")) {
      item["description"] = node["description"];
    }
    const bool unique = node.contains("uniqueItems") || Says(node, "No duplicates.");
    while (array.size() < size) {
      Json made = MakeNode(item, depth + 1);
      const auto same = [&](const Json& other) {
        return Says(node, "Each key once.") ? other["key"] == made["key"] : unique && other == made;
      };
      if (std::none_of(array.begin(), array.end(), same)) array.push_back(std::move(made));
      if (array.size() >= low && Chance(30)) break;
    }
    return array;
  }

  static bool IsNullable(const Json& node) {
    if (node.value("type", Json()).is_array()) return node["type"][1] == "null";
    return node.contains("anyOf") && node["anyOf"].back() == Json({{"type", "null"}});
  }

  Json MakeJsonText(const Json& node) {
    if (Says(node, "ProtoJSON Any")) return MakeAny().dump();
    if (Says(node, "any object")) return R"({"a":[null,{"b":"c"}]})";
    if (Says(node, "an array")) return R"([1.5,null,"x"])";
    if (Says(node, "any value")) return Chance(50) ? R"("text")" : R"({"a":[true]})";
    return "{}";
  }

  Json MakeAny() {
    Json object = Json::object();
    if (Chance(30)) return object;
    object["@type"] = "type.googleapis.com/google.protobuf.Duration";
    object["value"] = "1.500s";
    return object;
  }

  Json MakeString(const Json& node) {
    if (Says(node, "JSON text of ")) return MakeJsonText(node);
    if (node.value("format", "") == "date-time") {
      static const char* const kTimes[] = {"2025-01-31T12:00:00Z", "1969-12-31T23:59:59.5Z",
                                           "9999-12-31T23:59:59.999999999Z",
                                           "2024-02-29T00:00:00+05:30"};
      return kTimes[Pick(4)];
    }
    if (node.contains("pattern")) return MakeMatch(node["pattern"].get<std::string>());
    if (Says(node, "Comma-separated ")) return Chance(50) ? "" : "displayName,labels.a";
    if (Says(node, "Base64, e.g. aGVsbG8= for hello.")) {
      const size_t low = node.value("minLength", size_t{0});
      return std::string((low + 3) / 4 * 4, 'A');
    }
    const size_t low = node.value("minLength", size_t{0});
    const size_t high = node.value("maxLength", low + 8);
    static const char* const kLetters[] = {"a", "\"", "\\", "\n", "é", "你", "😀", " "};
    std::string text;
    const size_t length = low + Pick(high - low + 1);
    for (size_t i = 0; i < length; ++i) text += kLetters[Pick(8)];
    return text;
  }

  Json MakeMatch(const std::string& pattern) {
    static const std::map<std::string, std::vector<std::string>> kMatches = {
        {"^-?[0-9]+$", {"-9223372036854775808", "9007199254740993"}},
        {"^[0-9]+$", {"18446744073709551615", "0"}},
        {"^-?(0|[1-9][0-9]*)$", {"-1", "0", "7", "2147483647"}},
        {"^(0|[1-9][0-9]*)$", {"0", "7", "4294967295"}},
        {"^[a-z]+$", {"a", "bc", "def"}},
        {R"(^-?[0-9]+(\.[0-9]{1,9})?s$)", {"-1.5s", "315576000000s"}},
        {"^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$", {"01ARZ3NDEKTSV4RRFFQ69G5FAV"}},
        {"^[a-z]+(?:-[a-z]+)*$", {"a-b"}},
        {R"(^a\.b/)", {"a.b/c"}},
        {R"(\.txt$)", {"x.txt"}},
    };
    const auto& matches = kMatches.at(pattern);
    return matches[Pick(matches.size())];
  }

  Json MakeObject(const Json& node, std::vector<std::vector<std::string>> choices, int depth) {
    Json object = Json::object();
    if (Says(node, "ProtoJSON Any")) return MakeAny();
    if (Says(node, "Any JSON object.")) {
      object["text"] = "x";
      object["list"] = {1.5, nullptr, Json::array({true}), {{"deep", "y"}}};
      return object;
    }
    if (node.contains("additionalProperties") && node["additionalProperties"].is_object()) {
      if (depth >= kMaxDepth) return object;
      const Json names = node.value("propertyNames", Json({{"pattern", ""}}));
      const bool numbers = Says(node, "Keys are decimal integers.");
      for (size_t i = node.value("minProperties", size_t{0}) + Pick(3); i > 0; --i) {
        const std::string pattern = names["pattern"].get<std::string>();
        const std::string key = pattern.empty() ? (numbers ? "" : "key ") + std::to_string(i)
                                                : MakeMatch(pattern).get<std::string>();
        object[key] = MakeNode(node["additionalProperties"], depth + 1);
      }
      return object;
    }
    if (!node.contains("properties")) return object;
    ReadChoices(node.value("description", ""), &choices);
    std::vector<std::string> set;
    for (const auto& [key, child] : node["properties"].items()) {
      const auto& required = node.contains("required") ? node["required"] : Json::array();
      const bool needed = std::find(required.begin(), required.end(), key) != required.end();
      const bool nullable = IsNullable(child);
      if ((!needed || nullable) &&
          (depth >= kMaxDepth || Chance(40) || IsExcluded(key, set, choices))) {
        if (needed) object[key] = nullptr;
        continue;
      }
      object[key] = MakeNode(child, depth + 1);
      if (!nullable || !object[key].is_null()) set.push_back(key);
    }
    for (const Json& part : node.value("allOf", Json::array({node}))) {
      ChooseOne(node, part, depth, &object);
    }
    return object;
  }

  // One of the members of which one has to be there.
  void ChooseOne(const Json& node, const Json& part, int depth, Json* object) {
    if (node.contains("minProperties") && object->empty() && !node["properties"].empty()) {
      const auto first = node["properties"].items().begin();
      (*object)[first.key()] = MakeNode(first.value(), depth + 1);
    }
    if (!part.contains("oneOf") || part["oneOf"].back().contains("not")) return;
    for (const Json& branch : part["oneOf"]) {
      if (object->contains(branch["required"][0].get<std::string>())) return;
    }
    const std::string key =
        part["oneOf"][Pick(part["oneOf"].size())]["required"][0].get<std::string>();
    (*object)[key] = MakeNode(node["properties"][key], depth + 1);
  }

  // "Set at most one of: a, b." A list that was cut short excludes everything.
  static void ReadChoices(const std::string& description,
                          std::vector<std::vector<std::string>>* choices) {
    constexpr std::string_view kWords = "one of: ";
    for (size_t at = 0; (at = description.find(kWords, at)) != std::string::npos;) {
      at += kWords.size();
      std::vector<std::string> names;
      for (bool more = true; more;) {
        const size_t end = std::min(description.find_first_of(",. ", at), description.size());
        names.push_back(description.substr(at, end - at));
        more = end < description.size() && description[end] == ',';
        at = more ? end + 2 : end;
      }
      choices->push_back(names);
    }
    if (description.ends_with("…")) choices->push_back({"…"});
  }

  static bool IsExcluded(const std::string& key, const std::vector<std::string>& set,
                         const std::vector<std::vector<std::string>>& choices) {
    for (const auto& names : choices) {
      const auto contains = [&names](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      const bool cut = contains("…");
      if (!cut && !contains(key)) continue;
      if (std::any_of(set.begin(), set.end(),
                      [&](const std::string& other) { return cut || contains(other); })) {
        return true;
      }
    }
    return false;
  }

  const Json root_;
  std::mt19937 random_;
};

}  // namespace bridge::schema
