"""A year's figures for the LLR Sub-Group: what came in and by which way, what became of it, what was on time.

Pure: it counts what each case tells of itself. Days are working days, counted on the case's own calendar
from its Day 0; lateness is measured against the dates a case had first.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from statistics import median

from pydantic import AwareDatetime

from domain.case import Case, Request
from domain.cspr.figures import CsprFigures
from domain.messages import NO_SIN, Message
from domain.timetable import london_day

REPORT = "panel_submission_due"
"""The milestone by which a report is on time."""

REACHED = {
    "views_due": "Leads' views on a request",
    "sin_due": "SIN, or notification, sent",
    "meeting_window_closes": "Meeting held",
    "draft_due": "First draft to the leads",
    REPORT: "Report to the Panel",
}
"""What is said of a milestone that has been reached."""


class Reached(Message):
    """Something that had a date: when it was ``due`` first, and when and on which day it was ``met``.

    ``days`` are None as long as it is not met.
    """

    key: str
    due: AwareDatetime
    met: AwareDatetime | None = None
    days: int | None = None

    def in_time(self, now: datetime) -> bool | None:
        """Whether it was met in time; None while it still can be."""
        if self.met:
            return self.met <= self.due
        return False if self.due < now else None


class CaseFigures(Message):
    """What one case tells of itself, in plain facts.

    ``begun_on`` is the day it came in, by which it belongs to a year. ``outcome`` is None while it goes on.
    ``returns`` are by agency; the days of one count from when that agency was asked.
    """

    reference: str
    route: str
    begun_on: date
    outcome: str | None
    milestones: tuple[Reached, ...] = ()
    returns: tuple[Reached, ...] = ()


class Counted(Message):
    """How many cases came by one route and ended one way."""

    route: str
    outcome: str
    cases: int


class Times(Message):
    """How long one thing took in a year. ``settled`` have been met or missed, ``in_time`` of them met so."""

    key: str
    title: str
    settled: int
    in_time: int
    met: int
    median_days: float | None
    shortest: int | None
    longest: int | None


class YearFigures(Message):
    """A year in figures. ``missing`` are references of the year that could not be counted.

    ``learning_reviews`` are the CSPRs, and other learning reviews, that were decided in the year.
    """

    year: int
    cases: int
    still_open: int
    outcomes: tuple[Counted, ...]
    milestones: tuple[Times, ...]
    agencies: tuple[Times, ...]
    learning_reviews: tuple[CsprFigures, ...]
    missing: tuple[str, ...]

    @property
    def reports(self) -> Times | None:
        """The reports to the Panel, and how many were on time; None where none was due."""
        return next((times for times in self.milestones if times.key == REPORT), None)


def review_figures(case: Case) -> CaseFigures:
    """What a review tells of itself."""
    ended = case.concluded_at or case.withdrawn
    return CaseFigures(
        reference=case.reference,
        route=case.opening.route,
        begun_on=case.opening.came_in_on or london_day(case.opening.sin.sent_at),
        outcome=str(case.outcome) if ended else None,
        milestones=_milestones(case) if case.plans else (),
        returns=tuple(
            _return(case, key, request)
            for key, request in case.requests.items()
            if request.returned or not case.withdrawn
        ),
    )


def _milestones(case: Case) -> tuple[Reached, ...]:
    """Those met, and those that can still be missed: a case withdrawn has none of the latter.

    A review that the leads' determination opened by itself has no SIN.
    """
    met = {
        "sin_due": case.opening.sin.sent_at,
        "meeting_window_closes": case.held.held_at if case.held else None,
        "draft_due": case.drafts[0].submitted_at if case.drafts else None,
        REPORT: case.submitted_at,
    }
    if case.opening.sin.reference == NO_SIN:
        del met["sin_due"]
    return tuple(_reached(case, key, at) for key, at in met.items() if at or not case.withdrawn)


def _reached(case: Case, key: str, at: datetime | None) -> Reached:
    plan = case.timetable
    days = plan.working_days_between(plan.day0, london_day(at)) if at and key != "sin_due" else None
    return Reached(key=key, due=case.original[key].due, met=at, days=days)


def _return(case: Case, agency: str, request: Request) -> Reached:
    first = request.returns[0].received_at if request.returns else None
    asked = london_day(request.asked_at or request.added_at)
    days = case.timetable.working_days_between(asked, london_day(first)) if first else None
    return Reached(key=agency, due=request.first_due, met=first, days=days)


def joined(put_forward: CaseFigures | None, reviewed: CaseFigures | None) -> CaseFigures | None:
    """One case from its two halves: its route and first day as it was put forward, the rest as reviewed."""
    if put_forward and reviewed:
        own = {reached.key for reached in reviewed.milestones}
        before = tuple(reached for reached in put_forward.milestones if reached.key not in own)
        came = {"route": put_forward.route, "begun_on": put_forward.begun_on}
        return reviewed.model_copy(update={**came, "milestones": (*before, *reviewed.milestones)})
    return reviewed or put_forward


def figures_of(
    year: int,
    told: Iterable[CaseFigures],
    now: datetime,
    missing: Iterable[str] = (),
    learning_reviews: Iterable[CsprFigures] = (),
) -> YearFigures:
    """The figures of a calendar year, as of ``now``, from every case and CSPR that could be asked."""
    cases = [case for case in told if case.begun_on.year == year]
    outcomes = Counter((case.route, case.outcome or "open") for case in cases)
    return YearFigures(
        year=year,
        cases=len(cases),
        still_open=sum(case.outcome is None for case in cases),
        outcomes=tuple(
            Counted(route=route, outcome=outcome, cases=n) for (route, outcome), n in sorted(outcomes.items())
        ),
        milestones=_times([reached for case in cases for reached in case.milestones], now),
        agencies=_times([reached for case in cases for reached in case.returns], now),
        learning_reviews=tuple(one for one in learning_reviews if one.decided_on.year == year),
        missing=tuple(missing),
    )


def _times(reached: Sequence[Reached], now: datetime) -> tuple[Times, ...]:
    keys = dict.fromkeys(one.key for one in reached)
    return tuple(_time(key, [one for one in reached if one.key == key], now) for key in keys)


def _time(key: str, reached: list[Reached], now: datetime) -> Times:
    settled = [one.in_time(now) for one in reached if one.in_time(now) is not None]
    days = [one.days for one in reached if one.days is not None]
    return Times(
        key=key,
        title=REACHED.get(key, key),
        settled=len(settled),
        in_time=sum(map(bool, settled)),
        met=sum(one.met is not None for one in reached),
        median_days=median(days) if days else None,
        shortest=min(days, default=None),
        longest=max(days, default=None),
    )
