#!/usr/bin/env bash
# Writes the broker's password file from the secrets and becomes the broker.
set -euo pipefail
umask 077
here="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
secrets="${SECRETS:-/run/secrets}"
data="${DATA:-/var/lib/broker}"
run="$(mktemp -d)"

{
    for role in centre ingest dispatch gateway canary; do
        printf '%s:%s\n' "$role" "$(<"$secrets/mqtt_${role}_password")"
    done
    cat "$secrets/mqtt_accounts"
} >"$run/passwords"
mosquitto_passwd -U "$run/passwords"

sed -e "s|@PORT@|${PORT:-1883}|" -e "s|@DATA@|$data|" -e "s|@RUN@|$run|" -e "s|@HERE@|$here|" \
    "$here/mosquitto.conf" >"$run/mosquitto.conf"
exec mosquitto -c "$run/mosquitto.conf"
