// Messages packed in a way that the packaged gRPC does not know. It forgets the name of such an
// encoding and hands the packed bytes over as if they were the message; read as one, they are
// unknown fields. What can be told by its own form is told here. Pure functions; any thread.
#pragma once

#include <string_view>

namespace bridge::upstream {

// "zstd" (RFC 8878) or "snappy" (its framing format) if `bytes` are whole frames of it; else empty.
// No message begins like snappy's. One may begin like zstd's, so its blocks must add up too.
std::string_view ForeignFrame(std::string_view bytes);

}  // namespace bridge::upstream
