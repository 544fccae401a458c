"""A case that waits for the Panel, counted again: the office's reminders move, and nothing of its report."""

from datetime import date, timedelta

import pytest

from domain.calendar import Calendar
from domain.case import Case
from domain.errors import NothingMoves
from domain.messages import ReplanWait
from domain.planning import plan
from domain.plans import wait_replanned, wait_request
from domain.record import Event
from domain.steps import next_step, reminders_to_come
from domain.timetable import london_day
from tests import sample
from tests.domain.test_deciding import ENDED
from tests.domain.test_facts import WHO
from tests.domain.test_performing import caught_up
from tests.sample import at

FACT = ReplanWait(reason="A bank holiday was proclaimed.", by=WHO)


def counted(case: Case, when: str, *holidays: date) -> Case:
    """The case counted again on a calendar with some more holidays."""
    calendar = Calendar.english(proclaimed=dict.fromkeys(holidays, "A proclaimed day"))
    return wait_replanned(case, FACT, plan(wait_request(case, FACT, at(when)), calendar), at(when))


def reminder(case: Case) -> date:
    """The day of the next reminder."""
    step = next_step(case)
    assert step
    return london_day(step.due)


def test_a_reminder_due_on_the_new_holiday_moves_by_a_working_day() -> None:
    """With all after it; the record has the first with its old and its new moment."""
    day = reminder(ENDED)
    stands = counted(ENDED, "day 15 10:00", day)
    assert reminder(stands) == sample.CALENDAR.nth_working_day(day, 1)
    entry = stands.record[-1]
    assert (entry.event, entry.by) == (Event.DATES_REPLANNED, WHO)
    assert entry.says.startswith("The office is reminded that the Panel's answer is awaited: was ")
    assert f"{day:%a %-d %b %Y} 09:00, now " in entry.says
    assert entry.says.endswith(", and 11 reminders after it. A bank holiday was proclaimed.")


def test_what_is_due_of_a_report_that_has_gone_stays() -> None:
    """Also where it went before its day and that day is now a holiday."""
    due = ENDED.timetable["panel_submission_due"].due
    stands = counted(ENDED, "day 14 10:00", london_day(due))
    assert stands.timetable.milestones == ENDED.timetable.milestones
    assert (len(stands.plans), stands.timetable.is_working_day(london_day(due))) == (2, False)


def test_the_same_calendar_moves_nothing() -> None:
    """Given again, the command leaves it alone."""
    stands = counted(ENDED, "day 15 10:00", reminder(ENDED))
    with pytest.raises(NothingMoves, match="No date of RR-2026-90 would move"):
        counted(stands, "day 15 11:00", reminder(ENDED))


def test_a_day_beyond_the_last_reminder_moves_none() -> None:
    """The days to come are counted anew, and no more is said."""
    beyond = next(day for day in reversed(ENDED.timetable.working_days))
    stands = counted(ENDED, "day 15 10:00", beyond)
    assert stands.record[-1].says.startswith("No date moves;")


def test_a_reminder_that_went_does_not_go_again() -> None:
    """The next has another number, whatever the day."""
    [first, *_] = reminders_to_come(ENDED, at("day 15 10:00"))
    reminded, sent = caught_up(ENDED, first.due)
    assert [one.key for one in sent] == ["panel_nudge/1/office"]
    when = first.due + timedelta(hours=1)
    request = wait_request(reminded, FACT, when)
    calendar = Calendar.english(proclaimed={london_day(first.due): "A proclaimed day"})
    again = wait_replanned(reminded, FACT, plan(request, calendar), when)
    assert reminders_to_come(again, when)[0].key == "panel_nudge/2"
