"""The review's own clock, moved forward by the server: for rehearsals, and nowhere else.

The server's time skipping is experimental, so it is used in this module alone.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig


class ReviewClock:
    """Moves the clock of one review at a time; its children never inherit the moving of it."""

    def __init__(self, client: Client) -> None:
        """Wrap a client of a server on which time skipping is allowed."""
        self._skipper = TimeSkipper(
            client, config=TimeSkippingConfig(enabled=False, disable_propagation=True)
        )
        self._ahead: dict[str, timedelta] = {}

    @property
    def client(self) -> Client:
        """The client to start reviews with whose clocks are to be moved."""
        return self._skipper.client

    async def now(self, handle: WorkflowHandle[Any, Any]) -> datetime:
        """What time it is in a review; the server need not be asked where it was just moved to a time."""
        if handle.id in self._ahead:
            return self.wall() + self._ahead[handle.id]
        return await self._skipper.get_current_time(handle)

    async def move_to(self, handle: WorkflowHandle[Any, Any], instant: datetime) -> bool:
        """Move a review's clock to an instant, carrying out all that falls due on the way.

        Answers False where the review ended before; an instant already past moves nothing.
        """
        self._ahead.pop(handle.id, None)
        now = await self.now(handle)
        if instant > now and not await self.move_on(handle, instant - now):
            return False
        self._ahead[handle.id] = max(instant, now) - self.wall()
        return True

    async def move_on(self, handle: WorkflowHandle[Any, Any], ahead: timedelta) -> bool:
        """Move a review's clock on by so much; otherwise like `move_to`."""
        self._ahead.pop(handle.id, None)
        try:
            return await self._skipper.fast_forward(handle, ahead)
        except RPCError as refusal:
            if refusal.status is RPCStatusCode.NOT_FOUND:
                return False
            raise

    async def start(self, handle: WorkflowHandle[Any, Any], after: timedelta) -> None:
        """Bring a review whose start was delayed to the moment of its start."""
        await self._skipper.fast_forward(handle, after)

    @staticmethod
    def wall() -> datetime:
        """The time outside every review, from which a rehearsal's first date is counted."""
        return datetime.now(UTC)
