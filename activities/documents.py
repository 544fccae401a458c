"""The document desk: makes what letters attach. Word forms, encrypted lists of people, invitations.

Only what a letter asks for is made, and nothing that names a person is made unencrypted. The Word
templates are a partnership's own (``documents/*.docx`` in its folder); each is read and compiled once.
"""

import asyncio
import io
from base64 import encodebytes
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache, partial
from itertools import count
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from docxtpl import DocxTemplate
from icalendar import Calendar, Event, vCalAddress
from jinja2 import Environment, StrictUndefined, Template, TemplateError
from msoffcrypto.method.ecma376_agile import ECMA376Agile

from domain.errors import NotConfigured, Refused
from domain.messages import Attachment, DocumentRef, Invitation, Letter, Post
from domain.particulars import Child, Particulars
from domain.partnership import Partnership
from vault.documents import DocumentStore
from vault.keys import KeyRing
from vault.passwords import people_password

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
"""The media type of a Word file, encrypted or not."""

ENDINGS = {
    DOCX: ".docx",
    "application/pdf": ".pdf",
    "application/vnd.oasis.opendocument.text": ".odt",
}
"""How the file name of a stored report ends; the machine's own table of types differs between machines."""

STORED = {"cspr-terms": "terms-of-reference", "cspr-request": "request"}
"""What the file of a letter's stored document is named for, by the letter's template, if not for a report."""

CACHED_LISTS = 32
"""How many encrypted lists of people, and invitations, are kept ready: one for each case that writes."""

SPINS = 1000
"""How often a file's password is hashed. Word's 100,000 slow guessing down; 100 bits by lot need no help."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The one date written into packages, so that the same facts make the same bytes."""

UNWRITABLE = dict.fromkeys([*(code for code in range(32) if chr(code) not in "\t\n"), 0xFFFE, 0xFFFF])
"""Control characters that XML 1.0 does not allow, which come with text pasted from elsewhere."""


@dataclass(frozen=True)
class MadeAttachment:
    """One part of a mail: ``name`` holds no person, ``params`` are those of its Content-Type."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def encoded(self) -> bytes:
        """The content in base64: worked out once, though several letters enclose it."""
        return encodebytes(self.content)


class WordTemplate:
    """A Word file with docxtpl's marks in it, read and compiled once, then filled in any number of times.

    docxtpl would parse, compile and rebuild the whole package for every form, at more than five times the
    cost. Its own reading of the marks is kept; parts without any are packed once. Left out are
    pictures put in by facts, sub-documents and ``{% colspan %}``.
    """

    def __init__(self, path: Path) -> None:
        """Read the file at ``path``; NotConfigured where there is none, or a mark in it is wrong."""
        environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_writable)
        try:
            self._word = DocxTemplate(path)
            with ZipFile(path) as package:
                parts = {name: package.read(name) for name in package.namelist()}
            compiled = {name: self._compiled(environment, name, part) for name, part in parts.items()}
        except (OSError, KeyError, UnicodeDecodeError, BadZipFile):
            raise NotConfigured(
                f"documents/{path.name}: there is no such Word file, or it does not open. Put it back."
            ) from None
        except TemplateError as error:
            raise NotConfigured(
                f"documents/{path.name}: a mark between braces is wrong: {error}. Mend it in Word."
            ) from error
        self._marked = {name: part for name, part in compiled.items() if isinstance(part, Template)}
        self._unmarked = _packed(
            io.BytesIO(), {name: part for name, part in compiled.items() if isinstance(part, bytes)}
        )

    def _compiled(self, environment: Environment, name: str, part: bytes) -> bytes | Template:
        if not name.endswith(".xml"):
            return part
        marked = self._word.patch_xml(part.decode().replace("?>\n", "?>"))  # joins marks split between runs
        return environment.from_string(marked) if "{{" in marked or "{%" in marked else part

    def filled(self, facts: Mapping[str, Any]) -> bytes:
        """The Word file with ``facts`` in it, escaped; the same facts make the same bytes.

        Raises:
            NotConfigured: the template asks for a fact that it is not given.
        """
        filled = {name: self._rendered(part, facts) for name, part in self._marked.items()}
        return _packed(io.BytesIO(self._unmarked), filled)

    def _rendered(self, part: Template, facts: Mapping[str, Any]) -> str:
        try:
            xml = part.render(facts)
        except TemplateError as error:
            raise NotConfigured(f"A Word template asks for a fact it is not given: {error}.") from error
        # Word has its own line breaks and tabs; looking for them costs half the time, and is seldom needed.
        return str(self._word.resolve_listing(xml)) if "\n" in xml or "\t" in xml else xml


class DocumentDesk:
    """Makes and fetches the attachments of letters, for one partnership."""

    def __init__(self, partnership: Partnership, store: DocumentStore, keyring: KeyRing) -> None:
        """Read the partnership's templates; NotConfigured where one is missing or wrong."""
        self._partnership, self._store, self._keyring = partnership, store, keyring
        template = partial(_template, partnership.folder)
        self._form = template("request_for_information")
        self._people = template("people_to_search_for")
        self._actions = template("immediate_actions")
        self._lists: OrderedDict[tuple[str, str], MadeAttachment] = OrderedDict()
        self._fetched: dict[tuple[str, DocumentRef], MadeAttachment] = {}

    async def attachments(self, letter: Letter, post: Post) -> list[MadeAttachment]:
        """What ``letter`` attaches, in its order, then its stored documents.

        An agency that is told by telephone gets no list of people.

        Raises:
            Refused: the letter asks for something it holds no facts for.
            NotSealed, NotReachable, NotReadable: a stored document cannot be had.
        """
        makers: dict[Attachment, Callable[[Letter, Post], Any]] = {
            Attachment.REQUEST_FORM: self._request_form,
            Attachment.SUBJECTS: self._subjects,
            Attachment.INVITATION: self._invitation,
            Attachment.ACTIONS: self._immediate_actions,
        }
        made = [await makers[wanted](letter, post) for wanted in letter.attach]
        stored = [
            await self._stored(ref, n, letter, post)
            for ref, n in zip(letter.documents, count(1), strict=False)
        ]
        return [attachment for attachment in (*made, *stored) if attachment]

    async def _request_form(self, letter: Letter, post: Post) -> MadeAttachment:
        facts = self._facts(post) | _told(letter, post, "agency", "due")
        return _word(post, f"{letter.to.key}-request-for-information", self._form.filled(facts))

    async def _subjects(self, letter: Letter, post: Post) -> MadeAttachment | None:
        agency = self._partnership.agencies.get(letter.to.key or "")
        if agency is None:
            raise Refused(
                f"The letter {letter.key} of {post.reference} lists people, and {letter.to} is not an agency "
                "of the partnership's folder. Put the agency back, or send its list another way."
            )
        if agency.delivery != "encrypted_attachment":
            return None
        return await self._list_of_people(post)

    async def _list_of_people(self, post: Post) -> MadeAttachment:
        """The encrypted list of a case: one for all its agencies, made once and kept for the next letter."""
        known = (post.reference, post.particulars.sha256)
        if known not in self._lists:
            people = _searched(await self._store.get(post.particulars))
            made = await self._encrypted(self._people.filled(self._facts(post) | people), post)
            self._lists[known] = _word(post, "people-to-search-for", made)
        self._lists.move_to_end(known)
        while len(self._lists) > CACHED_LISTS:
            self._lists.popitem(last=False)
        return self._lists[known]

    async def _immediate_actions(self, letter: Letter, post: Post) -> MadeAttachment:
        key = letter.to.key
        actions = [{"text": a.action, "due": _day(a.due_on)} for a in letter.actions if a.agency == key]
        if not actions:
            raise Refused(f"The letter {letter.key} of {post.reference} attaches actions but holds none.")
        facts = self._facts(post) | _told(letter, post, "agency") | {"actions": actions}
        return _word(
            post, f"{key}-immediate-actions", await self._encrypted(self._actions.filled(facts), post)
        )

    async def _invitation(self, letter: Letter, post: Post) -> MadeAttachment:
        to = [contact.email for contact in self._partnership.contacts_for(letter.to)]
        content = invitation(letter, post, self._partnership, to)
        return MadeAttachment(
            f"{post.reference}-meeting.ics", "text/calendar", content, {"method": "REQUEST"}
        )

    async def _stored(self, ref: DocumentRef, number: int, letter: Letter, post: Post) -> MadeAttachment:
        ending = ENDINGS.get(ref.media_type, ".bin")
        what = STORED.get(letter.template, "report")
        name = f"{post.reference}-{what}{'' if number == 1 else f'-{number}'}{ending}"
        known = (name, ref)
        if known not in self._fetched:
            self._fetched[known] = MadeAttachment(name, ref.media_type, await self._store.get(ref))
        return self._fetched[known]

    def put_away(self) -> None:
        """Forget the stored documents fetched since: once is enough for a step, and they may be large."""
        self._fetched.clear()

    async def _encrypted(self, plain: bytes, post: Post) -> bytes:
        """A Word file under the case's password; in a thread, for Word's 100,000 hashes take their time."""
        return await asyncio.to_thread(encrypted, plain, people_password(self._keyring, post.reference))

    def _facts(self, post: Post) -> dict[str, object]:
        return {
            "reference": post.reference,
            "partnership": self._partnership.name,
            "office_email": self._partnership.office.email,
            "office_phone": self._partnership.office.phone,
        }


def invitation(letter: Letter, post: Post, partnership: Partnership, to: list[str]) -> bytes:
    """The calendar invitation of a letter, to the addresses ``to``; it names nobody.

    Its UID is the case's for ever, and its sequence rises as the meeting moves, so a calendar replaces
    the earlier entry. Sources: RFC 5545; RFC 5546 section 3.2.2, which requires the attendees' addresses.

    Raises:
        Refused: the letter holds no meeting.
    """
    meeting = letter.invitation
    if meeting is None:
        raise Refused(
            f"The letter {letter.key} of {post.reference} attaches an invitation but holds no meeting."
        )
    house = (partnership.reply_domain, partnership.office.email)
    before, end, after = _unaddressed(meeting, post.reference, post.as_of, *house).rpartition(b"END:VEVENT")
    return before + _attendees(to) + end + after


@lru_cache(maxsize=CACHED_LISTS)
def _unaddressed(meeting: Invitation, reference: str, as_of: datetime, domain: str, organizer: str) -> bytes:
    """A meeting's invitation but for its attendees, which alone differ between a step's letters."""
    event = Event()
    event.add("uid", f"{reference.lower()}-meeting@{domain}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", _utc(as_of))
    event.add("dtstart", _utc(meeting.starts_at))
    event.add("dtend", _utc(meeting.starts_at + timedelta(minutes=meeting.minutes)))
    event.add("summary", f"[SECURE] {reference}: Rapid Review meeting")
    event.add("description", "Please add no name, initials or date of birth to this entry.")
    event.add("location", meeting.place)
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    for name, value in (("status", "CONFIRMED"), ("class", "CONFIDENTIAL"), ("transp", "OPAQUE")):
        event.add(name, value)
    return _calendar(event)


def _attendees(to: list[str]) -> bytes:
    """The lines of an event that say whom it invites."""
    event = Event()
    for address in to:
        event.add("attendee", vCalAddress(f"mailto:{address}"), parameters={"RSVP": "TRUE"})
    lines = event.content_lines()
    return b"".join(line.to_ical() + b"\r\n" for line in lines if line.startswith("ATTENDEE"))


def encrypted(plain: bytes, password: str) -> bytes:
    """A Word file that opens only with ``password``: AES-256 (MS-OFFCRYPTO, agile encryption)."""
    sealed: bytes = ECMA376Agile.encrypt(password, io.BytesIO(plain), spin_count=SPINS)
    return sealed


def _packed(package: io.BytesIO, parts: Mapping[str, bytes | str]) -> bytes:
    """The zip file with ``parts`` added to it."""
    with ZipFile(package, "a", ZIP_DEFLATED) as opened:
        for name, part in parts.items():
            opened.writestr(ZipInfo(name, EPOCH), part, ZIP_DEFLATED)
    return package.getvalue()


def _calendar(event: Event) -> bytes:
    calendar = Calendar()
    for name, value in (("prodid", "-//Rapid Review//EN"), ("version", "2.0"), ("method", "REQUEST")):
        calendar.add(name, value)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _template(folder: Path, name: str) -> WordTemplate:
    path = folder / "documents" / f"{name}.docx"
    return _compiled_once(path, path.read_bytes() if path.is_file() else b"")


@lru_cache(maxsize=16)
def _compiled_once(path: Path, _content: bytes) -> WordTemplate:
    """The template at ``path``: the same for as long as the file is what it was."""
    return WordTemplate(path)


def _told(letter: Letter, post: Post, *names: str) -> dict[str, object]:
    """The named facts of a letter; Refused where it lacks one."""
    if missing := [name for name in names if not letter.facts.get(name)]:
        raise Refused(f"The letter {letter.key} of {post.reference} does not say: {', '.join(missing)}.")
    return {name: letter.facts[name] for name in names}


def _word(post: Post, name: str, content: bytes) -> MadeAttachment:
    return MadeAttachment(f"{post.reference}-{name}.docx", DOCX, content)


def _searched(plain: bytes) -> dict[str, object]:
    """The people of sealed particulars as the list shows them: no more than a search needs."""
    known = Particulars.model_validate_json(plain)
    children = [
        {"pseudonym": c.pseudonym, "name": c.name, "born": _born(c), "residence": c.residence}
        for c in known.children
    ]
    family = [
        {"name": f.name, "relationship": f.relationship, "born": _day(f.date_of_birth)} for f in known.family
    ]
    return {"children": children, "family": family}


def _born(child: Child) -> str:
    expected = child.expected_delivery_on
    return f"Expected {_day(expected)}" if expected else _day(child.date_of_birth)


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "Not known"


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)


def _writable(value: object) -> object:
    return value.translate(UNWRITABLE) if isinstance(value, str) else value
