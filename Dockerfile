# FaceAuth as a container: the binary, the runtime library, the weights and the page.
# It holds no secrets, writes nothing into itself, and runs without privileges.
#
#   docker build -t faceauth .
#
# deploy/compose.yaml shows it with a database and its keys.

# Gets security fixes until April 2028; CI has the same.
FROM node:24-bookworm-slim@sha256:d6aa754f16b3197301076f047b5def2f02ea1dbbc2ca920407d46d7ec7f87b20 AS node

# ---- the binaries, the runtime library and the weights
FROM rust:1.95-slim-bookworm@sha256:d7482085ff5b415f84dba5647ae71606650bdef00db7aeb69f4b3d170c3e4082 AS build
# npm, which some of the weights are fetched with.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules /usr/local/lib/node_modules
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
WORKDIR /src
COPY . .
# The same set-up as a developer's: Debian packages, then everything pinned in
# models/manifest.toml and crates/xtask/pins.toml, checked against its hash.
# What cargo compiles stays in a cache of the builder, so a change of our sources compiles our
# sources alone.
RUN --mount=type=cache,target=/root/.cache/faceauth \
    --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    ./dev setup --image
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --package faceauth-server --package faceauth-clip \
    && mkdir -p /out/bin /out/lib /out/share/faceauth/models \
    && cp target/release/faceauth target/release/faceauth-clip /out/bin/
RUN cp .dev/onnxruntime/libonnxruntime.so.* /out/lib/libonnxruntime.so \
    && cp models/manifest.toml /out/share/faceauth/models/ \
    && cp -r models/weights /out/share/faceauth/models/weights \
    && cp LICENSE /out/share/faceauth/

# ---- the page
FROM node AS page
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY frontend/ ./
COPY --from=build /src/frontend/models ./models
RUN npm run build

# ---- what runs
# OpenCV's videoio asks for Mesa's drivers by way of libglx, and nothing here draws: without them the
# image is 158 MB smaller.
FROM debian:bookworm-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates libopencv-core406 libopencv-imgproc406 libopencv-calib3d406 \
        libopencv-video406 libopencv-videoio406 \
    && dpkg --purge --force-depends libgl1-mesa-dri libllvm15 libz3-4 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/ /usr/local/
COPY --from=page /src/frontend/dist /usr/local/share/faceauth/page
# A number, so that an orchestrator sees that it is not root.
USER 10001:10001
ENV FACEAUTH__SERVER__BIND=0.0.0.0:8080 \
    FACEAUTH__SERVER__FRONTEND_DIR=/usr/local/share/faceauth/page \
    FACEAUTH__MODELS__MANIFEST=/usr/local/share/faceauth/models/manifest.toml \
    FACEAUTH__MODELS__WEIGHTS_DIR=/usr/local/share/faceauth/models/weights \
    ORT_DYLIB_PATH=/usr/local/lib/libonnxruntime.so
EXPOSE 8080
STOPSIGNAL SIGTERM
# Debian's bash speaks TCP: no curl to keep up to date.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: probe\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["faceauth"]
CMD ["serve"]
