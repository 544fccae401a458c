"""Playing the CSPR that a review has led to, on a clock of its own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from temporalio.client import WorkflowHandle

from domain.cspr.messages import CsprEnded, OpenCspr, cspr_id
from domain.messages import Message, Receipt, Recommendation
from domain.timetable import LONDON
from starter.csprs import Csprs
from tests import cspr_sample as told
from tests import sample
from tests.workflows import facts
from tests.workflows.going_on import GoingOn
from tests.workflows.playing import PlayedReview
from workflows.cspr import CsprWorkflow


@dataclass
class PlayedCspr:
    """A CSPR being played on its own clock, the review before it having ended."""

    review: PlayedReview
    csprs: Csprs
    handle: "WorkflowHandle[CsprWorkflow, CsprEnded]"

    async def now(self) -> datetime:
        """What time it is in the CSPR."""
        return await self.review.clock.now(self.handle)

    async def on(self, days: int) -> date:
        """Move so many days on, to mid-morning of the next working day; that day."""
        day = (await self.now() + timedelta(days=days)).astimezone(LONDON).date()
        working = sample.CALENDAR.is_working_day(day)
        day = day if working else sample.CALENDAR.nth_working_day(day, 1)
        await self.review.clock.move_to(
            self.handle, datetime(day.year, day.month, day.day, 11, tzinfo=LONDON)
        )
        return day

    async def tell(self, *brought: Message) -> Receipt:
        """Bring facts, and let what answers them be carried out."""
        for fact in brought:
            receipt = await self.csprs.tell(self.review.reference, fact)
        await self.review.clock.move_on(self.handle, timedelta(seconds=5))
        return receipt

    async def approve(self) -> None:
        """Commission a reviewer and have every lead confirm the first version."""
        await self.tell(told.commission(), told.terms(), told.draft())
        await self.tell(*(told.confirmed(lead) for lead in sample.LEADS))


async def decided(review: PlayedReview, **decision: object) -> PlayedCspr:
    """The review, concluded with the leads' decision, and what it has started."""
    await review.until("day 11 12:00")
    fact = facts.decided(Recommendation.CSPR).model_copy(update=decision)
    await review.tell(facts.held(review.at("day 11 10:00")), facts.draft())
    await review.confirmed()
    await review.tell(fact)
    return await begun(review)


async def begun(review: PlayedReview) -> PlayedCspr:
    """The CSPR that a concluded review has started, brought past its first moment."""
    csprs = Csprs(review.clock.client)
    played = PlayedCspr(review, csprs, csprs.handle(review.reference))
    await review.clock.move_on(played.handle, timedelta(seconds=5))
    return played


async def begun_alone(after: GoingOn, decided_at: datetime) -> PlayedCspr:
    """The CSPR, begun as the ended review began its own."""
    csprs = Csprs(after.case.clock.client)
    handle = await after.begin(CsprWorkflow.run, OpenCspr, cspr_id, decided_at + timedelta(seconds=10))
    return PlayedCspr(after.case, csprs, handle)
