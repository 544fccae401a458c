"""What the bench counts of a history that was played on a moved clock."""

from bench.counts import CLOCK, TASK, in_real_time

OPENED = ["WORKFLOW_EXECUTION_STARTED", *TASK, "TIMER_STARTED"]
FIRED = ["TIMER_FIRED", *TASK, "WORKFLOW_EXECUTION_COMPLETED"]


def test_a_task_that_only_the_clock_gave_rise_to_is_not_counted() -> None:
    """A change of the clock that comes during a task asks for another, in which nothing is to be done."""
    assert in_real_time([*OPENED, CLOCK[0], *TASK, CLOCK[1], *FIRED]) == [*OPENED, *FIRED]


def test_a_task_with_an_update_is() -> None:
    """It has no event before it that wakes the workflow."""
    told = [*OPENED, *TASK, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", "WORKFLOW_EXECUTION_UPDATE_COMPLETED"]
    assert in_real_time([*told, *FIRED]) == [*told, *FIRED]
