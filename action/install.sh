#!/usr/bin/env bash
# Install this action's own version into an environment of its own, and compile the sandbox, so that both are cached.
set -euo pipefail

"$PYTHON" -m venv "$FOLDER/venv"
"$FOLDER/venv/bin/pip" install --quiet --disable-pip-version-check "${GITHUB_ACTION_PATH}[$INPUT_RUNTIME]"
CWM_CHECK_CACHE=$FOLDER/cache "$FOLDER/venv/bin/cwm-check" demo >/dev/null
