#!/usr/bin/env bash
# Proves the Dockerfile where no image registry can be reached: builds it unchanged on stand-ins for its base
# images, and runs the result as a Space would. By hand, as root, on Debian:
#
#   apt-get install buildah crun debootstrap npm
#   tests/image/smoke_test_image.sh
#
# Takes about ten minutes the first time. The stand-ins are Debian bookworm made by debootstrap, with the Rust
# toolchain of this machine and a Node.js from the npm registry; `buildah rmi --all` throws everything away.
# Where TLS is signed by a certificate authority of the machine's own, set CA_BUNDLE to a file that has it.
# With DATABASE_URL set to a Postgres that this machine reaches, `/ready` is proven too.
set -euo pipefail
cd "$(dirname "$0")/../.."

image=localhost/todo-ai-chatbot:proof
port=${PORT:-17860}
work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

step() { printf '\n==> [%4s s] %s\n' "$SECONDS" "$*"; }
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
has_image() { buildah inspect --type image "$1" >/dev/null 2>&1; }

# Makes an image of a folder: import <folder> <name> <buildah config options…>
import() {
  local folder=$1 name=$2 container
  shift 2
  container=$(buildah from scratch)
  tar -C "$folder" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -cf "$work/root.tar" .
  buildah add --quiet "$container" "$work/root.tar" / >/dev/null
  buildah config --cmd bash "$@" "$container"
  buildah commit --quiet "$container" "$name" >/dev/null
  buildah rm "$container" >/dev/null
  rm -rf "$work/root.tar" "$folder"
}

system_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
debian=docker.io/library/debian:bookworm-slim
rust=docker.io/library/rust:1.95-slim-bookworm
node=docker.io/library/node:22-slim

if ! has_image "$debian"; then
  step "Stand-in for $debian"
  debootstrap --variant=minbase bookworm "$work/debian" >/dev/null
  import "$work/debian" "$debian" --env PATH=$system_path
fi

if ! has_image "$rust"; then
  step "Stand-in for $rust"
  debootstrap --variant=minbase --include=gcc,libc6-dev,ca-certificates bookworm "$work/rust" >/dev/null
  mkdir -p "$work/rust/usr/local/rust"
  tar -C "$(rustc --print sysroot)" --exclude=./share/doc -c . | tar -C "$work/rust/usr/local/rust" -x
  import "$work/rust" "$rust" --env PATH=/usr/local/rust/bin:$system_path --env CARGO_HOME=/usr/local/cargo \
    --env CARGO_HTTP_CAINFO=/run/ca-bundle.crt
fi

if ! has_image "$node"; then
  step "Stand-in for $node"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$work/node" >/dev/null
  npm install --global --prefix "$work/node/usr/local" --no-audit --no-fund --allow-scripts=node node@22 npm@10 >/dev/null
  import "$work/node" "$node" --env PATH=$system_path --env NODE_EXTRA_CA_CERTS=/run/ca-bundle.crt
fi

step 'The image'
buildah bud --isolation=chroot --network=host --pull-never --layers \
  --volume "${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}:/run/ca-bundle.crt:ro" --tag "$image" .

step 'What is in it'
config=$(buildah inspect --type image --format '{{.OCIv1.Config.User}} {{.OCIv1.Config.Cmd}} {{.OCIv1.Config.ExposedPorts}}' "$image")
printf '%s\n' "$config"
[ "$config" = '1000 [todo-ai-chatbot] map[7860/tcp:{}]' ] || fail 'user, command or port is not what a Space expects'
root=$(buildah from --pull-never "$image")
mounted=$(buildah mount "$root")
du -sh "$mounted" | awk '{ print "whole image:", $1 }'
du -h "$mounted/usr/local/bin/todo-ai-chatbot" | awk '{ print "the binary:", $1 }'
# The devkit says this when it starts; a binary that cannot say it does not have it.
mark='making a private PostgreSQL cluster'
grep -rqF "$mark" crates/devkit/src || fail "the devkit does not say '$mark' any more: take something that it does say"
if grep -qaF "$mark" "$mounted/usr/local/bin/todo-ai-chatbot"; then fail 'the devkit is in the image'; fi
buildah umount "$root" >/dev/null

# Runs the image's command as the image's user, with a home and a folder that it cannot write to.
run_image() { buildah run --isolation=chroot --workingdir / "$@" "$root" -- env -u HOME todo-ai-chatbot; }

step 'Without settings it refuses to start, and says what is missing'
set +e
refusal=$(run_image 2>&1)
code=$?
set -e
printf '%s\n' "$refusal"
[ "$code" = 78 ] || fail "exit code $code instead of 78"
for name in DATABASE_URL OPENAI_API_KEY JWT_SECRET_KEY FRONTEND_URL; do
  grep -q "$name" <<<"$refusal" || fail "$name is not named"
done

step 'With settings, and no database to be found, it lives'
run_image --env "PORT=$port" --env "OPENAI_API_KEY=not-a-real-key" --env FRONTEND_URL=https://example.com \
  --env "JWT_SECRET_KEY=$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')" \
  --env "DATABASE_URL=${DATABASE_URL:-postgres://nobody:nothing@127.0.0.1:1/nowhere?sslmode=disable}" &
server=$!
status() { curl --silent --output "$work/body" --write-out '%{http_code}' "http://127.0.0.1:$port$1" || true; }
expect() {
  local got tries=0
  until got=$(status "$1") && [ "$got" = "$2" ]; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || fail "$1 answers $got instead of $2"
    sleep 0.1
  done
  printf '%s %s %s\n' "$1" "$got" "$(head -c 100 "$work/body" | tr '\n' ' ')"
}
expect /health 200
expect / 200
grep -q '/assets/' "$work/body" || fail 'the page is not the one that web/ builds'
if [ -n "${DATABASE_URL:-}" ]; then expect /ready 200; else expect /ready 503; fi
process=$server
while child=$(pgrep --parent "$process"); do process=$child; done
awk '/^Uid:/ { print "runs as user", $2; exit $2 != 1000 }' "/proc/$process/status" || fail 'it does not run as user 1000'

step 'SIGTERM ends it'
kill -TERM "$process"
wait "$server" || fail "it ended with code $?"
server=
buildah rm "$root" >/dev/null

step 'Proven'
