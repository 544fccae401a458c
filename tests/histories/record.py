"""Record the history of a case, once: ``python -m tests.histories.record NAME``.

With ``--snapshot NAME`` only the snapshot is written again, after a change that is meant to show. A
history that is there is never replaced: open cases may have one like it.
"""

import asyncio
import json
import sys
from typing import Any

from temporalio.client import Client, WorkflowHistory

from domain.calendar import Calendar
from starter.embedded import Place, embedded_server
from tests.histories.kept import history, history_path, keyring, snapshot_path
from tests.histories.reviews import (
    CONSIDERATIONS,
    HOLDING,
    NAMES,
    OPENED,
    PROCLAIMED,
    REFUSING,
    REVIEWS,
)
from tests.histories.snapshots import snapshot, written
from tests.workflows.considering import considered
from tests.workflows.playing import opening_at, played, soon
from tests.workflows.post_room import FakePostRoom

USAGE = f"usage: python -m tests.histories.record [--snapshot] NAME, where NAME is one of {', '.join(NAMES)}"


async def record(name: str) -> None:
    """Play a case on a real server and keep its history and the snapshot of it."""
    async with embedded_server(Place(skipping=True), keyring()) as client:
        history = await (_consideration if name in CONSIDERATIONS else _review)(name, client)
    recorded = json.loads(history.to_json())
    with history_path(name).open("x", encoding="utf-8") as file:
        file.write(json.dumps(_impersonal(recorded), indent=1) + "\n")
    await keep_snapshot(name)


async def _review(name: str, client: Client) -> WorkflowHistory:
    post = FakePostRoom(refused=dict(REFUSING.get(name, {})))
    opening = opening_at(soon(), reference="RR-2026-90", **OPENED.get(name, {}))
    holding = HOLDING.get(name, ())
    async with played(client, opening, post, _calendar, interceptors=holding) as review:
        kept = await REVIEWS[name](review) or review.handle
        return await kept.fetch_history()


def _calendar() -> Calendar:
    return Calendar.english(proclaimed=PROCLAIMED)


async def _consideration(name: str, client: Client) -> WorkflowHistory:
    route, play = CONSIDERATIONS[name]
    holding = HOLDING.get(name, ())
    async with considered(
        client, FakePostRoom(), interceptors=holding, reference="RR-2026-90", route=route
    ) as case:
        await play(case)
        return await case.handle.fetch_history()


async def keep_snapshot(name: str) -> None:
    """Write down what today's code does on a recorded history."""
    snapshot_path(name).write_text(written(await snapshot(history(name), keyring())), "utf-8")


def _impersonal(value: Any) -> Any:  # noqa: ANN401  # JSON
    """A history without the names of the machine and process that made it."""
    if isinstance(value, dict):
        return {k: "recorder" if k == "identity" else _impersonal(v) for k, v in value.items()}
    return [_impersonal(inner) for inner in value] if isinstance(value, list) else value


def main(arguments: list[str]) -> None:
    """Record, or take the snapshot again."""
    *options, name = arguments or [""]
    if name not in NAMES or options not in ([], ["--snapshot"]):
        raise SystemExit(USAGE)
    if not options and history_path(name).exists():
        raise SystemExit(
            f"{history_path(name)} is there. A history is never recorded again; give another name."
        )
    asyncio.run(keep_snapshot(name) if options else record(name))


if __name__ == "__main__":
    main(sys.argv[1:])
