"""What is known of the children and their family, and the file by which an officer opens a review.

This is the class of data that never enters Temporal: it is stored sealed, as JSON, and history holds only
a `DocumentRef` to it. The models show nothing of what they hold when printed, and every sentence about a
mistaken file names the file, the key and the remedy, never the value.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from domain.consideration.messages import Countersignature
from domain.criteria import Circumstances, Harm, Suspicion
from domain.errors import NotReadable
from domain.messages import Key, Person, Reference, SeriousIncidentNotification
from domain.timetable import LONDON

_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

LONG_AGO = timedelta(days=60)
"""How old a SIN may be when its review is opened: older ones are slips of the pen."""

A_CENTURY = timedelta(days=36_500)
"""How far off a time may be to be reckoned with at all: London had no hours yet in the year 1."""

MEDIA_TYPE = "application/vnd.rapid-review.particulars+json"
"""The media type under which sealed particulars are stored: UTF-8 JSON of `Particulars`."""

File = TypeVar("File", bound=BaseModel)

Pseudonym = Annotated[str, StringConstraints(pattern=r"^Child [A-Z]{1,2}$")]
"""What a child is called in every document: ``Child A``."""

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=300)]
"""A name, a relationship or an address, in one line."""

Narrative = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=20_000)]
"""An account in a person's own words, over as many lines as it needs."""


class Undisclosed(BaseModel):
    """A model of personal data: frozen, strict about keys, and silent about its values when printed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Nothing: a value that strays into a log or a traceback shows the name of its class only."""
        return iter(())


class Child(Undisclosed):
    """A child the review is about. Source: "What the Request for Consideration holds".

    One of ``date_of_birth`` and ``expected_delivery_on`` is known, never both. ``residence`` is where the
    child lives or is placed; ``plan_status`` says whether there is a child protection or other plan.
    """

    pseudonym: Pseudonym
    name: Line
    date_of_birth: date | None = None
    expected_delivery_on: date | None = None
    ethnicity: Line = "Not known"
    legal_status: Line = "Not known"
    plan_status: Line = "Not known"
    residence: Line = "Not known"


class FamilyMember(Undisclosed):
    """Somebody of the family, or otherwise significant; ``relationship`` is to the children."""

    name: Line
    relationship: Line
    date_of_birth: date | None = None


class Particulars(Undisclosed):
    """What is known of the children, the family and the circumstances. Never in Temporal.

    ``circumstances`` says what happened; ``immediate_safeguarding`` what keeps this child and others safe.
    """

    children: tuple[Child, ...] = Field(min_length=1)
    family: tuple[FamilyMember, ...] = ()
    circumstances: Narrative
    immediate_safeguarding: Narrative


class OpeningFile(Particulars):
    """The file behind ``rapid-review open FILE``: the SIN, whom to ask, and the particulars.

    ``ask`` lists keys of agencies; None asks every agency of the partnership.
    """

    reference: Reference
    area: Key
    sin: SeriousIncidentNotification
    ask: Annotated[tuple[Key, ...], Field(min_length=1)] | None = None
    opened_by: Person

    @property
    def particulars(self) -> Particulars:
        """The part that is stored sealed, and nothing else."""
        return Particulars(**{field: getattr(self, field) for field in Particulars.model_fields})


class ConsideredChild(Child):
    """A child of a case put forward, with what the criteria ask of each. See `domain.criteria`."""

    harm: Harm
    abuse_or_neglect: Suspicion
    looked_after: bool = False
    care_leaver: bool = False
    recovered: bool = False

    def circumstances(self, incident_on: date) -> Circumstances:
        """What the criteria ask, as of the day of the incident."""
        born = self.date_of_birth
        had_birthday = born and (incident_on.month, incident_on.day) >= (born.month, born.day)
        age = incident_on.year - born.year - (0 if had_birthday else 1) if born else None
        return Circumstances(
            harm=self.harm,
            abuse_or_neglect=self.abuse_or_neglect,
            age=age,
            looked_after=self.looked_after,
            care_leaver=self.care_leaver,
            unborn=born is None,
            recovered=self.recovered,
        )


class PutForwardFile(Undisclosed):
    """What the file of a Senior Leadership Alert and a Request for Consideration have in common.

    ``incident_until`` ends a period. ``aware_on`` is when the local authority became aware, or was told.
    """

    reference: Reference
    area: Key
    agency: Key
    incident_on: date
    incident_until: date | None = None
    aware_on: date | None = None
    ask: Annotated[tuple[Key, ...], Field(min_length=1)] | None = None
    children: tuple[ConsideredChild, ...] = Field(min_length=1)
    family: tuple[FamilyMember, ...] = ()
    circumstances: Narrative
    immediate_safeguarding: Narrative

    @property
    def particulars(self) -> Particulars:
        """The part that a review opened from it needs, without what the criteria ask."""
        told = self.model_dump(include=set(Particulars.model_fields))
        own = set(Child.model_fields)
        told["children"] = [{k: v for k, v in child.items() if k in own} for child in told["children"]]
        return Particulars.model_validate(told)


class AlertFile(PutForwardFile):
    """The file behind ``rapid-review alert FILE``: a Senior Leadership Alert."""

    raised_by: Person


class Referrer(Undisclosed):
    """Who fills in a Request for Consideration."""

    name: Person
    role: Line
    contact: Line


class RequestFile(PutForwardFile):
    """The file behind ``rapid-review request FILE``: the Request for Consideration, all of it.

    It is not a way to refer a child at risk. Source: "What the Request for Consideration holds".
    """

    referrer: Referrer
    criteria_may_be_met: Narrative
    other_agencies: tuple[Key, ...] = ()
    parallel_proceedings: Narrative | None = None
    media_interest: Narrative | None = None
    countersignature: Countersignature | None = None


def read_opening(text: str, name: str, *, now: datetime) -> OpeningFile:
    """The opening file in ``text``; ``name`` is how errors call it, ``now`` an aware moment.

    A ``sent_at`` without an offset is London wall-clock time. An hour that occurs twice, or never, as the
    clocks change is read as the earlier of the two instants it could mean.

    Raises:
        NotReadable: the file is not TOML, or something in it is missing or wrong; a line for each mistake.
    """
    return _read(OpeningFile, text, name, now)


def read_alert(text: str, name: str, *, now: datetime) -> AlertFile:
    """A Senior Leadership Alert; otherwise as `read_opening`."""
    return _read(AlertFile, text, name, now)


def read_request(text: str, name: str, *, now: datetime) -> RequestFile:
    """A Request for Consideration; otherwise as `read_opening`."""
    return _read(RequestFile, text, name, now)


def _read(form: type[File], text: str, name: str, now: datetime) -> File:
    raw = _parsed(text, name)
    rules = [*_broken_rules(raw, now), *_broken_dates(raw, now)]
    mistakes = dict(rules)
    try:
        read = form.model_validate(raw)
    except ValidationError as error:
        mistakes = dict(_misshapen(error)) | mistakes
    if mistakes:
        raise NotReadable("\n".join(f"{name}: {key}: {remedy}" for key, remedy in mistakes.items()))
    return read


def broken_rules(file: OpeningFile | PutForwardFile, *, now: datetime) -> dict[str, str]:
    """What a form that came otherwise than as TOML breaks of the same rules: remedies by key."""
    raw = file.model_dump()
    return dict([*_broken_rules(raw, now), *_broken_dates(raw, now)])


def _broken_dates(raw: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """Each date of a case put forward that breaks a rule; the dates of a SIN are in its own table."""
    incident, aware = raw.get("incident_on"), raw.get("aware_on")
    for key in ("incident_on", "incident_until", "aware_on"):
        if _future(raw.get(key), now):
            yield key, "this day has not come yet. Check it."
    if type(incident) is not date:
        return
    if type(aware) is date and aware < incident:
        yield "aware_on", "nobody can be aware before the incident. Check both dates."
    until = raw.get("incident_until")
    if type(until) is date and until < incident:
        yield "incident_until", "the period ends before it begins. Check both dates."


def check_recent(opening: OpeningFile, name: str, *, now: datetime) -> None:
    """See that the SIN of a review to be opened went lately: an older one is a slip of the pen.

    Raises:
        NotReadable: it went more than `LONG_AGO` before ``now``.
    """
    if opening.sin.sent_at < now - LONG_AGO:
        raise NotReadable(
            f"{name}: sin.sent_at: this is more than {LONG_AGO.days} days ago. Check the year: a review is "
            "opened as its SIN goes."
        )


def london_wall_clock(wall: datetime) -> datetime:
    """The UTC instant of a London wall-clock time; where two could be meant, the earlier one."""
    return min(wall.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1))


def _parsed(text: str, name: str) -> dict[str, Any]:
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # The parser's own words can quote the file.
        where = re.search(r"at line (\d+)", str(error))
        line = f"line {where[1]}" if where else "its last line"
        raise NotReadable(
            f"{name}: {line}: this is not TOML. Put text between quotation marks, write dates like "
            "2026-12-07, and compare the line with examples/sin.toml."
        ) from None
    sin = raw.get("sin")
    if isinstance(sin, dict) and isinstance(sent := sin.get("sent_at"), datetime) and sent.tzinfo is None:
        sin["sent_at"] = london_wall_clock(sent)
    return raw


def _broken_rules(raw: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """Each key that breaks a rule between dates or lists, whatever the shape of the rest."""
    yield from _unwritable(raw)
    with suppress(ValidationError):  # a SIN out of shape is told of by its shape
        yield from _misdated(SeriousIncidentNotification.model_validate(raw.get("sin")), now)
    children = _tables(raw, "children")
    for number, child in enumerate(children, 1):
        yield from _birth(f"children[{number}]", child, now)
    if len({str(c.get("pseudonym")) for c in children}) < len(children):
        yield "children", "two have the same pseudonym. Call them Child A, Child B and so on."
    for number, person in enumerate(_tables(raw, "family"), 1):
        if _future(born := person.get("date_of_birth"), now) and born:
            yield f"family[{number}].date_of_birth", "this day has not come yet. Check it, or leave it out."
    ask = raw.get("ask")
    if isinstance(ask, list | tuple) and len({str(key) for key in ask}) < len(ask):
        yield "ask", "an agency is listed twice. List each once, or leave ask out to ask them all."


def _unwritable(told: object, loc: tuple[int | str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Each text with a character that a Word file cannot hold, as pasting brings them.

    Source: XML 1.0, section 2.2.
    """
    if isinstance(told, str) and _UNWRITABLE.search(told):
        yield spelled(loc), "this holds a hidden character that Word cannot show. Type the text again."
    elif isinstance(told, Mapping):
        for key, value in told.items():
            yield from _unwritable(value, (*loc, key))
    elif isinstance(told, list | tuple):
        for number, value in enumerate(told):
            yield from _unwritable(value, (*loc, number))


def _misdated(sin: SeriousIncidentNotification, now: datetime) -> Iterator[tuple[str, str]]:
    if abs(sin.sent_at - now) > A_CENTURY:
        yield "sin.sent_at", "this is in another century. Check the year."
        return
    sent_on = sin.sent_at.astimezone(LONDON).date()
    if sin.sent_at > now:
        yield (
            "sin.sent_at",
            "this time has not come yet. Give when the SIN went to the Panel, in London time.",
        )
    if sin.incident_on > sent_on:
        yield "sin.incident_on", "the incident is after its SIN. Check both dates."
    if sin.aware_on and sin.aware_on < sin.incident_on:
        yield "sin.aware_on", "nobody can be aware before the incident. Check both dates."
    if sin.aware_on and sin.aware_on > sent_on:
        yield "sin.aware_on", "this is after the SIN was sent. Check both dates, or leave it out if unknown."


def _birth(where: str, child: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    born, expected = child.get("date_of_birth"), child.get("expected_delivery_on")
    if (born is None) == (expected is None):
        yield where, "give one of date_of_birth and expected_delivery_on, and only one."
    elif _future(born, now):
        yield (
            f"{where}.date_of_birth",
            "this day has not come yet. For an unborn child give expected_delivery_on.",
        )


def _future(day: object, now: datetime) -> bool:
    return type(day) is date and day > now.astimezone(LONDON).date()


def _tables(raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = raw.get(key)
    return [table for table in found if isinstance(table, dict)] if isinstance(found, list | tuple) else []


REMEDIES = {
    "reference": "this is not a neutral reference. Write one such as RR-2026-07, with no name or initials.",
    "area": "this is not the key of an area. Write one such as northamptonshire.",
    "sin": "this table is missing. Begin it with a line [sin], as in examples/sin.toml.",
    "sin.reference": "give the reference of the SIN in capitals, digits and hyphens, such as SIN-2026-0113.",
    "sin.sent_at": "give when the SIN went, such as 2026-12-07T15:20:00, with no quotation marks.",
    "ask": 'list keys of agencies, such as ["police", "icb"], or leave it out to ask them all.',
    "opened_by": "give the name of the officer who opens the review.",
    "agency": "this is not the key of an agency. Write one such as police.",
    "harm": 'write one of "died", "seriously_harmed" and "neither".',
    "abuse_or_neglect": 'write one of "known", "suspected" and "not_suspected".',
    "raised_by": "give the name of who raises the alert.",
    "referrer": "this table is missing. Begin it with a line [referrer], as in examples/request.toml.",
    "children": "no child is given. Begin each child with a line [[children]], as in examples/sin.toml.",
    "pseudonym": "write Child A, Child B and so on.",
    "circumstances": "say in a few sentences what happened.",
    "immediate_safeguarding": "say what has been done to keep this child and others safe.",
}
"""What to do about a key, by its full name or its last part; any other is told by the kind of mistake."""

UNKNOWN_KEY = "no such key is known here. Compare its spelling and its place with examples/sin.toml."


def faults(error: ValidationError) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Where each mistake of shape is, and pydantic's name of its kind; its own words can quote a value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for mistake in found:
        loc = mistake["loc"]
        if mistake["type"] == "too_short" and any(m["loc"][:-1][: len(loc)] == loc for m in found):
            continue  # the list counts as short only because an entry of it is mistaken
        yield loc, mistake["type"]


def _misshapen(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each mistake of shape in a TOML file, and what to do about it."""
    for loc, kind in faults(error):
        key = spelled(loc)
        yield key, UNKNOWN_KEY if kind == "extra_forbidden" else _remedy(key, kind)


def _remedy(key: str, kind: str) -> str:
    plain = re.sub(r"\[\d+\]", "", key)
    if known := REMEDIES.get(plain) or REMEDIES.get(plain.rpartition(".")[2]):
        return known
    if kind.startswith("date"):
        return "write a date such as 2026-12-03, without quotation marks."
    return (
        "this is missing. Add it, as in examples/sin.toml."
        if kind == "missing"
        else ("this is not in the form expected. Write it between quotation marks, as in examples/sin.toml.")
    )


def spelled(loc: tuple[int | str, ...]) -> str:
    """``("children", 0, "name")`` as ``children[1].name``: people count from one.

    A key that is not plain lower-case words could be a name put in the wrong place, and is not shown.
    """
    parts = (
        f"[{p + 1}]" if isinstance(p, int) else f".{p}" if re.fullmatch("[a-z_]+", p) else ".?" for p in loc
    )
    return "".join(parts).removeprefix(".")
