// A random instance of an input schema, as a model would make it: from the keywords, and from the
// sentences where the keywords say too little.
#pragma once

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
    if (node.contains("anyOf")) return MakeNode(node["anyOf"][Pick(node["anyOf"].size())], depth);
    const std::string type = node.at("type").get<std::string>();
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
    while (array.size() < size) array.push_back(MakeNode(item, depth + 1));
    return array;
  }

  Json MakeString(const Json& node) {
    if (node.contains("enum")) return node["enum"][Pick(node["enum"].size())];
    if (node.value("format", "") == "date-time") {
      static const char* const kTimes[] = {"2025-01-31T12:00:00Z", "1969-12-31T23:59:59.5Z",
                                           "9999-12-31T23:59:59.999999999Z",
                                           "2024-02-29T00:00:00+05:30"};
      return kTimes[Pick(4)];
    }
    if (node.contains("pattern")) return MakeMatch(node["pattern"].get<std::string>());
    if (Says(node, "lowerCamelCase paths")) return Chance(50) ? "" : "displayName,labels.a";
    if (Says(node, "Base64.")) {
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
    if (Says(node, "ProtoJSON Any")) {
      if (Chance(30)) return object;
      object["@type"] = "type.googleapis.com/google.protobuf.Duration";
      object["value"] = "1.500s";
      return object;
    }
    if (Says(node, "Any JSON object.")) {
      object["text"] = "x";
      object["list"] = {1.5, nullptr, Json::array({true}), {{"deep", "y"}}};
      return object;
    }
    if (node.contains("additionalProperties") && node["additionalProperties"].is_object()) {
      if (depth >= kMaxDepth) return object;
      const bool numbers = Says(node, "Keys are decimal integers.");
      for (size_t i = Pick(3); i > 0; --i) {
        object[numbers ? std::to_string(i) : "key " + std::to_string(i)] =
            MakeNode(node["additionalProperties"], depth + 1);
      }
      return object;
    }
    if (!node.contains("properties")) return object;
    ReadChoices(node.value("description", ""), &choices);
    for (const auto& [key, child] : node["properties"].items()) {
      const auto& required = node.contains("required") ? node["required"] : Json::array();
      const bool needed = std::find(required.begin(), required.end(), key) != required.end();
      if (!needed && (depth >= kMaxDepth || Chance(40) || IsExcluded(key, object, choices))) {
        continue;
      }
      object[key] = MakeNode(child, depth + 1);
    }
    return object;
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

  static bool IsExcluded(const std::string& key, const Json& object,
                         const std::vector<std::vector<std::string>>& choices) {
    for (const auto& names : choices) {
      const auto contains = [&names](const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
      };
      const bool cut = contains("…");
      if (!cut && !contains(key)) continue;
      for (const auto& [other, value] : object.items()) {
        if (cut || contains(other)) return true;
      }
    }
    return false;
  }

  const Json root_;
  std::mt19937 random_;
};

}  // namespace bridge::schema
