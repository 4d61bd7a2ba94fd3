# Stands in for redis:7.
FROM debian:bookworm-slim
RUN useradd --system --uid 999 redis && apt-get update && apt-get install --yes --no-install-recommends redis-server \
    && rm -rf /var/lib/apt/lists/*
RUN install --directory --owner=redis /data
COPY --chmod=755 redis-entrypoint /usr/local/bin/docker-entrypoint.sh
WORKDIR /data
VOLUME /data
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["redis-server"]
