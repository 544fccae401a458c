"""What one review puts on the server: events, billable actions and timers, every reminder being sent."""

import tempfile
from collections import Counter
from pathlib import Path

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent

from bench.row import Row
from starter.diary import Diary
from starter.rehearsal import Rehearsal
from starter.scenario import read_scenario
from worker.settings import Settings

SCENARIO = Path(__file__).with_name("full_reminders.toml")

BILLED = {
    "WORKFLOW_EXECUTION_STARTED": "start",
    "ACTIVITY_TASK_SCHEDULED": "activities",
    "TIMER_STARTED": "timers",
    "WORKFLOW_EXECUTION_SIGNALED": "signals",
    "WORKFLOW_EXECUTION_UPDATE_ACCEPTED": "updates",
    "UPSERT_WORKFLOW_SEARCH_ATTRIBUTES": "upserts",
    "START_CHILD_WORKFLOW_EXECUTION_INITIATED": "children",
}
"""The events that are one billable action each.

Source: Temporal Cloud's documentation, "Actions". Queries and heartbeats are billed as well, leave no
event, and are not counted here: a heartbeat reaches the server every few seconds that letters take.
"""


CLOCK = ("WORKFLOW_EXECUTION_OPTIONS_UPDATED", "WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED")
"""What the moving of the clock leaves in a history, and time that passes by itself does not."""

TASK = ("WORKFLOW_TASK_SCHEDULED", "WORKFLOW_TASK_STARTED", "WORKFLOW_TASK_COMPLETED")

WAKING = (
    "WORKFLOW_EXECUTION_STARTED",
    "WORKFLOW_EXECUTION_SIGNALED",
    "TIMER_FIRED",
    "ACTIVITY_TASK_COMPLETED",
    "CHILD_WORKFLOW_EXECUTION_STARTED",
)
"""The events that wake a workflow; an update does so too, and is told by what follows."""

HANDING_OVER = "START_CHILD_WORKFLOW_EXECUTION_INITIATED"
"""From the first of these to its end a review does nothing but hand its case over."""


async def measure() -> list[Row]:
    """Play the scenario on a moved clock, and count its history as if the time had passed by itself."""
    history = in_real_time(await _played())
    events = Counter(history)
    children = events["CHILD_WORKFLOW_EXECUTION_STARTED"]
    handing_over = len(history) - history.index(HANDING_OVER) - 1
    billed = {word: events[event] for event, word in BILLED.items() if events[event]}
    kinds = ", ".join(f"{count} {word}" for word, count in billed.items())
    return [
        Row.at_most(
            "events of an eight-agency review, every reminder sent", events.total() - handing_over, 200
        ),
        Row(f"and to hand over to {children} workflows that outlive it", f"{handing_over} events more"),
        Row.at_most("billable actions", sum(billed.values()), 60),
        Row("of which", kinds),
        Row.at_most("timers", events["TIMER_STARTED"], 12),
    ]


async def _played() -> list[str]:
    scenario = read_scenario(SCENARIO)
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        rehearsal = Rehearsal(scenario, Settings(home=Path(home)), Diary(silent=True))
        async with rehearsal.running():
            await rehearsal.play()
            handle = rehearsal.reviews.handle(rehearsal.reference)
            return [_name(event) async for event in handle.fetch_history_events()]


def _name(event: HistoryEvent) -> str:
    return EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")


def in_real_time(moved: list[str]) -> list[str]:
    """A history without the clock's own events, and without the tasks they alone gave rise to."""
    history = [name for name in moved if name not in CLOCK]
    kept: list[str] = []
    while history:
        idle = tuple(history[:3]) == TASK and kept[-1] not in WAKING
        if idle and history[3] != "WORKFLOW_EXECUTION_UPDATE_ACCEPTED":
            del history[:3]
        else:
            kept.append(history.pop(0))
    return kept
