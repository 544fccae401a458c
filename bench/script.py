"""A whole review in which everybody answers at once, and how it is played. See decision 0006."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from domain.messages import (
    AgencyReturn,
    Answer,
    BookMeeting,
    Decide,
    DocumentRef,
    ImmediateAction,
    OpenReview,
    Recommendation,
    RecordMeeting,
    ReturnKind,
    SignOff,
    SubmitDraft,
)

OFFICE = "Business Officer"


@dataclass(frozen=True)
class Told:
    """What a case is told, by signal or by an update that is waited for; ``fact`` makes it as it is told."""

    by: Literal["signal", "update"]
    name: str
    fact: Callable[[], Any]


@dataclass(frozen=True)
class Sent:
    """Wait until so many of the case's activities are done; the first of them plans the dates."""

    activities: int


Script = Sequence[Told | Sent]


def whole_review(opening: OpenReview, report: DocumentRef) -> Script:
    """From the returns to the decision, each as soon as the letters before it are out."""
    return (
        Sent(2),
        *(Told("signal", "agency_return_received", partial(_return, key)) for key in opening.ask),
        Told("update", "book_meeting", _booking),
        Sent(3),
        Told("update", "record_meeting", partial(_meeting, opening)),
        Told("update", "submit_draft", partial(SubmitDraft, document=report, by=OFFICE)),
        Sent(4),
        *(Told("update", "sign_off", partial(_sign_off, opening, key)) for key in _leads(opening)[:-1]),
        Told("update", "decide", _decision),
        Told("update", "sign_off", partial(_sign_off, opening, _leads(opening)[-1])),
    )


async def play(handle: WorkflowHandle[Any, Any], script: Script, pause: float = 0) -> None:
    """Play a script to the end of its workflow, waiting up to ``pause`` seconds before each phase.

    Played again after an outage it changes nothing twice: returns have their own ids, updates theirs.
    """
    for number, act in enumerate(script):
        if isinstance(act, Sent) and pause:
            await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - moments, not secrets
        if isinstance(act, Sent):
            await until_done(handle, act.activities)
        elif act.by == "signal":
            await handle.signal(act.name, act.fact())
        else:
            await handle.execute_update(act.name, act.fact(), id=f"{act.name}-{number}")
    await handle.result()


async def until_done(handle: WorkflowHandle[Any, Any], activities: int) -> None:
    """Wait until a case has done so many activities."""
    async for event in handle.fetch_history_events(wait_new_event=True):
        activities -= event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        if activities == 0:
            return


def _leads(opening: OpenReview) -> list[str]:
    return list(opening.roster.leads)


def _return(agency: str) -> AgencyReturn:
    return AgencyReturn(id=f"bench/return/{agency}", agency=agency, kind=ReturnKind.COMPLETE)


def _booking() -> BookMeeting:
    starts = datetime.now(UTC) + timedelta(days=16)
    return BookMeeting(starts_at=starts, place="Meeting Room 1", by=OFFICE)


def _meeting(opening: OpenReview) -> RecordMeeting:
    due = (datetime.now(UTC) + timedelta(days=20)).date()
    actions = [
        ImmediateAction(agency=key, action="Answer a request within a day.", due_on=due)
        for key in opening.ask[:2]
    ]
    return RecordMeeting(
        held_at=datetime.now(UTC),
        attended=opening.ask,
        recommendation=Recommendation.NO_CSPR,
        reason="The learning is clear.",
        immediate_actions=tuple(actions),
        by=OFFICE,
    )


def _sign_off(opening: OpenReview, lead: str) -> SignOff:
    name = opening.roster.leads[lead].name
    return SignOff(id=f"bench/sign-off/{lead}", lead=lead, by=name, version=1, answer=Answer.CONFIRM)


def _decision() -> Decide:
    return Decide(outcome=Recommendation.NO_CSPR, reason="The learning is clear.", by=OFFICE)
