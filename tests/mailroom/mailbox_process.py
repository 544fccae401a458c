"""The mailbox as a process of its own, which can be killed the way a machine loses power.

``python -m tests.mailroom.mailbox_process [STEP]`` runs ``rapid-review mailbox``; with a step it waits for
ever as soon as that step has been done, having said so in a line.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

from starter.mailroom.journal import Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.reader import ReadingProcess
from starter.mailroom.running import run_mailbox
from starter.mailroom.telling import CaseTeller
from vault.documents import DocumentStore
from worker.settings import read_settings

HELD_AT = "Held after "


class Step(StrEnum):
    """What can be the last thing done before the process dies."""

    STORED = "stored"
    JOURNALLED = "journalled"
    READ = "read"
    TOLD = "told"
    HELD = "held"
    SEEN = "seen"
    SETTLED = "settled"


STEPS: dict[Step, tuple[type, str]] = {
    Step.STORED: (DocumentStore, "put"),
    Step.JOURNALLED: (Journal, "take"),
    Step.READ: (ReadingProcess, "read"),
    Step.TOLD: (CaseTeller, "tell"),
    Step.HELD: (Quarantine, "hold"),
    Step.SEEN: (Journal, "mark_seen"),
    Step.SETTLED: (Journal, "settle"),
}
"""The method that does each."""


def _held_after(step: Step) -> None:
    owner, name = STEPS[step]
    done: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def then_wait(*given: object, **named: object) -> object:
        await done(*given, **named)
        print(f"{HELD_AT}{step}", flush=True)  # noqa: T201 - the test waits for it
        return await asyncio.Event().wait()

    setattr(owner, name, then_wait)


if __name__ == "__main__":
    for given in sys.argv[1:]:
        _held_after(Step(given))
    asyncio.run(run_mailbox(read_settings()))
