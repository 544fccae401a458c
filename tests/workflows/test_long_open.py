"""What is open for longer than its plan has working days: dates still come, and nobody is mailed at night."""

from datetime import timedelta

import pytest

from domain.errors import NothingMoves
from domain.timetable import LONDON, london_day
from tests import sample
from tests.workflows import facts
from tests.workflows.following import concluded
from tests.workflows.playing import PlayedReview


async def _a_year_on(review: PlayedReview) -> None:
    """Nothing was done on it; the clock stands at a Saturday night."""
    await review.all_returned("housing")
    saturday = review.plan.day0 + timedelta(days=7 * 52 + 5)
    night = review.at("day 0 22:00") + (saturday - review.plan.day0)
    await review.clock.move_to(review.handle, night)


async def test_an_agency_asked_a_year_on_has_its_days(review: PlayedReview) -> None:
    """It is due on a working day to come, and is reminded and chased from then on, in working hours."""
    await _a_year_on(review)
    await review.tell(facts.added("voluntary-sector"))
    now = await review.clock.now(review.handle)
    [asked] = [agency for agency in (await review.standing()).agencies if agency.key == "voluntary-sector"]
    assert asked.due > now
    assert london_day(asked.due).weekday() < 5
    await review.clock.move_to(review.handle, asked.due + timedelta(days=10))
    chased = [moment.astimezone(LONDON) for moment in review.post.moments("overdue")]
    assert any(moment > asked.due for moment in chased)
    assert {(moment.hour, moment.weekday() < 5) for moment in chased} == {(9, True)}


async def test_a_return_a_year_late_says_by_how_much(review: PlayedReview) -> None:
    """Counted to the day it came, past the last recorded day; bank holidays after that are counted in."""
    await _a_year_on(review)
    receipt = await review.tell(facts.returned("housing"))
    came = london_day(await review.clock.now(review.handle))
    said = int(receipt.recorded.split("late by ")[1].split()[0])
    assert 0 <= said - sample.CALENDAR.working_days_between(london_day(review.at("day 8 12:00")), came) <= 8


async def test_a_replan_records_more_of_the_days_to_come(review: PlayedReview) -> None:
    """Once; given again on the same day it changes nothing, and nobody is written to."""
    await _a_year_on(review)
    letters = len(review.post.sent)
    receipt = await review.tell(facts.replan())
    assert receipt.recorded.startswith("No date moves; more of the days to come are known.")
    newest = (await review.reviews.plans(review.reference))[-1]
    now = london_day(await review.clock.now(review.handle))
    assert newest.working_days_between(now, newest.working_days[-1]) >= 65
    with pytest.raises(NothingMoves):
        await review.tell(facts.replan())
    assert len(review.post.sent) == letters


async def test_an_action_is_told_of_again_for_as_long_as_it_is_open(review: PlayedReview) -> None:
    """Two years after its date, a year after its last recorded day, the office still hears of it."""
    followed = await concluded(review)
    handle = followed.follow_ups.handle(review.reference, 1)
    end = review.at("day 20 12:00") + timedelta(days=2 * 365)
    await review.clock.move_to(handle, end)
    heard = [moment.astimezone(LONDON) for moment in followed.sent("follow-up-waiting")]
    assert end - heard[-1] <= timedelta(days=14)
    assert {(moment.hour, moment.weekday() < 5) for moment in heard} == {(9, True)}
