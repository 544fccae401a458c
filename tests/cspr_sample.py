"""A made-up CSPR that tests share: decided on Fri 18 Dec 2026 at 10:00, three leads, the default numbers."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from domain.calendar import Calendar
from domain.cspr.facts import apply
from domain.cspr.letters import letters
from domain.cspr.messages import (
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
    LearningKind,
    OpenCspr,
    PlanCspr,
)
from domain.cspr.performing import ended, performed
from domain.cspr.planning import plan_cspr
from domain.cspr.plans import plan_request, planned, replanned
from domain.cspr.state import Cspr
from domain.cspr.steps import CsprStep, next_step
from domain.messages import EDITION, Answer, CsprRules, Delivery, Message, Rule, SignOff
from domain.step import Performance
from tests import sample

OFFICE = "Business Officer"

DECIDED = datetime(2026, 12, 18, 10, tzinfo=UTC)

DAY = date(2026, 12, 18)

DAY_LONG = timedelta(days=1)

_numbers = count(1)


def rules(**changes: object) -> CsprRules:
    """The default numbers, with a wording."""
    said = Rule(text="The words of the rule.", source="A source", checked_on=date(2026, 11, 24))
    return CsprRules.model_validate({"full_report": said, "commissioning": said, **changes})


def opening(**changes: object) -> OpenCspr:
    """What opens the CSPR."""
    given = {
        "reference": sample.REFERENCE,
        "area": "northamptonshire",
        "kind": LearningKind.CSPR,
        "decided_at": DECIDED,
        "particulars": sample.document("f"),
        "leads": sample.roster().leads,
        "rules": rules(),
        "edition": EDITION,
    }
    return OpenCspr.model_validate({**given, **changes})


def cspr(**changes: object) -> Cspr:
    """The CSPR just planned, with no letter sent yet."""
    opened = opening(**changes)
    dates = plan_cspr(PlanCspr(decided_on=DAY, rules=opened.rules, as_of=DECIDED), sample.CALENDAR)
    return planned(Cspr.opened(opened, DECIDED), dates, DECIDED)


def at(text: str) -> datetime:
    """A moment such as ``2027-03-01 10:00``, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def after(stands: Cspr, *told: tuple[str, Message]) -> Cspr:
    """A CSPR after facts, each at its moment."""
    for moment, fact in told:
        stands = apply(fact, stands, at(moment))
    return stands


def carried_out(stands: Cspr, until: str, refused: tuple[str, ...] = ()) -> tuple[Cspr, list[CsprStep]]:
    """A CSPR after every step that falls due by a moment, and those steps; some recipients refuse."""
    steps: list[CsprStep] = []
    while (step := next_step(stands)) and step.due <= at(until):
        now = max(step.due, DECIDED)
        written = letters(stands, step, now)
        deliveries = tuple(
            Delivery(
                letter=letter.key,
                to=letter.to,
                outcome="refused" if str(letter.to) in refused else "sent",
                status="5.1.1" if str(letter.to) in refused else "",
            )
            for letter in written
        )
        done = Performance[CsprStep](step=step, began_at=now, letters=written, deliveries=deliveries)
        stands = ended(performed(stands, done, now), now)
        steps.append(step)
    return stands, steps


def commission(**given: object) -> CsprCommission:
    """A reviewer commissioned."""
    usual = {"reviewer": "reviewer-one", "name": "Reviewer One", "no_conflict": True, "by": OFFICE}
    return CsprCommission.model_validate({**usual, **given})


def terms() -> CsprTerms:
    """Terms of reference and key lines of enquiry."""
    return CsprTerms(terms=sample.document("b"), key_lines=sample.document("c"), by=OFFICE)


def monitor(**given: object) -> CsprMonitor:
    """A look at time and quality that finds both in order."""
    usual = {"on_time": True, "good_quality": True, "reason": "Seen the plan", "by": OFFICE}
    return CsprMonitor.model_validate({**usual, **given})


def request(answer_by: date) -> CsprRequest:
    """A request in writing."""
    return CsprRequest.model_validate(
        {
            "about": "quality",
            "document": sample.document("d"),
            "answer_by": answer_by,
            "reason": "More on practice",
            "by": OFFICE,
        }
    )


def draft(letter: str = "a") -> CsprDraft:
    """A version of the report; another letter makes another document."""
    return CsprDraft(document=sample.document(letter), by=OFFICE)


def confirmed(lead: str, version: int = 1, **given: object) -> SignOff:
    """A lead's own confirmation."""
    usual = {"lead": lead, "by": f"Lead {lead}", "version": version, "answer": Answer.CONFIRM}
    return SignOff.model_validate({"id": f"cspr-answer-{next(_numbers)}", **usual, **given})


def hold(review_on: date, proceedings: str = "criminal") -> CsprHold:
    """A hold on publication."""
    given = {"proceedings": proceedings, "reason": "A trial", "review_on": review_on, "by": OFFICE}
    return CsprHold.model_validate(given)


def lift(proceedings: str = "criminal") -> CsprLiftHold:
    """A hold lifted."""
    return CsprLiftHold.model_validate({"proceedings": proceedings, "reason": "It is over", "by": OFFICE})


def send() -> CsprSend:
    """The full report, to be sent."""
    return CsprSend(by=OFFICE)


def published(on: date, **given: object) -> CsprPublish:
    """The report, published."""
    return CsprPublish.model_validate({"published_on": on, "by": OFFICE, **given})


def replan(**given: object) -> CsprReplan:
    """The calendar is to be asked again."""
    return CsprReplan.model_validate({"reason": "A bank holiday was proclaimed.", "by": OFFICE, **given})


def extension(to: date) -> CsprReplan:
    """Publication is extended."""
    return replan(reason="The trial goes on.", extend_to=to, granted_by="Lead police")


def withdrawal() -> CsprWithdraw:
    """The review is withdrawn."""
    return CsprWithdraw(reason="The leads decided anew", by=OFFICE)


def planned_anew(stands: Cspr, moment: str, fact: CsprReplan, calendar: Calendar = sample.CALENDAR) -> Cspr:
    """A CSPR under the dates that a calendar gives it, as its workflow takes them."""
    taken = apply(fact, stands, at(moment))
    return replanned(taken, fact, plan_cspr(plan_request(taken, at(moment), fact), calendar), at(moment))


def approved(**changes: object) -> Cspr:
    """A CSPR whose first version every lead confirmed on Mon 1 Mar 2027."""
    answers = [("2027-03-01 11:00", confirmed(lead)) for lead in sample.LEADS]
    return after(cspr(**changes), ("2027-01-07 10:00", commission()), ("2027-03-01 10:00", draft()), *answers)


def sent() -> Cspr:
    """The same, with the full report sent and taken on Tue 2 Mar 2027 at 10:00."""
    return carried_out(after(approved(), ("2027-03-02 10:00", send())), "2027-03-02 10:00")[0]
