# Caddy of Debian, the release that the tests run, without privileges.
FROM debian:bookworm-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates caddy \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10002 -g 10002 /data
COPY Caddyfile /etc/caddy/Caddyfile
# A number, so that an orchestrator sees that it is not root.
USER 10002:10002
# The local authority and its certificates.
ENV XDG_DATA_HOME=/data XDG_CONFIG_HOME=/data
VOLUME /data
EXPOSE 80 443
CMD ["caddy", "run", "--adapter", "caddyfile", "--config", "/etc/caddy/Caddyfile"]
