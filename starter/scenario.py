"""Scenarios: a review written down as dated steps, to be played on a real server. See docs/scenarios.md."""

import re
import tomllib
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from domain.calendar import Calendar
from domain.cspr.dates import months_after
from domain.cspr.state import CsprStage
from domain.errors import NotReadable
from domain.messages import Message, Outcome
from domain.timetable import LONDON, Timetable, at_london, london_day
from starter.arguments import plain_text
from worker.settings import PROJECT

DEMO = PROJECT / "examples" / "demo.toml"
"""The shipped example, which `rapid-review demo` plays."""

When = Annotated[
    str,
    StringConstraints(pattern=r"^(day \d{1,2}|month \d{1,2}|\+\d{1,4} days?) ([01]\d|2[0-3]):[0-5]\d$"),
]
"""A moment of the review's own clock: a working day and a London hour, ``day 8 16:59``.

Of a CSPR's: ``month 3 10:00`` or ``+90 days 10:00``, calendar months or days after the decision, or on the
next working day.
"""


Beginning = Annotated[
    str, StringConstraints(pattern=r"^next (\d{1,2}|[A-Z][a-z]+day in) [A-Z][a-z]+ \d\d:\d\d$")
]
"""When a scenario begins: ``next 18 December 15:20``, always still to come."""

DAYS_AHEAD = 9 * 366
"""How many days ahead a moment is looked for: 29 February can be eight years off."""


class Step(Message):
    """Something somebody does at a moment; ``does`` is a command's name, ``details`` its options.

    ``refused`` says that the step must be refused, with those words in the sentence.
    """

    at: When
    who: str
    does: str
    refused: str | None = None
    details: dict[str, Any] = Field(default_factory=dict)


class Expectation(Message):
    """How the review must have ended: its outcome, every date missed, and letters by template.

    ``cspr`` is the stage to which the CSPR must have come.
    ``says`` are texts that a line of the diary must hold, ``never`` texts that none may; in both ``*``
    stands for anything. ``letters`` counts letters by the first part of their key, such as ``reminder``.
    ``figures`` are lines of the year's figures, as `overview` has them once the case has been played.
    """

    outcome: Outcome | str | None = None
    stage: str | None = None
    cspr: CsprStage | None = None
    missed: tuple[str, ...] = ()
    letters: dict[str, int] = Field(default_factory=dict)
    says: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()


class Scenario(Message):
    """A whole scenario. ``opening`` is an opening file, found from the scenario's own folder.

    ``sin_sent`` is such as ``next 18 December 15:20`` or ``next Saturday in November 15:20``. ``follow``
    false leaves the review open after its last step. In place of both stand ``alert`` or ``request``, a file
    by which a case is put forward, and ``put_forward``, when; ``refused`` says that this must be refused.
    ``known`` is an alert of another case that the partnership has already.
    ``timetable`` changes days or hours. ``review`` 2 tells the CSPR's steps to the case's second review.
    """

    title: str
    name: str
    folder: Path
    opening: Path | None = None
    alert: Path | None = None
    request: Path | None = None
    sin_sent: Beginning | None = None
    put_forward: Beginning | None = None
    refused: str | None = None
    known: Path | None = None
    reference: str | None = None
    follow: bool = True
    review: Literal[1, 2] = 1
    timetable: dict[str, Any] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    expect: Expectation = Expectation()

    @model_validator(mode="after")
    def _begins(self) -> Self:
        ways = [(self.opening, self.sin_sent), (self.alert or self.request, self.put_forward)]
        if sum(file is not None for file in (self.opening, self.alert, self.request)) != 1 or not any(
            file and when for file, when in ways
        ):
            raise ValueError("give opening and sin_sent, or one of alert and request and put_forward")
        return self

    @property
    def opening_path(self) -> Path:
        """The file that opens it, found from the scenario's own folder."""
        return self.folder / (self.opening or self.alert or self.request or "")

    @property
    def begins(self) -> str:
        """The moment at which it opens, in words."""
        return self.sin_sent or self.put_forward or ""

    @property
    def review_steps(self) -> tuple[Step, ...]:
        """The steps of the Rapid Review."""
        return tuple(step for step in self.steps if not step.does.startswith("cspr-"))

    @property
    def cspr_steps(self) -> tuple[Step, ...]:
        """The steps of the CSPR that follows it."""
        return tuple(step for step in self.steps if step.does.startswith("cspr-"))


def read_scenario(path: Path) -> Scenario:
    """The scenario in a TOML file.

    Raises:
        NotReadable: it is not TOML, or not a scenario; a line for each mistake, with key and remedy.
    """
    try:
        raw = tomllib.loads(plain_text(path))
    except tomllib.TOMLDecodeError as wrong:
        raise NotReadable(f"{path.name}: this is not TOML: {wrong}. See docs/scenarios.md.") from None
    own = set(Step.model_fields)
    steps = raw.pop("step", [])
    listed = steps if isinstance(steps, list) else [steps]
    raw["steps"] = [_step(step, own) if isinstance(step, dict) else step for step in listed]
    try:
        return Scenario.model_validate({**raw, "name": path.stem, "folder": path.resolve().parent})
    except ValidationError as wrong:
        faults = [f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}." for e in wrong.errors()]
        raise NotReadable("\n".join([*faults, "The form of a scenario is in docs/scenarios.md."])) from None


def _step(raw: dict[str, Any], own: set[str]) -> dict[str, Any]:
    """A step's own keys, and every other key as one of its details."""
    details = {key: value for key, value in raw.items() if key not in own}
    return {**{key: value for key, value in raw.items() if key in own}, "details": details}


def next_moment(text: str, after: datetime) -> datetime:
    """The first moment after another that fits ``next 18 December 15:20``, in London.

    The day may be a weekday of a month instead: ``next Saturday in November 15:20``.

    Raises:
        NotReadable: no such day comes in the next years, or the hour is none.
    """
    _, day, hour = re.split(r"^next | (?=\d\d:)", text)
    try:
        moments = (at_london(after.date() + timedelta(days=n), hour) for n in range(DAYS_AHEAD))
        fitting = (
            m
            for m in moments
            if day in (f"{m.astimezone(LONDON):%-d %B}", f"{m.astimezone(LONDON):%A in %B}")
        )
        return next(m for m in fitting if m > after + timedelta(minutes=1))
    except (StopIteration, ValueError):
        raise NotReadable(
            f"sin_sent: {text!r} is not a moment. Write one like: next 18 December 15:20."
        ) from None


def moment_of(text: str, plan: Timetable) -> datetime:
    """The instant of ``day 8 16:59`` under a plan; an hour alone on day 0 is the day of the SIN."""
    found = re.match(r"^day (\d{1,2}) (([01]\d|2[0-3]):[0-5]\d)$", text)
    if not found:
        raise NotReadable(f"{text!r} is not a moment of a review. Write one like: day 8 16:59.")
    number = int(found[1]) - plan.sin_day_is
    return at_london(
        plan.working_days[number - 1] if number > 0 else plan.day0,
        time.fromisoformat(found[2]).strftime("%H:%M"),
    )


def cspr_moment_of(text: str, decided: datetime, calendar: Calendar) -> datetime:
    """The instant of ``month 3 10:00`` or ``+90 days 10:00`` after a decision, on the next working day.

    Raises:
        NotReadable: it is neither.
    """
    found = re.match(r"^(?:month (\d{1,2})|\+(\d{1,4}) days?) (\d\d:\d\d)$", text)
    if not found:
        raise NotReadable(f"{text!r} is not a moment of a CSPR. Write one like: month 3 10:00.")
    start = london_day(decided)
    day = months_after(start, int(found[1])) if found[1] else start + timedelta(days=int(found[2]))
    working = calendar.is_working_day(day)
    return at_london(day if working else calendar.nth_working_day(day, 1), found[3])
