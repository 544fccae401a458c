#!/bin/sh
# Makes the trial mail server's certificate, once, so that trial mail is encrypted and checked as real mail is.
set -eu

folder="$1"
if [ -s "$folder/mail.pem" ]; then
    echo "mail certificate: already made"
    exit 0
fi
openssl req -x509 -newkey rsa:2048 -noenc -days 3650 -subj "/CN=mail" \
    -addext "subjectAltName=DNS:mail" \
    -addext "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign" \
    -keyout "$folder/mail-key.pem" -out "$folder/mail.new"
chmod 644 "$folder/mail.new"
mv "$folder/mail.new" "$folder/mail.pem"
echo "mail certificate: made"
