# Prometheus of Debian, the release that the checks run, with our rules and without privileges.
FROM debian:bookworm-slim@sha256:7c7b2c966bc9ee8cedfeef67e0e279108992c77681fa595db4a9d65c06ccc587
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        ca-certificates prometheus \
    && rm -rf /var/lib/apt/lists/* \
    && install -d -o 10003 -g 10003 /prometheus
COPY prometheus.yml rules.yml alerts.yml /etc/prometheus/
# A number, so that an orchestrator sees that it is not root.
USER 10003:10003
VOLUME /prometheus
EXPOSE 9090
CMD ["prometheus", "--config.file=/etc/prometheus/prometheus.yml", \
    "--storage.tsdb.path=/prometheus", "--storage.tsdb.retention.time=15d"]
