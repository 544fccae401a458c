"""How a mail goes wrong on its way, or is made to: bytes changed, lost, repeated, mixed with another's."""

import re
from collections.abc import Sequence
from random import Random

from postbox.verdicts import FROM_A_KNOWN_SENDER, Reading, Verdict

SPLICES = (
    b"\r\n",
    b"\r\n\r\n",
    b"\r",
    b"\0",
    b"--",
    b"(" * 50,
    b'"',
    b"<",
    b"=?utf-8?B?",
    b"=?utf-8?Q?=?=",
    b"\xff\xfe",
    b"\r\n\t",
    b";",
    b"\r\nContent-Type: multipart/mixed; boundary=x\r\n",
    b"\r\nContent-Type: message/rfc822\r\n",
    b"\r\nContent-Transfer-Encoding: x-uuencode\r\n",
    b"\r\nFrom: reviews@police.example\r\n",
    b"\r\nAuto-Submitted: no\r\n",
    b"\r\nReferences: " + b"<a@b> " * 100 + b"\r\n",
    b"A" * 2000,
    b"> " * 500,
    b"\r\nOn Mon, 7 Dec 2026 at 15:21, somebody wrote:\r\n",
    b"\r\nFrom: a\r\nSent: b\r\nTo: c\r\nSubject: d\r\n",
)
"""What is pushed in: what the grammars of mail take notice of."""


def mutated(mail: bytes, other: bytes, by: Random) -> bytes:
    """A mail after one to six mishaps; ``other`` lends it pieces."""
    for _ in range(by.randint(1, 6)):
        mail = by.choice(MISHAPS)(mail, other, by)
    return mail


def _place(mail: bytes, by: Random) -> int:
    """A place in a mail: in its first part more often than a flat chance would have it."""
    return by.randrange(min(len(mail), by.choice((300, 1500, 5000, 10**9))) + 1)


def _flip(mail: bytes, other: bytes, by: Random) -> bytes:
    _ = other
    at = _place(mail, by)
    return mail[:at] + bytes([by.randrange(256)]) + mail[at + 1 :]


def _lose(mail: bytes, other: bytes, by: Random) -> bytes:
    _ = other
    at = _place(mail, by)
    return mail[:at] + mail[at + by.choice((1, 2, 20, 500)) :]


def _repeat(mail: bytes, other: bytes, by: Random) -> bytes:
    _ = other
    at = _place(mail, by)
    return mail[:at] + mail[at : at + by.choice((10, 100, 1000))] * by.choice((2, 3, 20)) + mail[at:]


def _push_in(mail: bytes, other: bytes, by: Random) -> bytes:
    _ = other
    at = _place(mail, by)
    return mail[:at] + by.choice(SPLICES) + mail[at:]


def _borrow(mail: bytes, other: bytes, by: Random) -> bytes:
    at, of = _place(mail, by), _place(other, by)
    return mail[:at] + other[of : of + by.choice((20, 200, 2000))] + mail[at:]


def _swap_headers(mail: bytes, other: bytes, by: Random) -> bytes:
    lines, theirs = mail.split(b"\r\n"), other.split(b"\r\n")
    at = by.randrange(min(len(lines), 25))
    lines[at] = theirs[by.randrange(min(len(theirs), 25))]
    return b"\r\n".join(lines)


def _cut(mail: bytes, other: bytes, by: Random) -> bytes:
    _ = other
    return mail[: _place(mail, by)]


_RESULTS = re.compile(rb"(?im)^authentication-results:\s*mx\.nscp\.example(?=[\s;(]).*(?:\n[ \t].*)*")
MISHAPS = (_flip, _flip, _lose, _repeat, _push_in, _push_in, _borrow, _swap_headers, _cut)


def unproven(mail: bytes, reading: Reading, tokens: Sequence[bytes]) -> bool:
    """Whether a reading says more than its mail can prove, by a look at the bytes that is no parser's.

    What a case would hear of needs one of our signed ``tokens`` somewhere in the bytes, and, in the topmost
    words of our own server, that DMARC passed for the sender's domain. A delivery report needs a token.
    """
    signed = any(token in _flat(mail) for token in tokens)
    if reading.verdict in FROM_A_KNOWN_SENDER:
        domain = reading.sender.rpartition("@")[2].encode()
        topmost = _RESULTS.search(mail)
        told = _flat(topmost[0]).replace(b'"', b"") if topmost else b""  # a value may stand in quotes
        return not (signed and b"dmarc=pass" in told and b"header.from=" + domain in told)
    return reading.verdict is Verdict.DELIVERY_REPORT and not signed


def _flat(text: bytes) -> bytes:
    return b"".join(text.lower().split())
