"""What is known of one case: a frozen value, replaced by the next one as each fact arrives.

`domain.facts` says how a fact changes it, `domain.steps` what is to be done next, `domain.letters` what
is then written to whom, and `domain.standing` how it reads to a person.
"""

from datetime import date, datetime
from enum import StrEnum

from pydantic import AwareDatetime, Field
from pydantic.dataclasses import dataclass

from domain.errors import Refused
from domain.follow_up.state import FollowUp
from domain.messages import (
    STRICT,
    THIRD_EDITION,
    AgencyReturn,
    BookMeeting,
    Decide,
    DocumentRef,
    GiveView,
    ImmediateAction,
    MailFiled,
    Message,
    OpenReview,
    Outcome,
    PlanLearning,
    RecordMeeting,
    Reference,
    ReturnKind,
    RosterLead,
    Withdraw,
)
from domain.record import Entry, Event, Undelivered
from domain.signing import Signed
from domain.timetable import LONDON, Timetable, at_london


class Stage(StrEnum):
    """How far a review has come."""

    OPENING = "opening"
    GATHERING = "gathering"
    DRAFTING = "drafting"
    SIGNING = "signing"
    SUBMITTED = "submitted"
    CONCLUDED = "concluded"
    WITHDRAWN = "withdrawn"


class ChaseKind(StrEnum):
    """The ways an agency that has not returned is chased, in the order of the guide's days."""

    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATION = "escalation"


class Chase(Message):
    """One chaser planned for one agency; its key, ``reminder/2``, is part of the letter's own key."""

    kind: ChaseKind
    number: int
    due: AwareDatetime

    @property
    def key(self) -> str:
        """Stable within the agency: the kind and its number."""
        return f"{self.kind}/{self.number}"


class Returned(Message):
    """One version of an agency's return. ``late_by`` is in working days; 0 on the due day itself."""

    version: int
    kind: ReturnKind
    received_at: AwareDatetime
    late: bool
    late_by: int
    people_searched: int
    documents: tuple[DocumentRef, ...]
    by_mail: bool = False


@dataclass(frozen=True, slots=True, config=STRICT)
class Request:
    """What is asked of one agency, how it is chased, and what it has returned.

    ``first_due`` is the due instant it was first given, against which lateness is measured; ``due`` the
    one in force and ``was_due`` the one it had before the last re-plan. ``added_at`` is when it joined;
    ``asked_at`` when its Request for Information went.
    """

    added_at: AwareDatetime
    joined_late: bool
    first_due: AwareDatetime
    due: AwareDatetime
    chases: tuple[Chase, ...]
    was_due: AwareDatetime | None = None
    asked_at: AwareDatetime | None = None
    chased: frozenset[str] = frozenset()
    returns: tuple[Returned, ...] = ()

    @property
    def returned(self) -> bool:
        """Whether anything has come back: a nil or partial return counts, silence does not."""
        return bool(self.returns)

    def chases_left(self) -> tuple[Chase, ...]:
        """The chasers not yet sent or passed over; none once the agency has returned.

        A chaser that fell due before the agency was asked, as in a case opened late, is never sent.
        """
        asked = self.asked_at
        if self.returned or not asked:
            return ()
        return tuple(c for c in self.chases if c.key not in self.chased and c.due > asked)


class Meeting(Message):
    """The meeting as booked; ``sequence`` rises with every move, as its invitation's does."""

    booking: BookMeeting
    booked_at: AwareDatetime
    sequence: int


class View(Message):
    """A lead's view as taken: by whom, for which decision (1 the first, 2 the reconsideration)."""

    given: GiveView
    decision: int
    by_deputy: bool
    received_at: AwareDatetime


class PanelAnswer(Message):
    """The Panel's answer; ``decisions`` counts those that had been taken when it came."""

    agrees: bool
    received_at: AwareDatetime
    decisions: int
    letter: DocumentRef | None = None


class Withdrawal(Message):
    """That the case was withdrawn, and when."""

    fact: Withdraw
    at: AwareDatetime


class Breach(Message):
    """A date that was missed. ``due`` is the original date; ``agency`` where it was an agency's."""

    milestone: str
    due: AwareDatetime
    noticed_at: AwareDatetime
    agency: str | None = None


class Filed(Message):
    """A mail kept with the case; ``settled`` once nobody has to do anything about it."""

    fact: MailFiled
    settled: bool


class Case(Signed):
    """One incident under review, from its SIN to the Panel.

    ``follow_ups`` are its actions until they are handed over; closed and withdrawn ones stay.
    """

    opening: OpenReview
    opened_at: AwareDatetime
    plans: tuple[Timetable, ...] = ()
    extensions: dict[str, date] = Field(default_factory=dict)
    requests: dict[str, Request] = Field(default_factory=dict)
    meeting: Meeting | None = None
    held: RecordMeeting | None = None
    learning: tuple[PlanLearning, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    views: tuple[View, ...] = ()
    decisions: tuple[Decide, ...] = ()
    panel_answers: tuple[PanelAnswer, ...] = ()
    reopened: frozenset[int] = frozenset()
    withdrawn: Withdrawal | None = None
    duplicates: tuple[Reference, ...] = ()
    submitted_at: AwareDatetime | None = None
    concluded_at: AwareDatetime | None = None
    done: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    late_returns: tuple[str, ...] = ()
    undelivered: tuple[Undelivered, ...] = ()
    mail: tuple[Filed, ...] = ()
    breaches: tuple[Breach, ...] = ()
    record: tuple[Entry, ...] = ()

    @classmethod
    def opened(cls, opening: OpenReview, at: datetime) -> "Case":
        """A case as it opens, before its dates are planned."""
        says = f"Rapid Review {opening.reference} opened from SIN {opening.sin.reference}."
        entry = Entry(at=at, event=Event.REVIEW_OPENED, says=says, by=opening.opened_by)
        return cls(opening=opening, opened_at=at, record=(entry,))

    @property
    def reference(self) -> str:
        """The neutral reference, which is also the workflow's id."""
        return self.opening.reference

    @property
    def leads(self) -> dict[str, RosterLead]:
        """The strategic leads who must sign."""
        return self.opening.roster.leads

    @property
    def timetable(self) -> Timetable:
        """The plan in force.

        Raises:
            Refused: the dates are not planned yet, which takes a moment as the case opens.
        """
        if not self.plans:
            raise Refused(f"{self.reference} is still being opened. Try again in a few seconds.")
        return self.plans[-1]

    @property
    def original(self) -> Timetable:
        """The plan made as the case opened, against which lateness is measured."""
        return self.plans[0] if self.plans else self.timetable

    @property
    def being_revised(self) -> bool:
        """Whether another version is to come: a lead amends, or a late return has reopened this one."""
        return self.amended or len(self.drafts) in self.reopened

    @property
    def signed(self) -> bool:
        """Whether every strategic lead has confirmed the current version."""
        return bool(self.drafts) and not self.unanswered and not self.being_revised

    @property
    def decision(self) -> Decide | None:
        """The decision that stands, if any; the ones before it stay in `decisions`."""
        return self.decisions[-1] if self.decisions else None

    @property
    def reconsidering(self) -> bool:
        """Whether the Panel disagreed with the decision that stands."""
        last = self.panel_answers[-1] if self.panel_answers else None
        return bool(last and not last.agrees and self.decisions and last.decisions == len(self.decisions))

    @property
    def undecided(self) -> bool:
        """Whether the leads still have to decide, for the first time or anew."""
        return not self.decisions or self.reconsidering

    @property
    def current_views(self) -> dict[str, View]:
        """The views on the decision now to be taken, by lead; on the one that stands where none is."""
        number = len(self.decisions) + self.undecided
        return {v.given.lead: v for v in self.views if v.decision == number}

    @property
    def disagreeing(self) -> bool:
        """Whether views differ on a decision still to be taken."""
        return self.undecided and len({v.given.view for v in self.current_views.values()}) > 1

    @property
    def awaiting_panel(self) -> bool:
        """Whether a concluded review still waits for the Panel's answer, or for what answers it."""
        answered = bool(self.panel_answers) and not self.reconsidering
        waited_for = self.opening.decision_rules.panel_answer_days > 0
        return bool(self.concluded_at) and waited_for and not answered and not self.withdrawn

    @property
    def outcome(self) -> Outcome | None:
        """How the case ended, or will as things stand."""
        if self.withdrawn:
            return Outcome.WITHDRAWN
        return Outcome(self.decision.outcome) if self.decision else None

    @property
    def outstanding(self) -> tuple[str, ...]:
        """The agencies that have not returned, in the order they were asked."""
        return tuple(key for key, request in self.requests.items() if not request.returned)

    @property
    def follows_actions(self) -> bool:
        """Whether its actions are followed while it runs; of a case of the first edition, only after it."""
        return self.opening.edition > 1

    @property
    def passes_on(self) -> bool:
        """Whether what it is told while it is handed over is passed on: since the third edition."""
        return self.opening.edition >= THIRD_EDITION

    @property
    def actions(self) -> tuple[ImmediateAction, ...]:
        """The immediate actions the meeting agreed."""
        return self.held.immediate_actions if self.held else ()

    @property
    def stage(self) -> Stage:
        """How far the review has come, from what is known of it."""
        if self.withdrawn:
            return Stage.WITHDRAWN
        if self.concluded_at:
            return Stage.CONCLUDED
        if self.submitted_at:
            return Stage.SUBMITTED
        if self.drafts:
            return Stage.DRAFTING if self.being_revised else Stage.SIGNING
        if self.held:
            return Stage.DRAFTING
        return Stage.GATHERING if self.plans else Stage.OPENING

    def agency_name(self, key: str) -> str:
        """An agency's name as the partnership has it."""
        return self.opening.roster.agencies[key].name

    def party(self, key: str) -> str:
        """What an agency or a lead is called."""
        return self.opening.roster.party(key)

    def overdue(self, now: datetime) -> tuple[Breach, ...]:
        """Every date missed so far, noticed or not, as of ``now``.

        Breaches on record come first; a deadline that has just passed unmet is added, so that a reader
        never has to wait for the morning on which it is escalated.
        """
        if not self.plans:
            return ()
        known = {(b.milestone, b.agency) for b in self.breaches}
        passed = [(m, agency) for m, agency in self._unmet() if self._first_due(m, agency) < now]
        fresh = [
            Breach(milestone=m, agency=agency, due=self._first_due(m, agency), noticed_at=now)
            for m, agency in passed
            if (m, agency) not in known
        ]
        return (*self.breaches, *fresh)

    def _unmet(self) -> list[tuple[str, str | None]]:
        """The deadlines nothing has met yet; none once the report has gone or the case is withdrawn."""
        if self.submitted_at or self.withdrawn:
            return []
        unmet: list[tuple[str, str | None]] = [("rfi_due", agency) for agency in self.outstanding]
        if not self.held:
            unmet.append(("meeting_window_closes", None))
        if not self.drafts:
            unmet.append(("draft_due", None))
        return [*unmet, ("panel_submission_due", None)]

    def _first_due(self, milestone: str, agency: str | None) -> datetime:
        return self.requests[agency].first_due if agency else self.original[milestone].due

    def working_day_number(self, now: datetime) -> int:
        """Which working day of the review ``now`` falls on: 0 is Day 0 (1 where the SIN day is Day 1)."""
        today = now.astimezone(LONDON).date()
        plan = self.timetable
        return plan.sin_day_is + plan.working_days_between(plan.day0, today)

    def working_morning_after(self, instant: datetime, days: int = 1) -> datetime:
        """When mail may next leave: the send hour of the ``days``-th working day after an instant."""
        day = self.timetable.working_day_after(instant.astimezone(LONDON).date(), days)
        return at_london(day, self.opening.rules.send_hour)

    def sending_from(self, now: datetime) -> datetime:
        """The first moment from ``now`` on, itself included, at which a notice may leave.

        That is between the send hour and the due hour of a working day.
        """
        day, rules = now.astimezone(LONDON).date(), self.opening.rules
        if not self.timetable.is_working_day(day) or now >= at_london(day, rules.due_hour):
            return self.working_morning_after(now)
        return max(now, at_london(day, rules.send_hour))

    def noting(self, at: datetime, event: Event, says: str, by: str | None = None, *warnings: str) -> "Case":
        """The same case with one more line in its record."""
        entry = Entry(at=at, event=event, says=says, by=by, warnings=warnings)
        return self.model_copy(update={"record": (*self.record, entry)})

    def with_(self, **changes: object) -> "Case":
        """The same case with some of its facts replaced."""
        return self.model_copy(update=changes)

    def returned_version(self, fact: AgencyReturn, received: datetime) -> Returned:
        """The return as this case takes it: its version, and whether and by how much it is late."""
        request = self.requests[fact.agency]
        due_day, day = (t.astimezone(LONDON).date() for t in (request.first_due, received))
        return Returned(
            version=len(request.returns) + 1,
            kind=fact.kind,
            received_at=received,
            late=received > request.first_due,
            late_by=self.timetable.working_days_between(due_day, day),
            people_searched=fact.people_searched,
            documents=fact.documents,
            by_mail=fact.by_mail,
        )
