// What a listener speaks at whose address gRPC without TLS found nobody to talk to.
#pragma once

#include <chrono>
#include <cstdint>

#include "bridge/upstream/target.h"

namespace bridge::upstream {

enum class Speaks : uint8_t { kUnknown, kTls, kHttp1 };

// Connects to `target`, greets as a TLS client does (RFC 8446) and looks at how the answer begins.
// Blocks for `timeout` at most, and for as long as its name takes to resolve. Any thread.
Speaks ProbePeer(const Target& target, std::chrono::milliseconds timeout);

}  // namespace bridge::upstream
