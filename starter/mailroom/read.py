"""What is known of a mail once it is read: plain facts alone, which may leave the process that read it."""

from domain.messages import DocumentRef, Message
from domain.tokens import Role
from postbox.verdicts import Reading, Verdict, Why


class Read(Message):
    """A `postbox.verdicts.Reading` without what must stay in the store.

    ``documents`` are the attachments that count and, last, the text above the quote; ``sender`` is a keyed
    hash of the sender's address and ``domain`` the part of it after the @. ``confirms`` is the version of a
    report that the whole text confirms. ``message`` is empty in what was kept before there was one.
    """

    id: str
    message: str = ""
    verdict: Verdict
    why: Why | None = None
    reference: str | None = None
    role: Role | None = None
    key: str | None = None
    own_address: bool = False
    letter_mark: str | None = None
    letter: str | None = None
    status: str | None = None
    form_read: bool = False
    people_searched: int = 0
    confirms: int | None = None
    documents: tuple[DocumentRef, ...] = ()
    sender: str = ""
    domain: str = ""

    @property
    def remembered_under(self) -> str:
        """What the journal knows it under, once it has had its effect: its Message-ID and case."""
        return self.message or self.id


def plain(reading: Reading, sender: str, documents: tuple[DocumentRef, ...]) -> Read:
    """What may leave of a reading, its ``documents`` stored; ``sender`` is the keyed hash."""
    return Read(
        id=reading.id,
        message=reading.message,
        verdict=reading.verdict,
        why=reading.why,
        reference=reading.reference,
        role=reading.role,
        key=reading.key,
        own_address=reading.own_address,
        letter_mark=reading.letter_mark,
        letter=reading.letter,
        status=reading.status,
        form_read=reading.form_read,
        people_searched=reading.people_searched,
        confirms=reading.confirms,
        documents=documents,
        sender=sender,
        domain=reading.sender.rpartition("@")[2].lower(),
    )


def unreadable(arrival_mail: DocumentRef) -> Read:
    """What is known of a mail whose reading took too long, or ended the process that read it."""
    return Read(id=f"mail-{arrival_mail.sha256[:32]}", verdict=Verdict.QUARANTINED, why=Why.UNREADABLE)


def answers_a_party(read: Read) -> bool:
    """Whether a mail answers a letter to an agency or a strategic lead, and so can be noted with them."""
    return bool(read.key) and read.role in ("agency", "lead")
