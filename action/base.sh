#!/usr/bin/env bash
# Find the two commits to compare and write them as `range=BASE..HEAD`.
# In this order: the inputs; both parents of a pull request's merge commit; the merge base with the branch that the
# pull request goes to; what the branch was before the push; the merge base with the default branch.
# The event's base id is not asked: it goes stale while the pull request is open.
set -euo pipefail
remote=origin

stop() {
  echo "::error title=cwm-check::$1"
  exit 2
}

known() {
  git rev-parse --quiet --verify --end-of-options "$1^{commit}"
}

fetch() {
  git fetch --quiet --no-tags "$@" 2>/dev/null
}

use() {
  echo "comparing $1 with $2"
  echo "range=$1..$2" >>"$GITHUB_OUTPUT"
  exit 0
}

# A shallow clone is deepened step by step: a merge base is mostly near.
merge_base_with() {
  fetch "$remote" "+refs/heads/$1:refs/remotes/$remote/$1" || true
  for depth in 50 500 5000; do
    git merge-base "refs/remotes/$remote/$1" "$head" 2>/dev/null && return
    [ "$(git rev-parse --is-shallow-repository)" = true ] || break
    fetch --deepen="$depth" "$remote" "refs/heads/$1" "$head" || break
  done
  stop "no merge base with $1: set fetch-depth: 0 in actions/checkout, or give base"
}

head=$(known "${INPUT_HEAD:-HEAD}") || stop "there is no commit ${INPUT_HEAD:-HEAD} in this checkout"

if [ -n "$INPUT_BASE" ]; then
  base=$(known "$INPUT_BASE") || stop "there is no commit $INPUT_BASE in this checkout: set fetch-depth: 0 in actions/checkout"
  use "$base" "$head"
fi

if [ -n "${GITHUB_BASE_REF:-}" ]; then
  # A checkout of depth 1 hides the parents of HEAD.
  known "$head^2" >/dev/null || fetch --depth=2 "$remote" "$head" || true
  if [ -z "$INPUT_HEAD" ] && [ "$(known "$head^2" || true)" = "$PULL_HEAD" ]; then
    use "$(known "$head^1")" "$head"
  fi
  base=$(merge_base_with "$GITHUB_BASE_REF") || { echo "$base"; exit 2; }
  use "$base" "$head"
fi

# All zeros: the branch is new.
case $PUSHED_FROM in
  *[!0]*)
    known "$PUSHED_FROM" >/dev/null || fetch --depth=1 "$remote" "$PUSHED_FROM" || true
    base=$(known "$PUSHED_FROM") && use "$base" "$head"
    ;;
esac

base=$(merge_base_with "${DEFAULT_BRANCH:-main}") || { echo "$base"; exit 2; }
use "$base" "$head"
