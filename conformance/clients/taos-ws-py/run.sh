#!/bin/sh
# Installs TDengine's official Python client from PyPI into a temporary
# environment and drives it against the embedded server. Exits with a status
# other than 0 at the first difference.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
server=
trap 'exec 3>&- || true; [ -z "$server" ] || wait "$server" || true; rm -rf "$tmp"' EXIT

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check taos-ws-py==0.7.0

cd "$here/../../.."
go build -o "$tmp/serve" ./conformance/clients/serve
mkfifo "$tmp/input"
"$tmp/serve" <"$tmp/input" >"$tmp/address" &
server=$!
exec 3>"$tmp/input" # the server ends when this is closed
tries=0
until [ -s "$tmp/address" ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 100 ] || { echo "the server did not start" >&2; exit 1; }
	sleep 0.1
done
"$tmp/venv/bin/python" "$here/check.py" "$(cat "$tmp/address")"
"$tmp/venv/bin/python" "$here/consumer.py" "$(cat "$tmp/address")"
exec 3>&-
wait "$server"
server=
