"""What a case put forward adds to its year's figures; see `domain.figures`."""

from collections.abc import Iterator

from domain.consideration.messages import Route
from domain.consideration.standing import outcome
from domain.consideration.state import Consideration, ConsiderationStage
from domain.figures import CaseFigures, Reached
from domain.timetable import london_day


def consideration_figures(case: Consideration) -> CaseFigures:
    """What a consideration tells of itself; once a review is opened, the review tells the rest."""
    return CaseFigures(
        reference=case.reference,
        route=str(case.put.route),
        begun_on=london_day(case.opened_at),
        outcome=outcome(case) or ("notified" if case.stage is ConsiderationStage.NOTIFIED else None),
        milestones=(*_views(case), *_sin(case)) if case.plans else (),
    )


def _views(case: Consideration) -> Iterator[Reached]:
    if case.put.route is not Route.REQUEST or (case.withdrawal and not case.determined_at):
        return
    plan, met = case.plans[0], case.determined_at
    days = plan.working_days_between(london_day(case.opened_at), london_day(met)) if met else None
    yield Reached(key="views_due", due=plan["views_due"].due, met=met, days=days)


def _sin(case: Consideration) -> Iterator[Reached]:
    """The SIN, or the notification without a review, once sent or while the local authority is to send it."""
    sent = case.sin or case.notification
    if sent or case.stage in (ConsiderationStage.DECIDING, ConsiderationStage.NOTIFYING):
        yield Reached(key="sin_due", due=case.original["sin_due"].due, met=sent.sent_at if sent else None)
