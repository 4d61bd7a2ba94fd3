# Stands in for nginx:1.28.
FROM debian:bookworm-slim
# The official image's id.
RUN groupadd --system --gid 101 nginx && useradd --system --uid 101 --gid 101 nginx \
    && apt-get update && apt-get install --yes --no-install-recommends nginx-light && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=nginx /var/cache/nginx \
    # What Debian's build keeps elsewhere.
    && rm -r /var/lib/nginx && ln --symbolic /var/cache/nginx /var/lib/nginx \
    && ln --symbolic --force /dev/stdout /var/log/nginx/access.log \
    && ln --symbolic --force /dev/stderr /var/log/nginx/error.log
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
