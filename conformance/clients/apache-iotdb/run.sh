#!/bin/sh
# Installs Apache IoTDB's official Python client from PyPI into a temporary
# environment and drives it, unchanged, against embedded servers, one for each of
# Thrift's protocols. Exits with a status other than 0 at the first difference.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
server=
trap 'exec 3>&- || true; [ -z "$server" ] || wait "$server" || true; rm -rf "$tmp"' EXIT
export PYTHONDONTWRITEBYTECODE=1

python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet --disable-pip-version-check apache-iotdb==2.0.11

cd "$here/../../.."
go build -o "$tmp/serve" ./conformance/clients/iotdbserve
for protocol in binary compression; do
	option=
	[ "$protocol" = binary ] || option=-compression
	rm -f "$tmp/input" "$tmp/address"
	mkfifo "$tmp/input"
	"$tmp/serve" $option <"$tmp/input" >"$tmp/address" &
	server=$!
	exec 3>"$tmp/input" # the server ends when this is closed
	tries=0
	until [ -s "$tmp/address" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || { echo "the server did not start" >&2; exit 1; }
		sleep 0.1
	done
	"$tmp/venv/bin/python" "$here/check.py" "$(cat "$tmp/address")" $option
	exec 3>&-
	wait "$server"
	server=
done
