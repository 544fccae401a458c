"""The search attributes of a case: one registry, for the workflow that sets them and the server's set-up.

Eight, plain facts only, the same for every process. They are for listing and finding cases; nothing is
ever decided from them. ``RRAwaited`` and ``RRLate`` hold entries of `domain.awaiting`, and ``RRNextDueAt``
the first date by which any of what is awaited is due (docs/decisions/0013-what-the-lists-are-made-of.md).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from domain.awaiting import Awaited, next_due
from domain.case import Case
from domain.consideration.awaiting import consideration_awaits
from domain.consideration.standing import outcome
from domain.consideration.state import Consideration
from domain.cspr.awaiting import cspr_awaits
from domain.cspr.state import Cspr
from domain.follow_up.awaiting import follow_up_awaits
from domain.follow_up.state import FollowUp
from domain.review_awaiting import review_awaits

STAGE = SearchAttributeKey.for_keyword("RRStage")
NEXT_DUE_AT = SearchAttributeKey.for_datetime("RRNextDueAt")
DAY_15_AT = SearchAttributeKey.for_datetime("RRDay15At")
AWAITED = SearchAttributeKey.for_keyword_list("RRAwaited")
LATE = SearchAttributeKey.for_keyword_list("RRLate")
OUTCOME = SearchAttributeKey.for_keyword("RROutcome")
AREA = SearchAttributeKey.for_keyword("RRArea")
CALENDAR = SearchAttributeKey.for_keyword("RRCalendar")

REGISTRY = (STAGE, NEXT_DUE_AT, DAY_15_AT, AWAITED, LATE, OUTCOME, AREA, CALENDAR)
"""Every search attribute a server must know before a review is opened on it."""

Shown = list[SearchAttributeUpdate[Any]]
"""What visibility is to show of a workflow."""


def attributes(case: Case, now: datetime) -> Shown:
    """What visibility shows of a review as of ``now``: its dates once planned, its outcome once ended."""
    plan = case.plans[-1] if case.plans else None
    awaited, ended = review_awaits(case), case.concluded_at or case.withdrawn
    return [
        *_owed(str(case.stage), awaited, next_due(awaited), now),
        _set(DAY_15_AT, plan["panel_submission_due"].due if plan else None),
        OUTCOME.value_set(str((ended and case.outcome) or "open")),
        AREA.value_set(case.opening.area),
        _set(CALENDAR, plan.calendar if plan else None),
    ]


def follow_up_attributes(follow_up: FollowUp, now: datetime) -> Shown:
    """What visibility shows of a follow-up as of ``now``: its next date is its due date, to the end."""
    planned = follow_up.plans[-1] if follow_up.plans else None
    return [
        *_owed(str(follow_up.stage), follow_up_awaits(follow_up), planned.due if planned else None, now),
        AREA.value_set(follow_up.opening.area),
        _set(CALENDAR, planned.calendar if planned else None),
    ]


def cspr_attributes(cspr: Cspr, now: datetime) -> Shown:
    """What visibility shows of a CSPR, or another learning review, as of ``now``."""
    awaited = cspr_awaits(cspr)
    return [
        *_owed(str(cspr.stage), awaited, next_due(awaited), now),
        OUTCOME.value_set(str(cspr.opening.kind)),
        AREA.value_set(cspr.opening.area),
        _set(CALENDAR, cspr.plans[-1].calendar if cspr.plans else None),
    ]


def considering(case: Consideration, now: datetime) -> Shown:
    """What visibility shows of a case put forward as of ``now``."""
    awaited = consideration_awaits(case)
    return [
        *_owed(str(case.stage), awaited, next_due(awaited), now),
        OUTCOME.value_set(outcome(case) or "open"),
        AREA.value_set(case.put.area),
        _set(CALENDAR, case.plans[-1].calendar if case.plans else None),
    ]


def _owed(stage: str, awaited: tuple[Awaited, ...], due: datetime | None, now: datetime) -> Shown:
    return [
        STAGE.value_set(stage),
        _set(NEXT_DUE_AT, due),
        AWAITED.value_set([str(one) for one in awaited]),
        LATE.value_set([str(one) for one in awaited if one.late(now)]),
    ]


def _set(key: SearchAttributeKey[Any], value: object) -> SearchAttributeUpdate[Any]:
    return key.value_unset() if value is None else key.value_set(value)


def at_first(shown: Iterable[SearchAttributeUpdate[Any]]) -> TypedSearchAttributes:
    """The same for a workflow about to be started, which is then listed from its first moment."""
    return TypedSearchAttributes(
        [SearchAttributePair(update.key, update.value) for update in shown if update.value is not None]
    )


class Listing:
    """What visibility lists of the workflow it is made in: renewed whenever that has changed.

    A workflow started without attributes is one from before they were set at the start. What its history
    holds goes on as it was begun: attributes are renewed when its ``marks`` change.
    """

    def __init__(self) -> None:
        """See how the workflow was started, which its history tells."""
        self._from_the_start = workflow.info().typed_search_attributes.get(STAGE) is not None
        self._marks: object = None

    @property
    def begun(self) -> bool:
        """Whether visibility has something of it."""
        return self._from_the_start or self._marks is not None

    def renew(self, shown: Shown, marks: object) -> None:
        """Have visibility show this."""
        if self._from_the_start:
            listed = workflow.info().typed_search_attributes
            changed = any((listed.get(update.key) or None) != (update.value or None) for update in shown)
        else:
            before, self._marks = self._marks, marks
            changed = before != self._marks
        if changed:
            workflow.upsert_search_attributes(shown)
