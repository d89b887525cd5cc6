// Why the guard does not let a request through: the status of the answer and one line for the
// person who reads it. `reason` is a literal, so that nothing a client sent is echoed.
#pragma once

#include <string_view>

namespace bridge::http {

struct Refusal {
  int status;
  std::string_view reason;
};

}  // namespace bridge::http
