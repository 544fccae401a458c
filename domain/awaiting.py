"""What is awaited, from whom, and until when: one vocabulary for every process, and a review's own part.

An entry is plain: a thing of the process, a number where there are several, and the key of who owes it:
``return/police``, ``action/2/housing``, ``meeting/office``. The lists of cases are made of such entries.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from domain.case import Case, Request, Undelivered
from domain.deciding import panel_expected, views_wanted
from domain.follow_up.hand_over import handed_over
from domain.messages import Message
from domain.timetable import at_london

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


def review_awaits(case: Case) -> tuple[Awaited, ...]:
    """What a review waits for people to do, in the order of the process; nothing before it is planned."""
    if not case.plans:
        return ()
    return (*_of_the_process(case), *_of_the_panel(case), *_of_the_actions(case), *mending(case.undelivered))


def mending(undelivered: Iterable[Undelivered]) -> Iterator[Awaited]:
    """That the office mends an address, where a letter did not arrive and is not being sent again."""
    if any(not task.settled and not task.again_at for task in undelivered):
        yield Awaited(what=What.DELIVERY, who=OFFICE)


def _of_the_process(case: Case) -> Iterator[Awaited]:
    if case.withdrawn:
        return
    if not case.submitted_at:
        yield from (_return(key, case.requests[key]) for key in case.outstanding)
    if not case.held:
        yield _meeting(case)
        return
    if not case.submitted_at:
        yield from _of_the_report(case)
    if case.disagreeing:
        yield Awaited(what=What.DECISION, who=PARTNERS)
    elif case.undecided and case.submitted_at:
        yield from _of_the_decision(case)


def _return(agency: str, request: Request) -> Awaited:
    return Awaited(what=What.RETURN, who=agency, due=request.due, original=request.first_due)


def _meeting(case: Case) -> Awaited:
    closes = "meeting_window_closes"
    booked = case.meeting.booking.starts_at if case.meeting else case.timetable[closes].due
    return Awaited(what=What.MEETING, who=OFFICE, due=booked, original=case.original[closes].due)


def _of_the_report(case: Case) -> Iterator[Awaited]:
    """A draft from the office, or the answers of the leads who have one before them."""
    milestone = "panel_submission_due" if case.drafts else "draft_due"
    due, first = case.timetable[milestone].due, case.original[milestone].due
    if not case.drafts or case.being_revised:
        yield Awaited(what=What.DRAFT, who=OFFICE, due=due, original=first)
    else:
        for lead in case.unanswered:
            yield Awaited(what=What.SIGN_OFF, who=lead, due=due, original=first)


def _of_the_decision(case: Case) -> Iterator[Awaited]:
    """The leads' views, or that the office records what they decided: awaited once the report has gone."""
    if views_wanted(case):
        missing = (lead for lead in case.leads if lead not in case.current_views)
        yield from (Awaited(what=What.VIEW, who=lead) for lead in missing)
    else:
        yield Awaited(what=What.DECISION, who=OFFICE)


def _of_the_panel(case: Case) -> Iterator[Awaited]:
    if case.awaiting_panel and not case.panel_answers:
        yield Awaited(what=What.ANSWER, who=PANEL, due=panel_expected(case))


def _of_the_actions(case: Case) -> Iterator[Awaited]:
    """The actions still in the review; once it is concluded each is followed by itself."""
    if case.concluded_at or case.withdrawn:
        return
    for action in handed_over(case):
        due = at_london(action.due_on, action.hours.due_hour)
        yield Awaited(what=What.ACTION, number=action.number, who=action.owner, due=due)
