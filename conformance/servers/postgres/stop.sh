#!/usr/bin/env bash
# Ends the server that start.sh made in FOLDER and removes the folder.
set -uo pipefail
[ $# = 1 ] || { echo "stop.sh FOLDER" >&2; exit 2; }
folder=$(cd "$1" 2>/dev/null && pwd) || exit 0
data=$folder/run/data
[ -f "$data/PG_VERSION" ] || { echo "postgres: $folder is not of start.sh" >&2; exit 1; }
# The first line of the file is the process: it is ended if it still serves this folder.
ours() { [ "$(readlink "/proc/$1/cwd" 2>/dev/null)" = "$data" ]; }
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && ours "$pid"; then
  kill -INT "$pid" # fast: it ends the sessions
  for _ in $(seq 200); do ours "$pid" || break; sleep 0.05; done
  if ours "$pid"; then kill -QUIT "$pid"; sleep 1; fi
fi
rm -rf -- "$folder"
