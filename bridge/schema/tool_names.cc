#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "bridge/schema/texts.h"
#include "bridge/schema/tool.h"

namespace bridge::schema {
namespace {

using descriptor::Method;

constexpr size_t kMaxName = 48;
constexpr size_t kHashLetters = 8;
constexpr size_t kMaxHashLetters = 32;

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

std::string ServicePart(const Method& method, bool with_package) {
  std::string part;
  if (with_package) {
    part = method.service->full_name;
    part.resize(part.size() - method.service->name.size());
    std::replace(part.begin(), part.end(), '.', '_');
  }
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

enum class Form { kPlain, kPackage, kHashed };

// True if the name of `method` is the one its options ask for.
bool Asks(const Method& method, Form form) {
  return form == Form::kPlain && !method.tool_name.empty();
}

std::string NameOf(const Method& method, Form form, size_t letters) {
  if (Asks(method, form)) return method.tool_name;
  // Where there is no package, the plain name would stay, and mean another method than before.
  const descriptor::Service& service = *method.service;
  if (form == Form::kPackage && service.full_name == service.name) form = Form::kHashed;
  const std::string name = ServicePart(method, form == Form::kPackage) + "_" + method.name;
  // With a hash the package says nothing new, and the service and the method say more.
  return form == Form::kHashed || name.size() > kMaxName
             ? HashedName(ServicePart(method, false), method, letters)
             : name;
}

}  // namespace

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
        for (const Form form : {Form::kPlain, Form::kPackage, Form::kHashed}) {
          if (form > forms[i]) break;
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
          forms[i] = forms[i] == Form::kPlain ? Form::kPackage : Form::kHashed;
          moved = true;
        }
      }
    }
    if (!clash) break;
  }
  std::set<std::string> taken;
  for (size_t i = 0; i < methods.size(); ++i) {
    const std::string name = names[i].substr(0, kMaxName - 6);
    for (int copy = 2; !taken.insert(Lower(names[i])).second; ++copy) {
      names[i] = name + "_" + std::to_string(copy);
    }
  }
  return names;
}

}  // namespace bridge::schema
