"""One mail, taken apart: its headers, parts and contents, read no further than a step asks.

The standard library's parser does the work, under its older policy: the newer one parses a header again
at each look, and raises on some of the broken ones that real systems send. Long runs of base64 are set
aside before it sees them, since it would hold each of their lines several times: 25 MB then need 25 MB.
"""

import re
from binascii import a2b_base64
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.errors import (
    CloseBoundaryNotFoundDefect,
    InvalidBase64CharactersDefect,
    InvalidBase64LengthDefect,
    StartBoundaryNotFoundDefect,
)
from email.message import Message
from functools import cached_property
from hashlib import sha256

from postbox.house import Envelope

Part = Message
"""A part of a mail that has no parts of its own, or the whole mail."""

SET_ASIDE = 64 * 1024
"""Base64 bodies from this many bytes on are kept out of the parser."""

# Only after a blank line, where a body begins, so that the search is linear whatever the bytes are.
_BODY = re.compile(rb"\n\r?\n((?:[A-Za-z0-9+/=]++\r?\n)*+[A-Za-z0-9+/=]*+)")
_HEAD = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(r"\r?\n(?=[ \t])")
_BLANKS = " \t\r\n"
"""What may stand around a header's value; other programs keep a control character there, and so do we."""
_MARK = re.compile(r"\s*(set-aside-\d{1,12})\s*")
_LONGEST_SENDER = 1000
"""The longest From line that is read, in characters: a name and an address."""
_ADDRESS = re.compile(r"[A-Za-z0-9.+_=-]{1,128}@[A-Za-z0-9.-]{1,255}")
_POSTMASTERS = {"mailer-daemon", "postmaster", "mail-daemon", "mdaemon"}
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")


class NotAMail(Exception):
    """What came cannot be read as the mail it says it is."""


_DAMAGE = (InvalidBase64CharactersDefect, InvalidBase64LengthDefect)
_CUT_SHORT = (CloseBoundaryNotFoundDefect, StartBoundaryNotFoundDefect)


class Mail:
    """The raw bytes of one mail and how it came."""

    def __init__(self, raw: bytes, envelope: Envelope) -> None:
        """Hold it; nothing is read before it is asked for."""
        self.raw = raw
        self.envelope = envelope
        self._aside: dict[str, tuple[int, int]] = {}

    @cached_property
    def rest(self) -> bytes:
        """The mail with a mark in place of each long attachment."""
        kept, position = [], 0
        for found in _BODY.finditer(self.raw):
            start, end = found.span(1)
            if end - start >= SET_ASIDE:
                mark = f"set-aside-{start}"
                self._aside[mark] = (start, end)
                kept += [self.raw[position:start], mark.encode(), b"\n"]
                position = end
        return b"".join([*kept, self.raw[position:]])

    @property
    def said(self) -> bytes:
        """The SHA-256 of all that follows its head, to which servers on the way add."""
        head = _HEAD.search(self.raw)
        return sha256(memoryview(self.raw)[head.end() :] if head else b"").digest()

    @cached_property
    def root(self) -> Message:
        """The mail as the standard library reads it."""
        return message_from_bytes(self.rest, policy=policy.compat32)

    def headers(self, name: str) -> list[str]:
        """The values of the mail's own headers of that name, topmost first, unfolded and not decoded."""
        wanted = name.lower()
        return [_FOLD.sub("", str(v)).strip(_BLANKS) for k, v in self.root.raw_items() if k.lower() == wanted]

    def header(self, name: str) -> str:
        """The first of them in lower case, for comparing; empty where there is none."""
        return next(iter(self.headers(name)), "").lower()

    @cached_property
    def sender(self) -> str:
        """The address in the From line, in lower case; empty where there is not exactly one."""
        lines = self.headers("From")
        if len(lines) != 1 or len(lines[0]) > _LONGEST_SENDER:
            return ""
        try:
            found = policy.default.header_factory("From", lines[0]).addresses
        except Exception:  # noqa: BLE001 - the standard library raises all kinds on broken addresses
            return ""
        return found[0].addr_spec.lower() if len(found) == 1 else ""

    @property
    def null_path(self) -> bool:
        """Whether it came with the null return path, as reports do (RFC 5321, section 4.5.5)."""
        known = self.envelope.mail_from
        return self.header("Return-Path") == "<>" if known is None else known.strip() in {"", "<>"}

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Its parts in order; a mail within it is one part and is not entered."""
        return tuple(_leaves(self.root))

    def empty(self, part: Part) -> bool:
        """Whether there is nothing in a part; what cannot be read is something."""
        try:
            return not (part.is_multipart() or _payload(part))
        except NotAMail:
            return False

    @property
    def cut_short(self) -> bool:
        """Whether the end of its parts is missing, and so perhaps some of them."""
        return any(isinstance(defect, _CUT_SHORT) for part in self.root.walk() for defect in part.defects)

    def content(self, part: Part) -> bytes:
        """The bytes of a part, with its transfer encoding undone.

        Raises:
            NotAMail: its encoding or character set is broken, or a long attachment has something else around
                it or within.
        """
        payload = _payload(part)
        if not payload.startswith("set-aside-"):
            return self._decoded(part)
        found = _MARK.fullmatch(payload)
        if not found or found[1] not in self._aside:
            raise NotAMail
        return self._undone(*self._aside[found[1]], part)

    def whole(self, part: Part) -> bool:
        """Whether a part's content came through undamaged, as far as its encoding shows."""
        if part.get_content_maintype() == "multipart":
            return False
        try:
            self.content(part)
        except NotAMail:
            return False
        return not any(isinstance(defect, _DAMAGE) for defect in part.defects)

    @staticmethod
    def _decoded(part: Part) -> bytes:
        try:
            decoded = part.get_payload(decode=True)
        except ValueError:
            raise NotAMail from None
        return decoded if isinstance(decoded, bytes) else b""

    def _undone(self, start: int, end: int, part: Part) -> bytes:
        if str(part.get("Content-Transfer-Encoding", "")).strip().lower() != "base64":
            return self.raw[start:end]
        if self.raw.find(b"=", start, end - 8) >= 0:
            raise NotAMail
        try:
            return a2b_base64(memoryview(self.raw)[start:end])
        except ValueError:
            raise NotAMail from None

    def text(self, part: Part) -> str:
        """A part of text, read in its own character set or as nearly as may be; empty where it is broken."""
        try:
            content = self.content(part)
        except NotAMail:
            return ""
        for charset in (part.get_content_charset() or "utf-8", "utf-8"):
            try:
                return content.decode(charset).replace("\r\n", "\n")
            except (LookupError, ValueError):
                continue
        return content.decode("cp1252", errors="replace").replace("\r\n", "\n")


def from_a_postmaster(mail: Mail) -> bool:
    """Whether it says that a mail server wrote it."""
    return mail.sender.partition("@")[0] in _POSTMASTERS


def addresses(text: str) -> list[str]:
    """What looks like an address in a header, wherever it stands."""
    return _ADDRESS.findall(text)


def message_ids(text: str) -> list[str]:
    """The Message-IDs in a header or a text, in its order."""
    return _MESSAGE_ID.findall(text)


def file_name(part: Part) -> str:
    """The name a part gives its file, in lower case, for its ending only: a name may name a child."""
    return str(part.get_filename() or "").strip().lower()


def within(part: Part) -> list[Part]:
    """The parts of a part; none where it is of one piece."""
    inner = part.get_payload() if part.is_multipart() else ()
    return [each for each in inner if isinstance(each, Message)]


def _payload(part: Part) -> str:
    """What a part of one piece holds, with its transfer encoding not undone; empty for one that has parts."""
    try:
        payload = part.get_payload()
    except ValueError:  # the library looks the character set up, and its name may be anything
        raise NotAMail from None
    return payload if isinstance(payload, str) else ""


def _leaves(part: Part) -> Iterator[Part]:
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for each in within(part):
            yield from _leaves(each)
    else:
        yield part
