"""Dates move only by a reasoned re-plan: the original stays beside the new and lateness is against it."""

from datetime import timedelta

import pytest

from domain.errors import Refused
from domain.record import Event
from domain.timetable import london
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview


async def _extended(review: PlayedReview) -> None:
    await review.all_returned("housing")
    await review.until("day 7 12:00")
    to = review.at("day 10 12:00").date()
    await review.tell(facts.replan(extend="rfi_due", to=to, granted_by="Lead police"))


async def test_an_extension_keeps_the_original_date_beside_the_new(review: PlayedReview) -> None:
    """Both plans can be asked for, and the screen shows both dates."""
    await _extended(review)
    first, second = await review.reviews.plans(review.reference)
    assert (first["rfi_due"].due, second["rfi_due"].due) == (
        review.at("day 8 17:00"),
        review.at("day 10 17:00"),
    )
    [rfi] = [d for d in (await review.standing()).dates if d.key == "rfi_due"]
    assert (rfi.original, rfi.due) == (review.at("day 8 17:00"), review.at("day 10 17:00"))


async def test_an_extension_moves_no_other_deadline(review: PlayedReview) -> None:
    """Day 15 stays."""
    await _extended(review)
    first, second = await review.reviews.plans(review.reference)
    assert second["panel_submission_due"].due == first["panel_submission_due"].due


async def test_a_replan_is_told_to_leads_and_to_agencies_that_have_not_returned(
    review: PlayedReview,
) -> None:
    """Nobody is told who has nothing left to do."""
    await _extended(review)
    assert review.post.told("dates-moved") == ["agency:housing", *(f"lead:{k}" for k in sample.LEADS)]
    moved = review.post.letters("dates-moved")[0].facts["moved"]
    assert len(moved) == 1
    assert london(review.at("day 8 17:00")) in moved[0]
    assert london(review.at("day 10 17:00")) in moved[0]


async def test_an_extended_agency_is_chased_after_its_new_date(review: PlayedReview) -> None:
    """No overdue notice on Day 9; it comes on Day 11."""
    await _extended(review)
    await review.until("day 12 12:00")
    assert review.post.moments("overdue") == [review.at("day 11 09:00")]


async def test_lateness_is_measured_against_the_original_date(review: PlayedReview) -> None:
    """A return on Day 9 is within the extension and still one working day late."""
    await _extended(review)
    await review.until("day 9 12:00")
    receipt = await review.tell(facts.returned("housing"))
    assert "late by 1 working day" in receipt.recorded


async def test_the_record_says_who_granted_an_extension_and_why(review: PlayedReview) -> None:
    """There is no right to one."""
    await _extended(review)
    [entry] = await review.entries(Event.DATES_REPLANNED)
    assert "Granted by Lead police" in entry.says
    assert "Agreed with the leads" in entry.says


async def test_a_corrected_day_0_moves_every_date(review: PlayedReview) -> None:
    """The SIN had gone a working day before it was thought to."""
    earlier = review.opening.sin.sent_at - timedelta(days=3)
    await review.tell(facts.replan(sin_sent_at=earlier))
    dates = {d.key: d.due for d in (await review.standing()).dates}
    assert dates["panel_submission_due"] == review.at("day 14 17:00")
    assert dates["rfi_due"] == review.at("day 7 17:00")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, r"No date of .* would move\. Nothing was changed"),
        ({"extend": "rfi_due", "to": "day 10 12:00"}, "say who granted it"),
        ({"extend": "rfi_due"}, "both the milestone to extend and the date"),
        ({"extend": "tea_break", "to": "day 10 12:00", "granted_by": "Lead police"}, "These are: rfi_due"),
        ({"extend": "rfi_due", "to": "day 6 12:00", "granted_by": "Lead police"}, "it is due later"),
    ],
)
async def test_a_replan_that_cannot_be_is_refused_with_the_reason(
    review: PlayedReview, given: dict[str, str], sentence: str
) -> None:
    """The calendar's refusals are as readable as the case's own, and nothing has changed after them."""
    if "to" in given:
        given = {**given, "to": f"{review.at(given['to']).date()}"}
    with pytest.raises(Refused, match=sentence):
        await review.tell(facts.replan(**given))
    assert len(await review.reviews.plans(review.reference)) == 1


async def test_a_date_cannot_be_extended_to_a_weekend(review: PlayedReview) -> None:
    """The refusal names the next working day."""
    saturday = review.at("day 9 12:00").date() + timedelta(days=1)
    assert saturday.weekday() == 5
    with pytest.raises(Refused, match=r"not a working day\. The next working day is"):
        await review.tell(facts.replan(extend="rfi_due", to=saturday, granted_by="Lead police"))
