"""One partnership's configuration: who takes part, which days, which wording; read from its folder.

The folder is described in ``docs/partnership.md``. It is read and checked whole, once, as a program
starts: every mistake is named at once, by its key and never by the name or address it holds.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo, field_validator, model_validator

from domain.consideration.messages import ConsiderationRules, Notifier
from domain.errors import NotConfigured, Refused
from domain.messages import (
    CsprRules,
    DecisionRules,
    FollowUpRules,
    Key,
    Message,
    Recipient,
    RecipientKind,
    Roster,
    RosterAgency,
    RosterLead,
    Rule,
    TimetableRules,
)

FILE = "partnership.toml"
"""The name of the file in a partnership's folder."""

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""A valid e-mail address as the HTML standard defines one, with a dot in its domain."""

DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
"""The part of an address after the @."""


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("is not an e-mail address. Write one such as name@agency.example.")
    return text


def _domain(text: str) -> str:
    if not DOMAIN.fullmatch(text):
        raise ValueError("is not a mail domain. Write the part after the @, such as replies.agency.example.")
    return text


def _line(text: str) -> str:
    """One line of text: names stand in mail headers, where a line break would end the header."""
    if not text.strip() or not text.isprintable():
        raise ValueError("is empty or runs over several lines. Write it on one line.")
    if "=?" in text:
        raise ValueError('holds "=?", which in a mail begins what is encoded. Write it without.')
    return text.strip()


def _in_order(rules: TimetableRules) -> TimetableRules:
    if wrong := [*_days_out_of_order(rules), *_hours_out_of_order(rules)]:
        raise ValueError("\n".join(wrong))
    return rules


def _followed(rules: FollowUpRules) -> FollowUpRules:
    if any(day < 1 for day in rules.reminders):
        raise ValueError(
            "has a reminder on or after the due day. Give working days before it, such as [5, 1]."
        )
    return rules


Email = Annotated[str, AfterValidator(_email)]
"""An e-mail address."""

Line = Annotated[str, AfterValidator(_line)]
"""A name or title, on one line."""


class Contact(Message):
    """A person or desk in the contact book: where its letters go."""

    name: Line
    email: Email
    role: str = ""
    phone: str = ""


def _some(contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    if not contacts:
        raise ValueError("is empty. Give at least one.")
    return contacts


Contacts = Annotated[tuple[Contact, ...], AfterValidator(_some)]
"""One contact or more. (Pydantic's own minimum would call a tuple empty when its entries are wrong.)"""


class Agency(Message):
    """An agency that can be asked, and how the names of the people asked about reach it.

    ``lead`` is the key of the strategic lead it answers to; ``representative`` sits for it on the LLR
    Sub-Group and hears when it is overdue. ``area`` is that of another partnership to which the agency
    belongs; it is asked only where a case names it, as for a child placed elsewhere.
    """

    name: Line
    sector: Line
    lead: Key
    delivery: Literal["encrypted_attachment", "by_telephone"]
    contacts: Contacts
    representative: Contact
    area: Key | None = None

    @field_validator("lead")
    @classmethod
    def _known(cls, lead: str, info: ValidationInfo) -> str:
        leads = (info.context or {}).get("leads", [lead])
        if lead not in leads:
            raise ValueError(f"is not the key of a strategic lead. The leads are: {', '.join(leads)}.")
        return lead


class Lead(Message):
    """A strategic lead: whose lead (``title``), who, and which deputies may answer for that partner.

    ``partner`` is the lead safeguarding partner to whom the lead's matters escalate.
    """

    title: Line
    name: Line
    email: Email
    deputies: Contacts
    partner: Contact

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [self.name, *(deputy.name for deputy in self.deputies)]
        if len(set(names)) < len(names):
            raise ValueError("has two people of the same name. Tell them apart: a sign-off is by name.")
        return self

    @property
    def contact(self) -> Contact:
        """The lead as an entry of the contact book."""
        return Contact(name=self.name, email=self.email, role=self.title)


class SqasManager(Contact):
    """The SQAS Strategic Manager, who decides for the local authority whether it is a SIN.

    ``agency`` is the key of the manager's own agency; its strategic lead hears of a late SIN.
    """

    deputies: tuple[Contact, ...] = ()
    agency: Key


def _views_in_order(rules: ConsiderationRules) -> ConsiderationRules:
    if any(day < 1 or day > rules.views_due for day in rules.views_reminders):
        raise ValueError("views_reminders must lie between day 1 and views_due. Correct the days.")
    if any(day < 1 for day in rules.sin_reminders):
        raise ValueError("sin_reminders must be day 1 or later. Correct the days.")
    return rules


class Closure(Message):
    """Days on which the office is shut, both ends included. They warn; they never move a date."""

    name: Line
    first: dt.date
    last: dt.date

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.last < self.first:
            raise ValueError("ends before it begins. Let last be the same day as first, or later.")
        return self


class Proclaimed(Message):
    """A bank holiday proclaimed after the calendar library was published."""

    date: dt.date
    name: Line


class DecisionConfiguration(DecisionRules):
    """How the decision on a CSPR is taken, with the source of its wording, as for every `Rule`."""

    source: str = ""
    checked_on: dt.date | None = None
    checked: bool = True
    note: str = ""


class Partnership(Message):
    """A partnership as its folder describes it. ``areas`` are the other areas a case may be for.

    ``sign_off_by_mail`` lets a lead's mail sign that says ``I confirm version 2`` and nothing else.
    """

    key: Key
    name: Line
    area: Key
    areas: tuple[Key, ...] = ()
    mail_from: Email
    reply_domain: Annotated[str, AfterValidator(_domain)]
    office: Contact
    panel: Contact
    ofsted: Contact
    secretary_of_state: Contact
    timetable: Annotated[TimetableRules, AfterValidator(_in_order)] = TimetableRules()
    decision: DecisionConfiguration = DecisionConfiguration()
    follow_up: Annotated[FollowUpRules, AfterValidator(_followed)] = FollowUpRules()
    consideration: Annotated[ConsiderationRules, AfterValidator(_views_in_order)] = ConsiderationRules()
    sqas_manager: SqasManager
    leads: dict[Key, Lead] = Field(min_length=1)
    agencies: dict[Key, Agency] = Field(min_length=1)
    closures: tuple[Closure, ...] = ()
    bank_holidays: tuple[Proclaimed, ...] = ()
    rules: tuple[Rule, ...] = ()
    reviewers: dict[Key, Contact] = Field(default_factory=dict)
    sign_off_by_mail: bool = False
    cspr: CsprRules = CsprRules()
    folder: Path

    @field_validator("office")
    @classmethod
    def _telephoned(cls, office: Contact) -> Contact:
        if not office.phone.strip():
            raise ValueError("has no phone. Add it: every letter says where to telephone, and for passwords.")
        return office

    @model_validator(mode="after")
    def _notifying(self) -> Self:
        if self.sqas_manager.agency not in self.agencies:
            known = ", ".join(self.agencies)
            raise ValueError(f"sqas_manager.agency is not the key of an agency. The agencies are: {known}.")
        return self

    def notifier(self) -> Notifier:
        """Who decides whether it is a SIN, as copied into each case when it is put forward."""
        manager = self.sqas_manager
        return Notifier(
            name=manager.name,
            deputies=tuple(deputy.name for deputy in manager.deputies),
            agency=manager.agency,
            lead=self.agencies[manager.agency].lead,
        )

    def roster(self) -> Roster:
        """Who takes part, as copied into each case when it opens."""
        return Roster(
            agencies={
                key: RosterAgency(name=a.name, lead=a.lead, area=a.area) for key, a in self.agencies.items()
            },
            leads={key: _on_roster(lead) for key, lead in self.leads.items()},
        )

    def decision_rules(self) -> DecisionRules:
        """How the decision on a CSPR is taken, as copied into each case when it opens."""
        return DecisionRules(**{name: getattr(self.decision, name) for name in DecisionRules.model_fields})

    def asked_first(self) -> tuple[str, ...]:
        """The agencies asked where a case names none: all of this area."""
        return tuple(key for key, agency in self.agencies.items() if not agency.area)

    def contacts_for(self, recipient: Recipient) -> tuple[Contact, ...]:
        """The entries of the contact book a letter to this recipient goes to; never none.

        Raises:
            Refused: the contact book has no agency or lead of that key.
        """
        match recipient.kind:
            case RecipientKind.AGENCY:
                return self._agency(recipient).contacts
            case RecipientKind.REPRESENTATIVE:
                return (self._agency(recipient).representative,)
            case RecipientKind.LEAD:
                return (self._lead(recipient).contact,)
            case RecipientKind.PARTNER:
                return (self._lead(recipient).partner,)
            case RecipientKind.REVIEWER:
                return (self.reviewer(recipient.key or ""),)
        return (self._desks()[recipient.kind],)

    def reviewer(self, key: str) -> Contact:
        """The reviewer of that key.

        Raises:
            Refused: the file has no such reviewer.
        """
        if key not in self.reviewers:
            raise Refused(
                f"{FILE}: reviewers has no entry {key}. Known are: {', '.join(self.reviewers) or 'none'}. "
                "Add the reviewer to the file, or correct the key."
            )
        return self.reviewers[key]

    def _desks(self) -> dict[RecipientKind, Contact]:
        return {
            RecipientKind.OFFICE: self.office,
            RecipientKind.PANEL: self.panel,
            RecipientKind.OFSTED: self.ofsted,
            RecipientKind.SECRETARY_OF_STATE: self.secretary_of_state,
            RecipientKind.SQAS_MANAGER: self.sqas_manager,
        }

    def _agency(self, recipient: Recipient) -> Agency:
        if recipient.key is None or recipient.key not in self.agencies:
            raise Refused(_unknown(recipient, "agencies", self.agencies))
        return self.agencies[recipient.key]

    def _lead(self, recipient: Recipient) -> Lead:
        if recipient.key is None or recipient.key not in self.leads:
            raise Refused(_unknown(recipient, "leads", self.leads))
        return self.leads[recipient.key]


def _on_roster(lead: Lead) -> RosterLead:
    return RosterLead(
        title=lead.title,
        name=lead.name,
        deputies=tuple(deputy.name for deputy in lead.deputies),
        partner=lead.partner.name,
    )


def load_partnership(folder: Path) -> Partnership:
    """Read and check ``partnership.toml`` of a folder; its letters are checked where they are rendered.

    Raises:
        NotConfigured: the file is missing or wrong: a line for each mistake, with its key and remedy.
    """
    given = _read(folder)
    leads = given.get("leads")
    context = {"leads": list(leads)} if leads and isinstance(leads, dict) else {}
    try:
        return Partnership.model_validate({**given, "folder": folder.resolve()}, context=context)
    except ValidationError as error:
        raise NotConfigured("\n".join(_sentences(error))) from None


def _read(folder: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((folder / FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotConfigured(
            f"{FILE}: cannot be opened in the folder {folder.name} ({error.strerror}). "
            "Name the partnership's folder with RAPID_REVIEW_PARTNERSHIP."
        ) from None
    except UnicodeDecodeError:
        raise NotConfigured(f"{FILE}: is not plain text. Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise NotConfigured(
            f"{FILE}: is not written as TOML should be: {error}. Look there for a missing quote or bracket."
        ) from None


REMEDIES = {
    "missing": "is missing. Add it; docs/partnership.md says what it holds.",
    "extra_forbidden": "is not a key this file knows. Correct its spelling or remove it.",
    "too_short": "is empty. Give at least one.",
    "literal_error": "is not one of the choices. Write {expected}.",
    "model_type": "is not a table. Write it with its own keys, as docs/partnership.md shows.",
    "string_pattern_mismatch": "is not a key. Use 2 to 24 small letters, digits and hyphens: early-years.",
}
"""What to say of each kind of mistake; any other kind is said in Pydantic's words."""


def _sentences(error: ValidationError) -> Iterator[str]:
    """A line for each mistake. The value given is left out: it may be a name or an address."""
    for mistake in error.errors(include_url=False, include_input=False):
        path, kind, details = _path(mistake["loc"]), mistake["type"], mistake.get("ctx", {})
        if kind == "value_error":
            says = str(details["error"])
        elif kind == "string_pattern_mismatch" and path.endswith("_hour"):
            says = "is not a time of day. Write one such as 17:00."
        else:
            says = REMEDIES.get(kind, _in_our_words(mistake["msg"])).format_map(details)
        yield from (f"{FILE}: {path}: {line}" for line in says.splitlines())


def _in_our_words(said: str) -> str:
    return said.replace("Input should", "must").replace("{", "{{").replace("}", "}}") + "."


def _path(loc: tuple[int | str, ...]) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc if step != "[key]")
    return "".join(steps).removeprefix(".")


def _days_out_of_order(rules: TimetableRules) -> Iterator[str]:
    """The guide's own order: one date never comes before the one it answers to."""
    reminders = [("rfi_reminders", day) for day in rules.rfi_reminders]
    yield from _each_later([*reminders, *_days(rules, "rfi_due", "rfi_overdue")])
    yield from _none_earlier(_days(rules, "rfi_overdue", "rfi_escalation"))
    yield from _none_earlier(_days(rules, "meeting_window_opens", "meeting_window_closes"))
    yield from _each_later(_days(rules, "meeting_window_closes", "draft_due", "sign_off_reminder"))
    yield from _none_earlier(_days(rules, "sign_off_reminder", "panel_submission_due"))
    if any(day < 1 for day in rules.rfi_reminders):
        yield "rfi_reminders must be day 1 or later. Correct the days."


def _days(rules: TimetableRules, *keys: str) -> list[tuple[str, int]]:
    return [(key, getattr(rules, key)) for key in keys]


def _each_later(days: list[tuple[str, int]]) -> Iterator[str]:
    for (first, day), (then, later) in pairwise(days):
        if later <= day:
            yield f"{then} (day {later}) must come after {first} (day {day}). Correct one of the two."


def _none_earlier(days: list[tuple[str, int]]) -> Iterator[str]:
    for (first, day), (then, later) in pairwise(days):
        if later < day:
            yield f"{then} (day {later}) must not come before {first} (day {day}). Correct one of the two."


def _hours_out_of_order(rules: TimetableRules) -> Iterator[str]:
    for key in ("rfi_due_hour", "due_hour"):
        if getattr(rules, key) <= rules.send_hour:
            yield f"{key} must be later than send_hour, when the day's mail leaves. Correct one of the two."


def _unknown(recipient: Recipient, section: str, known: dict[str, Any]) -> str:
    return (
        f"{FILE}: {section} has no entry for {recipient}. "
        f"Known are: {', '.join(known)}. Add it to the file, or correct the key."
    )
