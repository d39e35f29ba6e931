# wpasim with a built lab of every release: docker build -t wpasim . && docker run --rm -v "$PWD:/src" wpasim gate \
#   --supplicant wpa_supplicant/wpa_supplicant --ap hostapd/hostapd
# What is tested has to run on Debian 12. `docker run --entrypoint bash …` has what building it there needs.
FROM rust:1-bookworm AS build
WORKDIR /wpasim
COPY . .
RUN cargo build --release --locked

FROM debian:12
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        binutils ca-certificates gcc libc6-dev libdbus-1-dev libnl-3-dev libnl-genl-3-dev libnl-route-3-dev \
        libreadline-dev libssl-dev make pkg-config tar util-linux xz-utils \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /wpasim/target/release/wpasim /usr/local/bin/
ENV WPASIM_CACHE=/opt/wpasim-lab
RUN wpasim lab build --release 2.9 --release 2.10 --release 2.11
WORKDIR /src
ENTRYPOINT ["wpasim"]
