// Ids such as "order-7": a prefix and a number from 1. Pure functions; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace server {

// MakeId("order-", 7) is "order-7".
std::string MakeId(std::string_view prefix, int64_t number);

// The number, or 0 if `id` is not exactly what MakeId makes.
int64_t ParseId(std::string_view prefix, std::string_view id);

}  // namespace server
