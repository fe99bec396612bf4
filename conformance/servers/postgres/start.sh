#!/usr/bin/env bash
# Starts a PostgreSQL of its own for tests: a new cluster in a folder, listening on
# 127.0.0.1 and a free port only, with a password made for the occasion.
#
#   start.sh FOLDER    makes the folder, or takes an empty one, and prints the DSN of
#                      the database gaussdb there, which is in FOLDER/dsn as well
#   stop.sh FOLDER     ends the server and removes the folder
#
# Environment, all optional:
#   POSTGRES_BIN       folder of initdb and pg_ctl; default: those of the PATH, else the
#                      newest of /usr/lib/postgresql, else the distribution's package is
#                      installed with apt-get, which needs root
#   POSTGRES_INSTALL   no: do not install anything
#
# The server does not run as root: started by root it runs as postgres or nobody.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,16s/^# \{0,1\}//p' "$0" >&2; exit 2; }
say() { echo "postgres: $*" >&2; }

folder=$1
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then say "$folder is not empty"; exit 1; fi
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

find_bin() {
  local dir
  for dir in "${POSTGRES_BIN:-}" "$(dirname "$(command -v initdb || echo /)")" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [ -n "$dir" ] && [ -x "$dir/initdb" ] && [ -x "$dir/pg_ctl" ]; then echo "$dir"; return; fi
  done
  return 1
}

install() {
  [ "${POSTGRES_INSTALL:-}" != no ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  say "installing the package"
  export DEBIAN_FRONTEND=noninteractive
  {
    apt-get update -q && apt-get install -qy --no-install-recommends postgresql-common
    # No cluster but the one made below.
    sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
    apt-get install -qy --no-install-recommends postgresql
  } >"$folder/install.log" 2>&1 || { tail -n 20 "$folder/install.log" >&2; return 1; }
}

bin=$(find_bin) || { install && bin=$(find_bin); } || { say "initdb was found nowhere and cannot be installed here"; exit 1; }

as=()
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id -u postgres >/dev/null 2>&1; then user=postgres; fi
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$folder/run")
  mkdir "$folder/run"
  chown "$user" "$folder/run"
  chmod 711 "$folder"
else
  mkdir "$folder/run"
fi
chmod 700 "$folder/run"
cd "$folder/run" 2>/dev/null || cd /

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s\n' "$password" | "${as[@]}" bash -c 'umask 077; cat >"$1"' - "$folder/run/password"
"${as[@]}" "$bin/initdb" -D "$folder/run/data" -U dbadmin -A scram-sha-256 --pwfile="$folder/run/password" -E UTF8 --locale=C --no-sync \
  >"$folder/initdb.log" 2>&1 || { cat "$folder/initdb.log" >&2; exit 1; }
rm -f "$folder/run/password"
"${as[@]}" tee -a "$folder/run/data/postgresql.conf" >/dev/null <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 64MB
fsync = off
full_page_writes = off
synchronous_commit = off
max_prepared_transactions = 20
timezone = 'UTC'
log_timezone = 'UTC'
CONF

echo 'CREATE DATABASE gaussdb;' | "${as[@]}" "$bin/postgres" --single -D "$folder/run/data" postgres >"$folder/initdb.log" 2>&1 ||
  { cat "$folder/initdb.log" >&2; exit 1; }

# A port is tried, not asked for: another process may take it in between.
for _ in $(seq 20); do
  port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
  if "${as[@]}" "$bin/pg_ctl" -D "$folder/run/data" -l "$folder/run/log" -o "-p $port" -w -t 60 start >"$folder/start.log" 2>&1 </dev/null; then
    (umask 077; echo "postgres://dbadmin:$password@127.0.0.1:$port/gaussdb?sslmode=disable" >"$folder/dsn")
    cat "$folder/dsn"
    exit 0
  fi
done
cat "$folder/start.log" >&2
tail -n 20 "$folder/run/log" >&2
exit 1
