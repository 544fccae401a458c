"""The diary of a rehearsal: each date, who did what, which mail went to whom, what was met or missed."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from itertools import groupby

from rich.table import Table
from rich.text import Text

from domain.consideration.standing import ConsiderationStanding
from domain.consideration.state import ConsiderationEntry, ConsiderationEvent
from domain.consideration.steps import PREFIX
from domain.cspr.standing import CsprStanding
from domain.errors import Refused
from domain.messages import Message
from domain.record import Entry, Event
from domain.standing import Standing
from domain.timetable import london
from starter.scenario import Expectation, Scenario
from starter.screens import console

SHOWN_ADDRESSES = 3

WHO = 17
"""How wide the column is that says who; a longer name widens it for its own line."""

COLOURS: dict[Event | ConsiderationEvent, str] = {
    Event.DATE_BREACHED: "red",
    Event.FACT_NOT_TAKEN: "yellow",
    Event.LETTER_FAILED: "red",
    Event.REPORT_SUBMITTED: "bold green",
    Event.REPORT_PUBLISHED: "bold green",
    Event.REVIEW_CONCLUDED: "bold green",
    ConsiderationEvent.SIN_RECORDED: "bold green",
}


class Line(Message):
    """One line of the diary: when on the review's clock, who or ``mail``, what, and a mail's addresses."""

    at: datetime
    who: str
    what: str
    to: tuple[str, ...] = ()
    colour: str = ""

    def __str__(self) -> str:
        """The whole line: what an expectation is held against."""
        return f"{london(self.at)} {self.who} {self.what}" + (f" -> {', '.join(self.to)}" if self.to else "")

    @property
    def shown(self) -> str:
        """What happened, as it is printed: each note on a line, a long list of addresses cut short."""
        names, more = ", ".join(self.to[:SHOWN_ADDRESSES]), len(self.to) - SHOWN_ADDRESSES
        to = f" -> {names}{f' and {more} more' if more > 0 else ''}" if self.to else ""
        return self.what.replace(" (Note: ", "\n(Note: ") + to

    def in_columns(self) -> Table:
        """The line as it is printed: when, who, and what, which hangs where it takes several lines."""
        drawn = Table.grid(padding=(0, 2, 0, 0))
        drawn.add_column(width=21, justify="right", no_wrap=True)
        drawn.add_column(min_width=WHO, no_wrap=True)
        drawn.add_column(overflow="fold")
        drawn.add_row(london(self.at), self.who, Text(self.shown))
        return drawn


class Diary:
    """Collects what happens and prints it as it comes, unless it is to be silent."""

    def __init__(self, *, silent: bool = False) -> None:
        """Begin an empty diary."""
        self.lines: list[Line] = []
        self.letters: Counter[str] = Counter()
        self.standing: Standing | ConsiderationStanding | None = None
        self.cspr: CsprStanding | None = None
        self.figures: tuple[str, ...] = ()
        self._out = None if silent else console()

    def title(self, text: str) -> None:
        """Print a heading."""
        if self._out:
            self._out.rule(text, align="left")

    def say(self, text: str) -> None:
        """Print a sentence that is not part of the diary."""
        if self._out:
            self._out.print(text)

    def note(self, at: datetime, who: str, what: str, colour: str = "") -> None:
        """Write one line."""
        self._write([Line(at=at, who=who, what=what, colour=colour)])

    def add(self, entries: Iterable[Entry | ConsiderationEntry], letters: Iterable[EmailMessage]) -> None:
        """Write what the case recorded and the mail that went out since the last time, in order."""
        lines = [_recorded(entry) for entry in entries if entry.event != Event.LETTERS_SENT]
        mails = list(letters)
        self.letters.update(_counted_as(str(mail["X-Rapid-Review-Letter"])) for mail in mails)
        lines += [_posted(list(batch)) for _, batch in groupby(mails, key=_same_batch)]
        self._write(sorted(lines, key=lambda line: line.at.replace(microsecond=0)))

    def _write(self, lines: list[Line]) -> None:
        self.lines += lines
        if self._out:
            for line in lines:
                self._out.print(line.in_columns(), style=line.colour or None)

    def as_json(self) -> dict[str, object]:
        """The diary as data: its lines, letters counted by the first parts of their key, how it stands."""
        return {
            "lines": [line.model_dump(mode="json", exclude={"colour"}) for line in self.lines],
            "letters": dict(self.letters),
            "standing": self.standing.model_dump(mode="json") if self.standing else None,
            "cspr": self.cspr.model_dump(mode="json") if self.cspr else None,
        }

    def check(self, scenario: Scenario) -> None:
        """Hold the end of the review against what the scenario expects.

        Raises:
            Refused: it ended otherwise; a line for each difference.
        """
        faults = [*self._ended_otherwise(scenario.expect), *self._said_otherwise(scenario.expect)]
        if faults:
            raise Refused("\n".join([f"{scenario.name} did not end as it expects.", *faults]))

    def _ended_otherwise(self, wanted: Expectation) -> Iterator[str]:
        stood = self.standing
        late = [*(stood.late if stood else ()), *(self.cspr.late if self.cspr else ())]
        missed = sorted({each.split(" (")[0].rsplit(" ", 5)[0] for each in late})
        if wanted.cspr and (not self.cspr or self.cspr.stage is not wanted.cspr):
            yield f"cspr: expected {wanted.cspr}, was {self.cspr.stage if self.cspr else 'not started'}."
        if stood and wanted.outcome and stood.outcome != wanted.outcome:
            yield f"outcome: expected {wanted.outcome}, was {stood.outcome}."
        if stood and wanted.stage and stood.stage != wanted.stage:
            yield f"stage: expected {wanted.stage}, was {stood.stage}."
        if sorted(wanted.missed) != missed:
            yield f"dates missed: expected {sorted(wanted.missed)}, were {missed}."

    def _said_otherwise(self, wanted: Expectation) -> Iterator[str]:
        for kind, count in wanted.letters.items():
            if self.letters[kind] != count:
                yield f"letters of {kind}: expected {count}, were {self.letters[kind]}."
        yield from (f"no line says: {text}" for text in wanted.says if not self._lines_saying(text))
        for text in wanted.never:
            yield from (f"a line says what none should: {line}" for line in self._lines_saying(text))
        for text in wanted.figures:
            if not any(map(_fits(text), self.figures)):
                yield f"no line of the year's figures says: {text}. They are: {'; '.join(self.figures)}."

    def _lines_saying(self, text: str) -> list[Line]:
        fits = _fits(text)
        return [line for line in self.lines if fits(str(line))]


def _fits(text: str) -> Callable[[str], object]:
    """Whether a line holds a text, in which ``*`` stands for anything."""
    return re.compile(re.escape(text).replace(r"\*", ".*")).search


def _recorded(entry: Entry | ConsiderationEntry) -> Line:
    says = " ".join((entry.says, *(f"(Note: {w})" for w in entry.warnings)))
    return Line(at=entry.at, who=entry.by or "the case", what=says, colour=COLOURS.get(entry.event, ""))


def _counted_as(key: str) -> str:
    """``reminder`` of ``reminder/2/police``; ``follow-up/reminder`` of an action's, ``cspr/late``.

    Of a case put forward, ``sin_reminder`` of ``consideration/sin_reminder/1/2``.
    """
    first, *rest = key.split("/")
    if first == PREFIX and rest:
        return rest[0]
    if first == "cspr":
        return f"{first}/{rest[0]}"
    return f"{first}/{rest[1]}" if first == "follow-up" else first


def _same_batch(mail: EmailMessage) -> tuple[str, str]:
    return str(mail["Date"]), str(mail["Subject"])


def _posted(batch: list[EmailMessage]) -> Line:
    to = tuple(address for mail in batch for _, address in getaddresses([str(mail["To"])]))
    at = parsedate_to_datetime(str(batch[0]["Date"]))
    return Line(at=at, who="mail", what=str(batch[0]["Subject"]), to=to, colour="cyan")
