# The image of a Hugging Face Space, and of any other place that runs containers.
# Nothing secret is needed to build it: secrets come as environment variables when it runs (docs/DEPLOY.md).

# ---- The page: static files that the server embeds.
FROM node:22-slim AS web
WORKDIR /web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web .
RUN npm run build

# ---- The server.
FROM rust:1.95-slim-bookworm AS build
WORKDIR /src

# rust-toolchain.toml stays outside: it would make rustup fetch rustfmt and clippy, which nobody needs here.
#
# The dependencies first, from the manifests alone and empty sources of ours: this layer is built anew only
# when a manifest or the lock file changes, and a change of our sources costs two minutes instead of seven. (Cache
# mounts would do it too, but a Space's builder keeps layers from one build to the next, not mounts.)
COPY Cargo.toml Cargo.lock ./
COPY crates/domain/Cargo.toml crates/domain/
COPY crates/adapters/Cargo.toml crates/adapters/
COPY crates/turn-service/Cargo.toml crates/turn-service/
COPY crates/server/Cargo.toml crates/server/
COPY crates/stand-in-english/Cargo.toml crates/stand-in-english/
COPY crates/devkit/Cargo.toml crates/devkit/
COPY evaluate/Cargo.toml evaluate/
COPY tests/Cargo.toml tests/
COPY benches/Cargo.toml benches/
# Members that are not part of the image stay this empty; their targets are cut out of their manifests.
RUN set -eu; \
    for manifest in crates/devkit/Cargo.toml evaluate/Cargo.toml tests/Cargo.toml benches/Cargo.toml; do \
        awk '/^\[\[/ { cut = 1; next } /^\[/ { cut = 0 } !cut' "$manifest" > /tmp/manifest; \
        mv /tmp/manifest "$manifest"; \
    done; \
    for folder in crates/* evaluate tests benches; do mkdir -p "$folder/src"; touch "$folder/src/lib.rs"; done; \
    echo 'fn main() {}' > crates/server/src/main.rs; \
    cargo build --release --locked --package server --no-default-features; \
    cargo clean --release --package domain --package adapters --package turn-service --package server

# The binary has the schema, the page and the API's description in it.
COPY migrations migrations
COPY docs/API.md docs/API.md
COPY crates/domain crates/domain
COPY crates/adapters crates/adapters
COPY crates/turn-service crates/turn-service
COPY crates/server crates/server
COPY --from=web /web/dist web/dist
# Without its default feature the server has no private Postgres and no stand-in model in it.
RUN cargo build --release --locked --package server --no-default-features --bin todo-ai-chatbot

# ---- What runs: one binary, the system's certificates, and a user that owns nothing.
FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 1000 --create-home user
COPY --from=build /src/target/release/todo-ai-chatbot /usr/local/bin/todo-ai-chatbot
# A Space runs its container as user 1000. The server writes no file.
USER 1000
ENV APP_ENV=production \
    PORT=7860
EXPOSE 7860
# No shell in between, so that the server itself gets SIGTERM.
CMD ["todo-ai-chatbot"]
