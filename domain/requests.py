"""How agencies are asked and chased: the dates of a Request for Information, for one agency."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.case import Case, Chase, ChaseKind, Request
from domain.timetable import LONDON, Timetable, at_london


def first_requests(case: Case, at: datetime) -> dict[str, Request]:
    """The requests of every agency asked as the case opens, due on the timetable's own day.

    Where the case opens so late that this day is past, each has a due date of its own.
    """
    plan, agencies = case.timetable, case.opening.ask
    due, chases = plan["rfi_due"].due, planned_chases(plan)
    if due <= at:
        return {key: late_request(case, at) for key in agencies}
    return {
        key: Request(added_at=at, joined_late=False, first_due=due, due=due, chases=chases)
        for key in agencies
    }


def planned_chases(plan: Timetable) -> tuple[Chase, ...]:
    """Reminders, the overdue notice and the escalation of the partnership's timetable, in order."""
    reminders = [m for m in plan.milestones if m.key.startswith("rfi_reminder_")]
    return (
        *(Chase(kind=ChaseKind.REMINDER, number=n, due=m.due) for n, m in enumerate(reminders, 1)),
        Chase(kind=ChaseKind.OVERDUE, number=1, due=plan["rfi_overdue"].due),
        Chase(kind=ChaseKind.ESCALATION, number=1, due=plan["rfi_escalation"].due),
    )


def late_request(case: Case, at: datetime) -> Request:
    """The request of an agency found mid-review: its own due date, never after the report's.

    Only where the report's own date has passed already is it later than that. The agency is reminded
    on the working morning before its return is due, and chased on the two after.
    """
    due, chases = _own_dates(case, at, case.timetable)
    return Request(added_at=at, joined_late=True, first_due=due, due=due, chases=chases)


def _own_dates(case: Case, at: datetime, plan: Timetable) -> tuple[datetime, tuple[Chase, ...]]:
    """When the return of an agency added at ``at`` is due under a plan, and how it is then chased."""
    rules, day = case.opening.rules, at.astimezone(LONDON).date()
    own = at_london(plan.working_day_after(day, rules.added_agency_days), rules.rfi_due_hour)
    report = plan["panel_submission_due"].due
    due = own if report <= at else min(own, report)
    eve = at_london(plan.working_day_after(day, max(1, rules.added_agency_days - 1)), rules.send_hour)
    due_day = due.astimezone(LONDON).date()
    mornings = [at_london(plan.working_day_after(due_day, n), rules.send_hour) for n in (1, 2)]
    return due, (
        *([Chase(kind=ChaseKind.REMINDER, number=1, due=eve)] if at < eve < due else []),
        Chase(kind=ChaseKind.OVERDUE, number=1, due=mornings[0]),
        Chase(kind=ChaseKind.ESCALATION, number=1, due=mornings[1]),
    )


def replanned_requests(case: Case, plan: Timetable) -> dict[str, Request]:
    """The requests under a new plan.

    An agency that joined late keeps its own dates, unless the working days after it joined are no
    longer what they were: then they are counted again, so that none falls on a new bank holiday.
    """
    return {key: _replanned(case, request, plan) for key, request in case.requests.items()}


def _replanned(case: Case, request: Request, plan: Timetable) -> Request:
    if not request.joined_late:
        due, chases = plan["rfi_due"].due, planned_chases(plan)
    elif request.returned or not _days_differ(case.timetable, plan, request.added_at):
        return replace(request, was_due=None) if request.was_due else request
    else:
        due, chases = _own_dates(case, request.added_at, plan)
    numbered = tuple(_numbered_on(chase, request, plan.planned_at) for chase in chases)
    return replace(request, due=due, chases=numbered, was_due=request.due)


def _numbered_on(chase: Chase, request: Request, at: datetime) -> Chase:
    """The chaser under a number not yet used, where one has gone already and this one is still to come.

    One for a date that has passed already as the dates are planned again is not sent a second time.
    """
    before = [c for c in request.chases if c.kind is chase.kind]
    for same in before:
        if same.due == chase.due:
            return same
    sent = [key for key in request.chased if key.startswith(f"{chase.kind}/")]
    later = all(chase.due > c.due for c in before)
    again = sent and later and chase.due > at and chase.kind is not ChaseKind.REMINDER
    return chase.model_copy(update={"number": len(sent) + 1}) if again else chase


def _days_differ(before: Timetable, after: Timetable, since: datetime) -> bool:
    """Whether a day after ``since`` is a working day in one plan and not in the other."""
    day = since.astimezone(LONDON).date()
    first = max(day + timedelta(days=1), before.working_days[0], after.working_days[0])
    last = min(before.working_days[-1], after.working_days[-1])
    return any(first <= d <= last for d in {*before.working_days} ^ {*after.working_days})
