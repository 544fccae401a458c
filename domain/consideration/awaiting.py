"""What a case put forward waits for people to do, in the words of `domain.awaiting`."""

from collections.abc import Iterator

from domain.awaiting import OFFICE, Awaited, What, mending
from domain.consideration.messages import SinAnswer
from domain.consideration.state import Consideration, ConsiderationStage


def consideration_awaits(case: Consideration) -> tuple[Awaited, ...]:
    """What is awaited, in the order of the process; nothing before its dates are planned."""
    if not case.plans or case.at_an_end:
        return ()
    return (*_of_the_stage(case), *mending(case.undelivered))


def _of_the_stage(case: Consideration) -> Iterator[Awaited]:
    notifier = case.put.notifier.lead
    match case.stage:
        case ConsiderationStage.CONSIDERING:
            due = case.timetable["views_due"].due
            yield from (Awaited(what=What.VIEW, who=lead, due=due) for lead in case.awaited_views)
        case ConsiderationStage.DECIDING:
            yield Awaited(what=What.SIN_DECISION, who=notifier, due=case.timetable["sin_due"].due)
        case ConsiderationStage.NOTIFYING:
            a_sin = case.decision is not None and case.decision.answer is SinAnswer.YES
            what = What.SIN if a_sin else What.NOTIFICATION
            yield Awaited(what=what, who=notifier, due=case.timetable["sin_due"].due)
        case ConsiderationStage.CHOOSING:
            yield Awaited(what=What.OUTCOMES, who=OFFICE)
