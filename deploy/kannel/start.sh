#!/usr/bin/env bash
# Writes Kannel's configuration from the secrets and runs both its halves; when either ends, both
# end and the container is started again: an smsbox without its bearerbox holds on to the port.
set -euo pipefail
umask 077
here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
secrets="${SECRETS:-/run/secrets}"
data="${DATA:-/var/lib/sms}"
run="$(mktemp -d)"
mkdir -p "$data/spool"

sed -e "s|@DATA@|$data|" -e "s|@SMSC@|${SMSC:-$here/smsc.conf}|" -e "s|@INTERFACE@|${INTERFACE:-0.0.0.0}|" \
    -e "s|@SENDSMS_PORT@|${SENDSMS_PORT:-13013}|" -e "s|@ADMIN_PORT@|${ADMIN_PORT:-13000}|" \
    -e "s|@SMSBOX_PORT@|${SMSBOX_PORT:-13001}|" -e "s|@CALLBACK@|$CALLBACK|" \
    -e "s|@PASSWORD@|$(<"$secrets/sms_password")|" \
    -e "s|@ADMIN_PASSWORD@|$(<"$secrets/sms_admin_password")|" \
    -e "s|@CALLBACK_SECRET@|$(<"$secrets/sms_callback_secret")|" \
    "$here/kannel.conf" >"$run/kannel.conf"

trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
trap 'exit 0' TERM INT
bearerbox -v 2 "$run/kannel.conf" &
for _ in {1..100}; do
    if (exec 3<>"/dev/tcp/127.0.0.1/${SMSBOX_PORT:-13001}") 2>/dev/null; then break; fi
    sleep 0.1
done
smsbox -v 2 "$run/kannel.conf" &
wait -n
