"""Whose a delivery is: signed by the Standard Webhooks specification (https://www.standardwebhooks.com).

The signature alone says who sent: no name travels. Whatever is wrong with it is refused alike.
"""

import base64
import hmac
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256

from standardwebhooks import Webhook, WebhookVerificationError

from starter.hooks.sources import Source

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
"""The headers that sign a delivery."""

PLAIN = {ID: r"[A-Za-z0-9_-]{1,128}", TIMESTAMP: r"[0-9]{1,12}", SIGNATURE: r"[\x20-\x7e]{1,2000}"}
"""What each header may hold.

What is signed is ``id.timestamp.body``: an id with a full stop could be read as another id and timestamp.
"""


class _OverBytes(Webhook):
    """The library's own checks, over bytes: it signs text only, in copies, and mail is bytes and long."""

    def __init__(self, secret: str, body: bytes) -> None:
        super().__init__(secret)
        self._body = body

    def sign(self, msg_id: str, timestamp: datetime, data: str) -> str:  # noqa: ARG002 - the library's form
        signed = hmac.new(self._whsecret, f"{msg_id}.{int(timestamp.timestamp())}.".encode(), sha256)
        signed.update(self._body)
        return f"v1,{base64.b64encode(signed.digest()).decode()}"


def sender(sources: Iterable[Source], headers: Mapping[str, str], body: bytes) -> Source | None:
    """The source that signed ``body`` within the last five minutes; None where none did."""
    signed = {name: headers.get(name, "") for name in PLAIN}
    if not all(re.fullmatch(form, signed[name]) for name, form in PLAIN.items()):
        return None
    keys = ((source, secret.get_secret_value()) for source in sources for secret in source.secrets)
    return next((source for source, key in keys if _signed_with(key, signed, body)), None)


def _signed_with(secret: str, headers: dict[str, str], body: bytes) -> bool:
    try:
        _OverBytes(secret, body).verify("", headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # the second for a signature that is not base64
        return False
    return True
