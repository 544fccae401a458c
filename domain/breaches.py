"""Missed dates: each is put on record once, against the original date, and stops nothing."""

from datetime import datetime

from domain.case import Breach, Case, Event
from domain.timetable import TITLES, london


def missed(case: Case, milestone: str, due: datetime, at: datetime, agency: str | None = None) -> Case:
    """The case with one missed date on record, once: ``due`` is the original date."""
    if any(b.milestone == milestone and b.agency == agency for b in case.breaches):
        return case
    breach = Breach(milestone=milestone, due=due, noticed_at=at, agency=agency)
    who = f" by {case.agency_name(agency)}" if agency else ""
    says = f"{TITLES[milestone]} {london(due)} was missed{who}."
    return case.with_(breaches=(*case.breaches, breach)).noting(at, Event.DATE_BREACHED, says)


def noticed(case: Case, milestone: str, at: datetime) -> Case:
    """The case with every breach of one milestone that can be seen at ``at`` put on record."""
    for breach in case.overdue(at):
        if breach.milestone == milestone:
            case = missed(case, milestone, breach.due, at, breach.agency)
    return case
