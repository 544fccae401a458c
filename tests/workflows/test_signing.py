"""Every lead signs the same version, nothing unsigned leaves, and the report goes once."""

import pytest

from domain.case import Stage
from domain.errors import Refused
from domain.messages import ImmediateAction, Outcome
from domain.record import Event
from domain.timetable import london
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview
from workflows.rapid_review import RapidReviewWorkflow

TO_THE_PANEL = ("submission", "submission-copy", "immediate-actions")


async def _drafted(review: PlayedReview) -> None:
    await review.met()
    await review.until("day 13 10:00")
    await review.tell(facts.draft())


async def test_a_draft_is_put_before_every_lead_at_once(review: PlayedReview) -> None:
    """Each lead is asked to confirm or amend version 1, and has it before them."""
    await _drafted(review)
    asked = review.post.letters("sign-off-request")
    assert [letter.to.key for letter in asked] == list(sample.LEADS)
    assert {letter.documents for letter in asked} == {(sample.document("a"),)}
    assert {letter.facts["version"] for letter in asked} == {"1"}


async def test_only_leads_who_have_not_answered_are_reminded_on_day_14(review: PlayedReview) -> None:
    """Who has answered is left alone."""
    await _drafted(review)
    await review.confirmed("police")
    await review.until("day 14 12:00")
    assert review.post.moments("sign-off-reminder") == [review.at("day 14 09:00")]
    assert review.post.told("sign-off-reminder") == ["lead:local-authority", "lead:health"]


async def test_the_report_goes_only_when_every_lead_has_confirmed(review: PlayedReview) -> None:
    """Two of three confirmations send nothing; the third sends it within the minute."""
    await _drafted(review)
    await review.confirmed("police", "health")
    assert not review.post.letters("submission")
    await review.confirmed("local-authority")
    [letter] = review.post.letters("submission")
    assert (str(letter.to), letter.documents) == ("panel", (sample.document("a"),))
    assert len(letter.facts["signed"]) == 3


async def test_the_report_goes_to_panel_and_ofsted_and_the_actions_to_their_agencies(
    review: PlayedReview,
) -> None:
    """One letter for each, an agency's actions together; agencies without one hear nothing."""
    due = review.at("day 20 12:00").date()
    actions = [ImmediateAction(agency="housing", action=f"Step {n}", due_on=due) for n in ("one", "two")]
    await review.met(*actions)
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    assert [review.post.told(template) for template in TO_THE_PANEL] == [
        ["panel"],
        ["ofsted"],
        ["agency:housing"],
    ]
    assert review.post.letters("immediate-actions")[0].actions == tuple(actions)


async def test_the_report_goes_once_and_the_review_concludes(review: PlayedReview) -> None:
    """Submitted and decided, the review ends and says how."""
    await _drafted(review)
    await review.confirmed()
    await review.until("day 30 12:00")
    assert review.post.told("submission") == ["panel"]
    ended = await review.handle.result()
    assert (ended.outcome, ended.breaches, ended.versions) == (Outcome.NO_CSPR, 0, 1)
    assert (await review.reviews.standing(review.reference)).stage is Stage.CONCLUDED


async def test_an_amendment_is_told_to_the_office_and_nothing_is_sent(review: PlayedReview) -> None:
    """The other leads' confirmations do not carry an amended version to the Panel."""
    await _drafted(review)
    await review.tell(facts.amended("police"))
    await review.confirmed("health", "local-authority")
    assert review.post.keys("amendment") == ["amendment/1/office"]
    assert not review.post.letters("submission")


async def test_a_new_version_asks_every_lead_again(review: PlayedReview) -> None:
    """Those who confirmed version 1 are asked about version 2 as well."""
    await _drafted(review)
    await review.confirmed("health")
    await review.tell(facts.amended("police"))
    await review.tell(facts.draft("b"))
    second = review.post.letters("sign-off-request")[3:]
    assert [letter.to.key for letter in second] == list(sample.LEADS)
    assert {letter.documents for letter in second} == {(sample.document("b"),)}


async def test_an_answer_to_an_old_version_is_refused(review: PlayedReview) -> None:
    """It would sign a text the lead did not read; the refusal says which one to read."""
    await _drafted(review)
    await review.tell(facts.amended("police"), facts.draft("b"))
    with pytest.raises(Refused, match=r"Version 1 was replaced by version 2\. Read that one and answer it"):
        await review.confirmed("health", version=1)


async def test_a_new_version_goes_to_the_panel_when_all_have_confirmed_it(review: PlayedReview) -> None:
    """What leaves is the version that everyone signed."""
    await _drafted(review)
    await review.tell(facts.amended("police"), facts.draft("b"))
    await review.confirmed(version=2)
    [letter] = review.post.letters("submission")
    assert letter.documents == (sample.document("b"),)


async def test_a_deputy_answers_for_a_lead_and_both_are_recorded(review: PlayedReview) -> None:
    """The record and the letter to the Panel say that a deputy answered."""
    await _drafted(review)
    receipt = await review.tell(facts.confirmed("health", by="Deputy health"))
    assert "by a deputy for the lead" in receipt.recorded
    await review.confirmed("police", "local-authority")
    [letter] = review.post.letters("submission")
    assert "Lead for health, by a deputy" in letter.facts["signed"]


async def test_nobody_answers_twice_for_one_partner(review: PlayedReview) -> None:
    """A deputy's answer is the partner's answer."""
    await _drafted(review)
    await review.tell(facts.confirmed("health", by="Deputy health"))
    with pytest.raises(Refused, match="Nobody answers twice for one partner"):
        await review.confirmed("health")


async def test_only_a_lead_or_a_named_deputy_may_sign(review: PlayedReview) -> None:
    """Another partner's lead cannot."""
    await _drafted(review)
    with pytest.raises(Refused, match="Only the lead or a named deputy"):
        await review.tell(facts.confirmed("health", by="Lead police"))


async def test_nothing_unsigned_goes_to_the_panel_after_day_15(review: PlayedReview) -> None:
    """The missed date is escalated to office, leads and partners on Day 16; the case goes on."""
    await _drafted(review)
    await review.confirmed("police", "health")
    await review.until("day 20 12:00")
    assert not any(review.post.letters(template) for template in TO_THE_PANEL)
    assert review.post.moments("submission-late") == [review.at("day 16 09:00")]
    leads = [f"lead:{key}" for key in sample.LEADS]
    partners = [f"partner:{key}" for key in sample.LEADS]
    assert review.post.told("submission-late") == ["office", *leads, *partners]
    [breach] = await review.entries(Event.DATE_BREACHED)
    assert london(review.at("day 15 17:00")) in breach.says
    assert (await review.standing()).stage is Stage.SIGNING


async def test_a_report_signed_late_still_goes_and_its_breach_stays(review: PlayedReview) -> None:
    """After Day 15 the last signature sends the report at once."""
    await _drafted(review)
    await review.confirmed("police", "health")
    await review.until("day 17 12:00")
    await review.confirmed("local-authority")
    assert review.post.told("submission") == ["panel"]
    assert (await review.handle.result()).breaches == 1


async def test_a_missing_draft_is_escalated_on_day_14(review: PlayedReview) -> None:
    """No draft by the end of Day 13: office and leads hear the next morning."""
    await review.met()
    await review.until("day 14 12:00")
    assert review.post.moments("draft-missing") == [review.at("day 14 09:00")]


async def test_a_return_after_the_draft_asks_the_office_whether_to_reopen(review: PlayedReview) -> None:
    """It is taken, marked late, and put to the office."""
    await review.until("day 11 12:00")
    await review.all_returned("housing")
    await review.tell(facts.draft())
    receipt = await review.tell(facts.returned("housing"))
    assert "consider whether to reopen" in receipt.warnings[0]
    assert review.post.keys("return-after-draft") == ["return_after_draft/housing/1/office"]


async def test_the_office_is_asked_for_the_decision_until_it_is_recorded(review: PlayedReview) -> None:
    """Every five working days after submission, and no more once the leads have decided."""
    await review.until("day 11 12:00")
    await review.tell(facts.held(review.at("day 11 10:00")), facts.draft())
    await review.confirmed()
    await review.until("day 21 12:00")
    assert review.post.keys("decision-nudge") == ["decision_nudge/1/office", "decision_nudge/2/office"]
    await review.tell(facts.decided())
    assert (await review.handle.result()).outcome is Outcome.NO_CSPR


async def test_a_sign_off_may_arrive_as_a_signal(review: PlayedReview) -> None:
    """What nobody waits for is taken by the same rules."""
    await _drafted(review)
    for lead in sample.LEADS:
        await review.signal(RapidReviewWorkflow.sign_off_received, facts.confirmed(lead))
    assert review.post.told("submission") == ["panel"]
