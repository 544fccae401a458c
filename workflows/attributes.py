"""The search attributes of a case: one registry, for the workflow that sets them and the server's set-up.

Eight at most, plain facts only. They are for finding cases; nothing is ever decided from them.
"""

from datetime import datetime
from typing import Any

from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from domain.case import Case
from domain.consideration.standing import outcome
from domain.consideration.state import Consideration
from domain.consideration.steps import next_step as next_consideration
from domain.cspr.state import Cspr
from domain.cspr.steps import next_step as next_cspr_step
from domain.follow_up.state import FollowUp
from domain.steps import next_step

STAGE = SearchAttributeKey.for_keyword("RRStage")
NEXT_DUE_AT = SearchAttributeKey.for_datetime("RRNextDueAt")
DAY_15_AT = SearchAttributeKey.for_datetime("RRDay15At")
OUTSTANDING = SearchAttributeKey.for_int("RROutstanding")
OVERDUE = SearchAttributeKey.for_int("RROverdue")
OUTCOME = SearchAttributeKey.for_keyword("RROutcome")
AREA = SearchAttributeKey.for_keyword("RRArea")
CALENDAR = SearchAttributeKey.for_keyword("RRCalendar")

REGISTRY = (STAGE, NEXT_DUE_AT, DAY_15_AT, OUTSTANDING, OVERDUE, OUTCOME, AREA, CALENDAR)
"""Every search attribute a server must know before a review is opened on it."""


def attributes(case: Case, now: datetime) -> list[SearchAttributeUpdate[Any]]:
    """What visibility shows of a planned case as of ``now``, all together."""
    step = next_step(case, now)
    return [
        STAGE.value_set(str(case.stage)),
        NEXT_DUE_AT.value_set(step.due) if step else NEXT_DUE_AT.value_unset(),
        DAY_15_AT.value_set(case.timetable["panel_submission_due"].due),
        OUTSTANDING.value_set(len(case.outstanding)),
        OVERDUE.value_set(len(case.overdue(now))),
        OUTCOME.value_set(str(case.outcome or "open")),
        AREA.value_set(case.opening.area),
        CALENDAR.value_set(case.timetable.calendar),
    ]


def follow_up_attributes(follow_up: FollowUp, now: datetime) -> list[SearchAttributeUpdate[Any]]:
    """What visibility shows of a planned follow-up as of ``now``: its next date is its due date."""
    return [
        STAGE.value_set(str(follow_up.stage)),
        NEXT_DUE_AT.value_set(follow_up.due),
        OVERDUE.value_set(int(follow_up.late(now))),
        AREA.value_set(follow_up.opening.area),
        CALENDAR.value_set(follow_up.plan.calendar),
    ]


def cspr_attributes(cspr: Cspr, now: datetime) -> list[SearchAttributeUpdate[Any]]:
    """What visibility shows of a planned CSPR as of ``now``, all together."""
    step = next_cspr_step(cspr, now)
    return [
        STAGE.value_set(str(cspr.stage)),
        NEXT_DUE_AT.value_set(step.due) if step else NEXT_DUE_AT.value_unset(),
        OVERDUE.value_set(len(cspr.late(now))),
        OUTCOME.value_set(str(cspr.opening.kind)),
        AREA.value_set(cspr.opening.area),
        CALENDAR.value_set(cspr.dates.calendar),
    ]


def considering(case: Consideration, now: datetime) -> list[SearchAttributeUpdate[Any]]:
    """What visibility shows of a case put forward as of ``now``."""
    step = next_consideration(case)
    return [
        STAGE.value_set(str(case.stage)),
        NEXT_DUE_AT.value_set(step.due) if step else NEXT_DUE_AT.value_unset(),
        OUTSTANDING.value_set(len(case.awaited_views)),
        OVERDUE.value_set(len(case.overdue(now))),
        OUTCOME.value_set(outcome(case) or "open"),
        AREA.value_set(case.put.area),
        CALENDAR.value_set(case.timetable.calendar),
    ]
