#!/usr/bin/env bash
# Proves that the harness can fail: plants each bug in a copy of the tree and runs the chaos tests on
# it: the one that looks for just this, and histories with up to three seeds. Each of both has to notice
# the bug, and neither may complain about the copy without a bug. By hand, half an hour:
#   tests/tests/chaos/planted/run.sh [name of a patch without .patch …]
set -euo pipefail
cd "$(dirname "$0")/../../../.."

planted=$PWD/tests/tests/chaos/planted
copy=$PWD/target/planted/tree
logs=$PWD/target/planted
export CARGO_TARGET_DIR=$PWD/target/planted/build
export CHAOS_SECONDS=${CHAOS_SECONDS:-40}

aimed_at() {
  case $1 in
  answer-before-commit) echo when_a_commit_does_not_arrive ;;
  fence-skipped) echo a_frozen_replica ;;
  results-in-a-second-transaction) echo killed_after_the_commit ;;
  keys-used-twice) echo concurrent_requests::one_key ;;
  order-by-clock) echo whatever_the_clocks ;;
  window-cut-mid-pair) echo whole_turns ;;
  esac
}

say() { printf '  %-34s %s\n' "$@"; }

# Whether the tests of a name complain; histories play the given seeds.
complain() {
  local bug=$1 tests=$2 seeds=$3
  ! CHAOS_SEEDS=$seeds cargo test --quiet --package tests --test chaos -- "$tests" >"$logs/$bug.$tests.$seeds.log" 2>&1
}

is_caught() {
  local bug=$1 aimed seed
  aimed=$(aimed_at "$bug")
  if ! complain "$bug" "$aimed" 1; then
    say "$bug" "not noticed by $aimed"
    return 1
  fi
  say "$bug" "noticed by $aimed"
  for seed in 1 2 3; do
    if complain "$bug" history "$seed"; then
      say "$bug" "noticed by a history, seed $seed"
      return
    fi
    say "$bug" "not noticed by a history, seed $seed"
  done
  return 1
}

rm -rf "$copy"
mkdir -p "$copy"
git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- -cf - | tar -xf - -C "$copy"
cd "$copy"

if [ $# = 0 ]; then
  for patch in "$planted"/*.patch; do set -- "$@" "$(basename "$patch" .patch)"; done
fi
cargo test --quiet --package tests --test chaos --no-run
for bug in "$@"; do
  if complain none "$(aimed_at "$bug")" 1; then
    say none "noticed by $(aimed_at "$bug"), which is wrong"
    exit 1
  fi
done
if complain none history 1,2,3; then
  say none 'noticed by a history, which is wrong'
  exit 1
fi
say none 'not noticed by any of them'
missed=0
for bug in "$@"; do
  patch --quiet -p1 <"$planted/$bug.patch"
  cargo test --quiet --package tests --test chaos --no-run
  is_caught "$bug" || missed=$((missed + 1))
  patch --quiet -p1 --reverse <"$planted/$bug.patch"
done
exit "$missed"
