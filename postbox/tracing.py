"""Which case and whose answer: by the token of the address written to, else by the letter answered.

The subject alone is never enough: anybody can write one.
"""

from collections.abc import Iterator
from dataclasses import replace

from domain.errors import Refused
from domain.tokens import CaseToken, Role, parse, parse_message_id
from postbox.house import House
from postbox.message import Mail, addresses, message_ids
from postbox.verdicts import Reading, Verdict, Why

_ADDRESSED = ("To", "Cc", "Delivered-To", "X-Original-To")
_ANSWERED = ("References", "In-Reply-To")
_NEWEST = 50
"""How many of the letters that a mail says it answers are looked at, from the newest."""


def traced(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with the token's case, role and key; in quarantine where no token is good."""
    found = trace(mail, so_far, house)
    return replace(found, verdict=Verdict.QUARANTINED) if found.why else found


def trace(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with what a good token says, and the letter answered; or with why there is none."""
    written_to = list(_of_addresses(mail))
    answered = list(_of_letters(mail))
    good = {token for token, signature in written_to if house.verify(token.text, signature)}
    if len({_whose(token) for token in good}) > 1:
        return replace(so_far, why=Why.TOKENS_DIFFER)
    letters = [(token, mark) for token, signature, mark in answered if house.verify(token.text, signature)]
    newest = next(iter(letters), None)
    token = max(good, key=lambda found: found.serial, default=newest[0] if newest else None)
    if token is None:
        return replace(so_far, why=Why.TOKEN_FORGED if written_to or answered else Why.TOKEN_MISSING)
    mark = next((mark for of, mark in letters if _whose(of) == _whose(token)), None)
    return replace(_of_token(token, so_far), letter_mark=mark)


def letter_of(identifier: str, house: House) -> tuple[CaseToken, str] | None:
    """The token and the letter's mark in a Message-ID of ours; None where we did not sign it."""
    try:
        token, signature, mark = parse_message_id(identifier)
    except Refused:
        return None
    return (token, mark) if house.verify(token.text, signature) else None


def about_letter(found: tuple[CaseToken, str], so_far: Reading) -> Reading:
    """The reading with the case of a letter of ours, and the letter's mark."""
    token, mark = found
    return replace(_of_token(token, so_far), letter_mark=mark)


def _whose(token: CaseToken) -> tuple[str, Role, str]:
    return token.reference, token.role, token.key


def _of_token(token: CaseToken, so_far: Reading) -> Reading:
    return replace(so_far, reference=token.reference, role=token.role, key=token.key, serial=token.serial)


def _of_addresses(mail: Mail) -> Iterator[tuple[CaseToken, str]]:
    headers = [value for name in _ADDRESSED for value in mail.headers(name)]
    for address in (*mail.envelope.rcpt_to, *(found for value in headers for found in addresses(value))):
        try:
            yield parse(address.rpartition("@")[0].strip("<>"))
        except Refused:
            continue


def _of_letters(mail: Mail) -> Iterator[tuple[CaseToken, str, str]]:
    """The letters of ours it answers, newest first: References run from the oldest (RFC 5322, 3.6.4)."""
    named = [
        found for name in _ANSWERED for value in mail.headers(name) for found in reversed(message_ids(value))
    ]
    for identifier in named[:_NEWEST]:
        try:
            yield parse_message_id(identifier)
        except Refused:
            continue
