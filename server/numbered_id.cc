#include "server/numbered_id.h"

#include <charconv>

namespace server {

std::string MakeId(std::string_view prefix, int64_t number) {
  return std::string(prefix) + std::to_string(number);
}

int64_t ParseId(std::string_view prefix, std::string_view id) {
  if (!id.starts_with(prefix)) return 0;
  int64_t number = 0;
  std::from_chars(id.data() + prefix.size(), id.data() + id.size(), number);
  return number > 0 && MakeId(prefix, number) == id ? number : 0;
}

}  // namespace server
