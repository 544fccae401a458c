"""Facts are taken once, noted where they cannot be taken, and refused in sentences where somebody waits."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar import CalendarDesk
from domain.errors import Refused
from domain.messages import Message, Outcome, PlanDates, ReturnKind, SendAgain
from domain.record import Event
from domain.standing import Task
from domain.timetable import Timetable
from starter.clock import ReviewClock
from starter.reviews import Reviews
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opening_at, played, soon, working
from tests.workflows.post_room import FakePostRoom
from workflows.rapid_review import RapidReviewWorkflow

RETURN = RapidReviewWorkflow.agency_return_received


async def test_a_fact_that_arrives_before_the_dates_are_planned_is_not_lost(
    server: Client, post: FakePostRoom
) -> None:
    """It waits for the plan and is then taken, though it came before the workflow's first task."""
    opening = opening_at(ReviewClock.wall() - timedelta(minutes=1))
    clock = ReviewClock(server)
    reviews = Reviews(clock.client, opening.reference)
    handle = await reviews.open(opening)
    await handle.signal(RETURN, facts.returned("police"))
    async with working(server, opening.reference, post):
        await clock.move_to(handle, clock.wall() + timedelta(seconds=5))
        standing = await reviews.standing(opening.reference)
    assert {a.key: a.versions for a in standing.agencies}["police"] == 1


class HeldCalendar:
    """The real calendar behind a door that a test opens."""

    def __init__(self) -> None:
        """Stand before the closed door."""
        self.door = asyncio.Event()

    @activity.defn(name="plan_dates")
    async def plan_dates(self, request: PlanDates) -> Timetable:
        """Plan the dates once the door is open."""
        await self.door.wait()
        return await CalendarDesk(lambda: sample.CALENDAR).plan_dates(request)


async def test_a_command_before_the_dates_are_planned_is_refused_and_can_be_repeated(
    server: Client, post: FakePostRoom
) -> None:
    """A person who waits is told to try again in a moment, and then it is taken."""
    opening, calendar = opening_at(ReviewClock.wall() - timedelta(minutes=1)), HeldCalendar()
    clock = ReviewClock(server)
    reviews = Reviews(clock.client, opening.reference)
    desks: list[Callable[..., Any]] = [calendar.plan_dates, post.send_letters]
    async with Worker(server, task_queue=opening.reference, activities=desks):
        handle = await reviews.open(opening)
        with pytest.raises(Refused, match=r"still being opened\. Try again"):
            await reviews.tell(opening.reference, facts.returned("police"))
        calendar.door.set()
        await clock.move_to(handle, clock.wall() + timedelta(seconds=5))
        receipt = await reviews.tell(opening.reference, facts.returned("police"))
    assert "version 1" in receipt.recorded


async def test_a_return_delivered_twice_changes_nothing(review: PlayedReview) -> None:
    """The same id is the same return, whether it comes as a signal or a command."""
    fact = facts.returned("police")
    for _ in range(2):
        await review.signal(RETURN, fact)
    await review.tell(fact)
    assert {a.key: a.versions for a in (await review.standing()).agencies}["police"] == 1
    assert len(await review.entries(Event.RETURN_RECORDED)) == 1


async def test_a_second_return_is_a_second_version(review: PlayedReview) -> None:
    """Another id is another return; both are kept."""
    await review.signal(RETURN, facts.returned("police", kind=ReturnKind.PARTIAL))
    await review.signal(RETURN, facts.returned("police"))
    assert {a.key: a.versions for a in (await review.standing()).agencies}["police"] == 2


@pytest.mark.parametrize(
    ("signal", "fact", "sentence"),
    [
        (RETURN, facts.returned("ambulance"), "has not asked an agency with the key ambulance"),
        (RETURN, facts.returned("gp", kind=ReturnKind.NIL), "must say who was searched for"),
        (RapidReviewWorkflow.sign_off_received, facts.confirmed("health"), "No draft of"),
        (RapidReviewWorkflow.panel_replied, facts.panel_agrees(), "has not been submitted"),
    ],
)
async def test_a_fact_that_cannot_be_taken_is_noted_and_the_review_goes_on(
    review: PlayedReview, signal: object, fact: Message, sentence: str
) -> None:
    """Nobody waits for an answer, so the record has the reason; reminders leave as before."""
    await review.signal(signal, fact)  # type: ignore[arg-type]  # one of several signals
    [entry] = await review.entries(Event.FACT_NOT_TAKEN)
    assert sentence in entry.says
    await review.until("day 6 12:00")
    assert review.post.letters("reminder")


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (facts.returned("ambulance"), r"Those asked are: police, icb.*add-agency"),
        (facts.returned("gp", kind=ReturnKind.NIL), "must say who was searched for"),
        (facts.added("ambulance"), r"No agency has the key ambulance.*Known keys: police"),
        (facts.added("police"), "has already been asked"),
        (facts.confirmed("police"), "No draft of .* is before the leads yet"),
        (facts.decided(), "decide after the meeting"),
        (SendAgain(letter="request/police", by=facts.OFFICE), "Waiting: none"),
    ],
)
async def test_a_command_that_cannot_be_taken_is_refused_with_a_sentence(
    review: PlayedReview, fact: Message, sentence: str
) -> None:
    """The sentence says what is wrong and what to do; the record is as it was."""
    before = await review.reviews.record(review.reference)
    with pytest.raises(Refused, match=sentence):
        await review.tell(fact)
    assert await review.reviews.record(review.reference) == before


@pytest.mark.parametrize(
    ("fact", "sentence"),
    [
        (
            facts.confirmed("children"),
            r"No strategic lead has the key children\. Leads of .*: local-authority",
        ),
        (facts.confirmed("police", version=2), "There is no version 2 yet"),
        (facts.draft(), "the same document as version 1"),
    ],
)
async def test_an_answer_or_draft_that_does_not_fit_is_refused(
    review: PlayedReview, fact: Message, sentence: str
) -> None:
    """A draft is before the leads, and these do not belong to it."""
    await review.tell(facts.draft())
    with pytest.raises(Refused, match=sentence):
        await review.tell(fact)


async def test_a_review_that_is_not_there_is_refused_with_a_sentence(review: PlayedReview) -> None:
    """The sentence says how to see those there are."""
    with pytest.raises(Refused, match=r"No review RR-2026-99 .*`rapid-review list --all`"):
        await review.reviews.tell("RR-2026-99", facts.returned("police"))


async def test_a_reference_is_used_once(review: PlayedReview) -> None:
    """A second review cannot open under it."""
    with pytest.raises(Refused, match="already in use"):
        await review.reviews.open(review.opening)


async def test_a_refused_letter_is_a_task_told_to_the_office(server: Client, post: FakePostRoom) -> None:
    """The others' letters go; the refused one is named with its status, and asks to be mended."""
    post.refused["agency:housing"] = "5.1.1"
    async with played(server, opening_at(soon()), post) as review:
        assert len(post.letters("request-for-information")) == 7
        [told] = post.letters("undelivered")
        assert (str(told.to), told.facts["letter"], told.facts["status"]) == (
            "office",
            "request/housing",
            "5.1.1",
        )
        [task] = [t for t in (await review.standing()).todo if t.task is Task.MEND_DELIVERY]
        assert task.about == "request/housing"


async def test_a_mended_letter_is_sent_again_and_the_task_is_settled(
    server: Client, post: FakePostRoom
) -> None:
    """Once the address is right the same letter goes, under a key that says it is the second try."""
    post.refused["agency:housing"] = "5.1.1"
    async with played(server, opening_at(soon()), post) as review:
        post.refused.clear()
        await review.tell(SendAgain(letter="request/housing", by=facts.OFFICE))
        assert post.keys("request-for-information")[-1] == "request/housing/again"
        assert Task.MEND_DELIVERY not in {t.task for t in (await review.standing()).todo}


async def test_a_report_the_panels_server_refuses_does_not_count_as_submitted(
    server: Client, post: FakePostRoom
) -> None:
    """It is sent again once mended, and counts from then."""
    post.refused["panel"] = "5.7.1"
    async with played(server, opening_at(soon()), post) as review:
        await review.met()
        await review.tell(facts.draft())
        await review.confirmed()
        assert (await review.standing()).submitted_at is None
        assert post.letters("undelivered")
        post.refused.clear()
        await review.tell(SendAgain(letter="submission/1/panel", by=facts.OFFICE))
        assert post.told("submission") == ["panel"]
        assert post.told("submission-copy") == ["ofsted"]
        assert (await review.handle.result()).outcome is Outcome.NO_CSPR


async def test_a_letter_that_comes_back_later_is_a_task_too(review: PlayedReview) -> None:
    """A bounce says which letter, and the office hears once."""
    bounce = facts.came_back("request/housing")
    for _ in range(2):
        await review.signal(RapidReviewWorkflow.delivery_failed, bounce)
    assert len(review.post.letters("undelivered")) == 1
    tasks = [todo for todo in (await review.standing()).todo if todo.task is Task.MEND_DELIVERY]
    assert [todo.about for todo in tasks] == ["request/housing"]
