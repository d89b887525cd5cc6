#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/schema/texts.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {
namespace {

using descriptor::Method;

constexpr size_t kMaxName = 48;  // clients put their own names before it
constexpr size_t kHashLetters = 8;
constexpr size_t kMaxHashLetters = 32;

// What a name says besides the service and the method: up to so many of the last parts of the
// package, all of it, a hash of the full name. All of it has '-' for '.', since one package may be
// the last parts of another.
enum class Form : uint8_t { kPlain, kOnePart, kTwoParts, kThreeParts, kPackage, kHashed };

// The first letters of the base32 text of the SHA-256 of `text`.
std::string Hash(std::string_view text, size_t letters) {
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string out;
  unsigned bits = 0;
  unsigned bit_count = 0;
  for (unsigned i = 0; i < size && out.size() < letters; ++i) {
    bits = bits << 8 | digest[i];
    bit_count += 8;
    for (; bit_count >= 5 && out.size() < letters; bit_count -= 5) {
      out += "abcdefghijklmnopqrstuvwxyz234567"[bits >> (bit_count - 5) & 31];
    }
  }
  return out;
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// What `form` has of the package of `service`, such as "audit_v1_". A version says nothing alone:
// it counts as one with the part before it.
std::string PackageOf(const descriptor::Service& service, Form form) {
  std::string package = service.full_name.substr(0, service.full_name.size() - service.name.size());
  if (form == Form::kPackage) {
    std::replace(package.begin(), package.end(), '.', '-');
    return package;
  }
  size_t at = package.size();  // behind the dot before the parts that are taken
  for (int parts = static_cast<int>(form); parts > 0 && at > 0;) {
    const size_t start = at < 2 ? 0 : package.rfind('.', at - 2) + 1;  // npos + 1 is 0
    const bool version =
        package[start] == 'v' && std::isdigit(static_cast<unsigned char>(package[start + 1])) != 0;
    if (!version) --parts;
    at = start;
  }
  std::replace(package.begin(), package.end(), '.', '_');
  return package.substr(at);
}

std::string ServicePart(const Method& method, std::string package) {
  std::string part = std::move(package);
  const std::string& prefix = method.service->tool_prefix;
  part += prefix.empty() ? ShortServiceName(*method.service) : std::string_view(prefix);
  // Gemini wants a letter first, and so do most languages.
  part.erase(0, std::find_if(part.begin(), part.end(), [](unsigned char c) {
                  return std::isalpha(c) != 0;
                }) - part.begin());
  return part.empty() ? "Tool" : part;
}

// A name that ends in a hash and keeps as much of the method as fits.
std::string HashedName(const std::string& service, const Method& method, size_t letters) {
  const std::string hash = "_" + Hash(method.full_name, letters);
  const size_t room = kMaxName - hash.size();
  if (method.name.size() + 2 <= room) {
    return service.substr(0, room - 1 - method.name.size()) + "_" + method.name + hash;
  }
  return (service + "_" + method.name).substr(0, room) + hash;
}

// True if the name of `method` is the one its options ask for.
bool Asks(const Method& method, Form form) {
  return form == Form::kPlain && !method.tool_name.empty();
}

std::string NameOf(const Method& method, Form form, size_t letters) {
  if (Asks(method, form)) return method.tool_name;
  // Where there is no package, the plain name would stay, and mean another method than before.
  const descriptor::Service& service = *method.service;
  const bool has_package = service.full_name != service.name;
  if (form == Form::kPlain || (form != Form::kHashed && has_package)) {
    const std::string name = ServicePart(method, PackageOf(service, form)) + "_" + method.name;
    if (name.size() <= (form == Form::kPlain ? kMaxName : kMaxToolName)) return name;
  }
  // With a hash the package says nothing new, and the service and the method say more.
  return HashedName(ServicePart(method, {}), method, letters);
}

Form Next(Form form) {
  return static_cast<Form>(static_cast<uint8_t>(form) + 1);
}

}  // namespace

std::string FitToolName(std::string name, std::string_view full_name) {
  if (name.size() <= kMaxToolName) return name;
  const std::string hash = "_" + Hash(full_name, kHashLetters);
  return name.substr(0, kMaxToolName - hash.size()) + hash;
}

std::vector<std::string> ToolNames(std::span<const Method* const> methods) {
  std::vector<Form> forms(methods.size(), Form::kPlain);
  std::vector<std::string> names(methods.size());
  // All who clash take the next form together, so that the order of the methods does not matter,
  // and nobody gets the name they had: a client that knew it would call another method.
  for (size_t letters = kHashLetters; letters <= kMaxHashLetters; letters *= 2) {
    bool clash = false;
    for (bool moved = true; moved;) {
      struct Owners {
        std::set<std::string> all;     // who have it or had it
        std::set<std::string> asking;  // for just this name
      };
      std::map<std::string, Owners> owners;
      for (size_t i = 0; i < methods.size(); ++i) {
        for (Form form = Form::kPlain; form <= forms[i]; form = Next(form)) {
          names[i] = NameOf(*methods[i], form, letters);
          owners[Lower(names[i])].all.insert(methods[i]->full_name);
        }
        if (Asks(*methods[i], forms[i])) {
          owners[Lower(names[i])].asking.insert(methods[i]->full_name);
        }
      }
      moved = clash = false;
      for (size_t i = 0; i < methods.size(); ++i) {
        const Owners& owner = owners.at(Lower(names[i]));
        if (owner.all.size() == 1) continue;
        if (Asks(*methods[i], forms[i]) && owner.asking.size() == 1) continue;
        if (forms[i] == Form::kHashed) {
          clash = true;
        } else {
          forms[i] = Next(forms[i]);
          moved = true;
        }
      }
    }
    if (!clash) break;
  }
  // What is left is one method given twice, or two of one hash. Their numbers come last: they must
  // not be what another method is called.
  std::set<std::string> taken;
  std::vector<size_t> again;
  for (size_t i = 0; i < methods.size(); ++i) {
    if (!taken.insert(Lower(names[i])).second) again.push_back(i);
  }
  for (const size_t i : again) {
    const std::string name = names[i].substr(0, kMaxName - 6);
    for (int copy = 2; !taken.insert(Lower(names[i])).second; ++copy) {
      names[i] = name + "_" + std::to_string(copy);
    }
  }
  return names;
}

}  // namespace bridge::schema
