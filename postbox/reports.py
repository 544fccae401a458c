"""Delivery reports: a letter of ours did not arrive, if the report shows that it was ours.

By the standard (RFC 3464, ``multipart/report``) or in one of the older dialects.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message

from domain.tokens import LETTER_KEY, letter_mark
from postbox.bounces import says_it_failed
from postbox.house import House
from postbox.message import Mail, from_a_postmaster, message_ids, within
from postbox.tracing import about_letter, letter_of
from postbox.verdicts import Reading, Verdict, Why

_LETTER_KEY = re.compile(rf"(?im)^{LETTER_KEY}:[ \t]*([A-Za-z0-9_/-]{{1,150}})")
_STATUS = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")
_LOOKED_AT = 64 * 1024
"""How much of each part is searched for our Message-ID, in characters."""


def delivery_report(mail: Mail, so_far: Reading, house: House) -> Reading:
    """A report that a letter failed; one of a delay or of success is merely automatic."""
    fields = list(_delivery_fields(mail))
    standard = mail.root.get_content_type() == "multipart/report" and bool(fields)
    failed = _failed(fields) if standard else _failed_in_a_dialect(mail)
    if not (standard or failed):
        return so_far
    shown = list(_shown(mail))
    ours = next((found for text in shown for i in message_ids(text) if (found := letter_of(i, house))), None)
    if ours is None:
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.BOUNCE_UNSIGNED)
    about = replace(about_letter(ours, so_far), letter=_letter_key(shown, ours[1]))
    if not failed:
        return replace(about, verdict=Verdict.AUTOMATIC)
    return replace(about, verdict=Verdict.DELIVERY_REPORT, status=_status(fields, shown))


def _delivery_fields(mail: Mail) -> Iterator[Message]:
    """The groups of fields of a standard report, one for each recipient after the first (RFC 3464, 2.1)."""
    for part in mail.parts:
        if part.get_content_type() == "message/delivery-status":
            yield from within(part)


def _failed(fields: list[Message]) -> bool:
    return any(str(group.get("Action", "")).strip().lower().startswith(("fail", "error")) for group in fields)


def _failed_in_a_dialect(mail: Mail) -> bool:
    return (mail.null_path or from_a_postmaster(mail)) and says_it_failed(mail.rest)


def _shown(mail: Mail) -> Iterator[str]:
    """What a report shows of the mail that failed: its headers, whole or quoted, and what it answers."""
    for part in mail.parts:
        for returned in within(part):
            yield "\n".join(f"{name}: {value}" for name, value in returned.raw_items())[:_LOOKED_AT]
        if not part.is_multipart():
            yield mail.text(part)[:_LOOKED_AT]
    yield from (value for name in ("References", "In-Reply-To") for value in mail.headers(name))


def _letter_key(shown: list[str], mark: str) -> str | None:
    keys = (found[1] for text in shown for found in _LETTER_KEY.finditer(text))
    return next((key for key in keys if letter_mark(key) == mark), None)


def _status(fields: list[Message], shown: list[str]) -> str:
    """The status code of the failure (RFC 3463); of the report's fields if it has any."""
    texts = [str(group.get("Status", "")) for group in fields if _failed([group])] or shown
    return next((found[1] for text in texts if (found := _STATUS.search(text))), "5.0.0")
