"""The dates of a follow-up: which are planned, and on which working days they fall."""

from datetime import date

import pytest

from domain.errors import NotCovered
from domain.follow_up.messages import FollowUpPlan, PlanFollowUp
from domain.follow_up.planning import plan_follow_up
from domain.messages import FollowUpRules, TimetableRules
from domain.timetable import london
from tests.domain.follow_up.played import OPENED, at, opened
from tests.sample import CALENDAR


def planned(
    due_on: date, rules: FollowUpRules | None = None, as_of: str = "2026-12-07 12:00"
) -> FollowUpPlan:
    """The dates of an action."""
    request = PlanFollowUp(
        due_on=due_on,
        rules=rules or FollowUpRules(),
        hours=TimetableRules(),
        as_of=at(as_of),
        handed_over_at=at(as_of),
    )
    return plan_follow_up(request, CALENDAR)


def notices(plan: FollowUpPlan) -> list[tuple[str, str]]:
    """Each notice and its London hour."""
    return [(notice.kind, london(notice.due)) for notice in plan.notices]


def test_an_action_due_after_christmas() -> None:
    """Five and one working days before, the morning after, and five days after that day; holidays skipped."""
    plan = planned(date(2026, 12, 30))
    assert london(plan.due) == "Wed 30 Dec 2026 17:00"
    assert notices(plan) == [
        ("reminder", "Mon 21 Dec 2026 09:00"),
        ("reminder", "Tue 29 Dec 2026 09:00"),
        ("overdue", "Thu 31 Dec 2026 09:00"),
        ("escalation", "Thu 7 Jan 2027 09:00"),
    ]


@pytest.mark.parametrize(
    ("due_on", "due"),
    [
        (date(2026, 12, 25), "Tue 29 Dec 2026 17:00"),
        (date(2026, 12, 19), "Mon 21 Dec 2026 17:00"),
        (date(2027, 3, 26), "Tue 30 Mar 2027 17:00"),
    ],
    ids=["Christmas Day", "a Saturday", "Good Friday"],
)
def test_an_action_due_on_no_working_day_is_due_on_the_next(due_on: date, due: str) -> None:
    """Every due date is a working day, and the plan says why it is another."""
    plan = planned(due_on)
    assert london(plan.due) == due
    assert "is not a working day" in plan.explanation


def test_a_reminder_whose_morning_is_past_is_left_out() -> None:
    """An action handed over three days before it is due is reminded of once."""
    assert [kind for kind, _ in notices(planned(date(2026, 12, 30), as_of="2026-12-24 12:00"))] == [
        "reminder",
        "overdue",
        "escalation",
    ]


def test_an_action_handed_over_late_escalates_counted_from_then() -> None:
    """Its owner is told first, and has the same days as any other before it escalates."""
    plan = planned(date(2026, 12, 1))
    assert notices(plan) == [("overdue", "Wed 2 Dec 2026 09:00"), ("escalation", "Mon 14 Dec 2026 09:00")]


def test_reminders_are_the_partnerships() -> None:
    """Each day is reminded on once, in order, whatever the order of the file."""
    rules = FollowUpRules(reminders=(1, 3, 3), escalation_after=2)
    assert [when for _, when in notices(planned(date(2026, 12, 18), rules))] == [
        "Tue 15 Dec 2026 09:00",
        "Thu 17 Dec 2026 09:00",
        "Mon 21 Dec 2026 09:00",
        "Tue 22 Dec 2026 09:00",
    ]


def test_the_day_of_opening_and_a_year_after_the_due_date_can_be_counted() -> None:
    """The recorded days need no calendar later."""
    plan = opened().plan
    assert plan.working_days[0] == OPENED.date()
    assert plan.working_days[-1] > date(2027, 12, 30)


def test_a_date_beyond_the_calendar_is_refused() -> None:
    """Nothing is counted on bank holidays that are not known."""
    with pytest.raises(NotCovered):
        planned(date(2040, 1, 2))
