#!/bin/sh
# Installs psycopg2 from PyPI into a temporary environment and drives it, unchanged,
# against the embedded coordinator: the program of DWS's own manual, then the rows of
# its table of psycopg2's interfaces. psycopg2 knows MD5 alone of GaussDB's methods.
# With CONFORMANCE_POSTGRES set the coordinator stands in front of that PostgreSQL.
# Exits with a status other than 0 at the first difference. Needs Python 3.8 or later.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check psycopg2-binary==2.9.10

cd "$here/../../.."
go build -o "$tmp/server" ./conformance/clients/dwsserve
"$tmp/venv/bin/python" "$here/check.py" "$tmp/server"
