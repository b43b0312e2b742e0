#!/usr/bin/env bash
# Name the folder of the environment, and the key under which it is kept: all that the installation is made from.
set -euo pipefail

case $INPUT_RUNTIME in
  cpu | gpu) ;;
  *)
    echo "::error title=cwm-check::runtime is cpu or gpu"
    exit 2
    ;;
esac

cd "$GITHUB_ACTION_PATH"
sources=$(find pyproject.toml hatch_build.py cwm_check models -type f ! -name '*.pyc' -print0 | sort -z | xargs -0 sha256sum)
{
  echo "folder=$RUNNER_TEMP/cwm-check"
  echo "key=$INPUT_RUNTIME-$(printf '%s' "$sources" | sha256sum | cut -c 1-16)"
} >>"$GITHUB_OUTPUT"
