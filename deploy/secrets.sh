#!/usr/bin/env bash
# Generates every secret of docker-compose.yml into deploy/secrets, once; what is there is kept.
# The folder is closed to others; the files in it are readable because the containers' users,
# who are nobody on this machine, see them without the folder.
set -euo pipefail
umask 077
folder="${1:-$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/secrets}"
mkdir -p "$folder"
cd -- "$folder"

keep() { # keep NAME: takes the secret from standard input unless it exists
    cat >"$1.new"
    if [[ -s "$1" ]]; then rm "$1.new"; else mv "$1.new" "$1"; fi
    chmod 444 "$1"
}
random() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

for name in database mqtt_centre mqtt_ingest mqtt_dispatch mqtt_gateway mqtt_canary sms sms_admin; do
    random | keep "${name}_password"
done
for name in sms_callback_secret watch_secret; do
    random | keep "$name"
done

printf 'postgresql://anlan:%s@database:5432/anlan' "$(<database_password)" | keep database_url
for role in centre ingest dispatch gateway canary; do
    printf 'mqtt://%s:%s@broker:1883' "$role" "$(<"mqtt_${role}_password")" | keep "mqtt_${role}_url"
done

openssl genpkey -algorithm ed25519 2>/dev/null | keep signing_key
openssl pkey -in signing_key -pubout | keep verify_key

# Stations, cameras and devices: one line NAME:PASSWORD each, added by you.
[[ -e mqtt_accounts ]] || : >mqtt_accounts
chmod 444 mqtt_accounts

echo "secrets are in $folder; give verify_key to the devices, and keep signing_key from everybody"
