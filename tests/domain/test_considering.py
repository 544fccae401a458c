"""A case put forward: what each fact changes, what is refused, which letter goes when, and to whom."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.consideration.countersigning import checked
from domain.consideration.facts import apply
from domain.consideration.messages import (
    ConsiderationRules,
    Convert,
    Countersignature,
    LinkDuplicate,
    LocalOutcome,
    OutcomeKind,
    RecordNotification,
    SinAnswer,
    View,
    WithdrawConsideration,
)
from domain.consideration.performing import ended
from domain.consideration.plans import converted, plan_request
from domain.consideration.standing import standing
from domain.consideration.state import Consideration, ConsiderationStage
from domain.consideration.steps import next_step
from domain.errors import Refused
from domain.messages import (
    CsprRules,
    DecisionRules,
    DeliveryFailed,
    DuplicateLinked,
    Message,
    RecipientKind,
)
from domain.timetable import LONDON, london
from tests import sample
from tests.domain.consideration import (
    carried_out,
    chosen,
    decided,
    moment,
    opened,
    outcome,
    plan_of,
    requested,
    sin,
    told,
    view,
)
from tests.laws import examples

Stage = ConsiderationStage
SATURDAY = 5
WITHDRAWN = WithdrawConsideration(reason="It was mistaken", by="Business Officer")
NOTIFIED = RecordNotification(notification_reference="N-2026-0044", sent_at=moment(2), by="Business Officer")


def when(case: Consideration, until: int) -> list[str]:
    """Every letter up to a day: when, its key without the prefix."""
    _, sent = carried_out(case, moment(until, 23))
    return [f"{london(at)[:10].strip()} {london(at)[-5:]} {w.key.split('/', 1)[1]}" for at, w in sent]


def test_an_alert_is_reminded_on_days_3_and_4_and_escalated_on_day_5_and_the_next_morning() -> None:
    """Aware on Monday 30 November: due Monday 7 December."""
    assert when(opened(), 12) == [
        "Mon 30 Nov 10:00 sin_request/1/sqas-manager",
        "Thu 3 Dec 09:00 sin_reminder/1/1/sqas-manager",
        "Fri 4 Dec 09:00 sin_reminder/1/2/sqas-manager",
        "Mon 7 Dec 09:00 sin_escalation/1/sqas-manager",
        "Mon 7 Dec 09:00 sin_escalation/1/lead/local-authority",
        "Mon 7 Dec 09:00 sin_escalation/1/office",
        "Tue 8 Dec 09:00 sin_late/1/sqas-manager",
        "Tue 8 Dec 09:00 sin_late/1/lead/local-authority",
        "Tue 8 Dec 09:00 sin_late/1/partner/local-authority",
        "Tue 8 Dec 09:00 sin_late/1/office",
    ]


def test_the_missed_date_is_put_on_record_and_can_be_read_before_that() -> None:
    """A reader need not wait for the next morning."""
    case, _ = carried_out(opened(), moment(7, 18))
    assert [breach.milestone for breach in case.overdue(moment(7, 18))] == ["sin_due"]
    assert case.breaches == ()
    case, _ = carried_out(case, moment(8, 9))
    assert [breach.milestone for breach in case.breaches] == ["sin_due"]


def test_after_an_outage_only_the_latest_chaser_is_sent() -> None:
    """Three that fell due together collapse into one."""
    case = opened()
    step = next_step(case)
    assert step
    case = case.with_(done=case.done | {step.key}).noting(moment(8, 12), case.record[-1].event, "An outage.")
    _, sent = carried_out(case, moment(8, 12))
    assert {letter.template for _, letter in sent} == {"sin-late"}


def test_a_sin_opens_the_review_with_its_own_day_0() -> None:
    """The review takes the reference, the sealed particulars and the SIN's three dates."""
    case = told(opened(), moment(3, 12), decided(), sin(moment(3, 11)))
    assert case.stage is Stage.REVIEWING
    assert ended(case)
    review = case.review(moment(3, 12))
    assert (review.reference, review.particulars, review.ask) == (
        sample.REFERENCE,
        sample.document("f"),
        ("police", "icb"),
    )
    assert (review.sin.sent_at, review.sin.aware_on) == (moment(3, 11), date(2026, 11, 30))


def test_the_review_goes_by_the_rules_in_force_as_the_case_was_put_forward() -> None:
    """Those for the decision and for a CSPR too, as if the review had been opened by itself."""
    rules = {"decision_rules": DecisionRules(panel_answer_days=10), "cspr": CsprRules(publish_months=5)}
    review = told(opened(**rules), moment(3, 12), decided(), sin(moment(3, 11))).review(moment(3, 12))
    assert {"decision_rules": review.decision_rules, "cspr": review.cspr} == rules


def test_a_sin_sent_in_time_and_recorded_late_was_not_missed() -> None:
    """Facts count from when they were done, not from when they were recorded."""
    case, _ = carried_out(told(opened(), moment(7, 12), decided()), moment(8, 10))
    assert case.breaches
    case = apply(sin(moment(7, 16)), case, moment(8, 11))
    assert case.breaches == ()
    assert "late by" not in case.record[-1].says


@pytest.mark.parametrize(
    ("facts", "fact", "why"),
    [
        ((), sin(moment(1)), "has not decided"),
        ((decided(SinAnswer.NO),), sin(moment(1)), "is not waiting for a SIN: the decision was no"),
        ((decided(),), NOTIFIED, "is not waiting for a notification without a review"),
        ((decided(),), sin(moment(9)), "has not come yet"),
        ((decided(),), sin(moment(-3)), "before the incident was known"),
        ((decided(),), decided(), "nobody asks for a SIN decision now"),
        ((), decided(by="Somebody Else"), "Only the SQAS Strategic Manager"),
        ((), view("police"), "nobody considers a request now"),
        ((), view("nobody"), "No strategic lead has the key nobody"),
        ((), chosen(outcome(OutcomeKind.LEARNING_EVENT)), "nobody chooses local outcomes now"),
        ((WITHDRAWN,), decided(), "has ended"),
        (
            (),
            LinkDuplicate(to=sample.REFERENCE, reason="The same", by="Office"),
            "cannot be linked to itself",
        ),
        (
            (DuplicateLinked(reference="RR-2026-91", reason="The same", by="Office"),),
            LinkDuplicate(to="RR-2026-91", reason="The same", by="Office"),
            "is linked to RR-2026-90 already",
        ),
        (
            (),
            Convert(aware_on=date(2026, 12, 1), reason="New facts", by="Office"),
            "nobody converts a notification",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_reason(
    facts: tuple[Message, ...], fact: Message, why: str
) -> None:
    """Each refusal says what stands in the way, and repeats no name it was given."""
    case = told(opened(), moment(2), *facts)
    with pytest.raises(Refused, match=why) as refusal:
        apply(fact, case, moment(2))
    assert "Somebody" not in str(refusal.value)


def test_one_lead_who_says_may_meet_is_enough() -> None:
    """All in, and one of them "may meet": the local authority is asked, and every view is kept."""
    case = told(
        requested(), moment(1), view("police"), view("health", View.MAY_MEET), view("local-authority")
    )
    assert case.stage is Stage.DECIDING
    assert len(case.views) == 3
    assert "sin_request/1/sqas-manager" in when(case, 1)[-1]


def test_nothing_is_determined_before_every_lead_has_answered() -> None:
    """A first "may meet" does not cut the others short."""
    case = told(requested(), moment(1), view("health", View.MAY_MEET))
    assert case.stage is Stage.CONSIDERING
    with pytest.raises(Refused, match="already given its view"):
        apply(view("health", by="Deputy health"), case, moment(1))


def test_the_views_are_chased_and_escalated_to_the_partners() -> None:
    """Only those who have not answered hear of it."""
    case, _ = carried_out(requested(), moment(0, 12))
    letters = when(told(case, moment(1), view("health"), view("police")), 9)
    assert letters == [
        "Thu 3 Dec 09:00 views_reminder/1/lead/local-authority",
        "Fri 4 Dec 09:00 views_reminder/2/lead/local-authority",
        "Tue 8 Dec 09:00 views_late/partner/local-authority",
        "Tue 8 Dec 09:00 views_late/office",
    ]


def test_without_the_need_of_a_sin_the_determination_opens_the_review() -> None:
    """Day 0 is then the day of the determination."""
    case = requested(rules=ConsiderationRules(rapid_review_requires_sin=False))
    case = told(case, moment(2), view("police"), view("health", View.MAY_MEET), view("local-authority"))
    assert case.stage is Stage.REVIEWING
    assert case.review(moment(3)).sin.sent_at == moment(2)


def test_a_request_answered_late_is_still_chased_for_its_sin() -> None:
    """The reminders of days gone by are not sent; that it is late is said the next morning."""
    case, _ = carried_out(requested(), moment(8, 9))
    case = told(case, moment(8), *(view(lead, View.MAY_MEET) for lead in sample.LEADS))
    letters = when(case, 10)
    assert [line.split("/")[0] for line in letters] == [
        "Tue 8 Dec 10:00 sin_request",
        *["Wed 9 Dec 09:00 sin_late"] * 4,
    ]


@pytest.mark.parametrize(
    ("outcomes", "why"),
    [
        ((LocalOutcome(kind=OutcomeKind.LEARNING_EVENT),), "needs an owner, a due date"),
        (
            (LocalOutcome(kind=OutcomeKind.NO_FURTHER_ACTION), outcome(OutcomeKind.AGENCY_REVIEW)),
            "cannot stand beside another",
        ),
        ((outcome(OutcomeKind.AGENCY_REVIEW, owner="nobody"),), "No agency or lead has the key nobody"),
        ((outcome(OutcomeKind.AGENCY_REVIEW, due_on=date(2026, 12, 25)),), "Give a working day to come"),
        ((outcome(OutcomeKind.AGENCY_REVIEW, due_on=date(2026, 12, 19)),), "Give a working day to come"),
        ((outcome(OutcomeKind.AGENCY_REVIEW, due_on=date(2026, 11, 30)),), "Give a working day to come"),
        ((outcome(OutcomeKind.AGENCY_REVIEW, due_on=date(2028, 1, 1)),), "Give a working day to come"),
    ],
)
def test_an_outcome_out_of_order_is_refused(outcomes: tuple[LocalOutcome, ...], why: str) -> None:
    """Each but no further action has an owner, what is to be done, and a working day to come."""
    case = told(opened(), moment(2), decided(SinAnswer.NO))
    with pytest.raises(Refused, match=why):
        apply(chosen(*outcomes), case, moment(2))


def test_several_outcomes_are_chosen_at_once_and_followed() -> None:
    """All five kinds are known; those that are followed are all but no further action."""
    four = [outcome(kind) for kind in OutcomeKind if kind is not OutcomeKind.NO_FURTHER_ACTION]
    case = told(opened(), moment(2), decided(SinAnswer.NO), chosen(*four))
    assert case.outcomes_to_follow == tuple(four)
    case = told(
        opened(),
        moment(2),
        decided(SinAnswer.NO),
        chosen(LocalOutcome(kind=OutcomeKind.NO_FURTHER_ACTION)),
    )
    assert case.outcomes_to_follow == ()
    assert standing(case, moment(3)).outcome == "no_further_action"


def test_the_office_is_asked_for_the_outcomes_until_they_are_chosen() -> None:
    """At once, then every five working days."""
    letters = when(told(opened(), moment(2), decided(SinAnswer.NO)), 17)
    assert [line for line in letters if "outcome" in line] == [
        "Wed 2 Dec 10:00 outcome_request/1/office",
        "Wed 9 Dec 09:00 outcome_nudge/1/1/office",
        "Wed 16 Dec 09:00 outcome_nudge/1/2/office",
    ]


def test_the_office_is_asked_for_the_outcomes_after_the_recorded_days_have_run_out() -> None:
    """A case put forward a year ago and never settled is not forgotten; nor is anybody asked at night."""
    case = told(opened(), moment(2), decided(SinAnswer.NO))
    _, sent = carried_out(case, moment(365))
    asked = [at.astimezone(LONDON) for at, letter in sent if "outcome_nudge" in letter.key]
    assert moment(365) - asked[-1] < timedelta(days=10)
    assert {(at.hour, at.weekday() < 5) for at in asked} == {(9, True)}


def test_a_notification_without_a_review_is_converted_with_a_new_aware_date() -> None:
    """The five working days are counted again, both decisions stay, and the review has the new date."""
    case = told(opened(), moment(2), decided(SinAnswer.NOTIFY), NOTIFIED)
    assert case.stage is Stage.NOTIFIED
    assert next_step(case) is None
    fact = Convert(aware_on=date(2026, 12, 14), reason="The post-mortem", by="Business Officer")
    case = apply(fact, case, moment(15))
    case = converted(case, fact, plan_of(plan_request(case, moment(15), fact)), moment(15))
    assert case.stage is Stage.DECIDING
    assert london(case.timetable["sin_due"].due) == "Mon 21 Dec 2026 17:00"
    assert when(case, 17)[0] == "Tue 15 Dec 10:00 sin_request/2/sqas-manager"
    case = told(case, moment(16), decided(), sin(moment(16, 9)))
    assert [d.answer for d in case.decisions] == [SinAnswer.NOTIFY, SinAnswer.YES]
    assert case.notifications == (NOTIFIED,)
    assert case.review(moment(16)).sin.aware_on == date(2026, 12, 14)


@pytest.mark.parametrize(
    "ending", [WITHDRAWN, LinkDuplicate(to="RR-2026-01", reason="The same incident", by="Office")]
)
def test_everyone_who_was_told_is_told_how_it_ended(ending: Message) -> None:
    """The clock stops, and no chaser is left."""
    case, _ = carried_out(requested(), moment(3, 9))
    case, sent = carried_out(told(case, moment(3), ending), moment(20))
    told_of_it = {str(letter.to) for _, letter in sent}
    assert told_of_it == {*(f"lead:{key}" for key in sample.LEADS), "representative:education", "office"}
    assert {letter.template for _, letter in sent} == {"consideration-ended"}
    assert ended(case)


def test_an_unknown_aware_date_is_warned_of() -> None:
    """The date is counted from the incident, and says so."""
    case = opened(aware_on=None)
    assert "is not recorded" in case.timetable.warnings[0]
    assert "Counted from the incident" in case.timetable["sin_due"].explanation


SIGNED = {
    "discussed_with": "Representative",
    "discussed_on": date(2026, 12, 2),
    "countersigned_by": "Representative",
    "role": "LLR representative",
    "countersigned_on": date(2026, 12, 3),
}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (None, "has not been discussed"),
        ({"countersigned_by": "Referrer"}, "by its referrer"),
        ({"countersigned_by": "Somebody Else"}, "by the LLR representative of education"),
        ({"countersigned_on": date(2026, 12, 1)}, "before it was discussed"),
        ({"countersigned_on": date(2026, 12, 5)}, "has not come yet"),
    ],
)
def test_a_request_not_countersigned_rightly_is_refused(change: dict[str, object] | None, why: str) -> None:
    """Only the agency's own representative, by name, after a discussion, and never the referrer."""
    signed = Countersignature.model_validate({**SIGNED, **change}) if change is not None else None
    with pytest.raises(Refused, match=why) as refusal:
        checked(
            signed,
            agency="education",
            representative="Representative",
            referrer="Referrer",
            today=date(2026, 12, 4),
        )
    assert "Somebody" not in str(refusal.value)


def test_a_representative_cannot_countersign_a_request_of_their_own() -> None:
    """Who refers and who countersigns are two people, whoever they are."""
    signed = Countersignature.model_validate(SIGNED)
    given = {"agency": "education", "representative": "Representative", "today": date(2026, 12, 4)}
    assert checked(signed, referrer="Referrer", **given) is signed  # type: ignore[arg-type]
    with pytest.raises(Refused, match="by its referrer"):
        checked(signed, referrer="Representative", **given)  # type: ignore[arg-type]


FACTS: st.SearchStrategy[Message] = st.one_of(
    st.builds(view, st.sampled_from(sample.LEADS), st.sampled_from(View)),
    st.builds(decided, st.sampled_from(SinAnswer)),
    st.builds(sin, st.integers(0, 10).map(moment)),
    st.just(NOTIFIED),
    st.just(WITHDRAWN),
    st.builds(lambda kind: chosen(outcome(kind)), st.sampled_from(list(OutcomeKind)[1:])),
    st.just(chosen(LocalOutcome(kind=OutcomeKind.NO_FURTHER_ACTION))),
)


@settings(max_examples=examples(120), deadline=None)
@given(st.booleans(), st.lists(st.tuples(st.integers(0, 4), FACTS), max_size=8))
def test_whatever_happens_the_laws_of_a_consideration_hold(
    by_request: bool,  # noqa: FBT001 - a generated value
    happenings: list[tuple[int, Message]],
) -> None:
    """No letter for Panel or Ofsted, none twice, no chaser at a weekend, and no record lost."""
    case, day, keys = requested() if by_request else opened(), 0, list[str]()
    for later, fact in happenings:
        day += later
        case, sent = carried_out(case, moment(day, 12))
        before = case.record
        try:
            case = apply(fact, case, moment(day, 12))
        except Refused:
            continue
        assert case.record[: len(before)] == before
        keys += [letter.key for _, letter in sent]
        assert not {letter.to.kind for _, letter in sent} & {RecipientKind.PANEL, RecipientKind.OFSTED}
    case, sent = carried_out(case, moment(day + 30, 12))
    keys += [letter.key for _, letter in sent]
    assert all(at.weekday() < SATURDAY for at, letter in sent if "late" in letter.template)
    assert len(keys) == len(set(keys))
    assert all(key.startswith("consideration/") for key in keys)
    assert not {letter.to.kind for _, letter in sent} & {RecipientKind.PANEL, RecipientKind.OFSTED}
    assert ended(case) == case.at_an_end


@pytest.mark.parametrize(
    ("letter", "reader"),
    [
        ("consideration/sin_request/1/sqas-manager", "the SQAS Strategic Manager"),
        ("consideration/sin_request/1/sqas-manager/again/1", "the SQAS Strategic Manager"),
        ("consideration/views_request/lead/health", "the strategic lead for Lead for health"),
        ("consideration/views_late/partner/health", "the lead safeguarding partner of Lead for health"),
        ("consideration/ending/office", "the Business Office"),
        ("consideration/nobody", "the Business Office"),
    ],
)
def test_the_office_is_told_whose_letter_came_back(letter: str, reader: str) -> None:
    """By its key, which is all that the mail server's report names; of one we cannot place, the office."""
    case = told(opened(), moment(1), DeliveryFailed(id="bounce-1", letter=letter, status="5.1.1"))
    (mends,) = [todo.says for todo in standing(case, moment(1, 11)).todo if "send-again" in todo.type]
    assert mends.startswith(f"The letter to {reader} did not arrive (5.1.1).")
    _, sent = carried_out(case, moment(1, 12))
    (notice,) = [written for _, written in sent if written.template == "undelivered"]
    assert notice.facts["recipient"] == reader
