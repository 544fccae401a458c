"""A mailbox on an IMAP server, and how it is opened: encrypted, with a password or with a bearer token.

Sources: RFC 8314 (TLS); RFC 7628 (OAUTHBEARER); XOAUTH2 as Google and Microsoft describe it.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from imaplib import IMAP4
from pathlib import Path
from typing import Literal

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from domain.errors import NotConfigured, NotReachable
from domain.hosts import is_this_machine

BROKEN = (OSError, IMAP4.error, ImapToolsError)
"""What is raised where a server does not answer, or not as it should."""

_IMPLICIT_TLS = 993
_TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Account:
    """A mailbox and how to open it: with a password, or with a bearer token (OAuth 2) read from a file.

    The file is read at every connection, so whatever renews the token only has to write it there.
    ``security`` is ``tls`` from the first byte, ``starttls``, or ``none`` for a server on this machine.
    ``ca_file`` names the certificate authority of a server that no public one vouches for.

    Raises:
        NotConfigured: mail would cross a network unencrypted, the port is one that takes no STARTTLS, or
            there is no certificate in ``ca_file``.
    """

    host: str
    port: int
    username: str
    password: str | None = field(repr=False)
    token_file: Path | None
    security: Literal["tls", "starttls", "none"]
    ca_file: Path | None
    inbox: str
    done: str
    held: str

    def __post_init__(self) -> None:
        """See that what is set can work at all, before anything waits for it."""
        if self.security == "starttls" and self.port == _IMPLICIT_TLS:
            raise NotConfigured(
                f"RAPID_REVIEW_IMAP_SECURITY: port {_IMPLICIT_TLS} takes no STARTTLS. Write tls, or set "
                "RAPID_REVIEW_IMAP_PORT to 143."
            )
        if self.security == "none" and not is_this_machine(self.host):
            raise NotConfigured(
                f"RAPID_REVIEW_IMAP_SECURITY: mail from {self.host} would cross the network unencrypted. "
                "Write tls or starttls; none is for a server on this machine."
            )
        _ = self.tls

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The certificate authorities we trust, read once."""
        try:
            return ssl.create_default_context(cafile=self.ca_file)
        except (OSError, ssl.SSLError):
            raise NotConfigured(
                "RAPID_REVIEW_IMAP_CA_FILE: there is no readable certificate there. Name a file in PEM form."
            ) from None

    def connected(self) -> BaseMailBox:
        """The mailbox, open, its inbox selected.

        Raises:
            NotConfigured: there is no token to be read, or the server refuses it, or the password.
            NotReachable: the server does not answer as it should, or its certificate is not to be trusted.
        """
        where = f"The IMAP server at {self.host}:{self.port}"
        try:
            return self._opened(self._box())
        except ssl.SSLCertVerificationError as wrong:
            raise NotReachable(
                f"{where} shows a certificate that we do not trust ({_why(wrong)}). Set "
                "RAPID_REVIEW_IMAP_CA_FILE to your own authority's, or correct RAPID_REVIEW_IMAP_HOST."
            ) from None
        except BROKEN as trouble:
            raise NotReachable(
                f"{where} does not answer as it should ({type(trouble).__name__}). Start it, or correct "
                "RAPID_REVIEW_IMAP_HOST, RAPID_REVIEW_IMAP_PORT and RAPID_REVIEW_IMAP_SECURITY."
            ) from None

    def _box(self) -> BaseMailBox:
        if self.security == "none":
            return MailBoxUnencrypted(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        kind = MailBox if self.security == "tls" else MailBoxStartTls
        return kind(self.host, self.port, timeout=_TIMEOUT_SECONDS, ssl_context=self.tls)

    def _opened(self, box: BaseMailBox) -> BaseMailBox:
        try:
            self._let_in(box)
            box.folder.set(self.inbox)
        except BaseException:
            with suppress(*BROKEN):
                box.client.shutdown()
            raise
        return box

    def _let_in(self, box: BaseMailBox) -> None:
        """Say who we are; a connection that breaks meanwhile is no refusal."""
        try:
            if self.token_file:
                box.client.authenticate(*_bearer(box, self.username, _token(self.token_file)))
            else:
                box.login(self.username, self.password or "", None)
        except IMAP4.abort:
            raise
        except (IMAP4.error, ImapToolsError):
            raise NotConfigured(self._refused) from None

    @property
    def _refused(self) -> str:
        remedy = "Correct RAPID_REVIEW_IMAP_USERNAME or RAPID_REVIEW_IMAP_PASSWORD."
        if self.token_file:
            remedy = (
                "Have a new token written to RAPID_REVIEW_IMAP_TOKEN_FILE, for RAPID_REVIEW_IMAP_USERNAME."
            )
        return f"The IMAP server at {self.host}:{self.port} does not let us in. {remedy}"


def _bearer(box: BaseMailBox, username: str, token: str) -> tuple[str, Callable[[bytes], bytes]]:
    """The mechanism by which the server takes a bearer token, and what is said to it.

    XOAUTH2 unless the server offers the standard one alone, since not every server that should has that.
    After the first answer the server speaks only to say what is wrong, and expects an empty one.
    """
    offered = {str(name).upper() for name in box.client.capabilities}
    bearer = f"auth=Bearer {token}\1\1"
    if "AUTH=OAUTHBEARER" in offered and "AUTH=XOAUTH2" not in offered:
        named = username.replace("=", "=3D").replace(",", "=2C")
        name, first, last = "OAUTHBEARER", f"n,a={named},\1{bearer}", b"\1"
    else:
        name, first, last = "XOAUTH2", f"user={username}\1{bearer}", b""
    answers = iter([first.encode()])
    return name, lambda _: next(answers, last)


def _why(wrong: ssl.SSLCertVerificationError) -> str:
    return wrong.verify_message.rstrip(".").lower()


def _token(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise NotConfigured(
            "RAPID_REVIEW_IMAP_TOKEN_FILE: there is no readable token there. Have it written again."
        ) from None
