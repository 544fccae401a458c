"""Cases that are open go on under today's code: their histories replay, and nothing they do has changed."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

import domain.letters
import domain.requests
from domain.case import Chase
from domain.steps import StepKind
from domain.timetable import Timetable
from tests.histories import kept
from tests.histories.reviews import NAMES
from tests.histories.snapshots import snapshot, written
from worker.plugin import rapid_review_plugin

REMINDED = "still-gathering"
"""A history with two reminders in it."""


async def _replayed(name: str) -> None:
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(kept.keyring())])
    await replayer.replay_workflow(kept.history(name))


async def _snapshot(name: str) -> str:
    return written(await snapshot(kept.history(name), kept.keyring()))


def test_every_kept_case_has_been_recorded() -> None:
    """A case that is described and not recorded guards nothing."""
    assert kept.names() == sorted(NAMES)


@pytest.mark.parametrize("name", kept.names())
async def test_a_recorded_history_replays(name: str) -> None:
    """The code asks for the same commands in the same order; where it does not, open cases would stop."""
    await _replayed(name)


@pytest.mark.parametrize("name", kept.names())
async def test_what_the_code_does_on_a_history_is_as_it_was(name: str) -> None:
    """Timers, letters, what is shown and what is answered are as in the snapshot beside the history.

    If the change is meant: `python -m tests.histories.record --snapshot NAME`, and read what differs.
    Nothing a case did is left out of the comparison; what the engine notes of a patch is its own.
    """
    history = kept.history(name)
    done = json.loads(written(await snapshot(history, kept.keyring())))
    assert done == json.loads(kept.snapshot_path(name).read_text("utf-8"))
    events = [event for event in history.events if "TemporalChangeVersion" not in str(event)]
    kinds = [str(event.WhichOneof("attributes")) for event in events]
    commands = [kind for command in done for kind in command]
    for event, command in (
        ("timer_started_event_attributes", "start_timer"),
        ("activity_task_scheduled_event_attributes", "schedule_activity"),
        ("start_child_workflow_execution_initiated_event_attributes", "start_child_workflow_execution"),
        ("upsert_workflow_search_attributes_event_attributes", "upsert_workflow_search_attributes"),
        ("workflow_execution_completed_event_attributes", "complete_workflow_execution"),
    ):
        assert commands.count(command) == kinds.count(event)


def _an_hour_earlier(planned: Callable[[Timetable], tuple[Chase, ...]]) -> Callable[..., tuple[Chase, ...]]:
    def earlier(plan: Timetable) -> tuple[Chase, ...]:
        hour = timedelta(hours=1)
        return tuple(chase.model_copy(update={"due": chase.due - hour}) for chase in planned(plan))

    return earlier


async def test_another_reminder_hour_passes_replay_and_shows_in_the_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Replay does not look at the length of a timer; the snapshot does."""
    earlier = _an_hour_earlier(domain.requests.planned_chases)
    monkeypatch.setattr(domain.requests, "planned_chases", earlier)
    await _replayed(REMINDED)
    assert await _snapshot(REMINDED) != kept.snapshot_path(REMINDED).read_text("utf-8")


async def test_another_step_on_the_same_morning_fails_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer that has fired is looked at anew, so a step that is no longer there is missed at once."""
    monkeypatch.setattr(domain.requests, "planned_chases", lambda _: ())
    with pytest.raises(NondeterminismError):
        await _replayed(REMINDED)


async def test_another_fact_in_a_letter_passes_replay_and_shows_in_the_snapshot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Replay does not look at an activity's arguments; the snapshot does."""
    monkeypatch.setattr(domain.letters, "london", lambda _: "soon")
    await _replayed(REMINDED)
    assert await _snapshot(REMINDED) != kept.snapshot_path(REMINDED).read_text("utf-8")


async def test_a_step_left_out_fails_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A letter that is no longer sent would stop every open case: this is what replay is for."""
    monkeypatch.setitem(domain.letters.WRITERS, StepKind.REMINDER, lambda *_: [])
    with pytest.raises(NondeterminismError):
        await _replayed(REMINDED)


@pytest.mark.parametrize("name", kept.names())
def test_a_recorded_history_holds_no_name_and_no_reason_in_the_clear(name: str) -> None:
    """It is as the server had it: sealed, but for plain facts and the engine's own."""
    text = kept.history_path(name).read_text("utf-8")
    for word in ("Lead police", "Business Officer", "The police agency", "Room One", "Agreed with"):
        assert word not in text
