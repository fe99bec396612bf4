#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, whose DSN is in CONFORMANCE_POSTGRES:
#
#   run.sh go test -run TestDWSOnPostgreSQL ./conformance
#
# Fails if PostgreSQL cannot be had. start.sh says what the environment changes.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap '"$here/stop.sh" "$folder/server" || true; rm -rf -- "$folder"' EXIT
chmod 711 "$folder"
CONFORMANCE_POSTGRES=$("$here/start.sh" "$folder/server")
export CONFORMANCE_POSTGRES
"$@"
