"""What every workflow of ours does with what it holds: wait for the next step, and carry it out."""

from abc import ABC, abstractmethod
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic

from temporalio import workflow
from temporalio.common import RetryPolicy

from activities.signatures import MailRoom
from domain.messages import Delivery, DocumentRef, Letter, Post
from domain.step import Performance, S
from domain.timetable import london

PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
"""Mail and calendar are tried until they answer: a case outlasts any outage."""


class Carrying(ABC, Generic[S]):
    """One loop, one timer: the rules say what is next and when; this waits for it and does it."""

    def __init__(self) -> None:
        """Nothing is in hand yet."""
        self.in_hand: S | None = None
        self.in_hand_since: datetime | None = None

    @property
    @abstractmethod
    def reference(self) -> str:
        """The reference of the case that letters are written for."""

    @property
    @abstractmethod
    def particulars(self) -> DocumentRef:
        """The sealed particulars of that case."""

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether nothing is left to carry out."""

    @abstractmethod
    def upcoming(self, now: datetime) -> S | None:
        """The step due first of all, as of ``now``; None where only a fact can open another."""

    @abstractmethod
    def written(self, step: S, now: datetime) -> tuple[Letter, ...]:
        """The letters of a step, as things stand at ``now``."""

    @abstractmethod
    def carried_out(self, done: Performance[S], now: datetime) -> None:
        """Take what a step left behind."""

    async def carry_out_steps(self) -> None:
        """Carry out each step as it falls due, until nothing is left and every handler has finished."""
        while not self.ended:
            step = await self._step_fallen_due()
            if step:
                await self._carry_out(step)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _step_fallen_due(self) -> S | None:
        """The step that is due; None after a sleep until one is, or until a fact changed which is next."""
        now = workflow.now()
        step = self.upcoming(now)
        wait = step.due - now if step else None
        if wait is not None and wait <= timedelta(0):
            return step
        summary = f"{step.key}, {london(step.due)}" if step else "waiting for a fact"
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.upcoming(now) != step or self.ended, timeout=wait, timeout_summary=summary
            )
        return None  # looked at anew: the worker may have been away while the step's hour passed

    async def _carry_out(self, step: S) -> None:
        """Write the step's letters as things stand, send them, and take what became of them."""
        began = workflow.now()
        letters = self.written(step, began)
        self.in_hand, self.in_hand_since = step, began
        deliveries = await self._send(step, letters) if letters else ()
        self.in_hand, self.in_hand_since = None, None
        done = Performance(step=step, began_at=began, letters=letters, deliveries=deliveries)
        self.carried_out(done, workflow.now())

    async def _send(self, step: S, letters: tuple[Letter, ...]) -> tuple[Delivery, ...]:
        post = Post(
            reference=self.reference, as_of=workflow.now(), particulars=self.particulars, letters=letters
        )
        return await workflow.execute_activity_method(
            MailRoom.send_letters,
            post,
            start_to_close_timeout=timedelta(minutes=30),
            heartbeat_timeout=timedelta(seconds=15),
            retry_policy=PATIENTLY,
            summary=f"{step.key}: {len(letters)} letters",
        )
