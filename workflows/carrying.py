"""What every workflow of ours does with what it holds: wait for the next step, and carry it out."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from activities.signatures import MailRoom
from domain.consideration.state import ConsiderationEntry
from domain.errors import Refused
from domain.messages import FOURTH_EDITION, Delivery, DocumentRef, Letter, Message, Post, Receipt
from domain.record import Entry
from domain.step import Performance, S
from domain.timetable import london
from workflows.alarm import Alarm

PATIENTLY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=5))
"""Mail and calendar are tried until they answer: a case outlasts any outage."""


KNOWN = "This had been recorded before. Nothing was changed."
"""What a receipt says of a fact that had been taken already."""


class Planned(Protocol):
    """What every process knows of itself: the plans of its dates, and its record."""

    @property
    def plans(self) -> Sequence[object]:
        """The plans so far; empty for the moment in which it opens."""

    @property
    def record(self) -> Sequence[Entry | ConsiderationEntry]:
        """Its record."""


T = TypeVar("T", bound=Planned)


class Carrying(ABC, Generic[S, T]):
    """One loop, one timer: the rules say what is next and when; this waits for it and does it.

    ``S`` are its steps, ``T`` the state it holds.
    """

    def __init__(self) -> None:
        """Nothing is in hand yet."""
        self.in_hand: S | None = None
        self.in_hand_since: datetime | None = None
        self.planning = asyncio.Lock()
        self.alarm = Alarm()

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
    def edition(self) -> int:
        """The edition of the process's own rules under which it opened."""

    @property
    @abstractmethod
    def ended(self) -> bool:
        """Whether nothing is left to carry out."""

    @property
    @abstractmethod
    def ended_by(self) -> str:
        """The command that ends this process before its time, for a person to type."""

    @property
    @abstractmethod
    def state(self) -> T:
        """What is known of it."""

    @abstractmethod
    def taken(self, fact: Message, at: datetime) -> T:
        """The state after a fact told ``at``; raises `Refused` where it cannot take it."""

    @abstractmethod
    def keep(self, state: T) -> None:
        """Hold the state as it now is, and show it where the office and the Web UI look."""

    @abstractmethod
    def note(self, why: Refused) -> None:
        """Put on record that something arrived and could not be taken: nothing is lost."""

    @abstractmethod
    def upcoming(self, now: datetime) -> S | None:
        """The step due first of all, as of ``now``; None where only a fact can open another."""

    @abstractmethod
    def written(self, step: S, now: datetime) -> tuple[Letter, ...]:
        """The letters of a step, as things stand at ``now``."""

    @abstractmethod
    def carried_out(self, done: Performance[S], now: datetime) -> None:
        """Take what a step left behind."""

    def receipt(self, fresh: Sequence[Entry | ConsiderationEntry]) -> Receipt:
        """What was recorded of a fact, and what comes next; nothing where it had been taken before."""
        step = self.upcoming(workflow.now())
        return Receipt(
            reference=self.reference,
            recorded=" ".join(entry.says for entry in fresh) or KNOWN,
            warnings=tuple(warning for entry in fresh for warning in entry.warnings),
            next=f"{step.says}, {london(step.due)}" if step else "nothing",
        )

    def check(self, fact: Message) -> None:
        """What every validator does: take the fact, and throw the result away."""
        self.taken(fact, workflow.now())

    def record_fact(self, fact: Message) -> Receipt:
        """What every command's handler does: take the fact, keep the result, and answer for it."""
        before = len(self.state.record)
        self.keep(self.taken(fact, workflow.now()))
        return self.receipt(self.state.record[before:])

    async def hear(self, fact: Message, at: datetime | None = None) -> None:
        """What every signal does: take the fact once the dates are planned; what cannot be taken is noted.

        ``at`` is when it was told, where that is not now.
        """
        await self.dates_planned()
        try:
            self.keep(self.taken(fact, at or workflow.now()))
        except Refused as why:
            self.note(why)

    async def dates_planned(self) -> None:
        """Wait for the dates, without which no fact can be judged.

        Before the fourth edition this waited where there were dates, too, so that an update which came
        later, in the same task, was judged first.
        """
        if self.edition < FOURTH_EDITION or not self.state.plans:
            await workflow.wait_condition(lambda: bool(self.state.plans))

    @asynccontextmanager
    async def planning_anew(self) -> AsyncIterator[None]:
        """One change of dates at a time; what the rules or the calendar refuse of it is answered in words."""
        async with self.planning:
            try:
                yield
            except Refused as why:
                raise ApplicationError(str(why), type=type(why).__name__) from why
            except ActivityError as failure:
                said = getattr(failure.cause, "message", str(failure.cause))
                raise ApplicationError(said, type="Refused") from failure

    async def carry_out_steps(self) -> None:
        """Carry out each step as it falls due, until nothing is left and every handler has finished.

        A handler that finishes last may have left something to do.
        """
        while not (self.ended and workflow.all_handlers_finished()):
            if self.ended:
                await workflow.wait_condition(workflow.all_handlers_finished)
            elif step := await self._step_fallen_due():
                await self._carry_out(step)

    async def _step_fallen_due(self) -> S | None:
        """The step that is due; None after a sleep until one is, or until a fact changed which is next."""
        now = workflow.now()
        step = self.upcoming(now)
        if step and step.due <= now:
            return step
        if self.edition < FOURTH_EDITION:
            await self._sleep_with_a_timer_of_its_own(step, now)
        else:
            self.alarm.stand_for(step)
            await workflow.wait_condition(lambda: self.upcoming(now) != step or self.ended or self.alarm.rung)
        return None  # looked at anew: the worker may have been away while the step's hour passed

    async def _sleep_with_a_timer_of_its_own(self, step: S | None, now: datetime) -> None:
        """What each sleep did before the fourth edition: a timer begun with it, and cancelled with it."""
        wait = step.due - now if step else None
        summary = f"{step.key}, {london(step.due)}" if step else "waiting for a fact"
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self.upcoming(now) != step or self.ended, timeout=wait, timeout_summary=summary
            )

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


@contextmanager
def start_checked() -> Iterator[None]:
    """Fail a workflow whose start is refused, with the sentence; its task would be tried for ever."""
    try:
        yield
    except Refused as why:
        raise ApplicationError(str(why), type="Refused", non_retryable=True) from why


P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=Carrying[Any, Any])


def never_silently(
    run: Callable[Concatenate[C, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[C, P], Coroutine[Any, Any, R]]:
    """Carry a workflow's ``run`` on where its cancellation is requested, and put the request on record.

    A process ends by its own command, with a reason, and everyone who was told is told. The engine passes
    on one request for each run, so what follows it needs no shield.
    """

    @wraps(run)
    async def carried_on(carrying: C, /, *args: P.args, **kwargs: P.kwargs) -> R:
        work = asyncio.create_task(run(carrying, *args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            if work.done() or workflow.cancellation_reason() is None:
                raise
        carrying.note(
            Refused(
                "Somebody asked the engine to cancel this. It goes on, since nothing ends without a word. "
                f"To end it, type: {carrying.ended_by}."
            )
        )
        return await work

    return carried_on
