"""Agencies are asked, reminded, chased and escalated on the guide's days, and left alone once they return."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client

from domain.messages import Attachment, ReturnKind
from domain.record import Event
from domain.timetable import at_london, london
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opened, opening_at, soon, working
from tests.workflows.post_room import FakePostRoom
from workflows.rapid_review import RapidReviewWorkflow


async def test_opening_asks_every_agency_at_once(review: PlayedReview) -> None:
    """Within a minute of the SIN each agency has its form, and the sealed list of whom to search for."""
    asked = review.post.letters("request-for-information")
    assert [letter.to.key for letter in asked] == list(sample.AGENCIES)
    assert {letter.attach for letter in asked} == {(Attachment.REQUEST_FORM, Attachment.SUBJECTS)}
    assert {letter.facts["due"] for letter in asked} == {london(review.at("day 8 17:00"))}
    assert review.post.moments("request-for-information") == [review.at("day 0 15:20")]


async def test_opening_tells_every_strategic_lead(review: PlayedReview) -> None:
    """The leads hear of the review and its dates as it opens."""
    told = review.post.letters("review-opened")
    assert [letter.to.key for letter in told] == list(sample.LEADS)
    assert {letter.facts["panel_due"] for letter in told} == {london(review.at("day 15 17:00"))}


async def test_reminders_leave_at_nine_on_days_6_and_7(review: PlayedReview) -> None:
    """An agency that has not returned is reminded twice, in the morning in London."""
    await review.until("day 8 12:00")
    assert review.post.moments("reminder") == [review.at("day 6 09:00"), review.at("day 7 09:00")]
    assert sorted(review.post.keys("reminder")) == sorted(
        f"reminder/{number}/{agency}" for number in (1, 2) for agency in sample.AGENCIES
    )


async def test_only_agencies_that_have_not_returned_are_reminded(review: PlayedReview) -> None:
    """A return before Day 6 spares its agency both reminders, and one between them the second."""
    await review.until("day 5 12:00")
    await review.all_returned("housing", "police")
    await review.until("day 6 12:00")
    await review.tell(facts.returned("police"))
    await review.until("day 8 12:00")
    assert review.post.keys("reminder") == ["reminder/1/police", "reminder/1/housing", "reminder/2/housing"]


async def test_a_return_in_the_last_minute_before_a_reminder_spares_the_agency(review: PlayedReview) -> None:
    """Who returns at 08:59 is not reminded at 09:00."""
    await review.until("day 5 12:00")
    await review.all_returned("gp")
    await review.until("day 6 08:59")
    await review.tell(facts.returned("gp"))
    await review.until("day 12 12:00")
    assert not review.post.letters("reminder")
    assert not review.post.letters("overdue")


async def test_a_nil_or_partial_return_ends_the_reminders(review: PlayedReview) -> None:
    """Nil and partial returns count as returned; silence alone is chased."""
    await review.all_returned("gp", "icb", "housing")
    await review.tell(
        facts.returned("gp", kind=ReturnKind.NIL, people_searched=2),
        facts.returned("icb", kind=ReturnKind.PARTIAL),
    )
    await review.until("day 8 12:00")
    assert set(review.post.told("reminder")) == {"agency:housing"}


async def test_the_office_is_asked_on_day_5_whether_another_agency_is_to_be_asked(
    review: PlayedReview,
) -> None:
    """The checkpoint says who was asked, who has returned and who has not."""
    await review.tell(facts.returned("police"))
    await review.until("day 5 12:00")
    [letter] = review.post.letters("agency-checkpoint")
    assert review.post.moments("agency-checkpoint") == [review.at("day 5 09:00")]
    assert letter.facts["returned"] == ["The police agency"]
    assert len(letter.facts["outstanding"]) == len(sample.AGENCIES) - 1


async def test_an_overdue_agency_and_its_representative_hear_on_day_9(review: PlayedReview) -> None:
    """The morning after the due date the agency and its LLR representative are told, and nobody else."""
    await review.all_returned("housing")
    await review.until("day 9 12:00")
    assert review.post.moments("overdue") == [review.at("day 9 09:00")]
    assert review.post.told("overdue") == ["agency:housing"]
    assert review.post.told("overdue-representative") == ["representative:housing"]


async def test_an_overdue_agency_is_a_breach_and_the_case_goes_on(review: PlayedReview) -> None:
    """The missed date is on record by Day 9, once, and the review still runs."""
    await review.all_returned("housing")
    await review.until("day 12 12:00")
    breaches = [e.says for e in await review.entries(Event.DATE_BREACHED)]
    assert len([says for says in breaches if "housing" in says]) == 1
    assert (await review.standing()).next_step


async def test_escalation_on_day_10_is_one_digest_for_each_lead_and_one_for_the_office(
    review: PlayedReview,
) -> None:
    """A lead hears once of all the agencies that answer to them; a lead with none late hears nothing."""
    await review.all_returned("housing", "education", "icb")
    await review.until("day 10 12:00")
    assert review.post.moments("escalation") == [review.at("day 10 09:00")]
    digests = {str(letter.to): letter.facts["agencies"] for letter in review.post.letters("escalation")}
    assert digests == {
        "lead:local-authority": ["The housing agency", "The education agency"],
        "lead:health": ["The icb agency"],
    }
    [office] = review.post.letters("escalation-digest")
    assert len(office.facts["agencies"]) == 3


async def test_a_late_return_is_recorded_late_by_its_working_days(review: PlayedReview) -> None:
    """A return on Day 11 was due on Day 8: three working days."""
    await review.until("day 11 12:00")
    receipt = await review.tell(facts.returned("housing"))
    assert "late by 3 working days" in receipt.recorded
    standing = {agency.key: agency for agency in (await review.standing()).agencies}
    assert standing["housing"].late_by == 3


async def test_lateness_counts_from_receipt_and_not_from_recording(review: PlayedReview) -> None:
    """A return received a minute before it was due and recorded a day later is not late."""
    await review.until("day 9 12:00")
    receipt = await review.tell(facts.returned("housing", received_at=review.at("day 8 16:59")))
    assert "late" not in receipt.recorded


async def test_an_agency_found_mid_review_has_its_own_due_date_and_day_15_stays(
    review: PlayedReview,
) -> None:
    """It has five working days from the day it is added; the report's date does not move."""
    await review.until("day 5 14:00")
    receipt = await review.tell(facts.added("voluntary-sector"))
    assert london(review.at("day 10 17:00")) in receipt.recorded
    asked = review.post.letters("request-for-information")[-1]
    assert (str(asked.to), asked.facts["due"]) == (
        "agency:voluntary-sector",
        london(review.at("day 10 17:00")),
    )
    dates = {d.key: d.due for d in (await review.standing()).dates}
    assert dates["panel_submission_due"] == review.at("day 15 17:00")


async def test_an_agency_found_mid_review_has_chasers_of_its_own(review: PlayedReview) -> None:
    """It is reminded the working morning before its due date and chased on the two after it."""
    await review.all_returned()
    await review.until("day 5 14:00")
    await review.tell(facts.added("voluntary-sector"))
    await review.until("day 12 12:00")
    assert review.post.moments("reminder") == [review.at("day 9 09:00")]
    assert review.post.moments("overdue") == [review.at("day 11 09:00")]
    assert review.post.moments("escalation") == [review.at("day 12 09:00")]
    assert review.post.told("overdue") == ["agency:voluntary-sector"]


@asynccontextmanager
async def _down(client: Client, post: FakePostRoom, until: str) -> AsyncIterator[PlayedReview]:
    """A review whose mail server and worker were down from the checkpoint of Day 5 until a moment.

    They come back as the block begins; the clock stands a little before the moment.
    """
    opening = opening_at(soon())
    async with working(client, opening.reference, post):
        review = await opened(client, opening, post)
        await review.until("day 4 12:00")
        post.closed_for = review.at(until) - review.at("day 5 09:00")
        await review.until("day 5 12:00")
    await review.clock.move_to(review.handle, review.at(until) - timedelta(minutes=1))
    await review.handle.signal(RapidReviewWorkflow.agency_return_received, facts.returned("gp"))
    async with working(client, opening.reference, post):
        await review.until(until)
        yield review


async def test_an_outage_from_day_5_to_day_8_ends_in_one_reminder_for_each_agency(
    server: Client, post: FakePostRoom
) -> None:
    """Both reminders fell due: each agency hears once, not twice, and who returned meanwhile not at all."""
    async with _down(server, post, "day 8 10:00") as review:
        await review.until("day 8 12:00")
    waiting = [agency for agency in sample.AGENCIES if agency != "gp"]
    assert sorted(post.keys("reminder")) == sorted(f"reminder/2/{agency}" for agency in waiting)
    assert len(post.letters("agency-checkpoint")) == 1


async def test_an_outage_past_the_due_date_ends_in_the_overdue_notice_alone(
    server: Client, post: FakePostRoom
) -> None:
    """Who is about to be told that it is late is not reminded as well."""
    async with _down(server, post, "day 9 10:00") as review:
        await review.until("day 9 12:00")
    assert not post.letters("reminder")
    assert len(post.letters("overdue")) == len(sample.AGENCIES) - 1


async def test_an_outage_that_ends_at_night_chases_nobody_before_the_morning(
    server: Client, post: FakePostRoom
) -> None:
    """The reminders of Days 6 and 7 wait for nine o'clock on Day 8."""
    async with _down(server, post, "day 7 23:00") as review:
        assert not post.letters("reminder")
        await review.until("day 8 12:00")
        assert post.moments("reminder") == [review.at("day 8 09:00")]


async def test_a_weekend_passes_in_silence(review: PlayedReview) -> None:
    """Day 4 is a Friday and Day 5 a Monday; no letter leaves between them."""
    await review.until("day 4 18:00")
    before = len(review.post.sent)
    await review.clock.move_to(review.handle, review.at("day 5 08:59"))
    assert review.at("day 5 09:00") - review.at("day 4 09:00") == timedelta(days=3)
    assert len(review.post.sent) == before


async def test_mail_leaves_at_nine_in_london_in_summer_too(server: Client, post: FakePostRoom) -> None:
    """Across the end of March nine o'clock in London is nine and then eight in UTC."""
    sent = soon()
    march = at_london((sent + timedelta(days=140)).date().replace(month=3, day=24), "15:20")
    opening = opening_at(march)
    async with working(server, opening.reference, post):
        review = await opened(server, opening, post)
        await review.until("day 8 12:00")
    assert {f"{moment:%H:%M}" for moment in post.moments("reminder")} == {"08:00"}
