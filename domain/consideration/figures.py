"""What a case put forward adds to its year's figures; see `domain.figures`."""

from domain.consideration.messages import Route
from domain.consideration.standing import outcome
from domain.consideration.state import Consideration
from domain.figures import CaseFigures, Reached
from domain.timetable import london_day


def consideration_figures(case: Consideration) -> CaseFigures:
    """What a consideration tells of itself; once a review is opened, the review tells the rest."""
    return CaseFigures(
        reference=case.reference,
        route=str(case.put.route),
        begun_on=london_day(case.opened_at),
        outcome=outcome(case),
        milestones=_milestones(case) if case.plans else (),
    )


def _milestones(case: Consideration) -> tuple[Reached, ...]:
    if case.put.route is not Route.REQUEST or (case.withdrawal and not case.determined_at):
        return ()
    plan, met = case.plans[0], case.determined_at
    days = plan.working_days_between(london_day(case.opened_at), london_day(met)) if met else None
    return (Reached(key="views_due", due=plan["views_due"].due, met=met, days=days),)
