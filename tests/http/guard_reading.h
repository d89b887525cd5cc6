// What the guard and the body decoders make of some bytes, without a socket.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/http/exchange.h"
#include "bridge/http/guard.h"
#include "bridge/http/limits.h"

namespace bridge::http {

inline Limits SmallLimits() {
  Limits limits;
  limits.head_bytes = 600;
  limits.headers = 10;
  limits.body_bytes = 5000;
  return limits;
}

struct Outcome {
  std::vector<std::string> requests;  // what was understood, in order
  Refusal refusal{};                  // of what followed; status 0 if nothing was refused
};

inline std::string Shorten(std::string_view text) {
  return text.size() <= 60 ? std::string(text) : std::to_string(text.size()) + " bytes";
}

inline std::string Describe(const Request& request, const Framing& framing) {
  std::string text(request.method);
  text.append(" ").append(request.path);
  if (!request.query.empty()) text.append("?").append(request.query);
  for (const Header& header : request.headers) {
    text.append(" ").append(header.name).append("=").append(Shorten(header.value));
  }
  if (!request.body.empty()) text.append(" [").append(Shorten(request.body)).append("]");
  if (!framing.keep_alive) text.append(" close");
  if (framing.expect_continue) text.append(" continue");
  if (!request.repeated.empty()) text.append(" repeated ").append(request.repeated);
  return text;
}

// Feeds `bytes` in pieces of at most `step`, as a connection would.
inline Outcome Read(std::string_view bytes, size_t step) {
  const Limits limits = SmallLimits();
  ByteBudget budget(limits.buffered_bytes);
  Exchange exchange(limits, budget);
  Outcome outcome;
  bool in_body = false;
  while (!bytes.empty()) {
    const auto room = exchange.Room();
    const size_t size = std::min({step, bytes.size(), room.size()});
    if (size == 0) break;
    std::memcpy(room.data(), bytes.data(), size);
    exchange.Received(size);
    bytes.remove_prefix(size);
    while (true) {
      if (!in_body) {
        const auto progress = exchange.ParseHead();
        if (progress == HeadParser::Progress::kRefused) {
          outcome.refusal = exchange.head().refusal();
          return outcome;
        }
        if (progress == HeadParser::Progress::kIncomplete) break;
        in_body = true;
      }
      std::optional<Refusal> refusal;
      if (!exchange.TakeBody(refusal)) {
        if (!refusal) break;
        outcome.refusal = *refusal;
        return outcome;
      }
      in_body = false;
      outcome.requests.push_back(Describe(exchange.request(), exchange.head().framing()));
      exchange.StartNext();
      if (!exchange.has_unread()) break;
    }
  }
  return outcome;
}

}  // namespace bridge::http
