"""A follow-up from its opening to its end: who is written to, and when."""

from datetime import date

import pytest

from domain.calendar import Calendar
from domain.errors import Refused
from domain.follow_up.facts import apply
from domain.follow_up.performing import ending
from domain.follow_up.state import FollowUpStage
from domain.messages import FollowUpRules
from domain.record import Event
from tests.domain.follow_up.played import Played, at, closing, evidence, move, opened, replan, withdrawal


def test_an_owner_who_shows_nothing_is_reminded_told_and_escalated() -> None:
    """Reminders, overdue to owner and representative, then strategic lead and office, then the office."""
    assert Played(opened()).until("2027-02-05 10:00").mail() == [
        ("Mon 7 Dec 2026 12:00", "follow-up-opened", "agency:housing"),
        ("Mon 21 Dec 2026 09:00", "follow-up-reminder", "agency:housing"),
        ("Tue 29 Dec 2026 09:00", "follow-up-reminder", "agency:housing"),
        ("Thu 31 Dec 2026 09:00", "follow-up-overdue", "agency:housing"),
        ("Thu 31 Dec 2026 09:00", "follow-up-late", "representative:housing"),
        ("Thu 7 Jan 2027 09:00", "follow-up-escalation", "lead:local-authority"),
        ("Thu 7 Jan 2027 09:00", "follow-up-waiting", "office"),
        ("Thu 21 Jan 2027 09:00", "follow-up-waiting", "office"),
        ("Thu 4 Feb 2027 09:00", "follow-up-waiting", "office"),
    ]


def test_a_lead_who_owns_an_action_answers_to_the_partner() -> None:
    """A strategic lead has no representative: the lead safeguarding partner hears, and hears again."""
    mail = Played(opened(owner="health")).until("2027-01-08 10:00").mail()
    assert [whom for _, _, whom in mail[3:]] == ["lead:health", "partner:health", "partner:health", "office"]


def test_an_owner_told_already_is_not_told_again() -> None:
    """An immediate action went out with the report."""
    assert Played(opened(told=True)).until("2026-12-08 10:00").mail() == []


def test_nobody_is_chased_after_showing_that_it_is_done() -> None:
    """The office is asked at once to have it closed, and asked again every ten working days."""
    played = Played(opened(told=True)).until("2026-12-28 10:00").tell(evidence())
    assert played.follow_up.stage is FollowUpStage.EVIDENCED
    assert played.until("2027-01-13 10:00").mail()[1:] == [
        ("Mon 28 Dec 2026 10:00", "follow-up-evidence", "office"),
        ("Tue 12 Jan 2027 09:00", "follow-up-waiting", "office"),
    ]


def test_a_second_person_closes_and_the_owner_hears() -> None:
    """Nothing is left to do then, and how it ended is told."""
    played = Played(opened(told=True)).until("2026-12-15 10:00").tell(evidence()).tell(closing())
    assert played.mail()[-1][1:] == ("follow-up-closed", "agency:housing")
    assert played.follow_up.ended_at
    assert ending(played.follow_up).model_dump() == {
        "reference": "RR-2026-90",
        "number": 3,
        "closed": True,
        "late_by": 0,
    }
    assert len(played.until("2027-06-01 10:00").mail()) == 2


def test_a_withdrawn_action_ends_and_its_owner_hears() -> None:
    """Whatever was still to be sent is not."""
    played = Played(opened()).until("2026-12-15 10:00").tell(withdrawal()).until("2027-03-01 10:00")
    assert [template for _, template, _ in played.mail()] == ["follow-up-opened", "follow-up-withdrawn"]
    assert (played.follow_up.stage, ending(played.follow_up).closed) == (FollowUpStage.WITHDRAWN, False)


def test_a_moved_date_moves_the_reminders_and_keeps_the_original() -> None:
    """Lateness is measured against the first date."""
    played = Played(opened(told=True)).until("2026-12-22 10:00").tell(move(date(2027, 1, 15)))
    played.until("2027-01-15 10:00").tell(evidence())
    assert [when for when, _, _ in played.mail()] == [
        "Mon 21 Dec 2026 09:00",
        "Tue 22 Dec 2026 10:00",
        "Fri 8 Jan 2027 09:00",
        "Thu 14 Jan 2027 09:00",
        "Fri 15 Jan 2027 10:00",
    ]
    assert played.sent[1][1].facts["original"] == "Wed 30 Dec 2026 17:00"
    assert played.follow_up.late_by(played.now) == 11


PROCLAIMED = Calendar.english(proclaimed={date(2026, 12, 30): "A jubilee"})
"""A calendar on which the due day has become a bank holiday."""


def test_a_new_bank_holiday_moves_the_due_date() -> None:
    """The owner is told, what follows moves with it, and asking again changes nothing."""
    played = Played(opened(told=True)).until("2026-12-15 10:00").tell(replan(), PROCLAIMED)
    assert played.follow_up.record[-2].says.startswith(
        "Due date moved: was Wed 30 Dec 2026 17:00, now Thu 31 Dec 2026 17:00."
    )
    with pytest.raises(Refused, match="Nothing was changed"):
        played.tell(replan(), PROCLAIMED)
    assert [when for when, _, _ in played.until("2027-01-05 08:00").mail()] == [
        "Tue 15 Dec 2026 10:00",
        "Mon 21 Dec 2026 09:00",
        "Tue 29 Dec 2026 09:00",
        *["Mon 4 Jan 2027 09:00"] * 2,
    ]


def test_a_bank_holiday_that_moves_only_a_reminder_is_taken_without_a_letter() -> None:
    """Nobody is told of a date that stands."""
    calendar = Calendar.english(proclaimed={date(2026, 12, 29): "A jubilee"})
    played = Played(opened(told=True)).until("2026-12-15 10:00").tell(replan(), calendar)
    assert played.mail() == []
    assert [when for when, _, _ in played.until("2026-12-30 08:00").mail()] == [
        "Fri 18 Dec 2026 09:00",
        "Thu 24 Dec 2026 09:00",
    ]


def test_a_replan_after_the_escalation_escalates_no_more() -> None:
    """What was sent stays sent, whatever the calendar then says of later days."""
    calendar = Calendar.english(proclaimed={date(2027, 1, 20): "A jubilee"})
    played = Played(opened(told=True)).until("2027-01-08 10:00")
    before = played.mail()
    played.tell(replan(), calendar)
    assert played.follow_up.record[-1].says.startswith("No date moves; the days to come are counted")
    assert played.mail() == before


def test_a_breach_is_noted_once() -> None:
    """An action moved after it was overdue, and overdue again, was missed once."""
    played = (
        Played(opened()).until("2027-01-04 10:00").tell(move(date(2027, 1, 15))).until("2027-02-01 10:00")
    )
    assert [t for _, t, _ in played.mail()].count("follow-up-overdue") == 2
    assert [entry.event for entry in played.follow_up.record].count(Event.DATE_BREACHED) == 1


def test_missed_notices_collapse_into_the_latest() -> None:
    """After an outage over reminder, due date and escalation, only the escalation goes, in working hours."""
    played = Played(opened(told=True))
    played.now = at("2027-01-09 03:00")
    assert played.until("2027-01-12 10:00").mail() == [
        ("Mon 11 Jan 2027 09:00", "follow-up-escalation", "lead:local-authority"),
        ("Mon 11 Jan 2027 09:00", "follow-up-waiting", "office"),
    ]


def test_an_action_handed_over_late_is_told_of_in_the_next_working_hours() -> None:
    """Handed over on a Friday evening, weeks after it was due: its owner hears on Monday."""
    late = opened(at("2026-12-11 18:00"), told=True, due_on=date(2026, 12, 1))
    assert Played(late).until("2026-12-14 12:00").mail() == [
        ("Mon 14 Dec 2026 09:00", "follow-up-overdue", "agency:housing"),
        ("Mon 14 Dec 2026 09:00", "follow-up-late", "representative:housing"),
    ]


def test_the_wording_goes_sealed_and_only_to_the_owner() -> None:
    """No other letter carries it, and no fact of a letter repeats it."""
    sent = [letter for _, letter in Played(opened()).until("2027-02-05 10:00").sent]
    carrying = {letter.template for letter in sent if letter.actions}
    assert carrying == {"follow-up-opened", "follow-up-reminder", "follow-up-overdue"}
    assert [x for x in sent if "Brief every team." in str(x.facts)] == []


def test_no_letters_key_is_used_twice() -> None:
    """A key is a letter for ever: it begins with the process and the action's number."""
    played = (
        Played(opened()).until("2027-01-04 10:00").tell(move(date(2027, 1, 15))).until("2027-03-01 10:00")
    )
    keys = [letter.key for _, letter in played.sent]
    assert len(keys) == len(set(keys))
    assert all(key.startswith("follow-up/3/") for key in keys)


def test_a_refused_letter_becomes_a_task_for_the_office() -> None:
    """The office hears which letter did not arrive, once."""
    played = Played(opened(), refusing="agency:housing").until("2026-12-08 10:00")
    assert played.mail()[1:] == [("Mon 7 Dec 2026 12:00", "follow-up-undelivered", "office")]


def test_evidence_told_twice_counts_once() -> None:
    """The same mail delivered twice changes nothing."""
    once = apply(evidence(), opened(), at("2026-12-15 10:00"))
    assert apply(evidence(), once, at("2026-12-15 10:05")) == once


def test_evidence_counts_from_when_it_was_received() -> None:
    """Recorded after the due date and received before it, it is not late."""
    given = evidence(received_at=at("2026-12-30 16:59"))
    assert apply(given, opened(), at("2027-01-04 10:00")).late(at("2027-01-04 10:00")) is False


@pytest.mark.parametrize("every", [1, 7])
def test_the_office_is_told_as_often_as_the_partnership_says(every: int) -> None:
    """The number of working days between two letters is configuration."""
    rules = FollowUpRules(digest_every=every)
    played = Played(opened(told=True, rules=rules)).until("2027-01-18 10:00")
    told = [when for when, template, _ in played.mail() if template == "follow-up-waiting"]
    assert told[1] == {1: "Fri 8 Jan 2027 09:00", 7: "Mon 18 Jan 2027 09:00"}[every]
