"""What is to be done next: when each step opens, what closes it, when it is due, and its key."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from domain.case import Case, ChaseKind
from domain.facts import apply
from domain.messages import MailKind, SendAgain, TimetableRules
from domain.planning import plan
from domain.plans import plan_request, replanned
from domain.steps import ReviewStep, StepKind, _of_actions, _open_steps, chases_due, chases_left, next_step
from tests.domain.arrived import filed
from tests.domain.test_deciding import DIFFERING, DISAGREED, ENDED, MET_AFTERWARDS
from tests.domain.test_facts import (
    DRAFTED,
    SIGNED,
    SUBMITTED,
    WHO,
    added,
    after,
    booked,
    confirmed_by_all,
    decided,
    drafted,
    failed,
    held,
    reopening,
    replan,
    returned,
    signed,
    withdrawal,
)
from tests.domain.test_performing import carried_out, caught_up, lived
from tests.sample import AGENCIES, CALENDAR, LEADS, at, case, opening, sin

ASKED, _ = caught_up(case(), at("day 0 15:22"))
AMENDED = after(("day 13 11:00", signed(answer="amend", note="Say more.")), start=DRAFTED)
ACTIONS = (
    {"agency": "police", "action": "Tell every duty desk.", "due_on": date(2026, 12, 31)},
    {"agency": "health", "action": "Check every discharge letter.", "due_on": date(2026, 12, 30)},
    {"agency": "police", "action": "Tell every night desk.", "due_on": date(2026, 12, 29)},
)
SOON = after(
    (
        "day 11 13:00",
        held(immediate_actions=({**ACTIONS[0], "agency": "housing", "due_on": at("day 13 12:00").date()},)),
    )
)
UNMET, _ = caught_up(after(("day 13 10:00", drafted()), *confirmed_by_all()), at("day 13 15:01"))
MET_LATE = after(("day 14 10:00", held(immediate_actions=ACTIONS)), start=UNMET)
ON_THE_REPORT = filed(MailKind.SIGN_OFF_COMMENT, role="lead", party="health", received_at=at("day 13 11:00"))
REFUSED, _ = caught_up(SIGNED, at("day 13 15:01"), "submission/1/panel")

ASKED_TO_SIGN, _ = caught_up(DRAFTED, at("day 13 10:00"))
ASKED_AND_REOPENED = after(("day 13 11:00", returned()), ("day 13 12:00", reopening()), start=ASKED_TO_SIGN)


def extended(stands: Case, milestone: str = "rfi_due", to: date = date(2026, 12, 22)) -> Case:
    """The case with one date extended, granted on Day 7 at 12:00."""
    fact = replan(extend=milestone, to=to, granted_by="The Panel")
    return replanned(
        stands, fact, plan(plan_request(stands, fact, at("day 7 12:00")), CALENDAR), at("day 7 12:00")
    )


def by_rules(**rules: object) -> Case:
    """The case of a partnership with rules of its own."""
    return case(rules=TimetableRules.model_validate(rules))


def every_step(stands: Case) -> list[ReviewStep]:
    """Every open step, and the next one about its actions."""
    return [*_open_steps(stands), *_of_actions(stands, stands.record[-1].at)]


def open_steps(stands: Case) -> dict[str, str]:
    """Every open step's key, and when it is due in UTC."""
    return {step.key: f"{step.due:%Y-%m-%d %H:%M}" for step in every_step(stands)}


OPENS: dict[str, tuple[Case, str, str]] = {
    "asking, as the case opens": (case(), "request/2026-12-07T152100Z", "2026-12-07 15:21"),
    "asking one more agency": (
        after(("day 5 10:30", added()), start=ASKED),
        "request/2026-12-14T103000Z",
        "2026-12-14 10:30",
    ),
    "the nudge for a meeting": (case(), "meeting_nudge", "2026-12-10 09:00"),
    "the checkpoint": (case(), "agency_checkpoint", "2026-12-14 09:00"),
    "the first reminder": (ASKED, "reminder/2026-12-15", "2026-12-15 09:00"),
    "the second reminder": (lived(ASKED, at("day 6 09:00"))[0], "reminder/2026-12-16", "2026-12-16 09:00"),
    "the overdue notice": (lived(ASKED, at("day 7 09:00"))[0], "overdue/2026-12-18", "2026-12-18 09:00"),
    "the escalation": (lived(ASKED, at("day 9 09:00"))[0], "escalation/2026-12-21", "2026-12-21 09:00"),
    "the invitation": (after(("day 1 10:00", booked())), "invitation/0", "2026-12-08 10:00"),
    "the invitation to a meeting moved": (
        after(("day 1 10:00", booked()), ("day 2 11:00", booked(starts_at=at("day 12 10:00")))),
        "invitation/1",
        "2026-12-09 11:00",
    ),
    "the meeting not held": (case(), "meeting_escalation", "2026-12-24 09:00"),
    "the draft missing": (case(), "draft_escalation", "2026-12-29 09:00"),
    "the request to sign": (DRAFTED, "sign_off_request/1", "2026-12-24 10:00"),
    "the request to sign the next version": (
        after(("day 13 12:00", drafted("b")), start=AMENDED),
        "sign_off_request/2",
        "2026-12-24 12:00",
    ),
    "the reminder to sign": (DRAFTED, "sign_off_reminder", "2026-12-29 09:00"),
    "the amendment": (AMENDED, "amendment/1", "2026-12-24 11:00"),
    "the reopening": (ASKED_AND_REOPENED, "reopening/1", "2026-12-24 12:00"),
    "the submission": (SIGNED, "submission/1", "2026-12-24 15:00"),
    "the actions of a meeting recorded after the report went": (
        MET_LATE,
        "immediate_actions",
        "2026-12-24 15:01",
    ),
    "the telling of an action that is due before the report": (
        SOON,
        "follow_up/1/opened",
        "2026-12-22 13:00",
    ),
    "the submission late": (case(), "submission_escalation", "2026-12-31 09:00"),
    "the first nudge to decide": (SUBMITTED, "decision_nudge/1", "2027-01-05 09:00"),
    "the twelfth nudge to decide": (SUBMITTED, "decision_nudge/12", "2027-03-23 09:00"),
    "the dates moved": (extended(ASKED), "dates_moved/2", "2026-12-16 12:00"),
    "the dates moved again": (
        extended(extended(ASKED), "draft_due", date(2026, 12, 29)),
        "dates_moved/3",
        "2026-12-16 12:00",
    ),
    "a return that came by mail": (
        after(("day 2 10:00", returned(by_mail=True)), start=ASKED),
        "return_received/1/police",
        "2026-12-09 10:00",
    ),
    "a lead's mail on the report": (
        after(("day 13 11:00", ON_THE_REPORT), start=DRAFTED),
        "how_to_sign/1/health",
        "2026-12-24 11:00",
    ),
    "a return after the draft": (
        after(("day 13 11:00", returned()), start=DRAFTED),
        "return_after_draft/police/1",
        "2026-12-24 11:00",
    ),
    "the request for views": (MET_AFTERWARDS, "view_request/1", "2026-12-24 10:00"),
    "the views that differ": (DIFFERING, "disagreement/1", "2026-12-24 12:00"),
    "the first nudge for the Panel's answer": (ENDED, "panel_nudge/1", "2027-01-11 09:00"),
    "the first nudge to reconsider": (DISAGREED, "reconsideration_nudge/1-1", "2027-01-14 09:00"),
    "the withdrawal": (
        after(("day 1 10:00", withdrawal()), start=ASKED),
        "withdrawal",
        "2026-12-08 10:00",
    ),
    "a letter that came back": (
        after(("day 1 10:00", failed("request/icb")), start=ASKED),
        "undelivered/request/icb",
        "2026-12-08 10:00",
    ),
    "a letter sent again": (
        after(("day 14 10:00", SendAgain(letter="submission/1/panel", by=WHO)), start=REFUSED),
        "resending/submission/1/panel",
        "2026-12-29 10:00",
    ),
}
"""For every kind of step: a case in which it is open, its key, when it is due (UTC)."""


@pytest.mark.parametrize("name", OPENS)
def test_when_a_step_opens(name: str) -> None:
    """It is among the open steps, under its key, at its moment."""
    stands, key, due = OPENS[name]
    assert open_steps(stands).get(key) == due


def test_every_kind_of_step_is_among_these() -> None:
    """No step of the rules is left out of the table above."""
    assert {key.split("/")[0] for _, key, _ in OPENS.values()} == set(StepKind)


@pytest.mark.parametrize("name", OPENS)
def test_a_step_carried_out_closes(name: str) -> None:
    """Once carried out it is open no more, unless something new of its kind is to be done."""
    stands, key, _ = OPENS[name]
    step = next(step for step in every_step(stands) if step.key == key)
    stands, _ = carried_out(stands, step, step.due)
    assert key not in open_steps(stands)


CLOSES: dict[str, tuple[Case, str, Callable[[Case], Case]]] = {
    "a lead who has signed need not hear how": (
        after(("day 13 11:00", ON_THE_REPORT), start=DRAFTED),
        "how_to_sign/1/health",
        lambda c: after(("day 13 12:00", signed("health")), start=c),
    ),
    "a lead's mail on version 1 says nothing of version 2": (
        after(("day 13 11:00", ON_THE_REPORT), start=DRAFTED),
        "how_to_sign/1/health",
        lambda c: after(("day 13 12:00", drafted("b")), start=c),
    ),
    "a meeting booked needs no nudge": (
        ASKED,
        "meeting_nudge",
        lambda c: after(("day 2 10:00", booked()), start=c),
    ),
    "a meeting held needs no escalation": (
        ASKED,
        "meeting_escalation",
        lambda c: after(("day 11 13:00", held()), start=c),
    ),
    "a meeting held needs no invitation": (
        after(("day 1 10:00", booked()), start=ASKED),
        "invitation/0",
        lambda c: after(("day 11 13:00", held()), start=c),
    ),
    "a meeting moved is not invited to as it was": (
        after(("day 1 10:00", booked()), start=ASKED),
        "invitation/0",
        lambda c: after(("day 1 10:01", booked(starts_at=at("day 12 10:00"))), start=c),
    ),
    "a draft is not missing": (
        ASKED,
        "draft_escalation",
        lambda c: after(("day 13 10:00", drafted()), start=c),
    ),
    "an amended version needs no reminder to sign": (
        DRAFTED,
        "sign_off_reminder",
        lambda c: after(("day 13 11:00", signed(answer="amend", note="Say more.")), start=c),
    ),
    "a signed report is not asked about": (
        DRAFTED,
        "sign_off_request/1",
        lambda c: after(*(("day 13 15:00", signed(lead)) for lead in LEADS), start=c),
    ),
    "a next version takes the amendment's place": (
        AMENDED,
        "amendment/1",
        lambda c: after(("day 13 12:00", drafted("b")), start=c),
    ),
    "a decision needs no nudge": (
        SUBMITTED,
        "decision_nudge/1",
        lambda c: after(("day 14 10:00", decided()), start=c),
    ),
    "a report sent needs no escalation": (
        ASKED,
        "submission_escalation",
        lambda c: c.with_(submitted_at=at("day 15 10:00")),
    ),
    "a report sent needs no checkpoint": (
        ASKED,
        "agency_checkpoint",
        lambda c: c.with_(submitted_at=at("day 15 10:00")),
    ),
}


@pytest.mark.parametrize("name", CLOSES)
def test_what_closes_a_step_that_was_not_carried_out(name: str) -> None:
    """A fact makes the step needless: it is open before and not after."""
    stands, key, happens = CLOSES[name]
    assert key in open_steps(stands)
    assert key not in open_steps(happens(stands))


def test_a_meeting_booked_but_not_held_is_still_escalated() -> None:
    """Booking is not holding."""
    assert "meeting_escalation" in open_steps(after(("day 2 10:00", booked()), start=ASKED))


def test_a_draft_of_day_14_is_not_reminded_of_the_same_morning() -> None:
    """A draft put before the leads after the reminder's hour needs none."""
    stands = after(("day 11 13:00", held()), ("day 14 09:00", drafted()))
    assert "sign_off_reminder" not in open_steps(stands)
    assert "sign_off_reminder" in open_steps(after(("day 11 13:00", held()), ("day 14 08:59", drafted())))


def test_a_report_refused_by_the_panels_server_is_not_written_again_by_itself() -> None:
    """It waits for a person; the leads are not asked again."""
    assert [key for key in open_steps(REFUSED) if key.startswith(("submission/", "sign_off"))] == []


def test_who_has_returned_is_chased_no_more() -> None:
    """The others still are; when all have returned no chaser is left."""
    stands = after(("day 2 10:00", returned()), start=ASKED)
    assert "police" not in {key for key, _ in chases_left(stands)}
    assert {key for key, _ in chases_left(stands)} == set(AGENCIES) - {"police"}
    everyone = [("day 2 10:00", returned(id=key, agency=key)) for key in AGENCIES]
    stands = after(*everyone, start=ASKED)
    assert chases_left(stands) == []
    assert [k for k in open_steps(stands) if k.startswith(("reminder", "overdue", "escalation"))] == []


def test_nobody_is_chased_who_was_not_asked() -> None:
    """Until its request has gone an agency owes nothing."""
    assert chases_left(case()) == []


def test_a_chase_is_due_from_its_minute() -> None:
    """Nothing a minute before; every agency on the minute."""
    early, sharp = at("day 6 08:59"), at("day 6 09:00")
    assert chases_due(ASKED, ChaseKind.REMINDER, early) == []
    assert [(key, c.key) for key, c in chases_due(ASKED, ChaseKind.REMINDER, sharp)] == [
        (key, "reminder/1") for key in AGENCIES
    ]


def test_of_several_reminders_passed_only_the_latest_counts() -> None:
    """After an outage each agency is reminded once."""
    due = chases_due(ASKED, ChaseKind.REMINDER, at("day 8 12:00"))
    assert [(key, c.key) for key, c in due] == [(key, "reminder/2") for key in AGENCIES]


def test_who_is_told_that_it_is_late_is_not_reminded_as_well() -> None:
    """From the overdue notice on, reminders are spared; notice and escalation are not."""
    now = at("day 10 12:00")
    assert chases_due(ASKED, ChaseKind.REMINDER, now) == []
    assert len(chases_due(ASKED, ChaseKind.OVERDUE, now)) == len(AGENCIES)
    assert len(chases_due(ASKED, ChaseKind.ESCALATION, now)) == len(AGENCIES)


def test_the_step_due_first_comes_first() -> None:
    """As the case opens that is the request; then the nudge of Day 3."""
    first, second = next_step(case()), next_step(ASKED)
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == (StepKind.REQUEST, StepKind.MEETING_NUDGE)


def test_a_fact_that_moves_nothing_leaves_the_next_step_as_it_was() -> None:
    """An ordinary return does not re-arm the timer."""
    assert next_step(after(("day 2 10:00", returned()), start=ASKED)) == next_step(ASKED)


def test_nothing_is_next_before_the_dates_or_after_the_end() -> None:
    """A case without dates, and one concluded, wait for nothing."""
    assert next_step(Case.opened(opening(), at("day 0 15:21"))) is None
    assert next_step(SUBMITTED.with_(concluded_at=at("day 14 10:00"))) is None


@pytest.mark.parametrize(
    ("ends", "leaves"),
    [
        ("day 9 08:59", "day 9 09:00"),
        ("day 9 09:00", "day 9 09:00"),
        ("day 9 12:00", "day 9 12:00"),
        ("day 9 16:59", "day 9 16:59"),
        ("day 9 17:00", "day 10 09:00"),
        ("day 9 23:00", "day 10 09:00"),
        ("day 10 03:00", "day 10 09:00"),
        ("saturday", "day 10 09:00"),
    ],
)
def test_a_notice_missed_in_an_outage_leaves_in_working_hours(ends: str, leaves: str) -> None:
    """Nobody is chased at night or at a weekend, whenever the outage ends."""
    now = at("day 9 12:00") + timedelta(days=1) if ends == "saturday" else at(ends)
    stands, _ = lived(ASKED, at("day 8 08:00"))
    step = next_step(stands, now)
    assert step is not None
    assert (step.kind, step.due) == (StepKind.OVERDUE, at(leaves))


def test_what_answers_an_event_leaves_at_any_hour() -> None:
    """Requests, invitations and the report itself do not wait for the morning."""
    night = at("day 2 23:00")
    for stands, kind in (
        (after(("day 2 20:00", added()), start=ASKED), StepKind.REQUEST),
        (after(("day 2 20:00", booked()), start=ASKED), StepKind.INVITATION),
    ):
        step = next_step(stands, night)
        assert step is not None
        assert (step.kind, step.due) == (kind, at("day 2 20:00"))


def test_a_chaser_from_before_the_asking_is_never_sent() -> None:
    """A case opened late chases nobody for days on which nothing had been asked."""
    stands, _ = caught_up(case(), at("day 6 10:00"))
    assert {c.key for _, c in chases_left(stands)} == {"reminder/2", "overdue/1", "escalation/1"}
    sharp, _ = caught_up(case(), at("day 6 09:00"))
    assert chases_left(sharp) == chases_left(stands)


def test_an_extension_moves_the_chasers_and_not_the_meeting() -> None:
    """The overdue notice and the escalation follow the RFI's new date; all else stands."""
    before, now = ASKED, extended(ASKED)
    dues = {c.key: c.due for key, c in chases_left(now) if key == "police"}
    assert dues["overdue/1"] == at("day 12 09:00")
    assert dues["escalation/1"] == at("day 13 09:00")
    assert open_steps(now)["meeting_escalation"] == open_steps(before)["meeting_escalation"]


def test_the_days_are_the_partnerships() -> None:
    """Another reminder day and another send hour move the first reminder."""
    stands, _ = caught_up(by_rules(rfi_reminders=(4,), send_hour="10:30"), at("day 0 15:22"))
    assert open_steps(stands)["reminder/2026-12-11"] == "2026-12-11 10:30"


def test_counting_the_sin_day_as_day_1_brings_every_date_forward() -> None:
    """Day 15 is then a working day earlier."""
    assert open_steps(by_rules(sin_day_is=1))["submission_escalation"] == "2026-12-30 09:00"


def test_the_office_is_nudged_to_decide_every_five_working_days() -> None:
    """Counted from the day the report went, over weekends and bank holidays."""
    due = [due for key, due in open_steps(SUBMITTED).items() if key.startswith("decision_nudge")]
    assert due[:3] == ["2027-01-05 09:00", "2027-01-12 09:00", "2027-01-19 09:00"]
    assert len(due) == 12


def test_a_summer_reminder_leaves_at_nine_in_london() -> None:
    """In July that is eight o'clock UTC."""
    sent = sin(
        sent_at=at("day 0 15:20").replace(month=7), incident_on=date(2026, 7, 1), aware_on=date(2026, 7, 2)
    )
    review = case(sin=sent)
    assert open_steps(review)["meeting_nudge"] == "2026-07-10 08:00"


def test_every_moment_asked_of_the_future_is_in_the_future() -> None:
    """Just after the case has opened, whatever is still open lies ahead."""
    assert all(step.due > at("day 0 15:22") for step in _open_steps(ASKED))


def test_a_fact_taken_is_acted_on_at_once() -> None:
    """What answers an event is due when the event happened, whatever the hour or weekday."""
    saturday_night = at("day 5 22:00") - timedelta(days=2)
    step = next_step(apply(booked(), ASKED, saturday_night))
    assert step is not None
    assert (step.key, step.due) == ("invitation/0", saturday_night)
