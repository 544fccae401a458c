"""The facts that tests bring to a review, each with its usual content unless a test says otherwise."""

from datetime import datetime
from itertools import count

from domain.messages import (
    AddAgency,
    AgencyReturn,
    Answer,
    BookMeeting,
    Decide,
    DeliveryFailed,
    GiveView,
    ImmediateAction,
    PanelReplied,
    Recommendation,
    RecordMeeting,
    Reopen,
    Replan,
    ReturnKind,
    SettleMail,
    SignOff,
    SubmitDraft,
)
from tests import sample

OFFICE = "Business Officer"

_numbers = count(1)


def returned(agency: str, **given: object) -> AgencyReturn:
    """A complete return of an agency, under an id of its own."""
    usual = {"id": f"return-{next(_numbers)}", "agency": agency, "kind": ReturnKind.COMPLETE}
    return AgencyReturn.model_validate({**usual, **given})


def booking(starts_at: datetime, place: str = "Room One, and by video link") -> BookMeeting:
    """The meeting booked for a time."""
    return BookMeeting(starts_at=starts_at, place=place, by=OFFICE)


def held(at: datetime, *actions: ImmediateAction, **given: object) -> RecordMeeting:
    """The meeting held, with every lead there, recommending no CSPR."""
    usual = {
        "held_at": at,
        "attended": (*sample.LEADS, "police", "hospital"),
        "recommendation": Recommendation.NO_CSPR,
        "reason": "The learning was found",
        "immediate_actions": actions,
        "by": OFFICE,
    }
    return RecordMeeting.model_validate({**usual, **given})


def draft(letter: str = "a") -> SubmitDraft:
    """A version of the report; another letter makes another document."""
    return SubmitDraft(document=sample.document(letter), by=OFFICE)


def confirmed(lead: str, version: int = 1, **given: object) -> SignOff:
    """A lead's own confirmation, under an id of its own."""
    usual = {"lead": lead, "by": f"Lead {lead}", "version": version, "answer": Answer.CONFIRM}
    return SignOff.model_validate({"id": f"answer-{next(_numbers)}", **usual, **given})


def amended(lead: str, version: int = 1) -> SignOff:
    """A lead's own wish to amend a version."""
    return confirmed(lead, version, answer=Answer.AMEND, note="Say more about housing")


def decided(outcome: Recommendation = Recommendation.NO_CSPR) -> Decide:
    """The leads' decision."""
    return Decide(outcome=outcome, reason="No criterion is met", by=OFFICE)


def added(agency: str) -> AddAgency:
    """One more agency to ask."""
    return AddAgency(agency=agency, reason="Named in a return", by=OFFICE)


def replan(**given: object) -> Replan:
    """Dates to be planned again."""
    return Replan.model_validate({"reason": "Agreed with the leads", "by": OFFICE, **given})


def came_back(letter: str) -> DeliveryFailed:
    """A letter that came back days later, its mailbox unknown."""
    return DeliveryFailed(id=f"bounce-{next(_numbers)}", letter=letter, status="5.1.1")


def mail_settled(number: int) -> SettleMail:
    """A mail kept with the case has been dealt with."""
    return SettleMail(number=number, done="Answered by telephone", by=OFFICE)


def view(lead: str, on: str = "no_cspr", reason: str = "None that is left") -> GiveView:
    """A lead's own view, the same reason against each of the sample's criteria."""
    criteria = sample.decision_rules().criteria
    given = {"id": f"view-{next(_numbers)}", "lead": lead, "by": f"Lead {lead}", "view": on}
    return GiveView.model_validate({**given, "reasons": dict.fromkeys(criteria, reason)})


def reopened() -> Reopen:
    """The report reopened for a late return."""
    return Reopen(reason="The return changes it", by=OFFICE)


def panel_disagrees() -> PanelReplied:
    """The Panel's letter, against the decision."""
    return panel_agrees().model_copy(update={"agrees": False})


def panel_agrees() -> PanelReplied:
    """The Panel's letter."""
    return PanelReplied(id=f"panel-{next(_numbers)}", agrees=True)
