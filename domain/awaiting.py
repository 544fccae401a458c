"""What is awaited, from whom, and until when: one vocabulary for every process.

An entry is plain: a thing of the process, a number where there are several, and the key of who owes it:
``return/police``, ``action/2/housing``, ``meeting/office``. The lists of cases are made of such entries.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from domain.messages import Message
from domain.record import Undelivered
from domain.resending import unmended

OFFICE, PANEL, PARTNERS, REVIEWER = "office", "panel", "lead-partners", "reviewer"
"""Who owes something and is neither an agency nor a strategic lead."""


class What(StrEnum):
    """The things that people owe a case, in the order of the process."""

    SIN_DECISION = "sin-decision"
    SIN = "sin"
    NOTIFICATION = "notification"
    OUTCOMES = "outcomes"
    RETURN = "return"
    MEETING = "meeting"
    DRAFT = "draft"
    SIGN_OFF = "sign-off"
    VIEW = "view"
    DECISION = "decision"
    ANSWER = "answer"
    COMMISSION = "commission"
    TERMS = "terms"
    REPORT = "report"
    FULL_REPORT = "full-report"
    PUBLICATION = "publication"
    HOLD_REVIEW = "hold-review"
    ACTION = "action"
    CLOSING = "closing"
    DELIVERY = "delivery"


NUMBERED = (What.ACTION, What.CLOSING)
"""The things of which a case has several, each with a number of its own."""


class Awaited(Message):
    """One thing awaited from one party.

    ``due`` is the date in force, None where there is none; ``original`` the date it had first, where it
    has moved, against which lateness is measured.
    """

    what: What
    who: str
    number: int = 0
    due: AwareDatetime | None = None
    original: AwareDatetime | None = None

    def __str__(self) -> str:
        """The plain entry: ``action/2/housing``."""
        return f"{self.what}/{self.number}/{self.who}" if self.number else f"{self.what}/{self.who}"

    def late(self, now: datetime) -> bool:
        """Whether its first date has passed."""
        first = self.original or self.due
        return first is not None and first < now


def grouped(entries: Iterable[str], most: int = 99) -> str:
    """Entries as a person reads them: ``return: police, gp; action 2: housing``.

    Of more than ``most`` parties that owe the same thing only the number is said. Entries are taken as they
    come, so that a list shows what a later version awaits as well.
    """
    owed: dict[str, list[str]] = {}
    for entry in entries:
        *what, who = entry.split("/")
        owed.setdefault(" ".join(what), []).append(who)
    said = {what: ", ".join(who) if len(who) <= most else str(len(who)) for what, who in owed.items()}
    return "; ".join(f"{what}: {parties}" for what, parties in said.items())


def of_actions(entries: Iterable[str]) -> tuple[str, ...]:
    """The entries among them that are open actions."""
    return tuple(entry for entry in entries if entry.split("/")[0] in NUMBERED)


def next_due(awaited: Iterable[Awaited]) -> datetime | None:
    """The first date by which any of it is due; passed already where something is late."""
    return min((one.due for one in awaited if one.due), default=None)


def mending(undelivered: Iterable[Undelivered]) -> Iterator[Awaited]:
    """That the office mends an address, where a letter did not arrive and is not being sent again."""
    if unmended(tuple(undelivered)):
        yield Awaited(what=What.DELIVERY, who=OFFICE)
