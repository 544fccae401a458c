"""Signals that are not what they should be stop no case."""

from tests.workflows import facts
from tests.workflows.playing import PlayedReview
from tests.workflows.post_room import FakePostRoom


async def test_a_signal_without_a_fact_is_dropped_and_the_case_goes_on(
    review: PlayedReview, post: FakePostRoom
) -> None:
    """The Web UI sends one where the input was left empty; two facts at once are dropped as well."""
    await review.handle.signal("agency_return_received")
    await review.handle.signal("agency_return_received", args=[facts.returned("gp"), facts.returned("icb")])
    await review.tell(facts.booking(review.at("day 11 10:00")))
    assert post.keys("invitation")
    assert {agency.state for agency in (await review.standing()).agencies} == {"waiting"}


async def test_a_report_on_a_letter_nobody_wrote_is_noted_and_the_case_goes_on(
    review: PlayedReview, post: FakePostRoom
) -> None:
    """What a bounced mail says of itself comes from outside."""
    for letter in ("request/Police", "request/nosuch", "agency/9"):
        await review.handle.signal("delivery_failed", facts.came_back(letter))
    await review.tell(facts.booking(review.at("day 11 10:00")))
    assert post.keys("invitation")
    assert not (await review.standing()).todo[0].about


async def test_an_agency_found_after_the_meeting_was_booked_is_invited(
    review: PlayedReview, post: FakePostRoom
) -> None:
    """It comes late to the case, and not to the meeting."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.tell(facts.added("voluntary-sector"))
    assert post.keys("invitation")[-1] == "invitation/0/agency/voluntary-sector"
