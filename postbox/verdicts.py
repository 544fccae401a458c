"""What the postbox says of one mail: a verdict, what it found on the way, and what it kept aside.

Two verdicts are not given here. Whether a return is *late*, and whether its case is *closed*, is decided
by the case, which knows its dates; the postbox knows only the mail.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.messages import DocumentRef
from domain.tokens import Role


class Verdict(StrEnum):
    """What a mail is."""

    UNREAD = "unread"
    """No step has answered yet. `postbox.reading.read` never answers this."""

    RETURN = "return"
    """A completed form, or a document that no program can read and a person must look through."""

    PARTIAL = "partial"
    """A return that says it is one, or whose form lacks what it must hold: `Reading.missing`."""

    NIL = "nil"
    """The form says that these people are not known, names who was searched for, and is signed off."""

    SIGN_OFF_COMMENT = "sign_off_comment"
    """A lead's answer. It never signs: it is filed, and answered with how to sign."""

    ACKNOWLEDGEMENT = "acknowledgement"
    """"Will do", with nothing attached: not a return. The clock runs on."""

    QUESTION = "question"
    """Nothing attached that counts but pictures in the text, and not a plain "will do": a person reads it.

    Or a program sent it, with a file.
    """

    SEALED = "sealed"
    """Encrypted mail or file (`Reading.sealed_by`): to be opened by hand, then recorded."""

    DELIVERY_REPORT = "delivery_report"
    """A letter of ours did not arrive: it carries that letter's signed Message-ID."""

    AUTOMATIC = "automatic"
    """Out of office, receipt, notice of delay: a note on the agency, if it carries our token."""

    DUPLICATE = "duplicate"
    """Dealt with before."""

    LOOP = "loop"
    """Our own letter came back to us."""

    QUARANTINED = "quarantined"
    """For a person to settle, for the reason in `Reading.why`."""


RETURNS = frozenset({Verdict.RETURN, Verdict.PARTIAL, Verdict.NIL})
"""The verdicts with which an agency has returned something."""

FROM_A_KNOWN_SENDER = RETURNS | {
    Verdict.SIGN_OFF_COMMENT,
    Verdict.ACKNOWLEDGEMENT,
    Verdict.QUESTION,
    Verdict.SEALED,
}
"""Never given without a valid token, a sender from the contact book of whom it is for, and a DMARC pass."""


class Why(StrEnum):
    """Why a mail is in quarantine; `SENTENCES` says each to a person."""

    TOO_LARGE = "too_large"
    STRUCTURE = "structure"
    UNREADABLE = "unreadable"
    ID_USED = "id_used"
    BOUNCE_UNSIGNED = "bounce_unsigned"
    TOKEN_MISSING = "token_missing"  # noqa: S105 - a reason, no password
    TOKEN_FORGED = "token_forged"  # noqa: S105 - a reason, no password
    TOKENS_DIFFER = "tokens_differ"
    SENDER_UNCLEAR = "sender_unclear"
    SENDER_UNKNOWN = "sender_unknown"
    NOT_AUTHENTICATED = "not_authenticated"
    NOBODY_TRUSTED = "nobody_trusted"
    DAMAGED = "damaged"
    EXECUTABLE = "executable"
    MACROS = "macros"
    ARCHIVE = "archive"
    MESSAGE_WITHIN = "message_within"
    KIND_NOT_TAKEN = "kind_not_taken"
    INFECTED = "infected"
    UNSCANNED = "unscanned"
    FORM_OF_ANOTHER = "form_of_another"


SENTENCES: dict[Why, str] = {
    Why.TOO_LARGE: "It is larger than may be taken. Ask for it by another way.",
    Why.STRUCTURE: "It has more headers, parts or layers than a mail needs. Open it with care.",
    Why.UNREADABLE: "It cannot be read as a mail. Look at its source, and ask for it again.",
    Why.ID_USED: (
        "Another mail to its case under its Message-ID was dealt with before, and says something else. Read "
        "it, and release it if it is genuine."
    ),
    Why.BOUNCE_UNSIGNED: "It says a mail did not arrive, but not that the mail was ours. Look into it.",
    Why.TOKEN_MISSING: "It carries no reply address of ours, so its case is not certain. File it by hand.",
    Why.TOKEN_FORGED: "It carries a reply address that we did not make. Treat it as forged.",
    Why.TOKENS_DIFFER: "It carries reply addresses of more than one case or agency. File it by hand.",
    Why.SENDER_UNCLEAR: "It does not name exactly one sender. Ask who wrote it.",
    Why.SENDER_UNKNOWN: "Its sender is not a contact of the agency or lead it is for. Ask, then file it.",
    Why.NOT_AUTHENTICATED: "Our mail server did not confirm its sender (DMARC). Ask, then file it.",
    Why.NOBODY_TRUSTED: (
        "No sender can be confirmed while RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS names nobody. Set it "
        "(docs/mail-in.md says how), then release the mail."
    ),
    Why.DAMAGED: "An attachment was damaged on the way. Ask for it again.",
    Why.EXECUTABLE: "A program is attached. Do not open it; tell the sender.",
    Why.MACROS: "A document that holds programs, or may, is attached. Ask for a new Word file or a PDF.",
    Why.ARCHIVE: "An archive is attached. Ask for the documents themselves.",
    Why.MESSAGE_WITHIN: "Another mail is attached. Open it by hand, then file what it holds.",
    Why.KIND_NOT_TAKEN: "A kind of file that is not taken is attached. Ask for Word or PDF.",
    Why.INFECTED: "The virus scanner refuses an attachment. Do not open it; tell the sender.",
    Why.UNSCANNED: "An attachment could not be checked for viruses. See to the scanner, then release it.",
    Why.FORM_OF_ANOTHER: "The form attached is for another case or agency. Ask which was meant.",
}
"""Each reason in a sentence and its remedy, without anything of the mail itself."""


class Seal(StrEnum):
    """What a mail or file is sealed with."""

    EGRESS = "egress"
    MICROSOFT = "microsoft"
    SMIME = "smime"
    PGP = "pgp"
    PASSWORD = "password"  # noqa: S105 - a kind of seal, no password
    TNEF = "tnef"
    """Not encrypted, but wrapped by Outlook in ``winmail.dat``, which only Outlook opens."""


@dataclass(frozen=True)
class Reading:
    """What is known of one mail: as far as the steps have come, and at the end the answer.

    Plain, and free to travel: everything but ``sender``, ``text`` and ``contents``, which are kept aside for
    the encrypted store and never enter Temporal, a log or an error.

    - ``id`` makes the fact idempotent: ``mail-`` and 32 hexadecimal characters of the SHA-256 of the
      Message-ID and what follows the mail's head, or of the whole mail where it has none or several.
      ``message`` is of the Message-ID and the case alone: under it the case has had one mail or none. The
      id has nothing of the case, which takes a fact of one id once.
    - ``sha256`` and ``size`` (bytes) are of the mail as it came, as a `DocumentRef` has them.
    - ``reference``, ``role``, ``key`` and ``serial`` are those of the token, once it is verified,
      and None and 0 before.
    - ``own_address``: the sender is the lead, and not a deputy or a desk. (A sign-off by mail needs it.)
    - ``automatic``: a program sent it, with a file.
    - ``letter_mark`` marks the letter of ours that is answered, or that did not arrive
      (`domain.tokens.letter_mark`); ``letter`` is its key where the mail quotes it and it fits the mark.
    - ``status`` is that of a delivery report: ``5.1.1`` (RFC 3463), ``5.0.0`` where it names none.
    - ``attachments`` are those that count, by hash, size and sniffed media type, and never by name;
      ``contents`` are their bytes, in the same order.
    - ``only_shown``: all of them are pictures that stand in the text. Whether such a picture is a page of the
      return or a large banner no program can tell.
    - ``form_read``: one of them is our form, and was read; ``nil``: it is a whole nil return. ``missing`` are
      the tags of what it must hold and does not; ``people_searched`` counts its rows of people searched for.
    - ``confirms`` is the version of a report that a lead's whole text confirms, and nothing else.
    - ``text`` is what stands above the quote.
    """

    received_at: datetime
    sha256: str
    size: int
    verdict: Verdict = Verdict.UNREAD
    id: str = ""
    message: str = ""
    why: Why | None = None
    sealed_by: Seal | None = None
    reference: str | None = None
    role: Role | None = None
    key: str | None = None
    serial: int = 0
    own_address: bool = False
    automatic: bool = False
    letter_mark: str | None = None
    letter: str | None = None
    status: str | None = None
    attachments: tuple[DocumentRef, ...] = ()
    only_shown: bool = False
    form_read: bool = False
    nil: bool = False
    missing: tuple[str, ...] = ()
    people_searched: int = 0
    confirms: int | None = None
    sender: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    contents: tuple[bytes, ...] = field(default=(), repr=False)
