"""The first steps: is it small and simple enough to read, is it new, and is it not our own letter?"""

import re
from dataclasses import replace
from hashlib import sha256

from domain.partnership import Partnership
from domain.tokens import LETTER_KEY, MAILBOX
from postbox.house import House, Limits
from postbox.message import Mail, message_ids
from postbox.tracing import letter_of, trace
from postbox.verdicts import Reading, Verdict, Why

_MIME_HEADER = re.compile(rb"(?im)^content-[a-z-]{2,30}:[^\n]*+(?:\n[ \t][^\n]*+)*+")
_LAYER = re.compile(rb"(?i)\b(?:multipart|message)/|\bboundary")
_BARE_RETURN = re.compile(rb"\r(?!\n|$)")
"""Ends a line for some programs and not for others: headers can be hidden behind it."""
_MIME_HEADERS = 64 * 1024
"""All of a mail's MIME headers together, in bytes: the parser looks at each several times."""


def small_enough(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Quarantine what is too large or tangled to be read in good time, or is no mail."""
    limits = house.limits
    if len(mail.raw) > limits.mail or len(mail.rest) > limits.beside_attachments:
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.TOO_LARGE)
    if _tangled(mail.rest, limits):
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.STRUCTURE)
    if not mail.root.keys():
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.UNREADABLE)
    return so_far


def _tangled(rest: bytes, limits: Limits) -> bool:
    head = re.split(rb"\r?\n\r?\n", rest, maxsplit=1)[0]
    if _BARE_RETURN.search(head):
        return True
    if len(head) > limits.headers or any(len(h) > limits.header for h in re.split(rb"\n(?![ \t])", head)):
        return True
    described = [len(found[0]) for found in _MIME_HEADER.finditer(rest)]
    if max(described, default=0) > limits.header or sum(described) > _MIME_HEADERS:
        return True
    return len(described) > 4 * limits.parts or len(_LAYER.findall(rest)) > 2 * limits.parts


def new(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Give the mail its id, and stop where its case has had it, or another under its Message-ID.

    Some machines give every mail the same one, and a forger can borrow one: what says something else is for
    a person, and no duplicate; and what is for another case has nothing to do with it.
    """
    ids = [found for value in mail.headers("Message-ID") for found in message_ids(value)]
    if len(ids) == 1:
        named = sha256(ids[0].encode(errors="surrogateescape"))
        message = id_of(named.hexdigest())
        named.update(mail.said)
        so_far = replace(so_far, message=message, id=id_of(named.hexdigest()))
    about = trace(mail, so_far, house)
    if about.reference:
        message = of_case(so_far.message, about.reference)
        so_far, about = replace(so_far, message=message), replace(about, message=message)
    before = house.seen(so_far.message)
    if not before:
        return so_far
    if so_far.id in before:
        return replace(so_far, verdict=Verdict.DUPLICATE)
    return replace(so_far if about.why else about, verdict=Verdict.QUARANTINED, why=Why.ID_USED)


def id_of(digest: str) -> str:
    """The id of a mail, of the SHA-256 of what tells it from others."""
    return f"mail-{digest[:32]}"


def of_case(message: str, reference: str) -> str:
    """The `Reading.message` of a mail for a case, of what it is for no case."""
    return id_of(sha256(f"{message} {reference}".encode()).hexdigest())


def not_our_own(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Stop a letter of ours that was sent back to us, and whatever goes round in circles.

    Not every address at our domain is ours: it may be a whole council's, whose people answer us from there.
    """
    looped = (
        mail.headers(LETTER_KEY)
        or _of_ours(mail.sender, house.partnership)
        or len(mail.headers("Received")) > house.limits.hops
        or any(
            letter_of(found, house) for value in mail.headers("Message-ID") for found in message_ids(value)
        )
    )
    return replace(so_far, verdict=Verdict.LOOP) if looped else so_far


def _of_ours(sender: str, ours: Partnership) -> bool:
    """Whether our letters leave from an address, or are answered to it."""
    local_part, _, domain = sender.rpartition("@")
    answered = domain == ours.reply_domain.lower() and local_part.partition("+")[0] == MAILBOX
    return answered or sender == ours.mail_from.lower()
