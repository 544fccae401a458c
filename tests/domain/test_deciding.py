"""How the leads come to a decision on a CSPR, what the Panel says of it, and how a case is withdrawn."""

import pytest

from domain.case import Case, Stage
from domain.cspr.messages import LearningKind
from domain.cspr.performing import commissioned, decided_anew
from domain.errors import Refused
from domain.facts import apply
from domain.follow_up.hand_over import handed_over, noted, withdrawn_with
from domain.letters import letters, overtaken
from domain.messages import GiveView, Message, Outcome, PanelReplied, Recommendation
from domain.performing import concluded, conclusion
from domain.record import Event
from domain.standing import Task, standing
from domain.steps import StepKind, _open_steps, next_step
from tests.domain.test_facts import (
    DRAFTED,
    after,
    confirmed_by_all,
    decided,
    drafted,
    held,
    returned,
    withdrawal,
)
from tests.domain.test_performing import caught_up
from tests.sample import AGENCIES, LEADS, at, case, decision_rules

RULED = after(
    ("day 11 13:00", held()), ("day 13 10:00", drafted()), start=case(decision_rules=decision_rules())
)
"""A case with criteria, met and drafted."""


MET_AFTERWARDS = after(
    ("day 13 15:00", held()),
    start=caught_up(
        after(("day 13 10:00", drafted()), start=case(decision_rules=decision_rules())), at("day 13 10:00")
    )[0],
)
"""The same, but its meeting was recorded only when the leads had been asked to sign."""


def viewed(lead: str = "health", view: str = "no_cspr", **given: object) -> GiveView:
    """A lead's own view, with a reason against each criterion."""
    whole = {
        "id": f"view/{lead}/{view}",
        "lead": lead,
        "by": f"Lead {lead}",
        "view": view,
        "reasons": {"improvements": "None that is left.", "themes": "None that is known."},
    }
    return GiveView.model_validate({**whole, **given})


def answered(*, agrees: bool = False, number: int = 1) -> PanelReplied:
    """The Panel's letter."""
    return PanelReplied(id=f"panel/{number}", agrees=agrees)


AGREED = after(*(("day 13 11:00", viewed(lead)) for lead in LEADS), start=RULED)
DIFFERING = after(("day 13 11:00", viewed("health")), ("day 13 12:00", viewed("police", "cspr")), start=RULED)


def ended(start: Case) -> Case:
    """The case signed, sent and concluded by itself."""
    stands, _ = caught_up(after(*confirmed_by_all(), start=start), at("day 14 09:30"))
    return concluded(stands, at("day 14 09:30"))


ENDED = ended(AGREED)
DISAGREED = after(("day 20 10:00", answered()), start=ENDED)
FRESH = {"improvements": "The Panel names one.", "themes": "There is one."}

REFUSED: dict[str, tuple[Case, Message, str]] = {
    "a view before the meeting": (case(), viewed(), "decide after the meeting"),
    "a view of no lead": (RULED, viewed("scouts"), "No strategic lead has the key scouts"),
    "a view by somebody else": (RULED, viewed(by="Lead police"), "Only the lead or a named deputy"),
    "a view twice for one partner": (
        DIFFERING,
        viewed("health", id="again", by="Deputy health"),
        "Nobody answers twice for one partner",
    ),
    "a view with a criterion left out": (
        RULED,
        viewed(reasons={"themes": "None that is known."}),
        "one reason against each criterion, .* The keys are: improvements, themes",
    ),
    "a view on what is decided": (AGREED, viewed(id="late"), "A decision is already recorded"),
    "the office's decision where views differ": (DIFFERING, decided(), "There is no majority vote"),
    "a second decision": (AGREED, decided(), "A decision is already recorded for RR-2026-90: no CSPR"),
    "an old reason": (
        after(("day 20 10:00", answered()), start=ended(after(("day 13 11:00", decided()), start=RULED))),
        decided(reason="nothing is LEFT."),
        "fresh reasons",
    ),
    "old reasons of a lead": (DISAGREED, viewed(id="fresh"), "fresh reasons"),
    "the Panel's answer to nothing": (RULED, answered(), "has not been submitted"),
    "a return of a concluded case": (ENDED, returned(), "takes no more facts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    """With a sentence that helps."""
    stands, fact, says = REFUSED[name]
    with pytest.raises(Refused, match=says):
        apply(fact, stands, at("day 21 10:00"))


def test_views_that_agree_are_the_decision() -> None:
    """It follows from the last one, and the statement stands beside it."""
    assert AGREED.decision
    assert AGREED.decision.outcome is Recommendation.NO_CSPR
    assert AGREED.record[-1].says == "Every lead's view is no CSPR, so that is the decision."
    assert AGREED.record[-1].warnings == ("Meeting a criterion obliges nothing.",)
    assert len(AGREED.views) == len(LEADS)


def test_a_deputys_view_is_recorded_as_both() -> None:
    """Of the lead, by the deputy."""
    stands = after(("day 13 11:00", viewed(by="Deputy health")), start=RULED)
    assert stands.current_views["health"].by_deputy
    assert "given by a deputy for the lead" in stands.record[-1].says


def test_views_that_differ_go_to_the_lead_safeguarding_partners() -> None:
    """At once, every view named and none of the reasons; it is said once though a third view comes."""
    step = next_step(DIFFERING)
    assert step
    [*told, office] = letters(DIFFERING, step, step.due)[-4:]
    stands, posted = caught_up(DIFFERING, at("day 13 12:30"))
    partners = [one for one in posted if one.template == "disagreement"]
    assert [str(one.to) for one in partners] == [*(f"partner:{key}" for key in LEADS), "office"]
    assert partners[0].facts["views"] == ["Lead for health: no CSPR", "Lead for police: a CSPR"]
    assert partners[0].facts["statement"] == "Meeting a criterion obliges nothing."
    assert "None that is left" not in str([told, office, partners])
    third = after(("day 13 13:00", viewed("local-authority")), start=stands)
    assert [e.event for e in third.record].count(Event.VIEWS_DIFFER) == 1
    assert [s.template for s in caught_up(third, at("day 13 14:00"))[1]] == []


def test_only_a_lead_safeguarding_partner_ends_a_disagreement() -> None:
    """By the name the contact book has; every view stays."""
    stands = after(("day 14 10:00", decided(by="Partner police", outcome="cspr")), start=DIFFERING)
    assert stands.outcome is Outcome.CSPR
    assert stands.record[-1].says.startswith("A lead safeguarding partner decided: a CSPR.")
    assert len(stands.views) == len(DIFFERING.views)
    assert not stands.disagreeing


def test_without_views_the_office_records_the_joint_decision() -> None:
    """As it always could; one view alone does not hinder it."""
    stands = after(("day 13 11:00", viewed()), ("day 13 12:00", decided()), start=RULED)
    assert stands.record[-1].says == "The leads decided: no CSPR. Nothing is left."


def test_a_concluded_case_waits_for_the_panel() -> None:
    """Its conclusion does not; the office is reminded from the working morning after the tenth day."""
    assert (ENDED.stage, ENDED.awaiting_panel) == (Stage.CONCLUDED, True)
    assert conclusion(ENDED).outcome is Outcome.NO_CSPR
    step = next_step(ENDED)
    assert step
    assert (step.key, f"{step.due:%a %Y-%m-%d %H:%M}") == ("panel_nudge/1", "Mon 2027-01-11 09:00")
    assert standing(ENDED, at("day 15 10:00")).todo[0].task is Task.PANEL_REPLY
    assert next_step(after(("day 20 10:00", answered(agrees=True)), start=ENDED)) is None


def test_where_the_panel_is_not_awaited_nothing_follows_the_conclusion() -> None:
    """A partnership may say so; a case opened before it could does the same."""
    stands = ended(after(("day 13 11:00", decided()), start=DRAFTED))
    assert (stands.stage, stands.awaiting_panel, next_step(stands)) == (Stage.CONCLUDED, False, None)


def test_where_the_panel_disagrees_both_decisions_stand() -> None:
    """Fresh views are asked for; the second decision never overwrites the first."""
    step = next_step(DISAGREED)
    assert step
    assert (step.key, len(letters(DISAGREED, step, step.due))) == ("view_request/2", len(LEADS))
    fresh = ((f"day 21 1{n}:00", viewed(lead, "cspr", reasons=FRESH)) for n, lead in enumerate(LEADS))
    stands = after(*fresh, start=DISAGREED)
    assert [decision.outcome for decision in stands.decisions] == ["no_cspr", "cspr"]
    assert stands.record[: len(DISAGREED.record)] == DISAGREED.record
    assert stands.record[-1].says.endswith("The decision before it, no CSPR, stays in the record.")
    assert next_step(stands) is None
    assert not standing(stands, at("day 22 10:00")).todo


def test_the_office_is_reminded_until_the_leads_have_reconsidered() -> None:
    """Every few working days, of this answer of the Panel's."""
    steps = [step.key for step in _open_steps(DISAGREED) if step.kind is StepKind.RECONSIDERATION_NUDGE]
    assert steps[:2] == ["reconsideration_nudge/1-1", "reconsideration_nudge/1-2"]
    assert standing(DISAGREED, at("day 30 10:00")).todo[0].task is Task.RECONSIDER


@pytest.mark.parametrize("when", ["day 1 10:00", "day 12 10:00"])
def test_a_withdrawn_case_tells_whom_it_told_and_no_more(when: str) -> None:
    """Agencies and leads once each; the Panel never heard of it."""
    asked, _ = caught_up(case(), at("day 0 16:00"))
    stands, posted = caught_up(after((when, withdrawal()), start=asked), at("day 20 10:00"))
    assert {one.template for one in posted} == {"withdrawn"}
    assert [str(one.to) for one in posted] == [
        *(f"agency:{key}" for key in AGENCIES),
        *(f"lead:{key}" for key in LEADS),
    ]
    stands = concluded(stands, at("day 20 10:00"))
    assert conclusion(stands).outcome is Outcome.WITHDRAWN
    assert conclusion(stands).submitted_at is None
    assert stands.overdue(at("day 20 10:00")) == stands.breaches
    assert stands.stage is Stage.WITHDRAWN
    assert next_step(stands) is None


def test_before_anybody_was_asked_nobody_is_told() -> None:
    """Withdrawn in the first second."""
    stands, posted = caught_up(after(("day 0 15:22", withdrawal())), at("day 0 15:22"))
    assert posted == ()
    assert concluded(stands, at("day 0 15:23")).concluded_at


def test_a_case_withdrawn_after_the_report_went_tells_the_panel_and_ofsted() -> None:
    """Even while it waits for the Panel; then it waits no longer."""
    stands, posted = caught_up(after(("day 20 10:00", withdrawal()), start=ENDED), at("day 60 10:00"))
    assert [str(one.to) for one in posted][-2:] == ["panel", "ofsted"]
    assert next_step(stands) is None
    assert not stands.awaiting_panel


@pytest.mark.parametrize(
    ("action", "outcome", "warned"),
    [
        (False, "no_cspr", 0),
        (True, "no_cspr", 1),
        (False, "cspr", 1),
        (True, "other_review", 2),
    ],
)
def test_who_withdraws_is_told_what_becomes_of_what_runs_by_itself(
    action: bool,  # noqa: FBT001 - a table's column
    outcome: str,
    warned: int,
) -> None:
    """Of actions and reviews that there are, and only once they have been handed over."""
    actions = ({"agency": "police", "action": "Tell every desk.", "due_on": at("day 20 12:00").date()},)
    met = after(
        ("day 11 13:00", held(immediate_actions=actions if action else ())),
        ("day 13 10:00", drafted()),
        ("day 13 11:00", decided(outcome=outcome)),
        start=case(decision_rules=decision_rules()),
    )
    assert not after(("day 13 12:00", withdrawal()), start=met).record[-1].warnings
    over = ended(met)
    for follow_up in handed_over(over, at("day 15 10:00")):
        over = noted(over, follow_up, at("day 15 10:00"))
    stands = after(("day 20 10:00", withdrawal()), start=over)
    assert len(stands.record[-1].warnings) == warned
    told = withdrawn_with(stands)
    assert told
    assert (told.reason, told.by) == (withdrawal().reason, withdrawal().by)
    assert withdrawn_with(met) is None


def test_no_letter_of_a_withdrawn_case_is_sent_again_but_its_withdrawal() -> None:
    """What asked for something has been overtaken."""
    stands, posted = caught_up(
        after(("day 1 10:00", withdrawal()), start=caught_up(case(), at("day 0 16:00"))[0]), at("day 1 11:00")
    )
    assert not overtaken(stands, posted[0])
    assert overtaken(stands, posted[0].model_copy(update={"template": "reminder"}))


def test_a_withdrawn_case_ends_though_a_copy_of_its_report_was_refused() -> None:
    """The copy was to be mended before the end; it has been overtaken, and is not waited for."""
    signed_ = after(*confirmed_by_all(), start=RULED)
    copy = next(w.key for w in caught_up(signed_, at("day 13 15:01"))[1] if w.template == "submission-copy")
    sent, _ = caught_up(signed_, at("day 13 15:01"), copy)
    decided_ = concluded(after(("day 14 10:00", decided()), start=sent), at("day 14 10:00"))
    assert decided_.concluded_at is None
    stands, _ = caught_up(after(("day 14 11:00", withdrawal()), start=sent), at("day 14 11:01"))
    assert concluded(stands, at("day 14 11:01")).stage is Stage.WITHDRAWN
    assert concluded(stands, at("day 14 11:01")).concluded_at == at("day 14 11:01")


def test_a_decision_that_the_panel_turned_leads_to_its_review() -> None:
    """No CSPR at first, one after the Panel's answer; none where the case is withdrawn after all."""
    assert commissioned(DISAGREED) is None
    stands = after(("day 21 10:00", decided(outcome="cspr", reason="It is a pattern.")), start=DISAGREED)
    opening = commissioned(stands)
    assert opening
    assert (opening.kind, opening.decided_at) == (LearningKind.CSPR, at("day 21 10:00"))
    chosen = after(("day 13 11:00", decided(outcome="cspr")), start=RULED)
    assert commissioned(chosen)
    assert commissioned(after(("day 13 12:00", withdrawal()), start=chosen)) is None


@pytest.mark.parametrize(
    ("first", "then", "opens", "warned"),
    [
        ("other_review", "cspr", ("cspr", 2), "starts beside it: its commands take RR-2026-90/2."),
        ("cspr", "other_review", ("other_learning_review", 2), "starts beside it"),
        ("cspr", "no_cspr", None, "goes on as it is. `rapid-review cspr-withdraw` ends it."),
        ("cspr", "cspr", None, ""),
        ("no_cspr", "cspr", ("cspr", 1), ""),
        ("no_cspr", "no_cspr", None, ""),
    ],
)
def test_what_a_decision_taken_anew_leads_to(
    first: str, then: str, opens: tuple[str, int] | None, warned: str
) -> None:
    """Another kind of review beside the one that was started, which goes on; the same kind goes on alone."""
    started = ended(after(("day 13 11:00", decided(outcome=first)), start=RULED))
    stands = after(
        ("day 20 10:00", answered()),
        ("day 21 10:00", decided(outcome=then, reason="It is a pattern.")),
        start=started,
    )
    opening = decided_anew(started, stands)
    assert (opening and (opening.kind, opening.number)) == opens
    said = " ".join(stands.record[-1].warnings)
    assert warned in said
    assert bool(warned) == ("goes on" in said)
    withdrawn = after(("day 22 10:00", withdrawal()), start=started)
    assert decided_anew(started, withdrawn) is None


def test_where_no_review_was_started_nothing_goes_on() -> None:
    """There is nothing to tell whoever records the decision."""
    fresh = after(("day 21 10:00", decided(outcome="cspr", reason="It is a pattern.")), start=DISAGREED)
    assert not any("goes on" in said for said in fresh.record[-1].warnings)
