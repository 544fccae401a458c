"""What carrying out a step leaves behind: its marks, its breaches, what became of its letters, the end."""

from datetime import date, datetime, timedelta

import pytest

from domain.case import Case, Stage
from domain.errors import Refused
from domain.facts import apply
from domain.letters import letters
from domain.messages import Delivery, Letter, RecipientKind, SendAgain
from domain.performing import concluded, conclusion, performed
from domain.record import Event
from domain.step import Performance
from domain.steps import ReviewStep, StepKind, next_step
from tests.domain.test_facts import (
    DECIDED,
    SIGNED,
    WHO,
    added,
    after,
    confirmed_by_all,
    decided,
    drafted,
    held,
    returned,
)
from tests.sample import AGENCIES, at, case

ENOUGH = 60
"""More steps than any one moment of a review can call for."""


def delivered(written: tuple[Letter, ...], refused: tuple[str, ...] = ()) -> tuple[Delivery, ...]:
    """What became of letters: sent, but for those whose keys are given, whose mailboxes do not exist."""
    return tuple(
        Delivery(letter=one.key, to=one.to, outcome="refused", status="5.1.1")
        if one.key in refused
        else Delivery(letter=one.key, to=one.to, outcome="sent")
        for one in written
    )


def carried_out(
    stands: Case, step: ReviewStep, now: datetime, *refused: str
) -> tuple[Case, tuple[Letter, ...]]:
    """The case after one step, as the workflow carries it out, and the letters it wrote."""
    written = letters(stands, step, now)
    done = Performance(step=step, began_at=now, letters=written, deliveries=delivered(written, refused))
    return concluded(performed(stands, done, now), now), written


def caught_up(stands: Case, now: datetime, *refused: str) -> tuple[Case, tuple[Letter, ...]]:
    """The case after every step due by ``now`` is carried out at that moment, as after an outage."""
    posted: list[Letter] = []
    for _ in range(ENOUGH):
        step = next_step(stands, now)
        if step is None or step.due > now:
            return stands, tuple(posted)
        stands, written = carried_out(stands, step, now, *refused)
        posted += written
    raise AssertionError(f"The steps of {now} never end: {step}.")


def lived(stands: Case, until: datetime, *refused: str) -> tuple[Case, tuple[Letter, ...]]:
    """The case after every step due by ``until`` is carried out at its own moment."""
    posted: list[Letter] = []
    clock = stands.record[-1].at
    for _ in range(ENOUGH):
        step = next_step(stands, clock)
        if step is None or step.due > until:
            return stands, tuple(posted)
        clock = max(clock, step.due)
        stands, written = carried_out(stands, step, clock, *refused)
        posted += written
    raise AssertionError(f"The steps up to {until} never end: {step}.")


def test_asking_marks_every_agency_written_to() -> None:
    """Asked from the moment the letters were begun."""
    stands, _ = caught_up(case(), at("day 0 15:22"))
    assert {r.asked_at for r in stands.requests.values()} == {at("day 0 15:22")}
    assert stands.record[-1].says.startswith("request/2026-12-07T152100Z: 11 of 11 letters sent.")
    assert stands.record[-1].event is Event.LETTERS_SENT


def test_an_agency_added_while_others_are_being_asked_is_still_to_be_asked() -> None:
    """Only those whose letters were written are marked; the newcomer is asked next."""
    step, began = next_step(case()), at("day 0 15:30")
    assert step is not None
    written = letters(case(), step, began)
    meanwhile = apply(added(), case(), at("day 0 15:31"))
    done = Performance(step=step, began_at=began, letters=written, deliveries=delivered(written))
    stands = performed(meanwhile, done, at("day 0 15:32"))
    asked = [key for key, request in stands.requests.items() if request.asked_at]
    assert asked == list(AGENCIES)
    following = next_step(stands)
    assert following is not None
    assert [w.key for w in letters(stands, following, at("day 0 15:33"))] == [
        _request("voluntary-sector", stands)
    ]


def _request(key: str, stands: Case) -> str:
    """The key of the request to an agency, as the rules write it."""
    step = next_step(stands)
    assert step is not None
    return next(w.key for w in letters(stands, step, at("day 0 15:33")) if w.to.key == key)


def test_a_chase_of_a_later_moment_is_not_marked() -> None:
    """The first reminder is done; the second and the escalation are still to come."""
    stands, _ = lived(case(), at("day 6 09:00"))
    assert stands.requests["police"].chased == {"reminder/1"}
    assert [c.key for c in stands.requests["police"].chases_left()] == [
        "reminder/2",
        "overdue/1",
        "escalation/1",
    ]


def test_the_overdue_notice_puts_each_agency_on_record() -> None:
    """One missed date for each agency that has not returned, against the date it was given."""
    stands, _ = lived(after(("day 3 10:00", returned())), at("day 9 09:00"))
    missed = [(b.milestone, b.agency, b.due) for b in stands.breaches]
    assert missed == [("rfi_due", key, at("day 8 17:00")) for key in AGENCIES if key != "police"]
    said = [e.says for e in stands.record if e.event is Event.DATE_BREACHED]
    assert said[0] == "Request for Information due Thu 17 Dec 2026 17:00 was missed by The icb agency."


@pytest.mark.parametrize(
    ("before", "on", "milestone"),
    [
        ("day 13 08:59", "day 13 09:00", "meeting_window_closes"),
        ("day 14 08:59", "day 14 09:00", "draft_due"),
        ("day 16 08:59", "day 16 09:00", "panel_submission_due"),
    ],
)
def test_a_missed_date_is_on_record_the_next_working_morning(before: str, on: str, milestone: str) -> None:
    """Each escalation notes its own date, once, and the case goes on."""
    early, _ = lived(case(), at(before))
    late, _ = lived(early, at(on))
    assert milestone not in {b.milestone for b in early.breaches}
    assert [b.milestone for b in late.breaches].count(milestone) == 1
    later, _ = lived(late, at("day 30 09:00"))
    assert [b.milestone for b in later.breaches].count(milestone) == 1


def test_a_return_in_time_recorded_after_the_overdue_notice_takes_the_miss_back() -> None:
    """Facts count from when they were received: what came in time is not shown as missed."""
    stands, _ = lived(case(), at("day 9 09:00"))
    stands = after(("day 9 11:00", returned(received_at=at("day 8 16:00"))), start=stands)
    assert not stands.requests["police"].returns[0].late
    assert "police" not in {b.agency for b in stands.overdue(at("day 9 12:00"))}


def test_a_meeting_held_in_time_recorded_after_its_escalation_takes_the_miss_back() -> None:
    """It was held on Day 12 and recorded on Day 13: it is not shown as missed."""
    stands, _ = lived(case(), at("day 13 09:00"))
    stands = after(("day 13 11:00", held(held_at=at("day 12 10:00"))), start=stands)
    assert "meeting_window_closes" not in {b.milestone for b in stands.overdue(at("day 13 12:00"))}


def test_a_refused_letter_is_a_task_with_the_letter_kept() -> None:
    """Whom it was for, the code, and the letter to be sent again; the record says how many went."""
    refused = next(w.key for w in caught_up(case(), at("day 0 15:22"))[1] if w.to.key == "icb")
    step = next_step(case())
    assert step is not None
    stands, _ = carried_out(case(), step, at("day 0 15:22"), refused)
    task = stands.undelivered[0]
    assert (task.key, str(task.to), task.status) == (refused, "agency:icb", "5.1.1")
    assert task.letter is not None
    said = [e.says for e in stands.record[-2:]]
    assert said[0].endswith("10 of 11 letters sent.")
    assert said[1] == f"The letter {refused} was refused (5.1.1). It is a task for the office."
    assert stands.requests["icb"].asked_at == at("day 0 15:22")


def test_a_refused_letter_is_told_once_and_sent_again_once() -> None:
    """The office hears of it; once sent again it is settled and asks for nothing more."""
    first = next(w.key for w in caught_up(case(), at("day 0 15:22"))[1] if w.to.key == "icb")
    stands, posted = caught_up(case(), at("day 0 15:22"), first)
    assert [w.template for w in posted].count("undelivered") == 1
    stands = apply(SendAgain(letter=first, by=WHO), stands, at("day 1 10:00"))
    stands, posted = caught_up(stands, at("day 1 10:00"))
    assert [(w.key, w.template, str(w.to)) for w in posted] == [
        (f"{first}/again", "request-for-information", "agency:icb")
    ]
    assert stands.undelivered[0].settled
    assert caught_up(stands, at("day 1 11:00"))[1] == ()


def test_a_letter_refused_again_can_be_sent_a_third_time() -> None:
    """Each refusal is a task of its own, under a key of its own."""
    first = next(w.key for w in caught_up(case(), at("day 0 15:22"))[1] if w.to.key == "icb")
    stands, _ = caught_up(case(), at("day 0 15:22"), first)
    for again in (first, f"{first}/again"):
        stands = apply(SendAgain(letter=again, by=WHO), stands, at("day 1 10:00"))
        stands, _ = caught_up(stands, at("day 1 10:00"), f"{first}/again")
    assert [(u.key, u.settled) for u in stands.undelivered] == [(first, True), (f"{first}/again", True)]


def test_a_refused_letter_to_the_office_is_not_mailed_to_the_office() -> None:
    """It is on the list of things to do, and starts no circle of letters."""
    stands, _ = lived(case(), at("day 2 10:00"))
    nudge = next(w.key for w in lived(stands, at("day 3 09:00"))[1] if w.template == "meeting-nudge")
    stands, posted = lived(stands, at("day 3 09:00"), nudge)
    assert [u.key for u in stands.undelivered] == [nudge]
    assert [w.template for w in posted] == ["meeting-nudge"]


def test_the_report_is_submitted_when_the_panels_server_has_taken_it() -> None:
    """The moment is that of the sending; the record says which version."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    assert (stands.submitted_at, stands.stage) == (at("day 13 15:01"), Stage.SUBMITTED)
    assert "Version 1 went to the Panel." in [e.says for e in stands.record]
    assert "panel_submission_due" not in {b.milestone for b in stands.breaches}


def test_a_report_the_panels_server_refused_is_not_submitted() -> None:
    """Nothing counts as sent until a sending again has arrived."""
    panel = next(w.key for w in caught_up(SIGNED, at("day 13 15:01"))[1] if w.to.kind is RecipientKind.PANEL)
    stands, _ = caught_up(SIGNED, at("day 13 15:01"), panel)
    assert (stands.submitted_at, stands.stage) == (None, Stage.SIGNING)
    stands = apply(SendAgain(letter=panel, by=WHO), stands, at("day 14 10:00"))
    stands, _ = caught_up(stands, at("day 14 10:00"))
    assert stands.submitted_at == at("day 14 10:00")


def test_a_signed_report_that_never_arrives_is_escalated_as_late() -> None:
    """Every lead has signed, the Panel's server refuses, Day 15 passes: that is a missed date too."""
    panel = next(w.key for w in caught_up(SIGNED, at("day 13 15:01"))[1] if w.to.kind is RecipientKind.PANEL)
    stands, _ = caught_up(SIGNED, at("day 13 15:01"), panel)
    stands, posted = lived(stands, at("day 16 09:00"))
    assert "panel_submission_due" in {b.milestone for b in stands.breaches}
    assert "submission-late" in {w.template for w in posted}


def test_actions_recorded_while_the_report_is_on_its_way_are_sent_after_it() -> None:
    """The report's own letters knew nothing of them: they are not taken as told."""
    action = {"agency": "police", "action": "Tell every desk.", "due_on": date(2026, 12, 31)}
    stands, now = after(("day 13 10:00", drafted()), *confirmed_by_all()), at("day 13 15:01")
    stands, _ = caught_up(stands, at("day 13 14:59"))
    step = next_step(stands, now)
    assert step is not None
    assert step.kind is StepKind.SUBMISSION
    written = letters(stands, step, now)
    meanwhile = after(("day 13 15:02", held(immediate_actions=(action,))), start=stands)
    done = Performance(step=step, began_at=now, letters=written, deliveries=delivered(written))
    stands, posted = caught_up(performed(meanwhile, done, at("day 13 15:03")), at("day 13 15:03"))
    assert [(w.template, str(w.to)) for w in posted] == [("immediate-actions", "agency:police")]
    assert caught_up(stands, at("day 13 15:04"))[1] == ()


def test_a_refused_copy_does_not_hold_the_report() -> None:
    """The Panel has it; the copy to Ofsted is a task for the office."""
    copy = next(w.key for w in caught_up(SIGNED, at("day 13 15:01"))[1] if w.to.kind is RecipientKind.OFSTED)
    stands, _ = caught_up(SIGNED, at("day 13 15:01"), copy)
    assert stands.submitted_at == at("day 13 15:01")
    assert [u.key for u in stands.undelivered] == [copy]


@pytest.mark.parametrize(("minute", "missed"), [("day 15 17:00", False), ("day 15 17:01", True)])
def test_a_report_after_day_15_is_a_missed_date(minute: str, missed: bool) -> None:  # noqa: FBT001 - a table's column
    """A minute after 17:00 is late, though every lead had signed."""
    signing = after(("day 11 13:00", held()), ("day 13 10:00", drafted()))
    signing, _ = lived(signing, at("day 15 16:00"))
    facts = [(minute, fact) for _, fact in confirmed_by_all()]
    stands, _ = caught_up(after(*facts, start=signing), at(minute))
    assert stands.submitted_at == at(minute)
    assert ("panel_submission_due" in {b.milestone for b in stands.breaches}) == missed


def test_a_review_ends_submitted_and_decided() -> None:
    """The report has gone and the leads have decided: nothing is left to wait for."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    assert stands.concluded_at is None
    stands = concluded(after(("day 14 10:00", decided()), start=stands), at("day 14 10:00"))
    assert (stands.concluded_at, stands.stage) == (at("day 14 10:00"), Stage.CONCLUDED)
    assert (stands.record[-1].event, stands.record[-1].says) == (
        Event.REVIEW_CONCLUDED,
        "Concluded: no CSPR.",
    )
    assert next_step(stands) is None


def test_a_decision_before_the_report_ends_nothing() -> None:
    """The review waits for the report to go."""
    assert concluded(DECIDED, at("day 12 11:00")) == DECIDED


def test_a_report_sent_before_its_meeting_was_recorded_can_still_be_decided() -> None:
    """The office forgot to record the meeting: it is recorded after the report went, and the review ends."""
    stands = after(("day 13 10:00", drafted()), *confirmed_by_all())
    stands, _ = caught_up(stands, at("day 13 15:01"))
    assert stands.submitted_at == at("day 13 15:01")
    stands = after(("day 14 10:00", held()), ("day 14 10:05", decided()), start=stands)
    assert concluded(stands, at("day 14 10:05")).concluded_at == at("day 14 10:05")


def test_a_review_does_not_end_with_a_letter_unwritten() -> None:
    """What is still to be told is told before the review closes."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    stands = after(("day 13 16:00", returned()), ("day 13 16:01", decided()), start=stands)
    assert concluded(stands, at("day 13 16:01")).concluded_at is None
    stands, posted = caught_up(stands, at("day 13 16:02"))
    assert [w.template for w in posted] == ["return-after-draft"]
    assert stands.concluded_at == at("day 13 16:02")


def test_an_undecided_review_does_not_end_when_its_nudges_do() -> None:
    """After the twelfth nothing is due any more, and the review still waits for its decision."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    stands, posted = lived(stands, at("day 90 12:00"))
    assert [w.template for w in posted] == ["decision-nudge"] * 12
    assert (next_step(stands, at("day 90 12:00")), stands.concluded_at) == (None, None)


def test_a_review_ends_once() -> None:
    """A review that has ended does not end again."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    stands = concluded(after(("day 14 10:00", decided()), start=stands), at("day 14 10:00"))
    assert concluded(stands, at("day 15 10:00")) == stands


def test_how_a_review_ended() -> None:
    """Its outcome, when the report went, how many dates were missed, how many versions."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    with pytest.raises(Refused, match="RR-2026-90 has not ended: it is at the stage submitted"):
        conclusion(stands)
    ended = conclusion(after(("day 14 10:00", decided()), start=stands))
    assert (ended.reference, str(ended.outcome), ended.versions) == ("RR-2026-90", "no_cspr", 1)
    assert (ended.submitted_at, ended.breaches) == (at("day 13 15:01"), len(stands.breaches))


def test_a_decision_alone_is_no_end() -> None:
    """A decision without a report has not ended the review."""
    with pytest.raises(Refused, match="at the stage drafting"):
        conclusion(DECIDED)


def test_an_outage_ends_in_one_reminder_and_not_in_several() -> None:
    """Two mornings were missed: each agency gets the second reminder and no first."""
    stands, _ = lived(case(), at("day 5 12:00"))
    _, posted = caught_up(stands, at("day 7 12:00"))
    reminders = [w for w in posted if w.template == "reminder"]
    assert [(w.to.key, w.facts["number"]) for w in reminders] == [(key, "2") for key in AGENCIES]


def test_an_outage_past_the_due_day_reminds_nobody() -> None:
    """Who is told that it is late is not reminded as well, then or later."""
    stands, _ = lived(case(), at("day 5 12:00"))
    stands, posted = caught_up(stands, at("day 9 12:00"))
    assert "reminder" not in {w.template for w in posted}
    assert [w.template for w in posted].count("overdue") == len(AGENCIES)
    assert "reminder" not in {w.template for w in lived(stands, at("day 20 12:00"))[1]}


def test_an_outage_ends_in_one_decision_nudge_and_not_in_several() -> None:
    """Three nudges were missed: the office is asked once for its decision."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    _, posted = caught_up(stands, at("day 30 12:00"))
    assert [w.template for w in posted] == ["decision-nudge"]


def test_nothing_of_a_step_is_done_twice() -> None:
    """A step carried out is not the next step again; a silent review goes through the guide's, each once."""
    stands, kinds = case(), []
    for _ in range(ENOUGH):
        step = next_step(stands)
        if step is None or step.due > at("day 20 12:00"):
            break
        kinds.append(step.kind)
        stands, _ = carried_out(stands, step, step.due + timedelta(minutes=1))
        assert next_step(stands) != step
    assert kinds == [
        StepKind.REQUEST,
        StepKind.MEETING_NUDGE,
        StepKind.CHECKPOINT,
        StepKind.REMINDER,
        StepKind.REMINDER,
        StepKind.OVERDUE,
        StepKind.ESCALATION,
        StepKind.MEETING_ESCALATION,
        StepKind.DRAFT_ESCALATION,
        StepKind.SUBMISSION_ESCALATION,
    ]


def test_performing_leaves_the_given_case_as_it_was() -> None:
    """Performing is pure: a case is replaced, never changed."""
    stands, before = case(), case().model_dump_json()
    lived(stands, at("day 20 12:00"))
    assert stands.model_dump_json() == before
