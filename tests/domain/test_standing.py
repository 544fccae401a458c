"""Where a case stands, for a person: what is late, from which minute, what is due, what to do next."""

from datetime import date, timedelta

import pytest

from domain.case import Case, Stage
from domain.errors import Refused
from domain.facts import apply
from domain.messages import SendAgain
from domain.standing import Task, details, standing
from domain.steps import next_step
from domain.timetable import TITLES
from tests.domain.test_facts import (
    DECIDED,
    DRAFTED,
    SIGNED,
    SUBMITTED,
    UNPLANNED,
    WHO,
    added,
    after,
    booked,
    confirmed_by_all,
    decided,
    drafted,
    held,
    returned,
    signed,
    withdrawal,
)
from tests.domain.test_performing import caught_up, lived
from tests.domain.test_steps import AMENDED, ASKED, REFUSED, extended
from tests.sample import AGENCIES, LEADS, at, case

EVERYONE = after(*(("day 2 10:00", returned(id=key, agency=key)) for key in AGENCIES), start=ASKED)
MET_BUT = {
    "rfi_due": after(("day 11 13:00", held()), ("day 12 10:00", drafted()), start=ASKED),
    "meeting_window_closes": after(("day 12 10:00", drafted()), start=EVERYONE),
    "draft_due": after(("day 11 13:00", held()), start=EVERYONE),
    "panel_submission_due": after(("day 11 13:00", held()), ("day 12 10:00", drafted()), start=EVERYONE),
}
"""A case in which every deadline is met but the one."""


def tasks(stands: Case, when: str) -> list[Task]:
    """What the office is to do, in the order shown."""
    return [todo.task for todo in standing(stands, at(when)).todo]


def states(stands: Case, when: str) -> dict[str, str]:
    """Each date's state."""
    return {shown.key: shown.state for shown in standing(stands, at(when)).dates}


def test_nothing_of_a_case_that_was_withdrawn_is_awaited_or_grows_late() -> None:
    """What was not met by then fell away, however long after it is looked at."""
    stands = after(("day 2 10:00", returned()), ("day 3 10:00", withdrawal()), start=ASKED)
    assert set(states(stands, "day 12 18:00").values()) == {"met", "withdrawn"}
    assert states(stands, "day 12 18:00")["meeting_window_opens"] == "withdrawn"
    shown = {agency.key: agency.state for agency in standing(stands, at("day 12 18:00")).agencies}
    assert shown == dict.fromkeys(AGENCIES, "withdrawn") | {"police": "returned"}


@pytest.mark.parametrize(
    ("milestone", "last", "late"),
    [
        ("rfi_due", "day 8 17:00", "day 8 17:01"),
        ("meeting_window_closes", "day 12 17:00", "day 12 17:01"),
        ("draft_due", "day 13 17:00", "day 13 17:01"),
        ("panel_submission_due", "day 15 17:00", "day 15 17:01"),
    ],
)
def test_a_date_is_late_from_the_minute_after_it(milestone: str, last: str, late: str) -> None:
    """Nobody waits for the morning on which it is escalated to see that it was missed."""
    stands = MET_BUT[milestone]
    assert standing(stands, at(last)).late == ()
    assert states(stands, last)[milestone] == "to come"
    assert states(stands, late)[milestone] == "missed"
    assert {said.split(" ")[0] for said in standing(stands, at(late)).late} == {
        TITLES[milestone].split(" ")[0]
    }


def test_what_is_late_names_the_date_and_the_agency() -> None:
    """One line for each agency, one for each date of the review's own."""
    shown = standing(ASKED, at("day 12 17:01")).late
    assert shown[0] == "Request for Information due Thu 17 Dec 2026 17:00 (The police agency)"
    assert shown[len(AGENCIES)] == "Meeting window closes Wed 23 Dec 2026 17:00"


def test_a_date_missed_stays_missed() -> None:
    """A return that came late, a meeting held late, a report sent late: shown with the date to the end."""
    stands = after(
        ("day 8 17:01", returned()), ("day 13 09:00", held(held_at=at("day 12 17:01"))), start=ASKED
    )
    stands = after(("day 13 17:01", drafted()), start=stands)
    late = standing(stands.with_(submitted_at=at("day 14 10:00")), at("day 20 10:00")).late
    assert late == (
        "Request for Information due Thu 17 Dec 2026 17:00 (The police agency)",
        "Meeting window closes Wed 23 Dec 2026 17:00",
        "Draft report due Thu 24 Dec 2026 17:00",
    )


def test_after_an_extension_lateness_is_still_against_the_original() -> None:
    """The new date is shown beside the original, which is the one that was missed."""
    stands = extended(MET_BUT["rfi_due"])
    shown = standing(stands, at("day 9 10:00"))
    rfi = next(d for d in shown.dates if d.key == "rfi_due")
    assert (rfi.due, rfi.original, rfi.state) == (at("day 11 17:00"), at("day 8 17:00"), "missed")
    assert shown.late[0].startswith("Request for Information due Thu 17 Dec 2026 17:00")
    assert next(d for d in shown.dates if d.key == "draft_due").original is None


def test_what_was_done_in_time_is_met() -> None:
    """Each date of the review, once it is met; the window opens by itself."""
    assert states(EVERYONE, "day 3 10:00") == {
        "sin_due": "met",
        "rfi_due": "met",
        "meeting_window_opens": "to come",
        "meeting_window_closes": "to come",
        "draft_due": "to come",
        "panel_submission_due": "to come",
    }
    assert states(after(("day 2 10:00", returned()), start=ASKED), "day 3 10:00")["rfi_due"] == "to come"
    submitted = MET_BUT["panel_submission_due"].with_(submitted_at=at("day 15 10:00"))
    assert set(states(submitted, "day 15 10:00").values()) == {"met"}
    assert states(ASKED, "day 10 08:59")["meeting_window_opens"] == "to come"
    assert states(ASKED, "day 10 09:00")["meeting_window_opens"] == "met"


@pytest.mark.parametrize(
    ("stands", "when", "todo"),
    [
        (ASKED, "day 1 10:00", [Task.CHASE_RETURNS, Task.BOOK_MEETING]),
        (EVERYONE, "day 3 10:00", [Task.BOOK_MEETING]),
        (after(("day 2 11:00", booked()), start=EVERYONE), "day 3 10:00", [Task.RECORD_MEETING]),
        (MET_BUT["draft_due"], "day 11 14:00", [Task.SUBMIT_DRAFT, Task.DECIDE]),
        (DRAFTED, "day 13 10:30", [Task.CHASE_RETURNS, Task.CHASE_SIGN_OFF, Task.DECIDE]),
        (AMENDED, "day 13 11:30", [Task.CHASE_RETURNS, Task.REVISE_DRAFT, Task.DECIDE]),
        (SIGNED, "day 13 15:30", [Task.CHASE_RETURNS, Task.DECIDE]),
        (DECIDED, "day 12 10:30", [Task.CHASE_RETURNS, Task.SUBMIT_DRAFT]),
        (SUBMITTED, "day 13 16:30", [Task.DECIDE]),
        (after(("day 14 10:00", decided()), start=SUBMITTED), "day 14 10:30", []),
        (SUBMITTED.with_(concluded_at=at("day 14 10:00")), "day 14 10:30", []),
        (UNPLANNED, "day 0 15:21", []),
    ],
)
def test_what_to_do_next_in_the_order_of_the_process(stands: Case, when: str, todo: list[Task]) -> None:
    """Returns, the meeting, the report, the decision: only what is left, and what can be done."""
    assert tasks(stands, when) == todo


def test_what_is_to_be_done_says_by_when() -> None:
    """The dates in force, and for the returns the first of them."""
    first, second = standing(ASKED, at("day 1 10:00")).todo
    assert (first.due, second.due) == (at("day 8 17:00"), at("day 12 17:00"))
    assert second.says == "Book the meeting, between Mon 21 Dec 2026 09:00 and Wed 23 Dec 2026 17:00."
    assert [t.due for t in standing(DRAFTED, at("day 13 11:00")).todo[1:]] == [at("day 15 17:00")] * 2
    assert standing(SUBMITTED, at("day 14 10:00")).todo[0].due is None


def test_few_agencies_are_named_and_many_counted() -> None:
    """Four names are read; eight are not."""
    few = after(*(("day 2 10:00", returned(id=key, agency=key)) for key in AGENCIES[4:]), start=ASKED)
    assert standing(few, at("day 3 10:00")).todo[0].says == (
        "Returns awaited from The police agency, The icb agency, The hospital agency, The housing agency."
    )
    assert standing(ASKED, at("day 3 10:00")).todo[0].says == "Returns awaited from 8 agencies."


def test_a_meeting_is_recorded_once_it_has_ended() -> None:
    """Until then its date is shown."""
    stands = after(("day 2 11:00", booked()), start=EVERYONE)
    before = standing(stands, at("day 11 11:59")).todo[0].says
    ended = standing(stands, at("day 11 12:00")).todo[0].says
    assert before == "The meeting is on Tue 22 Dec 2026 10:00; record it then."
    assert ended == "Record what the meeting agreed."


def test_an_amendment_is_said_of_the_lead_who_asked_for_it() -> None:
    """Not of one who confirmed with a note."""
    stands = after(("day 13 11:30", signed("police", note="Thank you.")), start=AMENDED)
    todo = next(t for t in standing(stands, at("day 13 12:00")).todo if t.task is Task.REVISE_DRAFT)
    assert todo.says == "Lead for health asked to amend version 1. Submit the next version."


def test_a_version_waits_for_the_leads_who_have_not_answered() -> None:
    """By title."""
    stands = after(("day 13 11:00", signed()), start=DRAFTED)
    todo = next(t for t in standing(stands, at("day 13 12:00")).todo if t.task is Task.CHASE_SIGN_OFF)
    assert todo.says == "Version 1 is waiting for Lead for local-authority, Lead for police."


def test_a_letter_that_did_not_arrive_comes_first() -> None:
    """Until it is on its way again; the task names the letter, which the command needs."""
    todo = standing(REFUSED, at("day 14 10:00")).todo[0]
    assert (todo.task, todo.about) == (Task.MEND_DELIVERY, "submission/1/panel")
    assert todo.says.startswith("The letter to the Panel did not arrive (5.1.1).")
    again = after(("day 14 10:00", SendAgain(letter="submission/1/panel", by=WHO)), start=REFUSED)
    assert Task.MEND_DELIVERY not in tasks(again, "day 14 10:00")
    assert Task.MEND_DELIVERY not in tasks(caught_up(again, at("day 14 10:01"))[0], "day 14 10:02")


def test_a_case_being_withdrawn_offers_no_command_that_it_would_refuse() -> None:
    """What did not arrive is not sent again once the case is withdrawn, while those told are being told."""
    stands = after(("day 14 11:00", withdrawal()), start=REFUSED)
    with pytest.raises(Refused, match="was withdrawn"):
        apply(SendAgain(letter="submission/1/panel", by=WHO), stands, at("day 14 11:00"))
    assert tasks(stands, "day 14 11:00") == []


def test_how_each_agency_stands() -> None:
    """Being asked, waiting, late, returned, returned late; versions are counted."""
    early = standing(case(), at("day 0 15:21")).agencies
    assert {a.state for a in early} == {"being asked"}
    stands = after(
        ("day 2 10:00", returned(kind="partial")),
        ("day 8 17:30", returned(id="mail-2")),
        ("day 10 10:00", returned(id="mail-3", agency="icb")),
        start=ASKED,
    )
    police, icb, hospital = standing(stands, at("day 10 11:00")).agencies[:3]
    assert (police.state, police.kind, police.versions, police.late_by) == ("returned", "complete", 2, 0)
    assert (icb.state, icb.late_by, icb.received_at) == ("returned", 2, at("day 10 10:00"))
    assert (hospital.state, hospital.late_by, hospital.versions) == ("late", None, 0)
    waiting = standing(ASKED, at("day 8 17:00")).agencies
    assert {a.state for a in waiting} == {"waiting"}


def test_how_each_lead_stands_to_the_version_before_them() -> None:
    """Not asked, asked, confirmed by a deputy, amending; a next version asks again."""
    assert {lead.answer for lead in standing(ASKED, at("day 1 10:00")).leads} == {"not asked yet"}
    stands = after(("day 13 11:30", signed("police", by="Deputy police")), start=AMENDED)
    shown = {lead.key: (lead.answer, lead.by_deputy) for lead in standing(stands, at("day 13 12:00")).leads}
    assert shown == {
        "local-authority": ("asked", False),
        "health": ("amend", False),
        "police": ("confirm", True),
    }
    anew = after(("day 13 13:00", drafted("b")), start=stands)
    assert {lead.answer for lead in standing(anew, at("day 13 14:00")).leads} == {"asked"}


@pytest.mark.parametrize(
    ("stands", "stage"),
    [
        (UNPLANNED, Stage.OPENING),
        (ASKED, Stage.GATHERING),
        (after(("day 11 13:00", held())), Stage.DRAFTING),
        (DRAFTED, Stage.SIGNING),
        (AMENDED, Stage.DRAFTING),
        (SUBMITTED, Stage.SUBMITTED),
        (SUBMITTED.with_(concluded_at=at("day 14 10:00")), Stage.CONCLUDED),
    ],
)
def test_how_far_a_review_has_come(stands: Case, stage: Stage) -> None:
    """From what is known of it."""
    assert standing(stands, at("day 15 10:00")).stage is stage


@pytest.mark.parametrize(
    ("when", "day"), [("day 0 16:00", 0), ("day 1 00:01", 1), ("day 8 23:59", 8), ("day 15 10:00", 15)]
)
def test_which_working_day_it_is(when: str, day: int) -> None:
    """The review's own count; a weekend keeps Friday's number."""
    assert standing(ASKED, at(when)).day == day
    assert standing(ASKED, at("day 4 10:00") + timedelta(days=1)).day == 4
    assert standing(UNPLANNED, at(when)).day is None


def test_a_case_still_opening_shows_what_it_can() -> None:
    """No dates, nothing late, nothing next."""
    shown = standing(UNPLANNED, at("day 0 15:21"))
    assert (shown.dates, shown.late, shown.next_due, shown.next_step, shown.agencies) == (
        (),
        (),
        None,
        "",
        (),
    )


def test_what_comes_next_by_itself() -> None:
    """In words, with its date; and what is being sent now."""
    shown = standing(ASKED, at("day 1 10:00"), "reminder/2026-12-15", at("day 6 09:00"))
    assert (shown.next_step, shown.next_due) == (
        "the office is reminded to book the meeting",
        at("day 3 09:00"),
    )
    assert (shown.in_hand, shown.in_hand_since) == ("reminder/2026-12-15", at("day 6 09:00"))


def test_the_meeting_shown_is_the_one_held_or_else_booked() -> None:
    """None, then the booking, then when it was held."""
    stands = after(("day 2 11:00", booked()), start=ASKED)
    assert standing(ASKED, at("day 3 10:00")).meeting_at is None
    shown = standing(stands, at("day 3 10:00"))
    assert (shown.meeting_at, shown.meeting_held) == (at("day 11 10:00"), False)
    shown = standing(
        after(("day 12 13:00", held(held_at=at("day 12 09:00"))), start=stands), at("day 12 14:00")
    )
    assert (shown.meeting_at, shown.meeting_held) == (at("day 12 09:00"), True)


def test_the_warnings_are_those_of_the_plan_in_force() -> None:
    """Such as an aware date that is not known."""
    sin = case().opening.sin.model_copy(update={"aware_on": None})
    assert standing(case(sin=sin), at("day 1 10:00")).warnings == case(sin=sin).timetable.warnings
    assert len(standing(case(sin=sin), at("day 1 10:00")).warnings) > 0


def test_an_agency_found_mid_review_is_late_by_its_own_date() -> None:
    """The others' date does not make it late."""
    stands, _ = lived(after(("day 4 10:00", added()), start=EVERYONE), at("day 4 10:01"))
    assert standing(stands, at("day 9 17:00")).late == ()
    assert standing(stands, at("day 9 17:01")).late == (
        "Request for Information due Fri 18 Dec 2026 17:00 (The voluntary-sector agency)",
    )


def test_the_web_ui_shows_keys_and_no_names() -> None:
    """Two tables in Markdown: dates, and who has returned."""
    asked, now = after(("day 2 10:00", returned()), start=ASKED), at("day 2 11:00")
    text = details(asked, next_step(asked, now), now)
    assert text.startswith("**RR-2026-90**: gathering")
    assert "| Request for Information due | Thu 17 Dec 2026 17:00 | to come |" in text
    assert "| police | returned | complete |" in text
    assert "| icb | waiting |  |" in text
    assert "agency |" in text
    assert [key for key in LEADS if f"Lead {key}" in text] == []
    assert "The police agency" not in text


def test_a_sin_sent_late_is_shown_as_missed() -> None:
    """Known on 26 November, notified on 7 December: its five working days had passed."""
    sin = case().opening.sin.model_copy(
        update={"aware_on": date(2026, 11, 26), "incident_on": date(2026, 11, 25)}
    )
    assert states(case(sin=sin), "day 1 10:00")["sin_due"] == "missed"
    assert standing(case(sin=sin), at("day 1 10:00")).late == ("SIN due Thu 3 Dec 2026 17:00",)


def test_signing_is_done_when_every_lead_has_confirmed() -> None:
    """Nothing about the report is left for the office while it is on its way."""
    stands = after(*confirmed_by_all(), ("day 13 15:30", decided()), start=DRAFTED)
    assert tasks(stands, "day 13 15:31") == [Task.CHASE_RETURNS]
