// Asks a running gRPC server what it serves, by the server reflection protocol
// (grpc.reflection.v1, else v1alpha: the same bytes under another path).
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "bridge/upstream/cancellation.h"
#include "bridge/upstream/target.h"

namespace bridge::upstream {

struct ReflectionLimits {
  size_t services = 1'000;
  size_t files = 10'000;
  size_t bytes = 32u << 20;                   // of all descriptors together
  size_t parsed_bytes = 128u << 20;           // the same once parsed: empty elements grow 200-fold
  std::chrono::milliseconds timeout{10'000};  // for the whole conversation
};

struct Reflection {
  std::vector<std::string>
      services;                    // full names, sorted, unique; infrastructure services left out
  std::vector<std::string> files;  // serialized FileDescriptorProto, each file once
  std::vector<std::string> types;  // those of the further types that it describes
  std::vector<std::string> problems;  // what single services or imports lacked, for the log:
                                      // at most 20, each one line
};

// True for services no tool is ever made of: grpc.reflection.*, grpc.health.*, grpc.channelz.*.
bool IsInfrastructureService(std::string_view full_name);

// Blocks until the server has told everything, at most `limits.timeout`, and where nobody answers a
// second and a look-up of the name more, to find out why. Imports are asked for by
// name until the set is closed; where the server does not know one, or sends an empty file for it,
// the types that are then missing are asked for by theirs. An import or a type that it does not
// know is a problem, not a failure (it may define options only), and so is a service it cannot
// describe.
//
// `types` are full names of further messages, such as an Any has held, to be described with all
// they need. They come last: one that goes beyond a limit is a problem and ends the asking.
//
// Nothing is parsed before it is known to fit: a hostile server costs the bytes it sends.
//
// Errors: Unavailable (cannot connect), DeadlineExceeded, Unimplemented (no reflection there; says
// what to do), ResourceExhausted names the limit, Internal for answers that are no protocol,
// Cancelled at once, but for that second, when `cancellation`, which may be null, says so.
absl::StatusOr<Reflection> Reflect(const Target& target, const ReflectionLimits& limits = {},
                                   Cancellation* cancellation = nullptr,
                                   std::span<const std::string> types = {});

}  // namespace bridge::upstream
