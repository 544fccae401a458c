"""The facts of the marked review: those it takes, and one for each reason for which it refuses."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from domain.follow_up.messages import CloseAction, MoveAction, RecordEvidence
from domain.messages import (
    AddAgency,
    AgencyReturn,
    Answer,
    BookMeeting,
    Decide,
    DeliveryFailed,
    DocumentRef,
    DuplicateLinked,
    GiveView,
    ImmediateAction,
    MailFiled,
    Message,
    PanelReplied,
    PlanLearning,
    Recommendation,
    RecordMeeting,
    Replan,
    ReturnKind,
    SendAgain,
    SettleMail,
    SignOff,
    SubmitDraft,
)
from domain.particulars import Child, FamilyMember, Particulars
from domain.timetable import Timetable
from starter.scenario import moment_of
from tests.privacy.markers import DATES, WORDS, marked

vain = partial(marked, refused="refused ")
"""A model whose words are the markers of what is refused."""


def particulars() -> Particulars:
    """Two children, one unborn, and one of their family."""
    born = marked(Child, pseudonym="Child A", date_of_birth=DATES["Child.date_of_birth"])
    expected = DATES["Child.expected_delivery_on"]
    unborn = marked(Child, pseudonym="Child B", expected_delivery_on=expected)
    relative = marked(FamilyMember, date_of_birth=DATES["FamilyMember.date_of_birth"])
    return marked(Particulars, children=(born, unborn), family=(relative,))


def signed(name: str, lead: str, version: int = 1, **fields: object) -> SignOff:
    """A lead's answer, by the name the folder has for them."""
    given: dict[str, Any] = {"by": name, "lead": lead, "version": version, "answer": Answer.CONFIRM}
    return marked(SignOff, **{**given, "id": f"{WORDS['SignOff.id']}/{lead}/{version}", **fields})


class Facts:
    """What is told of the review, dated by its plan."""

    def __init__(self, plan: Timetable, names: dict[str, str], returned: DocumentRef) -> None:
        """Facts of a case with this plan, these leads, and this document as what agencies return."""
        self.names, self.returned = names, returned
        self.at = partial(moment_of, plan=plan)

    def booking(self) -> BookMeeting:
        """The meeting, in the middle of its window."""
        return marked(BookMeeting, starts_at=self.at("day 11 10:00"))

    def a_return(self, agency: str) -> AgencyReturn:
        """What an agency sends back."""
        return marked(
            AgencyReturn,
            id=f"{WORDS['AgencyReturn.id']}/{agency}",
            agency=agency,
            kind=ReturnKind.COMPLETE,
            documents=(self.returned,),
        )

    def meeting(self, **fields: object) -> RecordMeeting:
        """The meeting as held, with an action for the police."""
        action = marked(ImmediateAction, agency="police", due_on=date(2030, 1, 2))
        given: dict[str, Any] = {
            "held_at": self.at("day 11 10:00"),
            "attended": ("police", "health"),
            "recommendation": Recommendation.NO_CSPR,
            "immediate_actions": (action,),
        }
        return marked(RecordMeeting, **{**given, **fields})

    def refused_before_the_meeting(self, now: datetime) -> Iterator[Message]:
        """What cannot be taken while returns come in."""
        sent = partial(vain, AgencyReturn, kind=ReturnKind.COMPLETE)
        yield sent(agency="probation")
        yield sent(agency="gp", kind=ReturnKind.NIL)
        yield sent(agency="police", received_at=now + timedelta(days=1))
        yield vain(AddAgency, agency="unheard-of")
        yield vain(AddAgency, agency="police")
        yield vain(BookMeeting, starts_at=now - timedelta(days=1))
        held = partial(vain, RecordMeeting, recommendation=Recommendation.CSPR, attended=("police",))
        action = vain(ImmediateAction, agency="unheard-of", due_on=now.date())
        yield held(held_at=now + timedelta(days=1))
        yield held(held_at=now - timedelta(days=90))
        yield held(held_at=now - timedelta(minutes=1), immediate_actions=(action,))
        yield held(held_at=now - timedelta(minutes=1), attended=("unheard-of",))
        yield vain(PlanLearning, owner="police", due_on=self.at("day 60 12:00").date())
        yield vain(Decide, outcome=Recommendation.CSPR)
        yield self.refused_signature(version=1)
        yield vain(SendAgain, letter="request/unheard-of")
        yield from self.refused_plans(now)

    def refused_plans(self, now: datetime) -> Iterator[Replan]:
        """Every way in which dates cannot be planned again; the last two are refused by the calendar."""
        plan = partial(vain, Replan, extend=None)
        yield plan(extend="rfi_due")
        yield plan(extend="rfi_due", to=now.date(), granted_by=None)
        yield plan(extend="unheard_of", to=now.date())
        yield plan(sin_sent_at=now + timedelta(days=1))
        yield plan(sin_sent_at=now - timedelta(days=900))
        sunday = now.date() + timedelta(days=27 - now.weekday())
        yield plan(extend="panel_submission_due", to=sunday)
        yield plan()

    def refused_signature(self, **fields: object) -> SignOff:
        """An answer of a lead that cannot be taken."""
        given: dict[str, Any] = {
            "lead": "police",
            "version": 2,
            "answer": Answer.CONFIRM,
            "by": self.names["police"],
        }
        return vain(SignOff, **{**given, **fields})

    def refused_while_signing(self, report: DocumentRef) -> Iterator[Message]:
        """What cannot be taken while the second version of the report is before the leads."""
        yield vain(SubmitDraft, document=report)
        yield self.refused_signature(lead="unheard-of")
        yield vain(SignOff, lead="police", version=2, answer=Answer.CONFIRM)
        yield self.refused_signature(version=1)
        yield self.refused_signature(version=3)
        yield self.refused_signature(answer=Answer.AMEND, note=None)
        yield vain(BookMeeting, starts_at=self.at("day 20 10:00"))
        yield vain(
            RecordMeeting,
            held_at=self.at("day 11 10:00"),
            attended=("police",),
            recommendation=Recommendation.CSPR,
        )

    def view(self, lead: str, by: str) -> GiveView:
        """A lead's view, its reasons marked as its id is."""
        criteria = ("improvements", "themes", "agencies", "panel")
        reasons = dict.fromkeys(criteria, f"{WORDS['GiveView.id']} in words")
        return marked(GiveView, lead=lead, by=by, view=Recommendation.NO_CSPR, reasons=reasons)

    def learning(self) -> PlanLearning:
        """An item of the plan to spread the learning."""
        return marked(PlanLearning, owner="health", due_on=self.at("day 60 12:00").date())

    def refused_of_an_action(self, now: datetime) -> Iterator[Message]:
        """What cannot be taken of an action for which the police have given evidence."""
        yield vain(RecordEvidence, received_at=now + timedelta(days=1))
        yield marked(CloseAction, by=f"{WORDS['RecordEvidence.by']} in words")
        yield vain(MoveAction, to=now.date())

    def came_back(self, letter: str) -> DeliveryFailed:
        """A letter that came back."""
        return marked(DeliveryFailed, letter=letter, status="5.1.1")

    def mail(self, kept: DocumentRef, at: datetime) -> tuple[MailFiled, SettleMail]:
        """A mail that asks something, and what was done about it."""
        filed = marked(
            MailFiled, kind="question", role="agency", party="police", document=kept, received_at=at
        )
        return filed, marked(SettleMail, number=1)

    def duplicate(self) -> DuplicateLinked:
        """The same incident, put forward again."""
        return marked(DuplicateLinked, reference="RR-2026-78")

    def panel(self, letter: DocumentRef) -> PanelReplied:
        """The Panel's answer."""
        return marked(PanelReplied, agrees=True, letter=letter)
