# The image of grpc-mcp-bridge; with --target shop, of the example services it serves in compose.yaml and k8s/.
#
#   docker build -t grpc-mcp-bridge:0.1.0 .
#   docker build -t grpc-mcp-bridge-shop:0.1.0 --target shop .
#
# tests/container runs every line of it. The base is a tag, so that a rebuild takes Debian's fixes; whoever
# publishes the image pins what was tested: --build-arg DEBIAN=debian:bookworm-slim@sha256:...
ARG DEBIAN=debian:bookworm-slim

FROM ${DEBIAN} AS build
WORKDIR /src
# Apart from the sources, so that a change of those does not install the compiler again.
COPY scripts/lib.sh scripts/packages scripts/
RUN bash -c 'source scripts/lib.sh && install_packages build'
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache scripts/build \
 && install -D -s -t /out build/release/bin/grpc-mcp-bridge build/release/bin/shop-*

# What the programs are linked with (gRPC, protobuf and Abseil are inside them), and the certificates of public
# authorities, for collectors behind TLS.
FROM ${DEBIAN} AS runtime
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates libc-ares2 libcurl4 libre2-9 libssl3 libstdc++6 zlib1g \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
# A number, so that an orchestrator can see that it is not root. The programs need no entry in passwd.
USER 65532:65532
STOPSIGNAL SIGTERM

FROM runtime AS shop
LABEL org.opencontainers.image.title="grpc-mcp-bridge-shop" \
      org.opencontainers.image.description="Example gRPC services: shop-catalog, shop-payments, shop-orders, shop-loyalty, shop-shipping" \
      org.opencontainers.image.version="0.1.0"
COPY --from=build /out/shop-* /usr/bin/
# Which of them is to run is told by the command; see compose.yaml.
EXPOSE 50061 50062 50063 50064 50065

FROM runtime AS bridge
LABEL org.opencontainers.image.title="grpc-mcp-bridge" \
      org.opencontainers.image.description="Serves the methods of gRPC services as MCP tools" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
COPY --from=build /out/grpc-mcp-bridge /usr/bin/
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s CMD ["/usr/bin/grpc-mcp-bridge", "health"]
ENTRYPOINT ["/usr/bin/grpc-mcp-bridge"]
CMD ["serve", "--help"]
