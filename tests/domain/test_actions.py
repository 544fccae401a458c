"""The actions of a case while its review runs: who hears of them and when, and what is handed over."""

from datetime import date, datetime

import pytest

from domain.actions import action
from domain.calendar import Calendar
from domain.case import Case, Stage
from domain.errors import Refused
from domain.facts import apply
from domain.follow_up.facts import plan_request as follow_up_request
from domain.follow_up.facts import planned as planned_again
from domain.follow_up.hand_over import handed_over, noted
from domain.follow_up.messages import TellAction
from domain.follow_up.planning import plan_follow_up
from domain.follow_up.state import FollowUp, FollowUpStage
from domain.follow_up.steps import news_step
from domain.letters import letters
from domain.messages import Letter, Message, PlanLearning
from domain.performing import concluded, performed
from domain.planning import plan
from domain.plans import plan_request, replanned
from domain.standing import Task, standing
from domain.step import Performance
from domain.steps import StepKind, next_step
from domain.timetable import london
from tests.domain.follow_up.played import Played, closing, evidence, move
from tests.domain.follow_up.played import withdrawal as withdrawal_of_action
from tests.domain.test_facts import (
    WHO,
    after,
    confirmed_by_all,
    decided,
    drafted,
    held,
    replan,
    returned,
    withdrawal,
)
from tests.domain.test_performing import delivered, lived
from tests.sample import CALENDAR, at, case


def due(owner: str, day: str) -> dict[str, object]:
    """An immediate action of the meeting, due on a day of the review."""
    return {"agency": owner, "action": f"Something for {owner}.", "due_on": at(f"{day} 12:00").date()}


def met(*actions: dict[str, object], **opened: object) -> Case:
    """A case whose meeting on Day 10 agreed some actions, with nothing sent yet since."""
    stands, _ = lived(case(**opened), at("day 10 11:59"))
    return after(("day 10 12:00", held(held_at=at("day 10 10:00"), immediate_actions=actions)), start=stands)


def tell(stands: Case, when: str, number: int, fact: Message) -> Case:
    """The case after a fact for one of its actions."""
    return apply(TellAction.model_validate({"number": number, "fact": fact}), stands, at(when))


def of_actions(posted: tuple[Letter, ...]) -> list[tuple[str, str]]:
    """The letters about actions: template and to whom."""
    about = ("follow-up/", "immediate_actions/", "submission/1/actions")
    return [(one.template, str(one.to)) for one in posted if one.key.startswith(about)]


def reported(stands: Case) -> Case:
    """The case with its draft confirmed by everybody on Day 13."""
    return after(("day 13 10:00", drafted()), *confirmed_by_all(), start=stands)


def ended(stands: Case) -> tuple[Case, tuple[Letter, ...]]:
    """The case reported, decided and concluded on Day 13, with every letter until then."""
    stands = after(("day 13 10:00", decided()), start=reported(stands))
    stands, posted = lived(stands, at("day 13 16:00"))
    return concluded(stands, at("day 13 16:00")), posted


def goes_on(handed: FollowUp, now: datetime) -> Played:
    """A follow-up handed over, planned on the calendar as its workflow does first."""
    dates = plan_follow_up(follow_up_request(handed, now), CALENDAR)
    played = Played(planned_again(handed, dates, now))
    played.now = now
    return played


def test_an_action_due_before_the_report_is_followed_in_the_review() -> None:
    """Told at once, reminded the day before, overdue with the representative, escalated with the office."""
    stands, posted = lived(met(due("housing", "day 13")), at("day 18 10:00"))
    assert of_actions(posted) == [
        ("follow-up-opened", "agency:housing"),
        ("follow-up-reminder", "agency:housing"),
        ("follow-up-overdue", "agency:housing"),
        ("follow-up-late", "representative:housing"),
        ("follow-up-escalation", "lead:local-authority"),
        ("follow-up-waiting", "office"),
    ]
    assert action(stands, 1).breached
    assert "Action 1: Action 1 is overdue." in [entry.says for entry in stands.record]


def test_an_action_due_after_the_report_is_told_of_with_it() -> None:
    """Nothing goes before; with the report its owner is told, and a reminder already past never goes."""
    stands, posted = lived(met(due("housing", "day 17")), at("day 13 09:59"))
    assert of_actions(posted) == []
    stands, posted = lived(reported(stands), at("day 17 10:00"))
    assert of_actions(posted) == [
        ("immediate-actions", "agency:housing"),
        ("follow-up-reminder", "agency:housing"),
    ]


def test_where_the_report_is_late_owners_are_told_on_the_morning_after_it_was_due() -> None:
    """Immediate and learning actions alike; the report then advises nobody again."""
    learning = PlanLearning(owner="gp", due_on=at("day 18 12:00").date(), what="Brief all.", by=WHO)
    stands = after(("day 11 10:00", learning), start=met(due("housing", "day 17")))
    stands, posted = lived(stands, at("day 16 08:59"))
    assert of_actions(posted) == []
    stands, posted = lived(stands, at("day 16 09:00"))
    assert of_actions(posted) == [("follow-up-opened", "agency:housing"), ("follow-up-opened", "agency:gp")]
    assert london(next_step(stands, at("day 16 09:01")).due) == "Mon 4 Jan 2027 09:00"  # type: ignore[union-attr]  # there is one
    stands = after(("day 16 10:00", drafted()), start=stands)
    assert "immediate-actions" not in [one.template for one in lived(stands, at("day 16 11:00"))[1]]


def test_letters_that_fall_due_together_go_in_one_step() -> None:
    """Two owners are told at the same moment: one post, and each action marks its own."""
    stands = met(due("housing", "day 13"), due("gp", "day 13"))
    step = next_step(stands, at("day 10 12:00"))
    assert step is not None
    assert (step.key, len(step.actions)) == ("follow_up/1/opened+1", 2)
    stands, posted = lived(stands, at("day 10 12:01"))
    assert of_actions(posted) == [("follow-up-opened", "agency:housing"), ("follow-up-opened", "agency:gp")]
    assert [f.done for f in stands.follow_ups] == [{"opened"}] * 2


def test_a_fact_known_already_changes_nothing() -> None:
    """The same evidence told twice answers with the same case."""
    stands = tell(met(due("housing", "day 13")), "day 11 10:00", 1, evidence())
    assert tell(stands, "day 11 10:05", 1, evidence()) is stands
    assert stands.record[-1].says == "Action 1: Evidence 1 given by The housing agency. Four briefings held."


@pytest.mark.parametrize(
    ("stands", "number", "words"),
    [
        (met(due("housing", "day 13")), 2, "carries no action 2"),
        (met(due("housing", "day 13"), edition=1), 1, "carries no action 1"),
        (after(("day 11 10:00", withdrawal()), start=met(due("housing", "day 13"))), 1, "was withdrawn"),
    ],
    ids=["no such number", "a case of the first edition", "a withdrawn case"],
)
def test_what_is_told_of_no_action_is_refused(stands: Case, number: int, words: str) -> None:
    """The sentence says why."""
    with pytest.raises(Refused, match=words):
        tell(stands, "day 12 10:00", number, evidence())


def test_nobody_is_reminded_after_evidence() -> None:
    """The office is asked for a second person to close, and nothing else goes."""
    stands, _ = lived(met(due("housing", "day 13")), at("day 11 10:00"))
    stands, posted = lived(tell(stands, "day 11 10:00", 1, evidence()), at("day 16 08:00"))
    assert of_actions(posted) == [("follow-up-evidence", "office")]


def test_an_owner_not_told_yet_hears_of_a_moved_action_once_under_its_new_date() -> None:
    """No letter speaks of the old date."""
    stands = tell(met(due("housing", "day 17")), "day 11 10:00", 1, move(at("day 20 12:00").date()))
    _, posted = lived(reported(stands), at("day 14 10:00"))
    assert of_actions(posted) == [("immediate-actions", "agency:housing")]
    [letter] = [one for one in posted if one.template == "immediate-actions"]
    assert [sealed.due_on for sealed in letter.actions] == [at("day 20 12:00").date()]


def test_an_action_moved_before_the_report_is_told_of_at_once() -> None:
    """The day that was far is near now."""
    stands = tell(met(due("housing", "day 17")), "day 11 10:00", 1, move(at("day 14 12:00").date()))
    _, posted = lived(stands, at("day 11 10:01"))
    assert of_actions(posted) == [("follow-up-opened", "agency:housing")]


def test_an_action_that_changed_while_its_letter_was_on_its_way_is_told_of_again() -> None:
    """The owner must not be left with the old date alone."""
    stands = reported(met(due("housing", "day 17")))
    stands, _ = lived(stands, at("day 13 14:59"))
    step = next_step(stands, at("day 13 15:00"))
    assert step is not None
    assert step.kind is StepKind.SUBMISSION
    written = letters(stands, step, at("day 13 15:00"))
    stands = tell(stands, "day 13 15:00", 1, move(at("day 20 12:00").date()))
    done = Performance(step=step, began_at=at("day 13 15:00"), letters=written, deliveries=delivered(written))
    stands = performed(stands, done, at("day 13 15:01"))
    _, posted = lived(stands, at("day 16 09:00"))
    assert of_actions(posted) == [("follow-up-opened", "agency:housing")]


def test_a_withdrawn_case_ends_its_actions() -> None:
    """The owner who was told hears of it; the other has nothing to hear; nothing is handed over."""
    stands, _ = lived(met(due("housing", "day 13"), due("gp", "day 20")), at("day 11 09:00"))
    stands, posted = lived(after(("day 11 10:00", withdrawal()), start=stands), at("day 11 10:01"))
    assert of_actions(posted) == [("follow-up-withdrawn", "agency:housing")]
    stands = concluded(stands, at("day 11 10:01"))
    assert stands.concluded_at
    assert [f.stage for f in stands.follow_ups] == [FollowUpStage.WITHDRAWN] * 2
    assert handed_over(stands, at("day 11 10:01")) == ()


def test_a_review_ends_only_when_the_owner_of_a_closed_action_has_heard() -> None:
    """The letter goes first."""
    stands, _ = lived(met(due("housing", "day 13")), at("day 10 12:01"))
    stands, _ = ended(tell(stands, "day 11 10:00", 1, evidence()))
    assert stands.stage is Stage.CONCLUDED
    open_still = stands.with_(concluded_at=None)
    closed = tell(open_still, "day 13 16:00", 1, closing())
    assert concluded(closed, at("day 13 16:00")).concluded_at is None
    told, posted = lived(closed, at("day 13 16:01"))
    assert of_actions(posted) == [("follow-up-closed", "agency:housing")]
    assert concluded(told, at("day 13 16:01")).concluded_at


def test_what_is_closed_or_withdrawn_is_not_handed_over() -> None:
    """The rest is, each under its own number, and leaves the case."""
    stands = met(due("housing", "day 14"), due("gp", "day 20"), due("police", "day 20"))
    stands, _ = lived(stands, at("day 10 12:01"))
    stands = tell(tell(stands, "day 11 10:00", 1, evidence()), "day 11 10:05", 1, closing())
    stands, _ = ended(tell(stands, "day 11 10:10", 2, withdrawal_of_action()))
    [handed] = handed_over(stands, at("day 13 16:00"))
    assert isinstance(handed, FollowUp)
    assert handed.opening.number == 3
    left = noted(stands, handed, at("day 13 16:00"))
    assert [f.opening.number for f in left.follow_ups] == [1, 2]
    assert left.record[-1].says == "Action 3 is followed up with The police agency from here on."


def test_an_action_is_handed_over_with_what_it_has() -> None:
    """Evidence, record, first date and letters sent: the follow-up goes on where the case was."""
    stands, first = lived(met(due("housing", "day 14")), at("day 13 09:30"))
    moved_to = at("day 17 12:00").date()
    stands, second = lived(tell(stands, "day 13 09:40", 1, move(moved_to)), at("day 13 09:50"))
    stands, third = ended(stands)
    [handed] = handed_over(stands, at("day 13 16:00"))
    assert isinstance(handed, FollowUp)
    played = goes_on(handed, at("day 13 16:00"))
    played.until("2027-03-01 10:00")
    assert london(played.follow_up.original_due) == london(at("day 14 17:00"))
    assert played.follow_up.plan.working_days[-1] > date(2027, 12, 31)
    keys = [one.key for one in (*first, *second, *third, *(letter for _, letter in played.sent))]
    assert len(keys) == len(set(keys))
    assert "follow-up-opened" not in [template for _, template, _ in played.mail()]


def test_a_learning_action_handed_over_untold_is_told_at_once() -> None:
    """As one that is followed from the hand-over on."""
    learning = PlanLearning(owner="gp", due_on=at("day 30 12:00").date(), what="Brief all.", by=WHO)
    stands, _ = ended(after(("day 11 10:00", learning), start=met()))
    [handed] = handed_over(stands, at("day 13 16:00"))
    assert isinstance(handed, FollowUp)
    played = goes_on(handed, at("day 13 16:00"))
    assert [template for _, template, _ in played.until("2026-12-24 16:01").mail()] == ["follow-up-opened"]


def test_an_action_due_beyond_the_days_the_case_can_count_is_chased_once_handed_over() -> None:
    """The case keeps its day; the calendar then counts its notices, and the due day is a working day."""
    far = {"agency": "housing", "action": "Something far.", "due_on": date(2028, 1, 1)}
    stands, _ = ended(met(far))
    assert action(stands, 1).plan.notices == ()
    [handed] = handed_over(stands, at("day 13 16:00"))
    assert isinstance(handed, FollowUp)
    played = goes_on(handed, at("day 13 16:00"))
    assert london(played.follow_up.due) == "Tue 4 Jan 2028 17:00"
    assert [notice.kind for notice in played.follow_up.plan.notices][-1] == "escalation"


PROCLAIMED = Calendar.english(proclaimed={at("day 17 12:00").date(): "A proclaimed day"})


def test_a_new_bank_holiday_moves_an_action_that_the_case_follows() -> None:
    """One due on that day is due on the next; of one due before, only the escalation is counted again."""
    stands, _ = lived(met(due("housing", "day 14"), due("gp", "day 17")), at("day 13 08:00"))
    fact, now = replan(), at("day 13 08:00")
    stands = replanned(stands, fact, plan(plan_request(stands, fact, now), PROCLAIMED), now)
    assert [f.due for f in stands.follow_ups] == [at("day 14 17:00"), at("day 18 17:00")]
    assert action(stands, 1).plan.notices[-1].due == at("day 20 09:00")
    _, posted = lived(stands, at("day 13 08:01"))
    assert of_actions(posted) == []
    assert stands.record[-1].says.startswith("No date moves; the days to come")


def told_of_moves(stands: Case, holiday: datetime) -> dict[str, list[list[str]]]:
    """What each letter about a re-plan names, by whom it is for, on the morning of Day 13."""
    now, calendar = at("day 13 08:00"), Calendar.english(proclaimed={holiday.date(): "A proclaimed day"})
    stands = replanned(stands, replan(), plan(plan_request(stands, replan(), now), calendar), now)
    _, posted = lived(stands, at("day 13 08:30"))
    told: dict[str, list[list[str]]] = {}
    for one in posted:
        if "moved" in one.template:
            lines = [line.split(" (")[0].split(": was")[0] for line in one.facts.get("moved", [one.key])]
            told.setdefault(str(one.to), []).append(lines)
    return told


OWED = (due("housing", "day 14"), due("gp", "day 14"), due("housing", "day 14"), due("health", "day 14"))
REPORT = "Report due to the Panel"


def test_each_owner_hears_in_one_letter_of_every_action_that_moved() -> None:
    """With the dates of the case where the owner hears of those too; others hear of no action."""
    stands, _ = lived(after(("day 10 13:00", returned(agency="gp")), start=met(*OWED)), at("day 13 08:00"))
    told = told_of_moves(stands, at("day 14 12:00"))
    assert told["agency:housing"] == [[REPORT, "Action 1", "Action 3"]]
    assert told["agency:gp"] == [["Action 2"]]
    assert told["lead:health"] == [[REPORT, "Action 4"]]
    assert told["agency:police"] == told["lead:police"] == [[REPORT]]


def test_before_the_third_edition_each_action_has_a_letter_of_its_own() -> None:
    """Beside the one about the dates of the case."""
    stands, _ = lived(met(*OWED, edition=2), at("day 13 08:00"))
    own = [[f"follow-up/{number}/moved/2/agency/housing"] for number in (1, 3)]
    assert told_of_moves(stands, at("day 14 12:00"))["agency:housing"] == [[REPORT], *own]


def test_an_action_whose_owner_was_told_with_the_case_is_told_of_once() -> None:
    """The letter of its own, which would wait a little, has nothing left to say."""
    stands, _ = lived(met(*OWED), at("day 13 08:00"))
    now = at("day 13 08:00")
    proclaimed = Calendar.english(proclaimed={at("day 14 12:00").date(): "A proclaimed day"})
    stands = replanned(stands, replan(), plan(plan_request(stands, replan(), now), proclaimed), now)
    stands, _ = lived(stands, at("day 13 08:01"))
    assert not [step for action_ in stands.follow_ups if (step := news_step(action_))]


def test_the_office_is_shown_what_each_open_action_waits_for() -> None:
    """Its evidence, then a second person; one that is closed is no longer shown."""
    stands = met(due("housing", "day 13"), due("police", "day 14"))
    stands = tell(stands, "day 11 10:00", 1, evidence())
    shown = [(t.task, t.about) for t in standing(stands, at("day 11 11:00")).todo if "action" in t.task]
    assert shown == [(Task.CLOSE_ACTION, "1"), (Task.CHASE_ACTION, "2")]
    stands = tell(stands, "day 11 12:00", 1, closing())
    shown = [(t.task, t.about) for t in standing(stands, at("day 11 12:00")).todo if "action" in t.task]
    assert shown == [(Task.CHASE_ACTION, "2")]
