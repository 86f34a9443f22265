#!/bin/sh
# Name everything that a machine lacks for `make setup`, with the command that installs it.
# Usage: PYTHON=python3 tools/check_machine.sh
set -u
PYTHON=${PYTHON:-python3}
packages=

lacks() { # what, Debian packages
    echo "missing: $1" >&2
    packages="$packages $2"
}

command -v git >/dev/null || lacks "git" git
if ! command -v gcc >/dev/null; then
    lacks "gcc, which compiles the kernels" gcc
fi

if ! command -v "$PYTHON" >/dev/null; then
    lacks "$PYTHON" "python3 python3-venv python3-dev"
elif ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "missing: Python 3.11 or newer; $PYTHON is $("$PYTHON" -V 2>&1)." >&2
    echo "         Choose another one: make setup PYTHON=python3.12" >&2
    packages="$packages python3 python3-venv python3-dev"
else
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ||
        lacks "Python's venv module" python3-venv
    # Where this Python looks for its headers, whoever installed it.
    headers=$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    [ -f "$headers/Python.h" ] || lacks "Python's headers ($headers/Python.h)" python3-dev
fi

[ -z "$packages" ] && exit 0
sudo=
[ "$(id -u)" = 0 ] || sudo="sudo "
echo "install with: ${sudo}apt-get install$packages" >&2
exit 1
