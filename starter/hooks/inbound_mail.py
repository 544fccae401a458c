"""A mail, as it came: the message's own bytes after the lines in which delivery writes its envelope.

The body is what a mail server's final delivery writes: a ``Return-Path`` (RFC 5321, section 4.4), one or
more ``Delivered-To`` (RFC 9228), then the message. So the envelope is signed together with the message.
"""

import re

from domain.errors import NotReadable
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.forms import BODY
from starter.hooks.hook import Deed, Desk, Hook
from starter.hooks.sources import HookName

_ADDRESS = rb"[^<>\s]{1,320}"
_ENVELOPE = re.compile(
    rb"Return-Path: *<(?P<sender>(?:%b)?)>\r?\n(?P<recipients>(?:Delivered-To: *<?%b>?\r?\n){1,100})"
    % (_ADDRESS, _ADDRESS),
    re.IGNORECASE,
)
_RECIPIENT = re.compile(rb"Delivered-To: *<?(%b)>?\r?\n" % _ADDRESS, re.IGNORECASE)


def read(delivery: Delivery, body: bytes) -> Deed:
    """Hand the mail on; what it says is read later, as that of any other mail."""
    envelope = _ENVELOPE.match(body)
    if not envelope:
        raise NotReadable(
            f"{BODY}: write the envelope before the message: a line `Return-Path: <sender>`, then a line "
            "`Delivered-To: recipient` for each recipient."
        )
    try:
        mail_from = envelope["sender"].decode()
        rcpt_to = tuple(found.decode() for found in _RECIPIENT.findall(envelope["recipients"]))
    except UnicodeDecodeError:
        raise NotReadable(f"{BODY}: an address of the envelope is not in UTF-8.") from None
    raw = body[envelope.end() :]
    if not raw or raw.isspace():  # a large mail is not copied to find out
        raise NotReadable(f"{BODY}: there is no message after the envelope.")

    async def done(desk: Desk) -> Accepted:
        await desk.mail.take(raw, mail_from=mail_from, rcpt_to=rcpt_to, received_at=delivery.received_at)
        return Accepted(accepted="The mail is stored, and will be read.")

    return done


INBOUND_MAIL = Hook(
    name=HookName.INBOUND_MAIL,
    summary="Hand over a mail that arrived",
    description=(
        "The raw message, after a line `Return-Path: <sender>` and a line `Delivered-To: recipient` for each "
        "recipient."
    ),
    read=read,
    form=None,
    limit=40 * 1024 * 1024,
    media_type="message/rfc822",
)
