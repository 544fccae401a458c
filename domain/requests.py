"""How agencies are asked and chased: the dates of a Request for Information, for one agency."""

from datetime import datetime

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
    rules, plan = case.opening.rules, case.timetable
    due_day = plan.working_day_after(at.astimezone(LONDON).date(), rules.added_agency_days)
    own, report = at_london(due_day, rules.rfi_due_hour), plan["panel_submission_due"].due
    due = own if report <= at else min(own, report)
    eve = at_london(
        plan.working_day_after(at.astimezone(LONDON).date(), max(1, rules.added_agency_days - 1)),
        rules.send_hour,
    )
    chases = (
        *([Chase(kind=ChaseKind.REMINDER, number=1, due=eve)] if at < eve < due else []),
        Chase(kind=ChaseKind.OVERDUE, number=1, due=case.working_morning_after(due)),
        Chase(kind=ChaseKind.ESCALATION, number=1, due=case.working_morning_after(due, 2)),
    )
    return Request(added_at=at, joined_late=True, first_due=due, due=due, chases=chases)


def replanned_requests(case: Case, plan: Timetable) -> dict[str, Request]:
    """The requests under a new plan; an agency that joined late keeps its own dates."""
    return {key: r if r.joined_late else _moved(r, plan) for key, r in case.requests.items()}


def _moved(request: Request, plan: Timetable) -> Request:
    chases = tuple(_numbered_on(chase, request) for chase in planned_chases(plan))
    return request.model_copy(update={"due": plan["rfi_due"].due, "chases": chases})


def _numbered_on(chase: Chase, request: Request) -> Chase:
    """The chaser under a number not yet used, where one has gone already and this one is for a later date."""
    before = [c for c in request.chases if c.kind is chase.kind]
    for same in before:
        if same.due == chase.due:
            return same
    sent = [key for key in request.chased if key.startswith(f"{chase.kind}/")]
    later = all(chase.due > c.due for c in before)
    again = sent and later and chase.kind is not ChaseKind.REMINDER
    return chase.model_copy(update={"number": len(sent) + 1}) if again else chase
