#!/bin/sh
# Installs py-opengauss, openGauss's own client, from PyPI into a temporary environment
# and drives it, unchanged, against the embedded coordinator. It announces protocol 3.51
# and logs in by SHA256. With CONFORMANCE_POSTGRES set the coordinator stands in front of
# that PostgreSQL. Exits with a status other than 0 at the first difference. Needs
# Python 3.8 to 3.11.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check py-opengauss==1.3.11

cd "$here/../../.."
go build -o "$tmp/server" ./conformance/clients/dwsserve
"$tmp/venv/bin/python" "$here/check.py" "$tmp/server"
