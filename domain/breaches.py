"""Missed dates: each is put on record once, against the original date, and stops nothing."""

from datetime import datetime

from domain.case import Breach, Case
from domain.record import Event
from domain.timetable import TITLES, london


def missed(case: Case, milestone: str, due: datetime, at: datetime, agency: str | None = None) -> Case:
    """The case with one missed date on record, once: ``due`` is the original date."""
    if any(b.milestone == milestone and b.agency == agency for b in case.breaches):
        return case
    breach = Breach(milestone=milestone, due=due, noticed_at=at, agency=agency)
    who = f" by {case.agency_name(agency)}" if agency else ""
    says = f"{TITLES[milestone]} {london(due)} was missed{who}."
    return case.with_(breaches=(*case.breaches, breach)).noting(at, Event.DATE_BREACHED, says)


def not_missed(case: Case, milestone: str, agency: str | None = None) -> Case:
    """The case without a missed date that turns out to have been met in time, recorded late.

    Facts count from when they were received. The line that noted the miss stays in the record.
    """
    kept = tuple(b for b in case.breaches if (b.milestone, b.agency) != (milestone, agency))
    return case.with_(breaches=kept)


def noticed(case: Case, milestone: str, at: datetime) -> Case:
    """The case with every breach of one milestone that can be seen at ``at`` put on record."""
    for breach in case.overdue(at):
        if breach.milestone == milestone:
            case = missed(case, milestone, breach.due, at, breach.agency)
    return case
