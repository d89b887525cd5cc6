# Only tests link it: the bridge encodes OTLP by hand (bridge/telemetry/otlp_encode.h).
proto_library(bridge_otlp_proto GRPC ROOT ${CMAKE_CURRENT_SOURCE_DIR} PROTOS otlp/trace_service.proto)
