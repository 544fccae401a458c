"""The mailbox as a process of its own, which can be killed the way a machine loses power.

It runs ``rapid-review mailbox``; with a step it waits for ever as soon as that step has been done, having
said so in a line.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
from typing import Any

from starter import command
from starter.mailroom.journal import Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.reader import ReadingProcess
from starter.mailroom.telling import CaseTeller
from vault.documents import DocumentStore

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


def main_held_after(*steps: Step) -> Callable[[], None]:
    """What begins the program, to be held after these steps."""
    return partial(_begin, steps)


def _begin(steps: tuple[Step, ...]) -> None:
    for step in steps:
        _held_after(step)
    command.main()
