"""Who wrote it: one sender, on the contact list of whom the token is for, confirmed by our own server.

Each is needed. A From line can be forged, a token can be forwarded; with both and a DMARC pass, the mail
comes from the domain of the person the token was sent to.
"""

import re
from dataclasses import replace

from authres import all_features
from authres.core import AuthResError

from domain.errors import Refused
from domain.messages import Recipient, RecipientKind
from domain.partnership import Contact, Partnership
from postbox.house import EXCHANGE_ONLINE, House
from postbox.message import Mail
from postbox.verdicts import Reading, Verdict, Why

_NAMED = re.compile(r"([!-~]+?)(?=[ \t;(]|$)")
"""The first word of the results, in printing characters alone, as the server that strips them reads it."""
_UNNAMED = re.compile(r"[A-Za-z][A-Za-z0-9-]*=")
"""How results begin that have no name before them."""
_RESULTS = 4096
"""The longest Authentication-Results that is read, in characters."""


def known_sender(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Stop unless the one sender is on the contact list of the agency, lead or desk of the token."""
    sender = mail.sender
    if not sender:
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.SENDER_UNCLEAR)
    known = {contact.email.lower() for contact in _may_answer(so_far, house.partnership)}
    found = replace(so_far, sender=sender, own_address=sender in _own(so_far, house.partnership))
    return found if sender in known else replace(found, verdict=Verdict.QUARANTINED, why=Why.SENDER_UNKNOWN)


def authenticated(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Stop unless our own receiving server says that DMARC passed for the sender's domain."""
    if not house.authserv_ids:
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.NOBODY_TRUSTED)
    domain = so_far.sender.rpartition("@")[2]
    if _dmarc_passed(mail, domain, house.authserv_ids):
        return so_far
    return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.NOT_AUTHENTICATED)


def _may_answer(reading: Reading, partnership: Partnership) -> tuple[Contact, ...]:
    """The contacts from whose addresses the token of a reading may be used; none where its key is gone."""
    key = reading.key or ""
    try:
        match reading.role:
            case "agency":
                agency, speaker = (
                    Recipient(kind=kind, key=key)
                    for kind in (RecipientKind.AGENCY, RecipientKind.REPRESENTATIVE)
                )
                return (*partnership.contacts_for(agency), *partnership.contacts_for(speaker))
            case "lead":
                lead = partnership.leads.get(key)
                return (lead.contact, *lead.deputies) if lead else ()
            case "partner":
                return partnership.contacts_for(Recipient(kind=RecipientKind.PARTNER, key=key))
        return _desk(key, partnership)
    except Refused:
        return ()


def _desk(key: str, partnership: Partnership) -> tuple[Contact, ...]:
    """A desk by its kind, or a reviewer by key: both have tokens of the role ``office``."""
    if key in partnership.reviewers:
        return (partnership.reviewers[key],)
    named = [kind for kind in RecipientKind if kind == key]
    return tuple(c for kind in named for c in partnership.contacts_for(Recipient(kind=kind)))


def _own(reading: Reading, partnership: Partnership) -> set[str]:
    lead = partnership.leads.get(reading.key or "") if reading.role == "lead" else None
    return {lead.email.lower()} if lead else set()


def _dmarc_passed(mail: Mail, domain: str, authserv_ids: frozenset[str]) -> bool:
    """Whether the topmost results under a name of our own say so: any below it may be forged (RFC 8601)."""
    results = mail.headers("Authentication-Results")
    if EXCHANGE_ONLINE in authserv_ids and results and _UNNAMED.match(results[0]):
        return _passed(f"{EXCHANGE_ONLINE}; {results[0]}", domain)
    ours = {name.lower() for name in authserv_ids} - {EXCHANGE_ONLINE}
    topmost = next((value for value in results if _serving_host(value) in ours), None)
    return topmost is not None and _passed(topmost, domain)


def _serving_host(value: str) -> str:
    """The name before a version, a comment or the first result (RFC 8601, section 2.2)."""
    named = _NAMED.match(value)
    return named[1].lower() if named else ""


def _passed(value: str, domain: str) -> bool:
    if len(value) > _RESULTS:
        return False
    try:
        results = all_features().parse_value(value.lower()).results
    except (AuthResError, RecursionError, ValueError):
        return False
    dmarc = [result for result in results if getattr(result, "method", "") == "dmarc"]
    return bool(dmarc) and all(r.result == "pass" and r.header_from == domain for r in dmarc)
