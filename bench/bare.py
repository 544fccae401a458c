"""A workflow of a review's shape with nothing in it: the least that the engine itself costs."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from pydantic import BaseModel
from temporalio import activity, workflow
from temporalio.common import SearchAttributeIndexedValueType, SearchAttributeUpdate

from bench.shape import Carried, Move, Shape
from workflows.attributes import REGISTRY

LONG = timedelta(days=3)
"""A timer stands for whatever is next, as a review's does; no review measured here waits for it."""

SUMMARY = "what a timer or an activity is for"


class Filler(BaseModel):
    """Nothing, as long as what a review carries; to be answered with ``answer`` bytes of it."""

    text: str
    answer: int

    @classmethod
    def of(cls, carried: Carried) -> Self:
        """As much as a review's fact or letters are."""
        return cls(text="x" * carried.sent, answer=carried.answered)

    @classmethod
    def opening(cls, shape: Shape) -> Self:
        """What makes a bare workflow's opening, which holds its shape, as long as a review's."""
        return cls(text="x" * max(0, shape.opening - len(shape.model_dump_json())), answer=0)


@activity.defn
async def nothing(given: Filler) -> str:
    """Do nothing, and answer at length."""
    return "x" * given.answer


@workflow.defn
class Bare:
    """Does what a review does, when a review does it."""

    @workflow.init
    def __init__(self, shape: Shape, opening: Filler) -> None:  # noqa: ARG002 - `run` is given the same
        """Hold nothing but how much was heard, and what was begun."""
        self.heard = 0
        self.timer: asyncio.Task[None] | None = None
        self.children: list[asyncio.Task[Any]] = []

    @workflow.run
    async def run(self, shape: Shape, opening: Filler) -> None:  # noqa: ARG002 - what it says changes nothing
        """Make one move after the other."""
        for number, move in enumerate(shape.moves):
            await self._having_heard(move.heard)
            await self._make(move, number)
        await asyncio.gather(*self.children)
        await self._having_heard(len(shape.messages))
        await workflow.wait_condition(lambda: shape.ends)
        await workflow.wait_condition(workflow.all_handlers_finished)

    async def _having_heard(self, messages: int) -> None:
        await workflow.wait_condition(lambda: self.heard >= messages)

    async def _make(self, move: Move, number: int) -> None:
        if move.does == "activity":
            given = Filler.of(move.carries)
            await workflow.execute_activity(
                nothing, given, start_to_close_timeout=LONG, heartbeat_timeout=LONG, summary=SUMMARY
            )
        elif move.does == "upsert":
            workflow.upsert_search_attributes(_attributes(move.attributes, number))
        elif move.does == "timer":
            if self.timer:
                self.timer.cancel()
            self.timer = asyncio.create_task(workflow.sleep(LONG, summary=SUMMARY))
        elif move.child:
            self.children.append(asyncio.create_task(self._start(move.child, number)))

    async def _start(self, child: Shape, number: int) -> None:
        await workflow.start_child_workflow(
            Bare.run,
            args=[child, Filler.opening(child)],
            id=f"{workflow.info().workflow_id}/{number}",
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=SUMMARY,
        )

    @workflow.signal
    def signalled(self, fact: Filler) -> None:  # noqa: ARG002 - what it says changes nothing
        """Hear a signal."""
        self.heard += 1

    @workflow.update
    def told(self, fact: Filler) -> str:
        """Hear an update."""
        self.heard += 1
        return "x" * fact.answer

    @told.validator
    def _check(self, fact: Filler) -> None:
        pass


def _attributes(count: int, number: int) -> list[SearchAttributeUpdate[Any]]:
    values: dict[SearchAttributeIndexedValueType, Any] = {
        SearchAttributeIndexedValueType.KEYWORD: str(number),
        SearchAttributeIndexedValueType.KEYWORD_LIST: [str(number)],
        SearchAttributeIndexedValueType.DATETIME: datetime(2026, 1, 1, tzinfo=UTC),
    }
    return [key.value_set(values[key.indexed_value_type]) for key in REGISTRY[:count]]
