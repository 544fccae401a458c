"""The same workflow on the SDK's test server, which keeps time in another way and knows fewer features."""

from datetime import datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from domain.messages import Outcome
from starter.reviews import Reviews
from starter.scenario import moment_of
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import first_monday_of_november, opening_at, working
from tests.workflows.post_room import FakePostRoom


async def _until(environment: WorkflowEnvironment, moment: datetime) -> None:
    ahead = moment + timedelta(seconds=10) - await environment.get_current_time()
    await environment.sleep(ahead)


async def test_reminders_leave_at_nine_on_a_server_with_one_clock(
    time_skipping_server: WorkflowEnvironment, post: FakePostRoom
) -> None:
    """The workflow's timers hold on the other server too."""
    opening = opening_at(first_monday_of_november(await time_skipping_server.get_current_time()))
    reviews = Reviews(time_skipping_server.client, opening.reference)
    async with working(time_skipping_server.client, opening.reference, post):
        await _until(time_skipping_server, opening.sin.sent_at)
        handle = await reviews.open(opening)
        await _until(time_skipping_server, opening.sin.sent_at + timedelta(minutes=1))
        [plan] = await reviews.plans(opening.reference)
        await _until(time_skipping_server, moment_of("day 7 12:00", plan))
        assert post.moments("reminder") == [moment_of(f"day {n} 09:00", plan) for n in (6, 7)]
        await handle.terminate()


async def test_a_whole_review_is_played_on_a_server_with_one_clock(
    time_skipping_server: WorkflowEnvironment, post: FakePostRoom
) -> None:
    """From the SIN to the Panel, with every lead's signature."""
    opening = opening_at(first_monday_of_november(await time_skipping_server.get_current_time()))
    reviews = Reviews(time_skipping_server.client, opening.reference)
    async with working(time_skipping_server.client, opening.reference, post):
        await _until(time_skipping_server, opening.sin.sent_at)
        handle = await reviews.open(opening)
        await _until(time_skipping_server, opening.sin.sent_at + timedelta(minutes=1))
        [plan] = await reviews.plans(opening.reference)
        for agency in opening.ask:
            await reviews.tell(opening.reference, facts.returned(agency))
        await reviews.tell(opening.reference, facts.booking(moment_of("day 11 10:00", plan)))
        await _until(time_skipping_server, moment_of("day 11 12:00", plan))
        told = [facts.held(moment_of("day 11 10:00", plan)), facts.decided(), facts.draft()]
        for fact in (*told, *(facts.confirmed(lead) for lead in sample.LEADS)):
            await reviews.tell(opening.reference, fact)
        with time_skipping_server.auto_time_skipping_disabled():
            ended = await handle.result()
    assert (ended.outcome, ended.breaches) == (Outcome.NO_CSPR, 0)
    assert post.told("submission") == ["panel"]
