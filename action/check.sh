#!/usr/bin/env bash
# Check the range and write all reports. The outcome is an output: a later step fails with it, after the upload.
set -euo pipefail

export CWM_CHECK_CACHE=$FOLDER/cache
reports=$RUNNER_TEMP/cwm-check-reports
mkdir -p "$reports"

options=(--from-ref "$RANGE" --color never)
for format in sarif markdown html json; do
  options+=(--format "$format:$reports/cwm-check.$format")
done
[ "$INPUT_ANNOTATIONS" = true ] && options+=(--format github) || options+=(--format text)
[ -z "$INPUT_FAIL_ON" ] || options+=(--fail-on "$INPUT_FAIL_ON")
[ -z "$INPUT_EXPECT" ] || options+=(--expect "$INPUT_EXPECT")
[ -z "$INPUT_TIME_BUDGET" ] || options+=(--time-budget "$INPUT_TIME_BUDGET")

paths=()
while IFS= read -r path; do
  [ -z "$path" ] || paths+=("$path")
done <<<"$INPUT_PATHS"

status=0
"$FOLDER/venv/bin/cwm-check" check "${options[@]}" -- ${paths[@]+"${paths[@]}"} || status=$?
echo "exit-code=$status" >>"$GITHUB_OUTPUT"
[ -f "$reports/cwm-check.sarif" ] || exit 0

cat "$reports/cwm-check.markdown" >>"$GITHUB_STEP_SUMMARY"
count='import json, sys; print(json.load(open(sys.argv[1], encoding="utf-8"))["summary"]["findings"])'
{
  echo "findings=$("$FOLDER/venv/bin/python" -c "$count" "$reports/cwm-check.json")"
  echo "sarif-file=$reports/cwm-check.sarif"
  echo "html-file=$reports/cwm-check.html"
} >>"$GITHUB_OUTPUT"
