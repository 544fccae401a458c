"""The one timer of a workflow, which stands for the step that is next."""

import asyncio

from temporalio import workflow

from domain.step import Step
from domain.timetable import london


class Alarm:
    """Stands until its step is due, or until another is next.

    It goes on standing while letters are sent: most often the same step is next after them, and a timer
    begun again for the same moment is two events more.
    """

    def __init__(self) -> None:
        """Stand for no step yet."""
        self._step: Step | None = None
        self._sleep: asyncio.Task[None] | None = None

    @property
    def rung(self) -> bool:
        """Whether the moment of its step has come."""
        return self._sleep is not None and self._sleep.done()

    def stand_for(self, step: Step | None) -> None:
        """Stand for a step to come, and no more for another; for none, where only a fact can open one."""
        if step == self._step and not self.rung:
            return
        if self._sleep:
            self._sleep.cancel()
        self._step, self._sleep = step, None
        if step:
            wait, summary = step.due - workflow.now(), f"{step.key}, {london(step.due)}"
            self._sleep = asyncio.create_task(workflow.sleep(wait, summary=summary))
