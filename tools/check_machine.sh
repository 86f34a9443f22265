#!/bin/sh
# Name everything that a machine lacks for `make setup`, with the command that installs it.
# Usage: PYTHON=python3 tools/check_machine.sh [--packages]
# `--packages` prints the names of the Debian packages alone, on standard output.
set -u
PYTHON=${PYTHON:-python3}
packages=
# A Python of its own version has packages of that version.
case ${PYTHON##*/} in
    python3.[0-9]*) python=${PYTHON##*/} ;;
    *) python=python3 ;;
esac

lacks() { # what, Debian packages
    echo "missing: $1" >&2
    packages="$packages $2"
}

command -v git >/dev/null || lacks "git" git
if ! command -v gcc >/dev/null; then
    lacks "gcc, which compiles the kernels" gcc
fi

if ! command -v "$PYTHON" >/dev/null; then
    lacks "$PYTHON" "$python $python-venv $python-dev"
elif ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    # The package python3 of this release is the one that is too old.
    lacks "Python 3.11 or newer; $PYTHON is $("$PYTHON" -V 2>&1). Then: make setup PYTHON=python3.11" \
        "python3.11 python3.11-venv python3.11-dev"
else
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
        lacks "Python's venv module" "$python-venv"
    # Where this Python looks for its headers, whoever installed it.
    headers=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    [ -f "$headers/Python.h" ] || lacks "Python's headers ($headers/Python.h)" "$python-dev"
fi

[ "${1:-}" = --packages ] && echo "$packages" && exit 0
[ -z "$packages" ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo "
echo "install with: ${sudo}apt-get install$packages" >&2
exit 1
