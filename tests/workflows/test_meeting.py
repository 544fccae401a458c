"""The meeting is booked or its booking is asked for; its invitation follows every move."""

import pytest

from domain.errors import Refused
from domain.record import Event
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview


async def test_the_office_is_nudged_on_day_3_where_no_meeting_is_booked(review: PlayedReview) -> None:
    """No booking by Day 3 is worth one letter to the office."""
    await review.until("day 4 12:00")
    assert review.post.moments("meeting-nudge") == [review.at("day 3 09:00")]
    assert review.post.told("meeting-nudge") == ["office"]


async def test_a_booked_meeting_spares_the_nudge(review: PlayedReview) -> None:
    """Who has booked is not asked to book."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.until("day 4 12:00")
    assert not review.post.letters("meeting-nudge")


async def test_booking_invites_everybody_at_once(review: PlayedReview) -> None:
    """Agencies, leads and office get the invitation, with the meeting in it."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    invitations = review.post.letters("invitation")
    told = {str(letter.to) for letter in invitations}
    agencies, leads = (f"agency:{a}" for a in sample.AGENCIES), (f"lead:{k}" for k in sample.LEADS)
    assert told == {*agencies, *leads, "office"}
    assert {i.invitation.starts_at for i in invitations if i.invitation} == {review.at("day 11 10:00")}
    assert {i.invitation.sequence for i in invitations if i.invitation} == {0}


async def test_moving_the_meeting_sends_the_invitation_again_with_the_next_sequence(
    review: PlayedReview,
) -> None:
    """Calendars replace the old meeting only where the sequence rises (RFC 5546)."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.tell(facts.booking(review.at("day 12 14:00")))
    moved = review.post.letters("invitation")[len(sample.AGENCIES) + len(sample.LEADS) + 1 :]
    assert {i.invitation.sequence for i in moved if i.invitation} == {1}
    assert {i.invitation.starts_at for i in moved if i.invitation} == {review.at("day 12 14:00")}
    assert {i.facts["moved"] for i in moved} == {"yes"}
    assert await review.entries(Event.MEETING_MOVED)


async def test_a_meeting_outside_its_window_is_booked_with_a_warning(review: PlayedReview) -> None:
    """Day 13 is after the window: allowed, warned of, invited to."""
    receipt = await review.tell(facts.booking(review.at("day 13 10:00")))
    assert "outside its window" in receipt.warnings[0]
    assert review.post.letters("invitation")


async def test_a_meeting_inside_its_window_is_booked_without_a_warning(review: PlayedReview) -> None:
    """Days 10 to 12 need no remark."""
    receipt = await review.tell(facts.booking(review.at("day 10 10:00")))
    assert not receipt.warnings


async def test_a_meeting_not_held_by_day_12_is_escalated_and_the_case_goes_on(review: PlayedReview) -> None:
    """On the morning of Day 13 office and leads hear; the breach is on record."""
    await review.all_returned()
    await review.until("day 13 12:00")
    assert review.post.moments("meeting-not-held") == [review.at("day 13 09:00")]
    assert set(review.post.told("meeting-not-held")) == {"office", *(f"lead:{k}" for k in sample.LEADS)}
    [breach] = await review.entries(Event.DATE_BREACHED)
    assert "Meeting window closes" in breach.says


async def test_a_meeting_in_the_past_cannot_be_booked(review: PlayedReview) -> None:
    """The refusal says what to give instead."""
    await review.until("day 2 12:00")
    with pytest.raises(Refused, match=r"which is past\. Give a time to come"):
        await review.tell(facts.booking(review.at("day 1 10:00")))


async def test_a_meeting_cannot_be_recorded_before_it_is_held(review: PlayedReview) -> None:
    """The refusal says to book it."""
    with pytest.raises(Refused, match="has not happened yet"):
        await review.tell(facts.held(review.at("day 11 10:00")))


async def test_a_meeting_held_cannot_be_booked_again(review: PlayedReview) -> None:
    """Nor can it be recorded twice."""
    await review.met()
    with pytest.raises(Refused, match="already held"):
        await review.tell(facts.booking(review.at("day 12 10:00")))
    with pytest.raises(Refused, match="already recorded"):
        await review.tell(facts.held(review.at("day 11 10:00")))


async def test_a_booking_typed_again_as_it_stands_sends_nothing(review: PlayedReview) -> None:
    """It is refused in a sentence, and nobody hears of a meeting moved to where it is."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    before = len(review.post.letters("invitation"))
    with pytest.raises(Refused, match="is booked so already"):
        await review.tell(facts.booking(review.at("day 11 10:00")))
    assert len(review.post.letters("invitation")) == before
