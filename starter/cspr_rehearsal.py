"""Playing the CSPR of a scenario, on its own clock, once the Rapid Review before it has ended."""

import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from temporalio.client import WorkflowHandle

from domain.calendar import Calendar
from domain.cspr.messages import (
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
)
from domain.errors import NotReadable, Refused
from domain.messages import DocumentRef, Message, SendAgain, SignOff
from domain.partnership import Partnership
from starter.arguments import built
from starter.clock import ReviewClock
from starter.csprs import Csprs
from starter.scenario import Step, cspr_moment_of

FACTS: dict[str, type[Message]] = {
    "cspr-commission": CsprCommission,
    "cspr-terms": CsprTerms,
    "cspr-monitor": CsprMonitor,
    "cspr-request": CsprRequest,
    "cspr-draft": CsprDraft,
    "cspr-sign-off": SignOff,
    "cspr-hold": CsprHold,
    "cspr-lift-hold": CsprLiftHold,
    "cspr-send": CsprSend,
    "cspr-publish": CsprPublish,
    "cspr-replan": CsprReplan,
    "cspr-withdraw": CsprWithdraw,
    "cspr-send-again": SendAgain,
}
"""What a step of a CSPR may do: its commands."""

Refusal = tuple[datetime, str, str]
"""When somebody was refused what, in words for the diary."""

LONGEST = timedelta(days=600)
"""How far past its last step a CSPR is followed to see it end: its year of publication, and more."""


class CsprRehearsal:
    """One CSPR being played: ``document`` stores a text as a document, ``write`` writes the diary on."""

    def __init__(
        self,
        reference: str,
        partnership: Partnership,
        clock: ReviewClock,
        document: Callable[[str], Awaitable[DocumentRef]],
        write: Callable[[Refusal | None], Awaitable[None]],
    ) -> None:
        """Play the CSPR of a case that has just been started by its Rapid Review."""
        self.reference, self.partnership, self.clock = reference, partnership, clock
        self.csprs = Csprs(clock.client)
        self.calendar = Calendar.of(partnership)
        self._document, self._write = document, write

    async def play(self, steps: tuple[Step, ...], *, follow: bool) -> None:
        """Take every step at its moment, and follow the CSPR to its end if asked.

        Raises:
            Refused: a step was refused that should not have been, or taken that should have been refused.
        """
        handle = self.csprs.handle(self.reference)
        decided = (await self.csprs.standing(self.reference)).decided_at
        for step in steps:
            await self._move(handle, cspr_moment_of(step.at, decided, self.calendar))
            await self._take(step, decided, handle)
        last, running = await self.clock.now(handle), follow
        while running and await self.clock.now(handle) < last + LONGEST:
            running = await self._move(handle, await self.clock.now(handle) + timedelta(days=120))

    async def _move(self, handle: WorkflowHandle[Any, Any], to: datetime) -> bool:
        running = await self.clock.move_to(handle, to)
        await self._write(None)
        return running

    async def _take(self, step: Step, decided: datetime, handle: WorkflowHandle[Any, Any]) -> None:
        """Do what a step says, and see that it was taken or refused as the scenario expects."""
        try:
            await self.csprs.tell(self.reference, built(_fact_of(step), **await self._fields(step, decided)))
        except (Refused, NotReadable) as refusal:
            if not step.refused or step.refused not in str(refusal):
                raise
            await self._write((await self.clock.now(handle), step.who, f"{step.does} refused: {refusal}"))
        else:
            if step.refused:
                raise Refused(
                    f"{step.at}: {step.does} by {step.who} was taken, and should have been refused."
                )
        await self._move(handle, await self.clock.now(handle) + timedelta(seconds=5))

    async def _fields(self, step: Step, decided: datetime) -> dict[str, object]:
        """The step's details as the fact's fields: days dated, documents stored, people named."""
        details = {key: self._dated(value, decided) for key, value in step.details.items()}
        text = str(details.pop("text", step.at))
        match step.does:
            case "cspr-commission":
                name = self.partnership.reviewer(str(details.get("reviewer"))).name
                return {"by": step.who, "name": name, "no_conflict": True, **details}
            case "cspr-terms":
                lines = await self._document(f"Key lines of enquiry. {text}")
                return {"by": step.who, "terms": await self._document(f"Terms. {text}"), "key_lines": lines}
            case "cspr-request" | "cspr-draft":
                return {"by": step.who, "document": await self._document(text), **details}
            case "cspr-publish" if "improvements" in details:
                improvements = await self._document(str(details["improvements"]))
                return {"by": step.who, **details, "improvements": improvements}
            case "cspr-sign-off":
                lead = self.partnership.leads[step.who]
                by = lead.deputies[0].name if details.pop("deputy", False) else lead.name
                return {"id": f"rehearsal/{uuid4()}", "lead": step.who, "by": by, **details}
            case _:
                return {"by": step.who, **details}

    def _dated(self, value: object, decided: datetime) -> object:
        """A detail with a day of the CSPR's clock made a real one."""
        if isinstance(value, str) and re.fullmatch(r"month \d{1,2}|\+\d{1,4} days?", value):
            return cspr_moment_of(f"{value} 12:00", decided, self.calendar).date()
        return value


def _fact_of(step: Step) -> type[Message]:
    try:
        return FACTS[step.does]
    except KeyError:
        raise NotReadable(
            f"{step.at}: nobody can {step.does!r}. A CSPR's step does one of: {', '.join(FACTS)}."
        ) from None
