"""The dates of a case as the office would say them, and what it is warned of as they are planned."""

from datetime import UTC, date, datetime, timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.calendar import CalendarDesk
from domain.calendar import Calendar, spoken
from domain.errors import NotCovered, Refused
from domain.messages import PlanDates, SeriousIncidentNotification, TimetableRules
from domain.partnership import Closure
from domain.planning import plan
from domain.timetable import Timetable, london

ENGLAND = Calendar.english()
CHRISTMAS = Closure(name="Christmas closure", first=date(2026, 12, 24), last=date(2027, 1, 1))


def asked(
    sent_at: str = "2026-12-07T15:20Z",
    *,
    incident_on: date = date(2026, 12, 1),
    aware_on: date | None = date(2026, 12, 2),
    rules: TimetableRules | None = None,
    extensions: dict[str, date] | None = None,
) -> PlanDates:
    """A request for the dates of a case whose SIN went to the Panel at that instant."""
    sin = SeriousIncidentNotification(
        reference="SIN-1",
        sent_at=datetime.fromisoformat(sent_at),
        incident_on=incident_on,
        aware_on=aware_on,
    )
    return PlanDates(
        sin=sin,
        rules=rules or TimetableRules(),
        as_of=sin.sent_at,
        extensions=extensions or {},
    )


def due(timetable: Timetable, *keys: str) -> list[str]:
    """When milestones fall due, in London, as people read it."""
    return [london(timetable[key].due) for key in keys]


def test_the_default_timetable_in_time_order() -> None:
    """SIN Monday 7 December 2026: every milestone, its number, kind and hour, through Christmas."""
    timetable = plan(asked(), ENGLAND)
    assert [(m.key, m.day, m.kind, london(m.due)) for m in timetable.milestones] == [
        ("sin_sent", 0, "notice", "Mon 7 Dec 2026 15:20"),
        ("sin_due", 5, "deadline", "Wed 9 Dec 2026 17:00"),
        ("meeting_nudge", 3, "notice", "Thu 10 Dec 2026 09:00"),
        ("agency_checkpoint", 5, "notice", "Mon 14 Dec 2026 09:00"),
        ("rfi_reminder_1", 6, "notice", "Tue 15 Dec 2026 09:00"),
        ("rfi_reminder_2", 7, "notice", "Wed 16 Dec 2026 09:00"),
        ("rfi_due", 8, "deadline", "Thu 17 Dec 2026 17:00"),
        ("rfi_overdue", 9, "notice", "Fri 18 Dec 2026 09:00"),
        ("rfi_escalation", 10, "notice", "Mon 21 Dec 2026 09:00"),
        ("meeting_window_opens", 10, "notice", "Mon 21 Dec 2026 09:00"),
        ("meeting_window_closes", 12, "deadline", "Wed 23 Dec 2026 17:00"),
        ("draft_due", 13, "deadline", "Thu 24 Dec 2026 17:00"),
        ("sign_off_reminder", 14, "notice", "Tue 29 Dec 2026 09:00"),
        ("panel_submission_due", 15, "deadline", "Wed 30 Dec 2026 17:00"),
    ]
    assert timetable.warnings == ()


@pytest.mark.parametrize(
    ("sent_at", "day_8", "day_15"),
    [
        ("2026-12-18T10:00Z", "Mon 4 Jan 2027 17:00", "Wed 13 Jan 2027 17:00"),
        ("2027-03-22T10:00Z", "Mon 5 Apr 2027 17:00", "Wed 14 Apr 2027 17:00"),
        ("2026-12-12T10:00Z", "Wed 23 Dec 2026 17:00", "Wed 6 Jan 2027 17:00"),
    ],
)
def test_day_8_and_day_15(sent_at: str, day_8: str, day_15: str) -> None:
    """A SIN before Christmas, before Easter, and on a Saturday."""
    assert due(plan(asked(sent_at), ENGLAND), "rfi_due", "panel_submission_due") == [day_8, day_15]


def test_a_plan_records_what_it_was_counted_on() -> None:
    """Day 0, the calendar, the moment of planning and half a year of working days are kept."""
    request = asked("2026-12-12T10:00Z")
    timetable = plan(request, ENGLAND)
    assert timetable.day0 == date(2026, 12, 12)
    assert timetable.sin_day_is == 0
    assert timetable.calendar == ENGLAND.version
    assert timetable.planned_at == request.as_of
    assert len(timetable.working_days) == 130
    assert spoken(timetable.working_days[0]) == "Mon 14 Dec 2026"


def test_due_hours_through_the_clock_change_in_march() -> None:
    """Five o'clock in London is 17:00 UTC before the last Sunday of March and 16:00 UTC after it."""
    timetable = plan(asked("2027-03-15T10:00Z"), ENGLAND)
    assert timetable["rfi_due"].due == datetime(2027, 3, 25, 17, tzinfo=UTC)
    assert timetable["draft_due"].due == datetime(2027, 4, 5, 16, tzinfo=UTC)


def test_due_hours_through_the_clock_change_in_october() -> None:
    """Five o'clock in London is 16:00 UTC before the last Sunday of October and 17:00 UTC after it."""
    timetable = plan(asked("2026-10-12T10:00Z"), ENGLAND)
    assert timetable["rfi_due"].due == datetime(2026, 10, 22, 16, tzinfo=UTC)
    assert timetable["panel_submission_due"].due == datetime(2026, 11, 2, 17, tzinfo=UTC)
    assert timetable["sign_off_reminder"].due == datetime(2026, 10, 30, 9, tzinfo=UTC)


def test_a_sin_sent_late_on_a_summer_evening_in_utc_is_of_the_next_day_in_london() -> None:
    """Half past eleven at night UTC on Thursday 9 July is half past midnight on Friday in London."""
    timetable = plan(asked("2026-07-09T23:30Z"), ENGLAND)
    assert timetable.day0 == date(2026, 7, 10)
    assert due(timetable, "sin_sent", "meeting_nudge") == ["Fri 10 Jul 2026 00:30", "Wed 15 Jul 2026 09:00"]


def test_a_sin_sent_late_on_a_winter_evening_is_of_that_day() -> None:
    """In winter London keeps UTC; a sender's own zone does not matter."""
    assert plan(asked("2026-12-07T23:30Z"), ENGLAND).day0 == date(2026, 12, 7)
    assert plan(asked("2026-12-08T01:30+02:00"), ENGLAND).day0 == date(2026, 12, 7)


def test_every_instant_is_kept_in_utc() -> None:
    """A SIN recorded with another zone's offset is stored in UTC, like every other date."""
    timetable = plan(asked("2026-12-08T01:30+02:00"), ENGLAND)
    assert {m.due.utcoffset() for m in timetable.milestones} == {timedelta(0)}


def test_hours_and_day_numbers_come_from_the_rules() -> None:
    """The request may be due at noon, chasers leave at eight, and there may be three reminders."""
    rules = TimetableRules(
        rfi_due_hour="12:00", due_hour="16:30", send_hour="08:00", rfi_reminders=(4, 6, 7), draft_due=14
    )
    timetable = plan(asked(rules=rules), ENGLAND)
    assert due(timetable, "rfi_due", "draft_due", "sin_due") == [
        "Thu 17 Dec 2026 12:00",
        "Tue 29 Dec 2026 16:30",
        "Wed 9 Dec 2026 16:30",
    ]
    assert due(timetable, "rfi_reminder_1", "rfi_reminder_3") == [
        "Fri 11 Dec 2026 08:00",
        "Wed 16 Dec 2026 08:00",
    ]


def test_dates_explain_themselves() -> None:
    """A due date, the SIN's own date and Day 0 each say how they came about."""
    timetable = plan(asked(), ENGLAND)
    assert timetable["panel_submission_due"].explanation == (
        "15 working days from Mon 7 Dec 2026 is Wed 30 Dec 2026; not counted: 25 Dec (Christmas Day), "
        "28 Dec (Boxing Day, substitute day), 3 weekends"
    )
    assert timetable["sin_due"].explanation == (
        "Counted from the day the local authority became aware: "
        "5 working days from Wed 2 Dec 2026 is Wed 9 Dec 2026; not counted: 1 weekend"
    )
    assert timetable["sin_sent"].explanation == (
        "The SIN was sent on Mon 7 Dec 2026 15:20: Mon 7 Dec 2026 is Day 0"
    )
    assert timetable["meeting_nudge"].explanation == "3 working days from Mon 7 Dec 2026 is Thu 10 Dec 2026"


def test_a_partnership_may_count_the_sin_day_as_day_1() -> None:
    """Day n is then one working day earlier, and every explanation says how it was counted."""
    timetable = plan(asked(rules=TimetableRules(sin_day_is=1)), ENGLAND)
    assert due(timetable, "rfi_due", "panel_submission_due") == [
        "Wed 16 Dec 2026 17:00",
        "Tue 29 Dec 2026 17:00",
    ]
    assert (timetable.sin_day_is, timetable["sin_sent"].day) == (1, 1)
    assert timetable["rfi_due"].explanation == (
        "Day 8 (Mon 7 Dec 2026 is Day 1): "
        "7 working days from Mon 7 Dec 2026 is Wed 16 Dec 2026; not counted: 1 weekend"
    )
    assert timetable["sin_due"].explanation.startswith("Counted from the day the local authority")


def test_a_sin_on_a_saturday_cannot_be_day_1() -> None:
    """Day 1 is then Monday, as under the other way of counting, and the plan says so."""
    counted_from_1 = plan(asked("2026-12-12T10:00Z", rules=TimetableRules(sin_day_is=1)), ENGLAND)
    counted_from_0 = plan(asked("2026-12-12T10:00Z"), ENGLAND)
    assert [m.due for m in counted_from_1.milestones] == [m.due for m in counted_from_0.milestones]
    assert counted_from_1.sin_day_is == 0
    assert counted_from_1["meeting_nudge"].explanation == (
        "Day 3 (Sat 12 Dec 2026 is not a working day, so Day 1 is Mon 14 Dec 2026): "
        "3 working days from Sat 12 Dec 2026 is Wed 16 Dec 2026; not counted: 1 weekend"
    )


def test_an_unknown_aware_date_is_said_and_not_filled_in_silently() -> None:
    """The SIN's date is counted from the incident, with a warning and an explanation that say so."""
    timetable = plan(asked(aware_on=None), ENGLAND)
    assert due(timetable, "sin_due") == ["Tue 8 Dec 2026 17:00"]
    assert timetable["sin_due"].explanation == (
        "Counted from the incident, as the aware date is not recorded: "
        "5 working days from Tue 1 Dec 2026 is Tue 8 Dec 2026; not counted: 1 weekend"
    )
    assert timetable.warnings == (
        (
            "The date on which the local authority became aware is not recorded. The SIN's due date is "
            "counted from the incident on Tue 1 Dec 2026 instead, so it may be too early."
        ),
    )


@pytest.mark.parametrize(
    ("sent_at", "late_by"),
    [
        ("2026-12-09T17:01Z", "Wed 9 Dec 2026 17:01: late by less than a working day."),
        ("2026-12-10T08:00Z", "Thu 10 Dec 2026 08:00: late by 1 working day."),
        ("2026-12-13T08:00Z", "Sun 13 Dec 2026 08:00: late by 2 working days."),
        ("2026-12-29T08:00Z", "Tue 29 Dec 2026 08:00: late by 12 working days."),
    ],
)
def test_a_late_sin_is_warned_of(sent_at: str, late_by: str) -> None:
    """The warning says when it was due, when it went and how many working days late that was."""
    warnings = plan(asked(sent_at), ENGLAND).warnings
    assert warnings == (f"The SIN was due Wed 9 Dec 2026 17:00 and was sent {late_by}",)


def test_a_sin_sent_on_the_stroke_of_five_is_in_time() -> None:
    """The due instant itself is not late."""
    assert plan(asked("2026-12-09T17:00Z"), ENGLAND).warnings == ()


def test_a_closed_office_warns_and_moves_nothing() -> None:
    """Two deadlines fall in the Christmas closure: each is named, and every date stays as it was."""
    closing = plan(asked(), Calendar.english(closures=[CHRISTMAS]))
    assert closing.milestones == plan(asked(), ENGLAND).milestones
    assert closing.warnings == (
        (
            "Draft report due Thu 24 Dec 2026 17:00, while the office is closed (Christmas closure, "
            "Thu 24 Dec 2026 to Fri 1 Jan 2027). The date stands: finish before Thu 24 Dec 2026."
        ),
        (
            "Report due to the Panel Wed 30 Dec 2026 17:00, while the office is closed (Christmas closure, "
            "Thu 24 Dec 2026 to Fri 1 Jan 2027). The date stands: finish before Thu 24 Dec 2026."
        ),
    )


def test_every_deadline_has_words_for_a_warning() -> None:
    """A closure over the whole case warns of each of its deadlines, and of no notice."""
    always = Closure(name="Flood", first=date(2026, 12, 1), last=date(2027, 2, 1))
    timetable = plan(asked(), Calendar.english(closures=[always]))
    deadlines = [m for m in timetable.milestones if m.kind == "deadline"]
    assert len(timetable.warnings) == len(deadlines) == 5


def test_an_extension_moves_one_date_and_keeps_the_original_in_sight() -> None:
    """The report's date moves to the end of the chosen day; all the others stay."""
    extended = plan(asked(extensions={"panel_submission_due": date(2027, 1, 8)}), ENGLAND)
    plain = plan(asked(), ENGLAND)
    assert due(extended, "panel_submission_due") == ["Fri 8 Jan 2027 17:00"]
    assert extended["panel_submission_due"].day == 15
    assert extended["panel_submission_due"].explanation == (
        "Extended to Fri 8 Jan 2027 from the original Wed 30 Dec 2026: "
        + plain["panel_submission_due"].explanation
    )
    assert extended.milestones[:-1] == plain.milestones[:-1]


def test_no_agency_is_chased_before_its_extended_return_is_due() -> None:
    """The overdue notice and the escalation follow the RFI date by as many working days as before."""
    rules = TimetableRules(rfi_due_hour="12:00")
    timetable = plan(asked(rules=rules, extensions={"rfi_due": date(2026, 12, 23)}), ENGLAND)
    assert due(timetable, "rfi_due", "rfi_overdue", "rfi_escalation") == [
        "Wed 23 Dec 2026 12:00",
        "Thu 24 Dec 2026 09:00",
        "Tue 29 Dec 2026 09:00",
    ]
    assert timetable["rfi_overdue"].explanation == (
        "Follows the extended RFI date: 1 working day from Wed 23 Dec 2026 is Thu 24 Dec 2026"
    )
    assert due(timetable, "rfi_reminder_1", "meeting_window_opens") == [
        "Tue 15 Dec 2026 09:00",
        "Mon 21 Dec 2026 09:00",
    ]
    assert [m.due for m in timetable.milestones] == sorted(m.due for m in timetable.milestones)


def test_an_overdue_notice_never_comes_before_an_extended_due_date() -> None:
    """Rules that notice lateness on the due day itself still wait for the morning after an extension."""
    rules = TimetableRules(rfi_overdue=8)
    timetable = plan(asked(rules=rules, extensions={"rfi_due": date(2026, 12, 22)}), ENGLAND)
    assert due(timetable, "rfi_overdue") == ["Wed 23 Dec 2026 09:00"]


def test_an_extension_to_the_date_itself_is_none() -> None:
    """An extension that has been overtaken by the count changes nothing, not even the explanation."""
    same = plan(asked(extensions={"draft_due": date(2026, 12, 24)}), ENGLAND)
    assert same["draft_due"] == plan(asked(), ENGLAND)["draft_due"]


@pytest.mark.parametrize(
    ("extensions", "sentence"),
    [
        (
            {"panel_submission_due": date(2027, 1, 9)},
            (
                "panel_submission_due cannot be extended to Sat 9 Jan 2027, which is not a working day. "
                "The next working day is Mon 11 Jan 2027."
            ),
        ),
        (
            {"draft_due": date(2026, 12, 28)},
            (
                "draft_due cannot be extended to Mon 28 Dec 2026, which is not a working day. "
                "The next working day is Tue 29 Dec 2026."
            ),
        ),
        (
            {"draft_due": date(2026, 12, 23)},
            (
                "draft_due cannot be extended to Wed 23 Dec 2026: it is due later, on Thu 24 Dec 2026. "
                "Give that date or one after it."
            ),
        ),
        (
            {"sign_off_reminder": date(2027, 1, 8)},
            (
                "sign_off_reminder is not a date that can be extended. "
                "These are: rfi_due, meeting_window_closes, draft_due, panel_submission_due."
            ),
        ),
        (
            {"sin_due": date(2027, 1, 8)},
            (
                "sin_due is not a date that can be extended. "
                "These are: rfi_due, meeting_window_closes, draft_due, panel_submission_due."
            ),
        ),
    ],
)
def test_an_extension_that_cannot_be_is_refused(extensions: dict[str, date], sentence: str) -> None:
    """A weekend, a bank holiday, an earlier day, a notice and the SIN's own date are refused in words."""
    with pytest.raises(Refused) as refusal:
        plan(asked(extensions=extensions), ENGLAND)
    assert str(refusal.value) == sentence


def test_a_calendar_that_ends_soon_is_warned_of() -> None:
    """Less than a year of bank holidays after the last date: plan, and say that a release is needed."""
    assert plan(asked("2026-12-07T15:20Z"), Calendar.english(last_year=2027)).warnings == ()
    request = asked("2026-12-14T15:20Z", aware_on=date(2026, 12, 9))
    assert plan(request, Calendar.english(last_year=2027)).warnings == (
        (
            "Bank holidays are known only to Fri 31 Dec 2027, less than a year after the last date of this "
            "case. Install a newer release, which covers more years."
        ),
    )


def test_a_case_beyond_the_calendar_is_not_planned() -> None:
    """No date is given rather than a wrong one."""
    with pytest.raises(NotCovered):
        plan(asked("2027-12-20T10:00Z"), Calendar.english(last_year=2027))


def test_planning_twice_gives_the_same_plan() -> None:
    """Planning is a function of the request and the calendar alone."""
    assert plan(asked(), Calendar.english()) == plan(asked(), Calendar.english())


def test_a_proclaimed_bank_holiday_moves_the_dates_after_it_and_no_other() -> None:
    """A day proclaimed for Tuesday 22 December leaves Day 10 alone and moves Days 12 to 15 by one."""
    calendar = Calendar.english(proclaimed={date(2026, 12, 22): "Proclaimed day"})
    timetable = plan(asked(), calendar)
    assert due(timetable, "rfi_escalation", "meeting_window_closes", "panel_submission_due") == [
        "Mon 21 Dec 2026 09:00",
        "Thu 24 Dec 2026 17:00",
        "Thu 31 Dec 2026 17:00",
    ]
    assert timetable.calendar == calendar.version != ENGLAND.version


async def test_the_desk_answers_with_the_plan() -> None:
    """The activity counts on the calendar it was given."""
    desk = CalendarDesk(lambda: ENGLAND)
    assert await ActivityEnvironment().run(desk.plan_dates, asked()) == plan(asked(), ENGLAND)


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (asked(extensions={"draft_due": date(2026, 12, 28)}), "Refused"),
        (asked("2035-12-20T10:00Z"), "NotCovered"),
    ],
)
async def test_the_desk_refuses_once_and_for_all(request_: PlanDates, kind: str) -> None:
    """What cannot be counted is a failure with a type and a sentence, not retried."""
    with pytest.raises(ApplicationError) as failure:
        await ActivityEnvironment().run(CalendarDesk(lambda: ENGLAND).plan_dates, request_)
    assert (failure.value.type, failure.value.non_retryable) == (kind, True)
    assert str(failure.value.cause) in failure.value.message
