#!/bin/sh
# Makes a virtual environment with pip: tools/make_environment.sh PYTHON DIRECTORY
#
# Debian's python3 comes without ensurepip unless python3-venv is installed, so a plain `python3 -m venv` may
# fail. The venv module itself is there, and so is pip: let the outer pip put a pip into the environment.
set -eu
python=$1
directory=$2
log=$(mktemp)
trap 'rm -rf "$log" "$log.d"' EXIT

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "sqlvec needs Python 3.11 or newer; $python is $("$python" --version 2>&1)" >&2
    exit 1
}

is_ready() { [ -x "$directory/bin/python" ] && "$directory/bin/python" -m pip --version >>"$log" 2>&1; }

with_ensurepip() { "$python" -m venv "$directory" >>"$log" 2>&1; }

with_outer_pip() {
    "$python" -m venv --without-pip "$directory" >>"$log" 2>&1 &&
        "$python" -m pip --python "$directory/bin/python" install --quiet pip >>"$log" 2>&1
}

with_virtualenv() {
    "$python" -m pip install --quiet --target "$log.d" virtualenv >>"$log" 2>&1 &&
        PYTHONPATH="$log.d" "$python" -m virtualenv --quiet "$directory" >>"$log" 2>&1
}

for way in with_ensurepip with_outer_pip with_virtualenv; do
    if is_ready; then exit 0; fi
    rm -rf "$directory"
    "$way" || echo "$way failed" >>"$log"
done
if is_ready; then exit 0; fi
cat "$log" >&2
echo "could not make a virtual environment in $directory; 'apt-get install python3-venv' helps on Debian" >&2
exit 1
