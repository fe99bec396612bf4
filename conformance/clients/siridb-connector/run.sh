#!/bin/sh
# Installs SiriDB's official Python client from PyPI into temporary environments
# and drives it, unchanged, against embedded servers. check.py takes version 2.1.6.
# The program of the client's own manual, which wants port 9000, takes 2.1.3: the
# one in the manual of 2.1.4 and later makes its client outside of an event loop,
# which that client refuses before it connects to anything. Exits with a status
# other than 0 at the first difference. Needs Python 3.7 to 3.13.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

for version in 2.1.3 2.1.6; do
	python3 -m venv "$tmp/$version"
	"$tmp/$version/bin/pip" install --quiet --disable-pip-version-check "siridb-connector==$version" qpack==0.0.21
done

cd "$here/../../.."
go build -o "$tmp/server" ./conformance/clients/siridb-connector/server
"$tmp/2.1.3/bin/python" "$here/manual.py" "$tmp/server"
"$tmp/2.1.6/bin/python" "$here/check.py" "$tmp/server"
