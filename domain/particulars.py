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
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from domain.errors import NotReadable
from domain.messages import Key, Person, Reference, SeriousIncidentNotification
from domain.timetable import LONDON

LONG_AGO = timedelta(days=60)
"""How old a SIN may be when its review is opened: older ones are slips of the pen."""

MEDIA_TYPE = "application/vnd.rapid-review.particulars+json"
"""The media type under which sealed particulars are stored: UTF-8 JSON of `Particulars`."""

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


def read_opening(text: str, name: str, *, now: datetime) -> OpeningFile:
    """The opening file in ``text``; ``name`` is how errors call it, ``now`` an aware moment.

    A ``sent_at`` without an offset is London wall-clock time. An hour that occurs twice, or never, as the
    clocks change is read as the earlier of the two instants it could mean.

    Raises:
        NotReadable: the file is not TOML, or something in it is missing or wrong; a line for each mistake.
    """
    raw = _parsed(text, name)
    mistakes = dict(_broken_rules(raw, now))
    try:
        opening = OpeningFile.model_validate(raw)
    except ValidationError as error:
        mistakes = dict(_misshapen(error)) | mistakes
    if mistakes:
        raise NotReadable("\n".join(f"{name}: {key}: {remedy}" for key, remedy in mistakes.items()))
    return opening


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
    if isinstance(ask, list) and len({str(key) for key in ask}) < len(ask):
        yield "ask", "an agency is listed twice. List each once, or leave ask out to ask them all."


def _misdated(sin: SeriousIncidentNotification, now: datetime) -> Iterator[tuple[str, str]]:
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
    return [table for table in found if isinstance(table, dict)] if isinstance(found, list) else []


REMEDIES = {
    "reference": "this is not a neutral reference. Write one such as RR-2026-07, with no name or initials.",
    "area": "this is not the key of an area. Write one such as northamptonshire.",
    "sin": "this table is missing. Begin it with a line [sin], as in examples/sin.toml.",
    "sin.reference": "give the reference of the SIN in capitals, digits and hyphens, such as SIN-2026-0113.",
    "sin.sent_at": "give when the SIN went, such as 2026-12-07T15:20:00, with no quotation marks.",
    "ask": 'list keys of agencies, such as ["police", "icb"], or leave it out to ask them all.',
    "opened_by": "give the name of the officer who opens the review.",
    "children": "no child is given. Begin each child with a line [[children]], as in examples/sin.toml.",
    "pseudonym": "write Child A, Child B and so on.",
    "circumstances": "say in a few sentences what happened.",
    "immediate_safeguarding": "say what has been done to keep this child and others safe.",
}
"""What to do about a key, by its full name or its last part; any other is told by the kind of mistake."""

UNKNOWN_KEY = "no such key is known here. Compare its spelling and its place with examples/sin.toml."


def _misshapen(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Each mistake of shape, from where it is and its kind; pydantic's own words can quote a value."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for mistake in found:
        loc = mistake["loc"]
        if mistake["type"] == "too_short" and any(m["loc"][:-1][: len(loc)] == loc for m in found):
            continue  # the list counts as short only because an entry of it is mistaken
        key = _key(loc)
        yield key, UNKNOWN_KEY if mistake["type"] == "extra_forbidden" else _remedy(key, mistake["type"])


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


def _key(loc: tuple[int | str, ...]) -> str:
    """``("children", 0, "name")`` as ``children[1].name``: people count from one.

    A key that is not plain lower-case words could be a name put in the wrong place, and is not shown.
    """
    parts = (
        f"[{p + 1}]" if isinstance(p, int) else f".{p}" if re.fullmatch("[a-z_]+", p) else ".?" for p in loc
    )
    return "".join(parts).removeprefix(".")
