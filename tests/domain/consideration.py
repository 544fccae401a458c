"""A made-up case put forward, shared by tests: the local authority became aware on Mon 30 Nov 2026."""

from datetime import UTC, date, datetime

from domain.consideration.facts import apply
from domain.consideration.letters import letters
from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    ConsiderationRules,
    DecideSin,
    LocalOutcome,
    Notifier,
    OutcomeKind,
    PlanConsideration,
    PutForward,
    RecordSin,
    Route,
    SinAnswer,
    View,
)
from domain.consideration.performing import performed
from domain.consideration.planning import plan_consideration
from domain.consideration.plans import plan_request, planned
from domain.consideration.state import Consideration
from domain.consideration.steps import next_step
from domain.criteria import Verdict
from domain.messages import EDITION, Delivery, Letter, Message, TimetableRules
from domain.step import Performance
from domain.timetable import LONDON, Timetable
from tests import sample

MANAGER = "SQAS Manager"


def moment(day: int, hour: int = 10, minute: int = 0) -> datetime:
    """An hour of a day counted from 1 December 2026, 0 being 30 November; a working day up to the 24th."""
    return (
        datetime(2026, 11, 30, hour, minute, tzinfo=LONDON).astimezone(UTC)
        + (datetime(2026, 12, 1, tzinfo=UTC) - datetime(2026, 11, 30, tzinfo=UTC)) * day
    )


def put(**changes: object) -> PutForward:
    """What puts the case forward, by alert unless changed."""
    given = {
        "reference": sample.REFERENCE,
        "area": "northamptonshire",
        "route": Route.ALERT,
        "agency": "education",
        "put_forward_by": "Service Manager",
        "incident_on": date(2026, 11, 28),
        "aware_on": date(2026, 11, 30),
        "criteria": Verdict.SIN,
        "ask": ("police", "icb"),
        "particulars": sample.document("f"),
        "form": sample.document("e"),
        "rules": ConsiderationRules(),
        "timetable": TimetableRules(),
        "roster": sample.roster(),
        "notifier": Notifier(
            name=MANAGER, deputies=("SQAS Deputy",), agency="education", lead="local-authority"
        ),
        "edition": EDITION,
    }
    return PutForward.model_validate({**given, **changes})


def plan_of(request: PlanConsideration) -> Timetable:
    """The dates, on England's calendar."""
    return plan_consideration(request, sample.CALENDAR)


def opened(**changes: object) -> Consideration:
    """The case just put forward and planned."""
    case = Consideration.opened(put(**changes), moment(0))
    return planned(case, plan_of(plan_request(case, moment(0))), moment(0))


def requested(**changes: object) -> Consideration:
    """The same by a Request for Consideration."""
    return opened(route=Route.REQUEST, **changes)


def told(case: Consideration, at: datetime, *facts: Message) -> Consideration:
    """The case after some facts, each recorded at one moment."""
    for fact in facts:
        case = apply(fact, case, at)
    return case


def carried_out(case: Consideration, until: datetime) -> tuple[Consideration, list[tuple[datetime, Letter]]]:
    """The case with every step that falls due up to a moment carried out, and the letters sent."""
    sent: list[tuple[datetime, Letter]] = []
    while (step := next_step(case)) and step.due <= until:
        now = max(step.due, case.record[-1].at)
        written = letters(case, step, now)
        deliveries = tuple(Delivery(letter=w.key, to=w.to, outcome="sent") for w in written)
        done = Performance(step=step, began_at=now, letters=written, deliveries=deliveries)
        case = performed(case, done, now)
        sent += [(now, letter) for letter in written]
    return case, sent


def view(lead: str, given: View = View.DOES_NOT, by: str = "") -> Consider:
    """A lead's own view."""
    return Consider(lead=lead, view=given, reason="As we see it", by=by or f"Lead {lead}")


def decided(answer: SinAnswer = SinAnswer.YES, by: str = MANAGER) -> DecideSin:
    """The manager's decision."""
    return DecideSin(answer=answer, reason="As the criteria say", by=by)


def sin(sent_at: datetime) -> RecordSin:
    """The SIN as submitted."""
    return RecordSin(sin_reference="SIN-2026-0201", sent_at=sent_at, by="Business Officer")


def outcome(kind: OutcomeKind, owner: str = "police", due_on: date = date(2027, 1, 29)) -> LocalOutcome:
    """One local outcome with all it needs."""
    return LocalOutcome(kind=kind, owner=owner, due_on=due_on, what="What is to be done")


def chosen(*outcomes: LocalOutcome) -> ChooseOutcomes:
    """The local outcomes."""
    return ChooseOutcomes(outcomes=outcomes, reason="Learning without a review", by="Business Officer")
