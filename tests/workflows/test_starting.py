"""A process started by hand with parts that do not fit ends at once, with the sentence that says why."""

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from tests.domain import consideration
from tests.domain.follow_up.played import opening as handed_over
from tests.workflows.playing import working
from tests.workflows.post_room import FakePostRoom
from workflows.consideration import ConsiderationWorkflow
from workflows.follow_up import FollowUpWorkflow

STARTS = {
    "an agency nobody knows": (
        ConsiderationWorkflow.run,
        consideration.put(agency="nobody"),
        "the key nobody",
    ),
    "one asked whom nobody knows": (
        ConsiderationWorkflow.run,
        consideration.put(ask=("police", "nobody")),
        "the key nobody",
    ),
    "a manager who answers to no lead": (
        ConsiderationWorkflow.run,
        consideration.put(notifier=consideration.put().notifier.model_copy(update={"lead": "nobody"})),
        "Mend who decides on a SIN",
    ),
    "an owner nobody knows": (FollowUpWorkflow.run, handed_over(owner="nobody"), "the key nobody"),
}
"""A workflow, what it is started with, and words of its failure."""


@pytest.mark.parametrize("name", STARTS)
async def test_a_start_that_does_not_fit_fails_with_its_sentence(
    server: Client, post: FakePostRoom, name: str
) -> None:
    """Nothing is planned, and nobody is written to."""
    run, given, words = STARTS[name]
    queue = f"start-{sorted(STARTS).index(name)}"
    async with working(server, queue, post):
        with pytest.raises(WorkflowFailureError) as failure:
            await server.execute_workflow(run, given, id=queue, task_queue=queue)  # type: ignore[arg-type]  # one of two
    assert isinstance(failure.value.cause, ApplicationError)
    assert words in failure.value.cause.message
    assert post.sent == []
