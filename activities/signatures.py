"""The activities as workflows see them: names, arguments and answers, without what carries them out."""

from typing import Protocol

from temporalio import activity

from domain.follow_up.messages import FollowUpPlan, PlanFollowUp
from domain.messages import Delivery, PlanDates, Post
from domain.timetable import Timetable


class Planner(Protocol):
    """Counts working days on the calendar of the day."""

    @activity.defn(name="plan_dates")
    async def plan_dates(self, request: PlanDates) -> Timetable:
        """The timetable of a case; refused, and not retried, where a date cannot be counted."""
        ...

    @activity.defn(name="plan_follow_up")
    async def plan_follow_up(self, request: PlanFollowUp) -> FollowUpPlan:
        """The dates of an action; refused, and not retried, where a date cannot be counted."""
        ...


class MailRoom(Protocol):
    """Renders and sends letters, each effectively once."""

    @activity.defn(name="send_letters")
    async def send_letters(self, post: Post) -> tuple[Delivery, ...]:
        """Send what has not yet gone out; say of each letter what became of it."""
        ...
