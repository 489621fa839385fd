#!/usr/bin/env bash
# Runs the chaos tests with a network that drops packets where it otherwise only stalls. By hand, as root,
# on Linux with iptables, a few minutes; the arguments choose tests as those of cargo do:
#   tests/tests/chaos/packet_loss.sh [words of a test's name]
# The rules are made in a network of their own, which is gone at the end.
set -euo pipefail
cd "$(dirname "$0")/../../.."

cargo build --package server --bin todo-ai-chatbot
cargo test --package tests --test chaos --no-run
export CHAOS_DROPS=1 CARGO_NET_OFFLINE=true
unshare --net -- sh -c 'ip link set lo up && exec "$@"' sh \
  cargo test --package tests --test chaos -- --nocapture "$@"
