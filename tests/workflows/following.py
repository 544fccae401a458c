"""Actions that a review left behind, each followed on its own clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from domain.follow_up.messages import (
    CloseAction,
    FollowedUp,
    MoveAction,
    RecordEvidence,
    WithdrawAction,
    workflow_id,
)
from domain.follow_up.state import FollowUp
from domain.messages import ImmediateAction, PlanLearning
from starter.follow_ups import FollowUps
from tests.workflows import facts
from tests.workflows.going_on import GoingOn
from tests.workflows.playing import PlayedReview
from workflows.follow_up import FollowUpWorkflow


@dataclass
class Followed:
    """A review that has ended, with its follow-ups: 1 housing's, due Day 20; 2 health's, due Day 40."""

    review: PlayedReview
    follow_ups: FollowUps

    async def until(self, number: int, moment: str) -> None:
        """Move one action's clock, carrying out all that falls due."""
        handle = self.follow_ups.handle(self.review.reference, number)
        await self.review.clock.move_to(handle, self.review.at(moment) + timedelta(seconds=10))

    async def tell(
        self, number: int, fact: RecordEvidence | CloseAction | MoveAction | WithdrawAction
    ) -> None:
        """Bring a fact, and let what answers it be carried out."""
        await self.follow_ups.tell(self.review.reference, number, fact)
        handle = self.follow_ups.handle(self.review.reference, number)
        await self.review.clock.move_on(handle, timedelta(seconds=5))

    async def result(self, number: int) -> FollowedUp:
        """How an action ended."""
        return await self.follow_ups.handle(self.review.reference, number).result()

    def sent(self, template: str) -> list[datetime]:
        """When the letters of a template went."""
        return self.review.post.moments(template)


def evidence() -> RecordEvidence:
    """It is shown to be done."""
    return RecordEvidence(id="mail-1", evidence="A signed list", by="Housing Manager")


async def concluded(review: PlayedReview) -> Followed:
    """A review concluded on Day 13 with an immediate action and an item of its plan for the learning."""
    day = {number: review.at(f"day {number} 12:00").date() for number in (20, 40)}
    await review.met(ImmediateAction(agency="housing", action="Check the records", due_on=day[20]))
    learning = PlanLearning(owner="health", due_on=day[40], what="Brief every ward", by=facts.OFFICE)
    await review.tell(learning)
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    return Followed(review=review, follow_ups=FollowUps(review.client))


async def handed_over(after: GoingOn) -> Followed:
    """Both actions, each begun as the ended review began its own."""
    for number in (1, 2):
        await after.begin(
            FollowUpWorkflow.run, FollowUp, partial(workflow_id, number=number), after.case.at("day 13 10:01")
        )
    return Followed(review=after.case, follow_ups=FollowUps(after.case.client))
