"""The calendar's desk: counts a case's dates on the bank holidays known on the day it is asked."""

from dataclasses import dataclass

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.calendar import Calendar
from domain.consideration.messages import PlanConsideration
from domain.consideration.planning import plan_consideration
from domain.cspr.dates import CsprDates
from domain.cspr.messages import PlanCspr
from domain.cspr.planning import plan_cspr
from domain.errors import RapidReviewError
from domain.follow_up.messages import FollowUpPlan, PlanFollowUp
from domain.follow_up.planning import plan_follow_up
from domain.messages import PlanDates
from domain.planning import plan
from domain.timetable import Timetable


@dataclass(frozen=True)
class CalendarDesk:
    """Carries out `activities.signatures.Planner` on one calendar."""

    calendar: Calendar

    @activity.defn(name="plan_dates")
    async def plan_dates(self, request: PlanDates) -> Timetable:
        """The timetable of a case.

        Raises:
            ApplicationError: a date cannot be counted; asking again would not help, so it is not retried.
                Its type is the name of the domain's error, its message that error's sentence.
        """
        try:
            return plan(request, self.calendar)
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_follow_up")
    async def plan_follow_up(self, request: PlanFollowUp) -> FollowUpPlan:
        """The dates of an action; raises as `plan_dates` does."""
        try:
            return plan_follow_up(request, self.calendar)
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_cspr")
    async def plan_cspr(self, request: PlanCspr) -> CsprDates:
        """The dates of a CSPR; raises as `plan_dates` does."""
        try:
            return plan_cspr(request, self.calendar)
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_consideration")
    async def plan_consideration(self, request: PlanConsideration) -> Timetable:
        """The dates of a case put forward; raises as `plan_dates` does."""
        try:
            return plan_consideration(request, self.calendar)
        except RapidReviewError as error:
            raise _not_counted(error) from error


def _not_counted(error: RapidReviewError) -> ApplicationError:
    return ApplicationError(str(error), type=type(error).__name__, non_retryable=True)
