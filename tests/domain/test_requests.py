"""How agencies are asked and chased: the dates of each one's Request for Information."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.calendar import Calendar
from domain.case import Case, Chase, ChaseKind
from domain.messages import TimetableRules
from domain.planning import plan
from domain.plans import plan_request, replanned
from domain.requests import first_requests, late_request, planned_chases, replanned_requests
from domain.timetable import london
from tests.domain.test_facts import added, after, replan, returned
from tests.domain.test_performing import caught_up, lived
from tests.sample import AGENCIES, CALENDAR, at, case, timetable


def dates(chases: tuple[Chase, ...]) -> list[tuple[str, str]]:
    """Each chaser's key and its London hour."""
    return [(chase.key, london(chase.due)) for chase in chases]


def extended(stands: Case, to: date) -> Case:
    """The case with the RFI extended."""
    fact = replan(extend="rfi_due", to=to, granted_by="The Panel")
    now = at("day 7 12:00")
    return replanned(stands, fact, plan(plan_request(stands, fact, now), CALENDAR), now)


def test_the_chasers_of_the_guide() -> None:
    """Days 6 and 7, 9 and 10, at nine in the morning."""
    assert dates(planned_chases(timetable())) == [
        ("reminder/1", "Tue 15 Dec 2026 09:00"),
        ("reminder/2", "Wed 16 Dec 2026 09:00"),
        ("overdue/1", "Fri 18 Dec 2026 09:00"),
        ("escalation/1", "Mon 21 Dec 2026 09:00"),
    ]


def test_a_case_opened_late_gives_each_agency_a_date_to_come() -> None:
    """Opened on Day 10: asked for last Thursday nobody could answer, and nobody would be chased."""
    requests = first_requests(case(), at("day 10 10:00"))
    assert {r.due > at("day 10 10:00") for r in requests.values()} == {True}
    assert all(r.chases for r in requests.values())


def test_every_agency_is_first_asked_for_the_same_day() -> None:
    """In the partnership's order, none of them asked yet."""
    requests = first_requests(case(), at("day 0 15:21"))
    assert tuple(requests) == AGENCIES
    assert {(r.due, r.first_due, r.joined_late, r.asked_at) for r in requests.values()} == {
        (at("day 8 17:00"), at("day 8 17:00"), False, None)
    }


@pytest.mark.parametrize(
    ("found", "due", "chases"),
    [
        ("day 4 10:00", "day 9 17:00", ["day 8 09:00", "day 10 09:00", "day 11 09:00"]),
        ("day 9 16:59", "day 14 17:00", ["day 13 09:00", "day 15 09:00", "day 16 09:00"]),
        ("day 10 10:00", "day 15 17:00", ["day 14 09:00", "day 16 09:00", "day 17 09:00"]),
        ("day 12 10:00", "day 15 17:00", ["day 16 09:00", "day 17 09:00"]),
        ("day 15 16:00", "day 15 17:00", ["day 16 09:00", "day 17 09:00"]),
    ],
)
def test_an_agency_found_mid_review_has_its_own_date(found: str, due: str, chases: list[str]) -> None:
    """Five working days, but never after the report's own date; chased around it."""
    request = late_request(case(), at(found))
    assert (request.due, request.first_due) == (at(due), at(due))
    assert [chase.due for chase in request.chases] == [at(when) for when in chases]
    assert (request.joined_late, request.added_at) == (True, at(found))


def test_an_agency_found_after_day_15_is_given_a_date_to_come() -> None:
    """The report is late already; an agency is still not asked for yesterday."""
    found = at("day 16 10:00")
    assert late_request(case(), found).due > found


def test_a_partnership_may_give_an_agency_found_mid_review_other_days() -> None:
    """With one day only there is no morning left to remind on."""
    stands = case(rules=TimetableRules(added_agency_days=1, rfi_due_hour="12:00", send_hour="08:30"))
    request = late_request(stands, at("day 4 10:00"))
    assert request.due == at("day 5 12:00")
    assert dates(request.chases) == [
        ("reminder/1", "Mon 14 Dec 2026 08:30"),
        ("overdue/1", "Tue 15 Dec 2026 08:30"),
        ("escalation/1", "Wed 16 Dec 2026 08:30"),
    ]


def test_an_agency_found_at_the_weekend_is_counted_from_monday() -> None:
    """A Saturday is no working day: Monday is the first of the five."""
    saturday = at("day 4 10:00") + timedelta(days=1)
    assert late_request(case(), saturday).due == at("day 9 17:00")


def test_an_extension_moves_the_date_and_not_the_measure() -> None:
    """Due later, chased later; lateness is still against the first date."""
    stands = extended(caught_up(case(), at("day 0 15:22"))[0], date(2026, 12, 22))
    request = stands.requests["police"]
    assert (request.due, request.first_due) == (at("day 11 17:00"), at("day 8 17:00"))
    late = after(("day 10 10:00", returned()), start=stands).requests["police"].returns[0]
    assert (late.late, late.late_by) == (True, 2)


def test_a_replan_keeps_what_was_sent_and_what_came_back() -> None:
    """Who has returned stays so; reminders that went do not go again."""
    stands, _ = lived(after(("day 2 10:00", returned())), at("day 7 10:00"))
    stands = extended(stands, date(2026, 12, 22))
    assert stands.requests["police"].returned
    assert stands.requests["icb"].chased == {"reminder/1", "reminder/2"}
    assert [chase.key for chase in stands.requests["icb"].chases_left()] == ["overdue/1", "escalation/1"]


def test_an_agency_that_joined_late_keeps_its_own_dates() -> None:
    """The others move without it."""
    stands = after(("day 4 10:00", added()), start=case())
    moved = timetable().model_copy(
        update={
            "milestones": tuple(replace(m, due=m.due + timedelta(days=7)) for m in timetable().milestones)
        }
    )
    requests = replanned_requests(stands, moved)
    assert requests["voluntary-sector"] == stands.requests["voluntary-sector"]
    assert requests["police"].due == at("day 8 17:00") + timedelta(days=7)
    assert requests["police"].first_due == at("day 8 17:00")


def test_an_agency_that_joined_late_is_told_again_where_its_date_moves_after_it_was_told() -> None:
    """Its overdue notice went, then a day before it was proclaimed: the next one bears a new number."""
    stands = after(("day 4 10:00", added()), start=caught_up(case(), at("day 0 15:22"))[0])
    stands, _ = lived(stands, at("day 10 10:00"))
    assert "overdue/1" in stands.requests["voluntary-sector"].chased
    proclaimed = Calendar.english(proclaimed={date(2026, 12, 16): "A proclaimed day"})
    now = at("day 10 10:00")
    moved = replanned_requests(stands, plan(plan_request(stands, replan(), now), proclaimed))
    assert [chase.key for chase in moved["voluntary-sector"].chases_left()] == ["overdue/2", "escalation/1"]


def test_a_proclaimed_bank_holiday_moves_the_chasers_with_the_date() -> None:
    """A holiday proclaimed for Wednesday 16 December: a re-plan counts over it."""
    stands = caught_up(case(), at("day 0 15:22"))[0]
    proclaimed = Calendar.english(proclaimed={date(2026, 12, 16): "A proclaimed day"})
    now = at("day 2 10:00")
    stands = replanned(stands, replan(), plan(plan_request(stands, replan(), now), proclaimed), now)
    assert dates(stands.requests["police"].chases) == [
        ("reminder/1", "Tue 15 Dec 2026 09:00"),
        ("reminder/2", "Thu 17 Dec 2026 09:00"),
        ("overdue/1", "Mon 21 Dec 2026 09:00"),
        ("escalation/1", "Tue 22 Dec 2026 09:00"),
    ]


def test_no_chaser_is_left_to_an_agency_not_yet_asked() -> None:
    """Nor to one that has returned."""
    request = case().requests["police"]
    assert request.chases_left() == ()
    asked = replace(request, asked_at=at("day 0 15:22"))
    assert [chase.kind for chase in asked.chases_left()] == [
        ChaseKind.REMINDER,
        ChaseKind.REMINDER,
        ChaseKind.OVERDUE,
        ChaseKind.ESCALATION,
    ]


def test_nobody_is_chased_again_for_a_date_that_had_passed_when_the_dates_were_put_right() -> None:
    """Day 0 was corrected by mistake, and back: who had been escalated for Day 10 is not so again."""
    stands, now = lived(caught_up(case(), at("day 0 15:22"))[0], at("day 10 10:00"))[0], at("day 10 10:00")
    mistaken = replan(sin_sent_at=at("day 0 15:20") - timedelta(days=3))
    for fact in (mistaken, replan(sin_sent_at=at("day 0 15:20"))):
        stands = replanned(stands, fact, plan(plan_request(stands, fact, now), CALENDAR), now)
    assert stands.requests["police"].chases_left() == ()
