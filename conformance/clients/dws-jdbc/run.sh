#!/bin/sh
# Fetches DWS's own JDBC driver from Maven Central and drives it, unchanged, against the
# embedded coordinator: logins by every method that it knows, statements prepared and in
# batches, portals, transactions, COPY, cancellation. Exits with a status other than 0 at
# the first difference. Needs Java 11 or later and Maven.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=8.3.1.200-200
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

mvn -B -q dependency:copy -Dartifact="com.huaweicloud.dws:huaweicloud-dws-jdbc:$version" -DoutputDirectory="$tmp"
cd "$here/../../.."
go build -o "$tmp/server" ./conformance/clients/dwsserve
java -cp "$tmp/huaweicloud-dws-jdbc-$version.jar" "$here/Check.java" "$tmp/server"
