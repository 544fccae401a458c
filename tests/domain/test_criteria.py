"""The criteria of a SIN: what is notified with a review, without one, or not at all, and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.criteria import Circumstances, Harm, Suspicion, Verdict, judge, judge_all

DIED, HARMED, NEITHER = Harm.DIED, Harm.SERIOUSLY_HARMED, Harm.NEITHER
KNOWN, SUSPECTED, NOT = Suspicion.KNOWN, Suspicion.SUSPECTED, Suspicion.NOT_SUSPECTED


def child(harm: Harm, abuse_or_neglect: Suspicion, **known: object) -> Circumstances:
    """A child of five, not in care, unless changed."""
    given = {"harm": harm, "abuse_or_neglect": abuse_or_neglect, "age": 5, **known}
    return Circumstances.model_validate(given)


@pytest.mark.parametrize(
    ("circumstances", "verdict"),
    [
        (child(DIED, KNOWN), Verdict.SIN),
        (child(DIED, SUSPECTED), Verdict.SIN),
        (child(HARMED, SUSPECTED), Verdict.SIN),
        (child(HARMED, SUSPECTED, recovered=True), Verdict.SIN),
        (child(HARMED, SUSPECTED, age=17), Verdict.SIN),
        (child(HARMED, SUSPECTED, age=None), Verdict.SIN),
        (child(DIED, KNOWN, looked_after=True), Verdict.SIN),
        (child(DIED, NOT, looked_after=True), Verdict.NOTIFICATION),
        (child(DIED, NOT, age=18, care_leaver=True), Verdict.NOTIFICATION),
        (child(DIED, SUSPECTED, age=24, care_leaver=True), Verdict.NOTIFICATION),
        (child(DIED, NOT, age=25, care_leaver=True), Verdict.NOT_NOTIFIABLE),
        (child(DIED, NOT, age=None, care_leaver=True), Verdict.NOT_NOTIFIABLE),
        (child(DIED, NOT), Verdict.NOT_NOTIFIABLE),
        (child(HARMED, NOT, looked_after=True), Verdict.NOT_NOTIFIABLE),
        (child(NEITHER, KNOWN), Verdict.NOT_NOTIFIABLE),
        (child(DIED, KNOWN, age=18), Verdict.NOT_NOTIFIABLE),
        (child(DIED, NOT, age=18, looked_after=True), Verdict.NOT_NOTIFIABLE),
        (child(DIED, KNOWN, age=None, unborn=True), Verdict.NOT_NOTIFIABLE),
    ],
)
def test_each_combination_has_its_verdict(circumstances: Circumstances, verdict: Verdict) -> None:
    """Harm and suspicion make a SIN; a death in care alone is notified without a review."""
    assert judge(circumstances).verdict is verdict


@pytest.mark.parametrize(
    ("circumstances", "says"),
    [
        (child(HARMED, SUSPECTED, recovered=True), "Recovery does not undo serious harm."),
        (child(DIED, SUSPECTED), "Abuse or neglect is suspected; suspicion is enough."),
        (child(DIED, NOT), "Abuse or neglect is neither known nor suspected."),
        (
            child(DIED, NOT, looked_after=True),
            "The child was looked after: a death is notified in all cases.",
        ),
        (child(DIED, NOT, age=25, care_leaver=True), "A care leaver's death is notified from 18 to 24."),
        (
            child(DIED, KNOWN, age=None),
            "The age is not known, so the person is taken to be a child until it is.",
        ),
        (child(DIED, KNOWN, age=18), "The person was 18 or older, and so not a child."),
    ],
)
def test_the_reasons_are_said_in_words(circumstances: Circumstances, says: str) -> None:
    """Each criterion that counted has its own sentence."""
    assert says in judge(circumstances).reasons


def test_an_unborn_child_is_explained() -> None:
    """Harm before birth counts once a child is born alive."""
    assert "The child was not born." in judge(child(DIED, KNOWN, age=None, unborn=True)).reasons[0]


def test_an_incident_is_as_notifiable_as_its_most_notifiable_child() -> None:
    """Of several children one is enough, and no sentence is said twice."""
    judged = judge_all([child(DIED, NOT), child(HARMED, KNOWN), child(DIED, NOT, looked_after=True)])
    assert judged.verdict is Verdict.SIN
    assert len(judged.reasons) == len(set(judged.reasons))


CIRCUMSTANCES = st.builds(
    Circumstances,
    harm=st.sampled_from(Harm),
    abuse_or_neglect=st.sampled_from(Suspicion),
    age=st.none() | st.integers(0, 40),
    looked_after=st.booleans(),
    care_leaver=st.booleans(),
    unborn=st.booleans(),
    recovered=st.booleans(),
)


@given(CIRCUMSTANCES)
def test_recovery_never_changes_the_verdict(circumstances: Circumstances) -> None:
    """Whether the harm has healed is no criterion."""
    other = circumstances.model_copy(update={"recovered": not circumstances.recovered})
    assert judge(other).verdict is judge(circumstances).verdict


@given(CIRCUMSTANCES)
def test_more_suspicion_never_makes_it_less_notifiable(circumstances: Circumstances) -> None:
    """To suspect is at least as much as not to, and to know as much as to suspect."""
    verdicts = [
        judge(circumstances.model_copy(update={"abuse_or_neglect": s})).verdict
        for s in (NOT, SUSPECTED, KNOWN)
    ]
    assert sorted(verdicts, key=list(Verdict).index) == verdicts
    assert verdicts[1] is verdicts[2]
