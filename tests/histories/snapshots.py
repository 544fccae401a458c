"""What today's code does when a recorded history is played to it again: every command, as readable JSON.

Plain replay compares only the order and kind of commands. A snapshot holds what replay lets pass: how
long each timer is, what each activity is told, what is shown, and what each command is answered. What
the Web UI shows of the case at the end stands last.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import (
    QueryWorkflow,
    WorkflowActivation,
    WorkflowActivationJob,
)
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.converter import SerializationContext
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin

Snapshot = list[dict[str, Any]]
"""The commands in order, each a dict that says what it is and holds nothing that is empty."""


async def snapshot(history: WorkflowHistory, keyring: KeyRing) -> Snapshot:
    """Every command of today's code on a history, which is replayed as a worker would.

    Raises:
        NondeterminismError: the code asks for other commands than the history has.
    """
    taken: Snapshot = []

    def watched(runner: WorkflowRunner | None) -> WorkflowRunner:
        if runner is None:
            raise AssertionError("the project's plugin brings the runner, and stands first")
        return WatchedRunner(runner, taken)

    watching = SimplePlugin("snapshots", workflow_runner=watched)
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(keyring), watching])
    await replayer.replay_workflow(history)
    return taken


class WatchedRunner(WorkflowRunner):
    """A runner that notes what the workflows of another runner ask for, before it is sealed."""

    def __init__(self, inner: WorkflowRunner, taken: Snapshot) -> None:
        """Let ``inner`` run the workflows and append their commands to ``taken``."""
        self._inner, self._taken = inner, taken

    def prepare_workflow(self, defn: Any) -> None:  # noqa: ANN401  # the SDK does not name its type
        """See `WorkflowRunner`."""
        self._inner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """See `WorkflowRunner`."""
        return _WatchedInstance(self._inner.create_instance(det), self._taken)


class _WatchedInstance(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance, taken: Snapshot) -> None:
        self._inner, self._taken = inner, taken

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            self._taken.append({"current_details": self._current_details(act)})
        completion = self._inner.activate(act)
        self._taken.extend(_said(command) for command in completion.successful.commands)
        return completion

    def _current_details(self, last: WorkflowActivation) -> list[str]:
        """What the Web UI shows at the end, line by line."""
        query = QueryWorkflow(query_id="details", query_type="__temporal_workflow_metadata")
        asking = WorkflowActivation(run_id=last.run_id, timestamp=last.timestamp)
        asking.jobs.append(WorkflowActivationJob(query_workflow=query))
        [answer] = self._inner.activate(asking).successful.commands
        shown = _opened(answer.respond_to_query.succeeded.response)
        return str(shown["currentDetails"]).splitlines()

    def get_serialization_context(self, command_info: Any) -> SerializationContext | None:  # noqa: ANN401  # the SDK does not name its type
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:  # noqa: ANN401  # the SDK does not name its type
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._inner.get_info()

    def get_thread_id(self) -> int | None:
        return self._inner.get_thread_id()


def _said(command: WorkflowCommand) -> dict[str, Any]:
    """One command, with what a person compares: no sequence numbers and no identifiers of the engine."""
    kind = str(command.WhichOneof("variant"))
    said: dict[str, Any] = {kind: _TELLERS[kind](command) if kind in _TELLERS else ""}
    if command.user_metadata.HasField("summary"):
        said["summary"] = _opened(command.user_metadata.summary)
    return said


def _timer(command: WorkflowCommand) -> str:
    return str(command.start_timer.start_to_fire_timeout.ToTimedelta())


def _activity(command: WorkflowCommand) -> dict[str, Any]:
    asked = command.schedule_activity
    limits = {
        "start_to_close": asked.start_to_close_timeout.ToTimedelta(),
        "heartbeat": asked.heartbeat_timeout.ToTimedelta(),
    }
    return {
        "type": asked.activity_type,
        **{name: str(limit) for name, limit in limits.items() if limit != timedelta()},
        "arguments": [_without_emptiness(_opened(payload)) for payload in asked.arguments],
    }


def _attributes(command: WorkflowCommand) -> dict[str, Any]:
    shown = command.upsert_workflow_search_attributes.search_attributes.indexed_fields
    return {name: _opened(shown[name]) for name in sorted(shown)}


def _answer(command: WorkflowCommand) -> object:
    answer = command.update_response
    match answer.WhichOneof("response"):
        case "completed":
            return _opened(answer.completed)
        case "rejected":
            return {"refused": answer.rejected.message}
        case stage:
            return stage


def _signal(command: WorkflowCommand) -> dict[str, Any]:
    told = command.signal_external_workflow_execution
    return {told.signal_name: [_without_emptiness(_opened(payload)) for payload in told.args]}


def _end(command: WorkflowCommand) -> object:
    return _opened(command.complete_workflow_execution.result)


_TELLERS: dict[str, Callable[[WorkflowCommand], Any]] = {
    "start_timer": _timer,
    "schedule_activity": _activity,
    "upsert_workflow_search_attributes": _attributes,
    "update_response": _answer,
    "signal_external_workflow_execution": _signal,
    "complete_workflow_execution": _end,
}


def _opened(payload: Payload) -> Any:  # noqa: ANN401  # JSON
    return json.loads(payload.data) if payload.data else None


def _without_emptiness(value: Any) -> Any:  # noqa: ANN401  # JSON
    """JSON without nulls and empties, so that a new optional field of a message is no change."""
    if isinstance(value, dict):
        kept = {key: _without_emptiness(inner) for key, inner in value.items()}
        return {key: inner for key, inner in kept.items() if inner not in (None, "", [], {})}
    return [_without_emptiness(inner) for inner in value] if isinstance(value, list) else value


def written(snapshot: Snapshot) -> str:
    """A snapshot as the text of its file: a command after another, the short parts each on one line."""
    return "[\n" + ",\n".join(_lines(snapshot)) + "\n]\n"


def _lines(snapshot: Snapshot) -> Iterator[str]:
    for command in snapshot:
        yield re.sub(
            r"\[\n\s+([^\[\]{}]+?)\n\s+\]", _joined, json.dumps(command, indent=1, ensure_ascii=False)
        )


def _joined(found: re.Match[str]) -> str:
    return "[" + re.sub(r",\n\s+", ", ", found[1]) + "]"
