"""What every workflow takes: the message that starts it, and that of each signal and update."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args

from temporalio import workflow

from domain.case import Case
from domain.cspr.messages import OpenCspr
from domain.follow_up.messages import CountedAgain, OpenFollowUp
from domain.follow_up.state import FollowUp
from domain.messages import PassedOn
from worker.plugin import WORKFLOWS

OF_OUR_OWN = (Case, CountedAgain, FollowUp, OpenCspr, OpenFollowUp, PassedOn)
"""What one workflow starts another with, or tells it: made of what it was told, and filled in by nobody."""


def every_message() -> Iterator[tuple[str, str, type]]:
    """Each workflow's name, the handler's, and the model it takes; the handler that starts is ``run``."""
    workflows: list[Any] = [*WORKFLOWS]
    for each in workflows:
        known = workflow._Definition.must_from_class(each)
        handlers: dict[str, list[Any]] = {"run": known.arg_types or []}
        told: list[Any] = [*known.signals.values(), *known.updates.values()]
        for handler in told:
            handlers[str(handler.name)] = handler.arg_types or []
        for name, models in handlers.items():
            yield from ((each.__name__, name, model) for given in models for model in _each(given))


def _each(given: Any) -> tuple[type, ...]:  # noqa: ANN401 - an annotation is any object
    return get_args(given) if isinstance(given, UnionType) else (given,)
