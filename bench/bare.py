"""A workflow of a review's shape with nothing in it: the least that the engine itself costs."""

from datetime import timedelta

from temporalio import activity, workflow

from workflows.attributes import STAGE

LONG = timedelta(days=3)
"""Every wait has a timer, as a review's has; no review measured here waits for it."""


@activity.defn
async def nothing() -> None:
    """Do nothing."""


@workflow.defn
class Bare:
    """Does an activity each time it has heard enough, with a timer armed for every wait."""

    @workflow.init
    def __init__(self, after: list[int]) -> None:  # noqa: ARG002 - `run` is given the same
        """Hold nothing but how much was heard."""
        self.heard = 0

    @workflow.run
    async def run(self, after: list[int]) -> None:
        """One activity for each of ``after``, begun once so many messages were heard, and then listed."""
        for enough in after:
            await self._heard(enough)
            await workflow.execute_activity(nothing, start_to_close_timeout=LONG)
            workflow.upsert_search_attributes([STAGE.value_set(str(enough))])
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _heard(self, enough: int) -> None:
        if self.heard < enough:
            await workflow.wait_condition(lambda: self.heard >= enough, timeout=LONG)

    @workflow.signal
    def signalled(self, fact: dict[str, str]) -> None:  # noqa: ARG002 - what it says changes nothing
        """Hear a signal."""
        self.heard += 1

    @workflow.update
    def told(self, fact: dict[str, str]) -> str:  # noqa: ARG002 - what it says changes nothing
        """Hear an update."""
        self.heard += 1
        return "heard"

    @told.validator
    def _check(self, fact: dict[str, str]) -> None:
        pass
