// gRPC, Abseil, protobuf, OpenSSL and zlib are packaged without ThreadSanitizer's instrumentation,
// which makes it see races inside them that are none. Our own code runs on none of gRPC's threads
// here, except the collector's answers, which take its lock.

// NOLINTNEXTLINE(bugprone-reserved-identifier): the name is ThreadSanitizer's.
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions() {
  return "race:libgrpc.so\n"
         "race:libgrpc++.so\n"
         "race:libgpr.so\n"
         "race:libabsl\n"
         "race:libprotobuf.so\n"
         "race:libcrypto.so\n"
         "race:libssl.so\n"
         "race:libz.so\n";
}
