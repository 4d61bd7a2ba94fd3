# One of our services, in an image that holds its program, the C library that it needs, and nothing else.
# PACKAGE and BIN say which one. PROFILE=dev compiles faster than release, and is what `lab up` takes.

FROM rust:1.95-slim-bookworm AS build
ARG PACKAGE BIN PROFILE=release
WORKDIR /lab
# A build is ended in the middle whenever somebody saves again, and from what an incremental one then left behind no later
# one could be linked: "undefined hidden symbol", for ever.
ENV CARGO_INCREMENTAL=0
COPY Cargo.toml Cargo.lock ./
COPY crates crates
# What was downloaded and compiled once stays with the builder, for all services of all checkouts. Cargo goes by the times
# of files, and those are of one checkout. So each program notes what it was compiled from: what is not the same in all of
# these notes is new, whatever its time says, since programs share crates. While it compiles, what is new is noted nowhere:
# it may fail.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/lab/target,sharing=locked \
    find Cargo.* crates -type f -exec sha256sum {} + | sort > /sources \
    && note="target/sources-$PROFILE-$BIN" && touch "$note" \
    && touch /sources $(for noted in target/sources-*; do comm -23 /sources "$noted"; done | cut -c 67- | sort -u) \
    && comm -12 /sources "$note" > /old && cp /old "$note" \
    && case "$BIN" in *-solution) features="--features=$PACKAGE/solution" ;; esac \
    && cargo build --locked --profile "$PROFILE" --bin "$BIN" $features \
    && cp /sources "$note" \
    && mkdir /out && strip -o /out/service "target/$(echo "$PROFILE" | sed s/dev/debug/)/$BIN" \
    && cp --parents $(ldd /out/service | grep --only-matching '/[^ ]*') /out

FROM scratch
COPY --from=build /out /
# No user of any system: whoever gets out of the container is nobody there.
USER 65532:65532
# Rarely, since it takes CPU away from a service that is to be measured. Whoever starts it asks for itself.
HEALTHCHECK --interval=10s --timeout=3s CMD ["/service", "--healthcheck"]
ENTRYPOINT ["/service"]
