#!/bin/bash
# certificates.sh DIR [CN]: a throw-away authority in DIR: ca.pem; server.pem (key, certificate
# and authority in one file, for localhost and 127.0.0.1), server.key, server.crt;
# client.pem and client.key for the user CN (feeder).
set -euo pipefail
dir=${1:?folder}
user=${2:-feeder}
new=$(mktemp -d "${dir%/}.XXXXXX")
cd "$new"

sign()
{
    local name=$1 subject=$2 extensions=$3
    openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -subj "$subject" -out "$name.csr"
    openssl x509 -req -in "$name.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 \
        -extfile <(printf '%s\n' "$extensions") -out "$name.crt"
    rm "$name.csr"
}

{
    openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -subj "/CN=flightdash test authority" \
        -days 30 -out ca.pem
    sign server /CN=localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
    sign client "/CN=$user" "extendedKeyUsage=clientAuth"
} 2>openssl.log || {
    cat openssl.log >&2
    exit 1
}
cat server.key server.crt ca.pem >server.pem
mv client.crt client.pem
chmod 755 .
mv -T "$new" "$dir"
