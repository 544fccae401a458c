"""The dates of a case, planned once as it opens and again only by an explicit re-plan.

Day 0 is the London calendar date on which the SIN was sent, whatever the hour or weekday, and Day n is
the nth working day after it. Where a partnership counts the SIN day as Day 1, Day n is the (n-1)th
working day after it; an SIN sent on a day that is no working day cannot be Day 1, so Day 1 is then the
next working day, as under the other way of counting. Source: the guide, "Rapid Review Timescales".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from domain.calendar import Calendar, counted, spoken
from domain.errors import Refused
from domain.messages import PlanDates
from domain.timetable import LONDON, TITLES, Milestone, Timetable, at_london, london

DEADLINES = ("rfi_due", "meeting_window_closes", "draft_due", "panel_submission_due")
"""What falls due at the end of its day, and can be extended. The SIN's own date cannot be."""

NOTICES = (
    "meeting_nudge",
    "agency_checkpoint",
    "rfi_overdue",
    "rfi_escalation",
    "meeting_window_opens",
    "sign_off_reminder",
)
"""What is sent, or opens, at the send hour of its day; besides these, one reminder for each in the rules."""

AFTER_THE_RFI = ("rfi_overdue", "rfi_escalation")
"""The notices that follow the RFI date where it is extended."""

WORKING_DAYS_KEPT = 130
"""Half a year of working days is recorded with a case, so that it can count without a calendar."""

MORE_KEPT = 65
"""For each quarter of a year that has gone by when a case is planned again, as many more are recorded."""


def days_kept(day0: date, as_of: datetime, calendar: Calendar) -> tuple[date, ...]:
    """The working days recorded with a plan made ``as_of`` a moment: a quarter of a year ahead, or more.

    Raises:
        NotCovered: one of them lies outside the calendar.
    """
    gone_by = calendar.working_days_between(day0, _london_date(as_of))
    return calendar.working_days_after(day0, WORKING_DAYS_KEPT + gone_by // MORE_KEPT * MORE_KEPT)


def plan(request: PlanDates, calendar: Calendar) -> Timetable:
    """The timetable of a case, in time order, with a warning for whatever the office should know.

    An extension replaces one date. The overdue notice and the escalation follow an extended RFI date,
    so that no agency is chased before its return is due; nothing else moves with an extension.

    Raises:
        NotCovered: a date lies outside the calendar.
        Refused: an extension names no date that can be extended, no working day, or an earlier day.
    """
    count = Count.of(request, calendar)
    _refuse_unknown(request.extensions)
    milestones = [_sin_due(request, calendar), _sin_sent(request, count), *_planned(request, count)]
    milestones.sort(key=lambda milestone: milestone.due)
    return Timetable(
        day0=count.day0,
        sin_day_is=count.sin_day_is,
        milestones=tuple(milestones),
        working_days=days_kept(count.day0, request.as_of, calendar),
        weekdays_after=True,
        warnings=tuple(_warnings(request, calendar, milestones)),
        calendar=calendar.version,
        planned_at=request.as_of,
    )


@dataclass(frozen=True)
class Count:
    """The day count of one case: its Day 0, the calendar, and how the rules count the SIN day.

    ``sin_day_is`` is the number in effect: 1 only where the rules say so and the SIN day is a working day.
    """

    calendar: Calendar
    day0: date
    setting: Literal[0, 1]

    @classmethod
    def of(cls, request: PlanDates, calendar: Calendar) -> "Count":
        """The count of a case to be planned; Day 0 is London's date, whatever the zone of the instant."""
        return cls(calendar, _london_date(request.sin.sent_at), request.rules.sin_day_is)

    @property
    def sin_day_is(self) -> Literal[0, 1]:
        """The number of the SIN day itself."""
        return self.setting if self.calendar.is_working_day(self.day0) else 0

    def day(self, n: int) -> date:
        """The date of Day n."""
        return self.calendar.nth_working_day(self.day0, n - self.sin_day_is)

    def explain(self, n: int) -> str:
        """How Day n was counted, and, where a partnership counts from Day 1, that it does."""
        counting = self.calendar.explain(self.day0, n - self.sin_day_is)
        return f"Day {n} ({self.explain_first()}): {counting}" if self.setting else counting

    def explain_first(self) -> str:
        """Which day the count starts from."""
        if self.setting and not self.sin_day_is:
            return f"{spoken(self.day0)} is not a working day, so Day 1 is {spoken(self.day(1))}"
        return f"{spoken(self.day0)} is Day {self.sin_day_is}"


def _refuse_unknown(extensions: dict[str, date]) -> None:
    for key in extensions:
        if key not in DEADLINES:
            raise Refused(f"{key} is not a date that can be extended. These are: {', '.join(DEADLINES)}.")


def _sin_due(request: PlanDates, calendar: Calendar) -> Milestone:
    sin, n = request.sin, request.rules.sin_due
    start = sin.aware_on or sin.incident_on
    known = "the day the local authority became aware"
    since = known if sin.aware_on else "the incident, as the aware date is not recorded"
    return Milestone(
        key="sin_due",
        day=n,
        kind="deadline",
        due=at_london(calendar.nth_working_day(start, n), request.rules.due_hour),
        explanation=f"Counted from {since}: {calendar.explain(start, n)}",
    )


def _sin_sent(request: PlanDates, count: Count) -> Milestone:
    sent_at = request.sin.sent_at.astimezone(UTC)
    explanation = f"The SIN was sent on {london(sent_at)}: {count.explain_first()}"
    return Milestone(
        key="sin_sent", day=count.sin_day_is, kind="notice", due=sent_at, explanation=explanation
    )


def _planned(request: PlanDates, count: Count) -> Iterator[Milestone]:
    rules = request.rules
    for key in NOTICES:
        yield _notice(key, getattr(rules, key), request, count)
    for number, n in enumerate(rules.rfi_reminders, 1):
        yield _notice(f"rfi_reminder_{number}", n, request, count)
    for key in DEADLINES:
        yield _deadline(key, getattr(rules, key), request, count)


def _notice(key: str, n: int, request: PlanDates, count: Count) -> Milestone:
    day, explanation = count.day(n), count.explain(n)
    extended = request.extensions.get("rfi_due")
    if extended and key in AFTER_THE_RFI:
        gap = max(1, n - request.rules.rfi_due)
        day = count.calendar.nth_working_day(extended, gap)
        explanation = f"Follows the extended RFI date: {count.calendar.explain(extended, gap)}"
    due = at_london(day, request.rules.send_hour)
    return Milestone(key=key, day=n, kind="notice", due=due, explanation=explanation)


def _deadline(key: str, n: int, request: PlanDates, count: Count) -> Milestone:
    day, explanation = count.day(n), count.explain(n)
    to = request.extensions.get(key, day)
    if to != day:
        _check_extension(key, day, to, count.calendar)
        day, explanation = to, f"Extended to {spoken(to)} from the original {spoken(day)}: {explanation}"
    due = at_london(day, request.rules.rfi_due_hour if key == "rfi_due" else request.rules.due_hour)
    return Milestone(key=key, day=n, kind="deadline", due=due, explanation=explanation)


def _check_extension(key: str, original: date, to: date, calendar: Calendar) -> None:
    if not calendar.is_working_day(to):
        raise Refused(
            f"{key} cannot be extended to {spoken(to)}, which is not a working day. "
            f"The next working day is {spoken(calendar.nth_working_day(to, 1))}."
        )
    if to < original:
        raise Refused(
            f"{key} cannot be extended to {spoken(to)}: it is due later, on {spoken(original)}. "
            "Give that date or one after it."
        )


def _warnings(request: PlanDates, calendar: Calendar, milestones: list[Milestone]) -> Iterator[str]:
    deadlines = [milestone for milestone in milestones if milestone.kind == "deadline"]
    sin_due = next(milestone for milestone in deadlines if milestone.key == "sin_due")
    if not request.sin.aware_on:
        yield (
            "The date on which the local authority became aware is not recorded. The SIN's due date is "
            f"counted from the incident on {spoken(request.sin.incident_on)} instead, so it may be too early."
        )
    yield from _late(request, calendar, sin_due)
    for deadline in deadlines:
        yield from _closed(deadline, calendar)
    if _london_date(milestones[-1].due) + timedelta(days=365) > calendar.horizon:
        yield (
            f"Bank holidays are known only to {spoken(calendar.horizon)}, less than a year after the last "
            "date of this case. Install a newer release, which covers more years."
        )


def _late(request: PlanDates, calendar: Calendar, sin_due: Milestone) -> Iterator[str]:
    sent_at = request.sin.sent_at
    if sent_at <= sin_due.due:
        return
    days = calendar.working_days_between(_london_date(sin_due.due), _london_date(sent_at))
    late_by = counted(days, "working day") if days else "less than a working day"
    yield f"The SIN was due {london(sin_due.due)} and was sent {london(sent_at)}: late by {late_by}."


def _closed(deadline: Milestone, calendar: Calendar) -> Iterator[str]:
    for closure in calendar.closures_on(_london_date(deadline.due)):
        yield (
            f"{TITLES[deadline.key]} {london(deadline.due)}, while the office is closed ({closure.name}, "
            f"{spoken(closure.first)} to {spoken(closure.last)}). The date stands: "
            f"finish before {spoken(closure.first)}."
        )


def _london_date(instant: datetime) -> date:
    return instant.astimezone(LONDON).date()
