"""Post a SIN to the office's web hook, signed, with nothing but Python's own library (3.11 or newer).

::

    export RAPID_REVIEW_HOOK_SECRET=whsec_...
    python post_sin.py sin.toml http://127.0.0.1:8235

The file is one like examples/sin.toml. The program prints what the office answers and ends with 0 where the
review is open, 1 where it was refused or nobody answered. Run it again if it was cut off: the same file is
the same delivery, and opens one review.
"""

import argparse
import base64
import binascii
import hashlib
import hmac
import json
import os
import sys
import time
import tomllib
import urllib.error
import urllib.request
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from zoneinfo import ZoneInfo


def in_json(value: object) -> str:
    """A date or time of the file; a time without an offset is London's."""
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo("Europe/London"))
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a SIN")


def signature(secret: str, delivery: str, timestamp: str, body: bytes) -> str:
    """Standard Webhooks: HMAC-SHA256 over ``id.timestamp.body`` under the secret's bytes, in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.digest(key, f"{delivery}.{timestamp}.".encode() + body, hashlib.sha256)
    return "v1," + base64.b64encode(signed).decode()


def post(body: bytes, address: str, secret: str) -> tuple[int, str]:
    """The status and the words with which the office answers."""
    delivery = f"sin_{hashlib.sha256(body).hexdigest()[:32]}"
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": delivery,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, delivery, timestamp, body),
    }
    request = urllib.request.Request(f"{address.rstrip('/')}/hooks/sin", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def main() -> int:
    """Post the file named on the command line."""
    parser = argparse.ArgumentParser(description="Post a SIN to the office's web hook.")
    parser.add_argument("file", type=Path, help="the SIN, as in examples/sin.toml")
    parser.add_argument("address", help="the office's, such as https://reviews.example")
    given = parser.parse_args()
    if not (secret := os.environ.get("RAPID_REVIEW_HOOK_SECRET")):
        parser.error("set RAPID_REVIEW_HOOK_SECRET to the secret that the office gave you")
    try:
        sin = tomllib.loads(given.file.read_text(encoding="utf-8"))
        base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (OSError, ValueError) as mistake:
        named = "RAPID_REVIEW_HOOK_SECRET" if isinstance(mistake, binascii.Error) else given.file
        parser.error(f"{named} cannot be read ({type(mistake).__name__})")
    try:
        status, words = post(json.dumps(sin, default=in_json).encode(), given.address, secret)
    except OSError as silence:
        print(f"No answer from {given.address} ({silence}). Run this again in a minute.", file=sys.stderr)
        return 1
    print(status, words)
    return 0 if status == HTTPStatus.CREATED else 1


if __name__ == "__main__":
    sys.exit(main())
