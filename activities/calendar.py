"""The calendar's desk: counts a case's dates on the bank holidays known on the day it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.calendar import Calendar
from domain.consideration.messages import PlanConsideration
from domain.consideration.planning import plan_consideration
from domain.cspr.dates import CsprDates
from domain.cspr.messages import PlanCspr
from domain.cspr.planning import plan_cspr
from domain.errors import NotConfigured, RapidReviewError
from domain.follow_up.messages import FollowUpPlan, PlanFollowUp
from domain.follow_up.planning import plan_follow_up
from domain.messages import PlanDates
from domain.partnership import FILE, load_partnership
from domain.planning import plan
from domain.timetable import Timetable


@dataclass(frozen=True)
class CalendarDesk:
    """Carries out `activities.signatures.Planner` on the calendar that holds at the moment it is asked."""

    calendar: Callable[[], Calendar]

    @activity.defn(name="plan_dates")
    async def plan_dates(self, request: PlanDates) -> Timetable:
        """The timetable of a case.

        Raises:
            ApplicationError: a date cannot be counted; asking again would not help, so it is not retried.
                Its type is the name of the domain's error, its message that error's sentence. A folder
                that cannot be read is tried again until it is mended.
        """
        try:
            return plan(request, self.calendar())
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_follow_up")
    async def plan_follow_up(self, request: PlanFollowUp) -> FollowUpPlan:
        """The dates of an action; raises as `plan_dates` does."""
        try:
            return plan_follow_up(request, self.calendar())
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_cspr")
    async def plan_cspr(self, request: PlanCspr) -> CsprDates:
        """The dates of a CSPR; raises as `plan_dates` does."""
        try:
            return plan_cspr(request, self.calendar())
        except RapidReviewError as error:
            raise _not_counted(error) from error

    @activity.defn(name="plan_consideration")
    async def plan_consideration(self, request: PlanConsideration) -> Timetable:
        """The dates of a case put forward; raises as `plan_dates` does."""
        try:
            return plan_consideration(request, self.calendar())
        except RapidReviewError as error:
            raise _not_counted(error) from error


def _not_counted(error: RapidReviewError) -> ApplicationError:
    mended = isinstance(error, NotConfigured)
    return ApplicationError(str(error), type=type(error).__name__, non_retryable=not mended)


@dataclass
class FolderCalendar:
    """The calendar of a partnership's folder, read again whenever its file has changed.

    So a bank holiday written there while a worker runs counts from the next planning on. All else in
    the folder is read as a program starts. See docs/decisions/0011.
    """

    folder: Path
    _read: tuple[tuple[int, int], Calendar] | None = field(default=None, init=False)

    def __call__(self) -> Calendar:
        """The calendar as the folder now has it.

        Raises:
            NotConfigured: the file is missing or wrong.
        """
        mark = self._mark()
        if not self._read or self._read[0] != mark:
            self._read = mark, Calendar.of(load_partnership(self.folder))
        return self._read[1]

    def _mark(self) -> tuple[int, int]:
        try:
            seen = (self.folder / FILE).stat()
        except OSError:
            return (0, 0)
        return (seen.st_mtime_ns, seen.st_size)
