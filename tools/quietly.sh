#!/bin/sh
# Runs a command and shows its output only if it fails: tools/quietly.sh LOG COMMAND...
set -u
log=$1
shift
"$@" >"$log" 2>&1 && exit 0
status=$?
cat "$log" >&2
echo "failed ($status): $*" >&2
exit "$status"
