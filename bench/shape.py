"""The shape of a review, read from the history of a real one: what it does, when, and how much it carries."""

from collections.abc import AsyncIterator
from functools import reduce
from typing import Any, Literal

from pydantic import BaseModel
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

MESSAGES = ("WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_EXECUTION_UPDATE_ACCEPTED")

CARRIES = {
    "WORKFLOW_EXECUTION_STARTED": "workflow_execution_started_event_attributes.input",
    "WORKFLOW_EXECUTION_SIGNALED": "workflow_execution_signaled_event_attributes.input",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": (
        "workflow_execution_update_accepted_event_attributes.accepted_request.input.args"
    ),
    "WORKFLOW_EXECUTION_UPDATE_COMPLETED": (
        "workflow_execution_update_completed_event_attributes.outcome.success"
    ),
    "ACTIVITY_TASK_SCHEDULED": "activity_task_scheduled_event_attributes.input",
    "ACTIVITY_TASK_COMPLETED": "activity_task_completed_event_attributes.result",
}
"""Where the events that carry something have it."""


class Carried(BaseModel):
    """Bytes that something takes with it, and bytes that it is answered with."""

    sent: int
    answered: int = 0


class Move(BaseModel):
    """One thing that a workflow does, as soon as it has ``heard`` so many messages.

    ``activity`` has what it ``carries``, and is waited for; ``upsert`` renews so many ``attributes``;
    ``timer`` begins one in place of the one that stands; ``child`` starts one of the shape ``child``, and the
    next does not wait for it.
    """

    does: Literal["activity", "upsert", "timer", "child"]
    heard: int = 0
    carries: Carried = Carried(sent=0)
    attributes: int = 0
    child: "Shape | None" = None


class Shape(BaseModel):
    """What a workflow does, in its order, and whether it then ``ends``; it opens with ``opening`` bytes."""

    opening: int
    ends: bool
    moves: tuple[Move, ...]
    messages: tuple[Carried, ...]
    """What each signal and update brings, in their order."""


async def shape_of(client: Client, workflow_id: str, *, ends: bool = True) -> Shape:
    """The shape of a workflow that has run; one that does not end is read up to its first timer."""
    events = [event async for event in _history(client, workflow_id, ends=ends)]
    moves: list[Move] = []
    messages: list[Carried] = []
    for event in events:
        match _name(event):
            case name if move := _move(name, event):
                moves.append(move.model_copy(update={"heard": len(messages)}))
            case "ACTIVITY_TASK_COMPLETED":
                moves[-1].carries.answered = _carried(event)
            case "START_CHILD_WORKFLOW_EXECUTION_INITIATED":
                child = event.start_child_workflow_execution_initiated_event_attributes.workflow_id
                begun = await shape_of(client, child, ends=False)
                moves.append(Move(does="child", heard=len(messages), child=begun))
            case name if name in MESSAGES:
                messages.append(Carried(sent=_carried(event)))
            case "WORKFLOW_EXECUTION_UPDATE_COMPLETED":
                messages[-1].answered = _carried(event)
    return Shape(opening=_carried(events[0]), ends=ends, moves=tuple(moves), messages=tuple(messages))


def _move(name: str, event: HistoryEvent) -> Move | None:
    """What an event says by itself that the workflow does."""
    match name:
        case "ACTIVITY_TASK_SCHEDULED":
            return Move(does="activity", carries=Carried(sent=_carried(event)))
        case "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES":
            return Move(does="upsert", attributes=_attributes(event))
        case "TIMER_STARTED":
            return Move(does="timer")
    return None


async def _history(client: Client, workflow_id: str, *, ends: bool) -> AsyncIterator[HistoryEvent]:
    handle = client.get_workflow_handle(workflow_id)
    async for event in handle.fetch_history_events(wait_new_event=True):
        yield event
        if not ends and _name(event) == "TIMER_STARTED":
            return


def _name(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def _carried(event: HistoryEvent) -> int:
    payloads: Any = reduce(getattr, CARRIES[_name(event)].split("."), event)
    return sum(len(payload.data) for payload in payloads.payloads) if isinstance(payloads, Payloads) else 0


def _attributes(event: HistoryEvent) -> int:
    changed = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    return len(changed.indexed_fields)
