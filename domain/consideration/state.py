"""What is known of a case put forward: a frozen value, replaced by the next one as each fact arrives.

`domain.consideration.facts` says how a fact changes it, `steps` what is to be done next, `letters` what
is then written to whom, and `standing` how it reads to a person.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Self

from pydantic import AwareDatetime, Field

from domain.case import Breach
from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    Convert,
    DecideSin,
    LinkDuplicate,
    LocalOutcome,
    OutcomeKind,
    PutForward,
    RecordNotification,
    RecordSin,
    Route,
    SinAnswer,
    View,
    WithdrawConsideration,
)
from domain.errors import Refused
from domain.messages import (
    EDITION,
    NO_SIN,
    Message,
    OpenReview,
    Recipient,
    Reference,
    SeriousIncidentNotification,
)
from domain.record import Undelivered
from domain.timetable import Timetable, at_london, london_day

TITLES = {"sin_due": "SIN due", "views_due": "Leads' views due"}
"""What the dates that people work to are called when they are told of them."""


class ConsiderationStage(StrEnum):
    """How far a consideration has come."""

    OPENING = "opening"
    CONSIDERING = "considering"
    DECIDING = "deciding"
    NOTIFYING = "notifying"
    NOTIFIED = "notified"
    CHOOSING = "choosing_outcomes"
    REVIEWING = "review_opened"
    LOCAL_OUTCOMES = "local_outcomes"
    LINKED = "linked"
    WITHDRAWN = "withdrawn"


ENDINGS = {
    ConsiderationStage.REVIEWING,
    ConsiderationStage.LOCAL_OUTCOMES,
    ConsiderationStage.LINKED,
    ConsiderationStage.WITHDRAWN,
}
"""The stages after which a consideration takes no more facts."""


class ConsiderationEvent(StrEnum):
    """The audit vocabulary. Grammar: a thing of the process, a dot, what became of it."""

    PUT_FORWARD = "case.put_forward"
    DATES_PLANNED = "dates.planned"
    DATES_REPLANNED = "dates.replanned"
    DATE_BREACHED = "date.breached"
    VIEW_RECORDED = "view.recorded"
    DETERMINED = "request.determined"
    SIN_DECIDED = "sin.decided"
    SIN_RECORDED = "sin.recorded"
    NOTIFICATION_RECORDED = "notification.recorded"
    CONVERTED = "notification.converted"
    OUTCOMES_CHOSEN = "outcomes.chosen"
    LINKED = "case.linked"
    DUPLICATE_LINKED = "duplicate.linked"
    WITHDRAWN = "case.withdrawn"
    LETTERS_SENT = "letters.sent"
    LETTER_FAILED = "letter.failed"
    LETTER_RETRIED = "letter.retried"
    FACT_NOT_TAKEN = "fact.not_taken"


class ConsiderationEntry(Message):
    """One line of the record: when, what, in a sentence, and by whom if by a person."""

    at: AwareDatetime
    event: ConsiderationEvent
    says: str
    by: str | None = None
    warnings: tuple[str, ...] = ()


class Consideration(Message):
    """One case put forward, until a review opens or its local outcomes are chosen.

    ``asked_at`` is when the local authority was last asked for its SIN decision; ``determined_at`` when
    the last lead's view came in; ``settled_at`` when it was answered that there is no SIN. Decisions
    before a conversion stay in ``decisions``. ``told`` is everybody a letter went to. ``replans`` numbers
    the plans, counted from 1, that were made by a re-plan; a conversion's is the first of a new round.
    """

    put: PutForward
    opened_at: AwareDatetime
    plans: tuple[Timetable, ...] = ()
    replans: tuple[int, ...] = ()
    views: dict[str, Consider] = Field(default_factory=dict)
    determined_at: AwareDatetime | None = None
    asked_at: AwareDatetime | None = None
    decisions: tuple[DecideSin, ...] = ()
    decision: DecideSin | None = None
    settled_at: AwareDatetime | None = None
    sin: RecordSin | None = None
    notifications: tuple[RecordNotification, ...] = ()
    notification: RecordNotification | None = None
    conversions: tuple[Convert, ...] = ()
    chosen: ChooseOutcomes | None = None
    link: LinkDuplicate | None = None
    withdrawal: WithdrawConsideration | None = None
    duplicates: tuple[Reference, ...] = ()
    told: tuple[Recipient, ...] = ()
    done: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    undelivered: tuple[Undelivered, ...] = ()
    breaches: tuple[Breach, ...] = ()
    record: tuple[ConsiderationEntry, ...] = ()

    @classmethod
    def opened(cls, put: PutForward, at: datetime) -> Self:
        """A case as it is put forward, before its dates are planned."""
        agency = put.roster.agencies[put.agency].name if put.agency in put.roster.agencies else put.agency
        says = f"Put forward by {agency}, by {put.route}."
        entry = ConsiderationEntry(
            at=at, event=ConsiderationEvent.PUT_FORWARD, says=says, by=put.put_forward_by
        )
        return cls(put=put, opened_at=at, record=(entry,))

    @property
    def reference(self) -> str:
        """The neutral reference, which a review opened from it takes over."""
        return self.put.reference

    @property
    def timetable(self) -> Timetable:
        """The plan in force.

        Raises:
            Refused: the dates are not planned yet, which takes a moment.
        """
        if not self.plans:
            raise Refused(f"{self.reference} is still being put forward. Try again in a few seconds.")
        return self.plans[-1]

    @property
    def original(self) -> Timetable:
        """The first plan of this round; lateness is measured against it."""
        number = len(self.plans)
        while number in self.replans:
            number -= 1
        return self.plans[number - 1] if self.plans else self.timetable

    @property
    def round(self) -> int:
        """How often the local authority has been asked whether it is a SIN, this time included."""
        return len(self.conversions) + 1

    @property
    def aware_on(self) -> date | None:
        """When the local authority became aware, if that is known; a conversion brings its own date."""
        return self.conversions[-1].aware_on if self.conversions else self.put.aware_on

    @property
    def awaited_views(self) -> tuple[str, ...]:
        """The leads whose view of a request is still to come, in the partnership's order."""
        if self.put.route is not Route.REQUEST:
            return ()
        return tuple(lead for lead in self.put.roster.leads if lead not in self.views)

    @property
    def may_meet(self) -> bool:
        """Whether any lead says that the criteria may be met."""
        return any(view.view is View.MAY_MEET for view in self.views.values())

    @property
    def review_without_sin(self) -> bool:
        """Whether the leads' determination alone opens the review."""
        return bool(self.determined_at) and self.may_meet and not self.put.rules.rapid_review_requires_sin

    @property
    def outcomes(self) -> tuple[LocalOutcome, ...]:
        """The local outcomes chosen."""
        return self.chosen.outcomes if self.chosen else ()

    @property
    def outcomes_to_follow(self) -> tuple[LocalOutcome, ...]:
        """Those that are followed to their end: all but "no further action"."""
        return tuple(o for o in self.outcomes if o.kind is not OutcomeKind.NO_FURTHER_ACTION)

    @property
    def stage(self) -> ConsiderationStage:
        """How far it has come, from what is known of it."""
        stage = ConsiderationStage
        if self.withdrawal:
            return stage.WITHDRAWN
        if self.link:
            return stage.LINKED
        if self.sin or self.review_without_sin:
            return stage.REVIEWING
        if self.chosen:
            return stage.LOCAL_OUTCOMES
        if not self.plans:
            return stage.OPENING
        return self._stage_under_way()

    def _stage_under_way(self) -> ConsiderationStage:
        stage = ConsiderationStage
        if self.notification:
            return stage.NOTIFIED
        if self.awaited_views:
            return stage.CONSIDERING
        if self.determined_at and not self.may_meet:
            return stage.CHOOSING
        if not self.decision:
            return stage.DECIDING
        return stage.CHOOSING if self.decision.answer is SinAnswer.NO else stage.NOTIFYING

    @property
    def at_an_end(self) -> bool:
        """Whether no more facts are taken, though a last letter may still be on its way."""
        return self.stage in ENDINGS

    def agency_name(self, key: str) -> str:
        """An agency's name as the partnership has it."""
        return self.put.roster.agencies[key].name

    def lead_title(self, key: str) -> str:
        """Whose lead it is."""
        return self.put.roster.leads[key].title

    def overdue(self, now: datetime) -> tuple[Breach, ...]:
        """Every date missed so far, noticed or not, as of ``now``."""
        if not self.plans:
            return ()
        known = {(b.milestone, b.due) for b in self.breaches}
        unmet = [(key, self.original[key].due) for key in self._unmet()]
        fresh = [(key, due) for key, due in unmet if due < now and (key, due) not in known]
        return (*self.breaches, *(Breach(milestone=key, due=due, noticed_at=now) for key, due in fresh))

    def _unmet(self) -> list[str]:
        stage = self.stage
        if stage is ConsiderationStage.CONSIDERING:
            return ["views_due"]
        waiting = (ConsiderationStage.DECIDING, ConsiderationStage.NOTIFYING)
        return ["sin_due"] if stage in waiting else []

    def working_morning_after(self, instant: datetime, days: int = 1) -> datetime:
        """When mail may next leave: the send hour of the ``days``-th working day after an instant."""
        day = self.timetable.working_day_after(london_day(instant), days)
        return at_london(day, self.put.timetable.send_hour)

    def noting(
        self, at: datetime, event: ConsiderationEvent, says: str, by: str | None = None, *warnings: str
    ) -> Self:
        """The same consideration with one more line in its record."""
        entry = ConsiderationEntry(at=at, event=event, says=says, by=by, warnings=warnings)
        return self.model_copy(update={"record": (*self.record, entry)})

    def with_(self, **changes: object) -> Self:
        """The same consideration with some of its facts replaced."""
        return self.model_copy(update=changes)

    def review(self, at: datetime) -> OpenReview:
        """What opens the review: from the SIN as recorded, or from the leads' determination."""
        put, sin = self.put, self.sin
        return OpenReview(
            reference=put.reference,
            area=put.area,
            sin=SeriousIncidentNotification(
                reference=sin.sin_reference if sin else NO_SIN,
                sent_at=sin.sent_at if sin else self.determined_at or at,
                incident_on=put.incident_on,
                aware_on=self.aware_on,
            ),
            ask=put.ask,
            particulars=put.particulars,
            rules=put.timetable,
            decision_rules=put.decision_rules,
            follow_up=put.follow_up,
            cspr=put.cspr,
            edition=EDITION,
            route=str(put.route),
            came_in_on=london_day(self.opened_at),
            roster=put.roster,
            opened_by=sin.by if sin else put.put_forward_by,
        )
