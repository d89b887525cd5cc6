#include "bridge/mcp/methods.h"

namespace bridge::mcp {
namespace {

constexpr Method kMethods[] = {
    {"tools/call", true, true, "name", R"("tools":{})", CallTool},
    {"tools/list", true, true, "", R"("tools":{})", ListTools},
    {"server/discover", true, false, "", "", Discover},
    {"initialize", false, true, "", "", Initialize},
    {"ping", false, true, "", "", Ping},
};

std::string MakeCapabilities(bool modern) {
  std::string text = "{";
  for (const Method& method : kMethods) {
    const bool had = modern ? method.modern : method.legacy;
    if (!had || method.capability.empty() || text.find(method.capability) != std::string::npos) {
      continue;
    }
    if (text.size() > 1) text.push_back(',');
    text.append(method.capability);
  }
  return text + "}";
}

}  // namespace

const Method* FindMethod(const Revision& revision, std::string_view name) {
  for (const Method& method : kMethods) {
    if (method.name == name && (revision.modern ? method.modern : method.legacy)) return &method;
  }
  return nullptr;
}

std::string_view SpanName(const Method* method) {
  return method == nullptr ? std::string_view("_OTHER") : method->name;
}

const std::string& Capabilities(const Revision& revision) {
  static const std::string* const kOfEra[] = {new std::string(MakeCapabilities(false)),
                                              new std::string(MakeCapabilities(true))};
  return *kOfEra[revision.modern ? 1 : 0];
}

}  // namespace bridge::mcp
