#!/usr/bin/env bash
# Runs a command against a real Apache IoTDB, once for each way to speak to it: as a
# server is by default, with the compact protocol, and with TLS. Each has another
# unit of time. The command finds the DSN in CONFORMANCE_IOTDB_DSN.
#
#   conformance/servers/iotdb/run.sh go test -run TestRealIoTDB ./conformance
#
# IOTDB_VARIANTS names those to run, default "binary compact tls". Servers listen on
# 127.0.0.1 only, on free ports, and are gone afterwards with all their data.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

# What is missing is installed from the distribution's packages, as root.
wanted=()
for tool in java:default-jre-headless keytool:default-jre-headless mvn:maven cc:gcc ss:iproute2; do
  command -v "${tool%:*}" >/dev/null || wanted+=("${tool#*:}")
done
if [ ${#wanted[@]} -gt 0 ]; then
  echo "   IoTDB: installing ${wanted[*]}"
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${wanted[@]}"; } >/dev/null ||
    { echo "needed for the server and cannot be installed here: ${wanted[*]}" >&2; exit 1; }
fi

work=$(mktemp -d)
trap 'IOTDB_HOME=$work/home "$here/stop.sh" -9 >/dev/null; rm -rf -- "$work"' EXIT

# A port of which the next 60 are free too, in any state of a connection, and below
# those that the system gives to connections of its own: one that a client's
# connection held a minute ago cannot be listened on.
free() {
  local base
  while :; do
    base=$((20000 + RANDOM % 12000))
    ss -tan | awk -v lo="$base" -v hi="$((base + 60))" 'NR > 1 { n = split($4, a, ":"); if (a[n] >= lo && a[n] <= hi) found = 1 } END { exit found }' && break
  done
  echo "$base"
}

start() { # a server on ports of its own; $said is what start.sh said
  base=$(free)
  export IOTDB_HOME=$work/home IOTDB_RPC_PORT=$base IOTDB_PORT_BASE=$((base + 10)) IOTDB_EXTRA=$work/extra IOTDB_FRESH=1
  said=$("$here/start.sh") && return
  echo "$said" >&2
  "$here/stop.sh" -9 >/dev/null
  return 1
}

for variant in ${IOTDB_VARIANTS:-binary compact tls}; do
  scheme=iotdb parameters=""
  case $variant in
    binary) echo "timestamp_precision=ms" ;;
    compact)
      parameters="?compression=true"
      printf '%s\n' "timestamp_precision=us" "dn_rpc_thrift_compression_enable=true" ;;
    tls)
      store=$work/keys.p12
      keytool -genkeypair -alias server -keyalg EC -dname CN=localhost -ext san=ip:127.0.0.1,dns:localhost -validity 2 \
        -storetype PKCS12 -keystore "$store" -storepass changeit >/dev/null 2>&1
      keytool -exportcert -rfc -alias server -keystore "$store" -storepass changeit 2>/dev/null >"$work/ca.pem"
      scheme=iotdb+tls parameters="?tls_ca=${work//\//%2F}%2Fca.pem"
      printf '%s\n' "timestamp_precision=ns" "enable_thrift_ssl=true" "key_store_path=$store" "key_store_pwd=changeit" ;;
    *) echo "unknown variant $variant" >&2; exit 1 ;;
  esac >"$work/extra"
  # A node that meets a full machine may give up while it starts: twice more, then.
  start || start || start
  echo "   IoTDB, $variant: $(tail -n 1 <<<"$said")"
  CONFORMANCE_IOTDB_DSN="$scheme://root:root@127.0.0.1:$base/$parameters" "$@"
  "$here/stop.sh" -9 >/dev/null
done
