"""Mail that no person wrote: out of office, receipts, confirmations. The clock of the case runs on.

The standard sign is ``Auto-Submitted``, where ``no`` means a person (RFC 3834, section 5). Others are
older or peculiar to one system: those that people's own mail may carry too are weak, and count in twos.
"""

import re
from dataclasses import replace
from email.errors import HeaderParseError
from email.header import decode_header

from postbox.attachments import counted
from postbox.house import House
from postbox.message import Mail
from postbox.tracing import trace
from postbox.verdicts import Reading, Verdict

_STRONG = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply")
"""Headers that only answering programs write."""

_SUBJECTS = re.compile(
    r"""(?ix) ^\W* (?:
    automatic\ reply | auto(?:matic)?[- ]?(?:reply|response) | out\ of\ (?:the\ )?office | on\ annual\ leave
    | automatische\ antwort | abwesenheits | abwesend
    | réponse\ automatique | absence\ du\ bureau | en\ dehors\ du\ bureau
    | respuesta\ automática | fuera\ de\ la\ oficina
    | risposta\ automatica | fuori\ sede
    | resposta\ automática | automatisch\ antwoord | afwezig
    | odpowiedź\ automatyczna | autosvar | automatiskt\ svar | automaattinen\ vastaus
    | răspuns\ automat | automatická\ odpověď | otomatik\ yan.t | автоматический\ ответ | 自動返信 | 自动回复
    | ymateb\ awtomatig | allan\ o'r\ swyddfa
    )"""
)
"""How their subjects begin, in the languages that our partners' systems may be set to."""


def automatic(mail: Mail, so_far: Reading, house: House) -> Reading:
    """An automatic mail, with the agency it is about where it carries a token of ours.

    One that brings a file may be a return that somebody sent by their case system: it is read on, as a
    person's mail is, and at the end a person looks at the file.
    """
    if not (_receipt(mail) or _strong(mail) or _weak(mail)):
        return so_far
    if not _receipt(mail) and _brings_a_file(mail):
        return replace(so_far, automatic=True)
    found = trace(mail, so_far, house)
    return replace(so_far if found.why else found, verdict=Verdict.AUTOMATIC)


def _brings_a_file(mail: Mail) -> bool:
    return any(part.get_content_maintype() not in {"image", "message"} for part in counted(mail))


def _receipt(mail: Mail) -> bool:
    """A read receipt (RFC 8098)."""
    wanted = "disposition-notification"
    return mail.root.get_content_type() == "multipart/report" and wanted in mail.header("Content-Type")


def _submitted(mail: Mail) -> str:
    """The keyword of ``Auto-Submitted``, without its parameters and comments; empty where there is none."""
    return re.split(r"[;(\s]", mail.header("Auto-Submitted"), maxsplit=1)[0]


def _strong(mail: Mail) -> bool:
    submitted = _submitted(mail)
    if submitted:
        return submitted != "no"
    return mail.header("Precedence") == "auto_reply" or any(mail.headers(name) for name in _STRONG)


def _weak(mail: Mail) -> bool:
    """Two weak signs, unless the mail says that a person wrote it."""
    suppressed = {word.strip() for word in mail.header("X-Auto-Response-Suppress").split(",")}
    signs = (
        mail.null_path,
        mail.header("Precedence") in {"bulk", "junk"},
        bool(suppressed & {"all", "oof", "autoreply"}),
        bool(mail.headers("X-MS-Exchange-Inbox-Rules-Loop")),
        bool(_SUBJECTS.match(_decoded(next(iter(mail.headers("Subject")), "")))),
    )
    return _submitted(mail) != "no" and sum(signs) > 1


def _decoded(subject: str) -> str:
    """A subject with its encoded words read (RFC 2047), or as it stands where they are broken."""
    try:
        words = decode_header(subject[:1000])
        return "".join(w.decode(c or "ascii", "replace") if isinstance(w, bytes) else w for w, c in words)
    except (ValueError, LookupError, HeaderParseError):
        return subject
