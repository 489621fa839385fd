#!/usr/bin/env bash
# Proves that the harness can fail: plants each bug in a copy of the tree and runs the chaos tests on
# it: the one that looks for just this, and histories with three seeds. A bug that goes unnoticed fails
# this script. By hand, 20 to 40 minutes:
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
  unique-key-dropped) echo one_key ;;
  esac
}

# Runs the tests of a name, which should fail.
catches() {
  local bug=$1 tests=$2 seed=$3
  if CHAOS_SEEDS=$seed cargo test --quiet --package tests --test chaos -- "$tests" >"$logs/$bug.$tests.$seed.log" 2>&1; then
    printf '  %-34s not caught by %s, seed %s\n' "$bug" "$tests" "$seed"
    return 1
  fi
  printf '  %-34s caught by %s, seed %s\n' "$bug" "$tests" "$seed"
}

is_caught() {
  local bug=$1 aimed=no history=no seed
  if catches "$bug" "$(aimed_at "$bug")" 1; then aimed=yes; fi
  for seed in 1 2 3; do
    if catches "$bug" history "$seed"; then history=yes; break; fi
  done
  [ "$aimed" = yes ] || [ "$history" = yes ]
}

rm -rf "$copy"
mkdir -p "$copy"
git ls-files --cached --others --exclude-standard -z | tar --null --files-from=- -cf - | tar -xf - -C "$copy"
cd "$copy"

if [ $# = 0 ]; then
  for patch in "$planted"/*.patch; do set -- "$@" "$(basename "$patch" .patch)"; done
fi
missed=0
for bug in "$@"; do
  patch --quiet -p1 <"$planted/$bug.patch"
  cargo test --quiet --package tests --test chaos --no-run
  is_caught "$bug" || missed=$((missed + 1))
  patch --quiet -p1 --reverse <"$planted/$bug.patch"
done
exit "$missed"
