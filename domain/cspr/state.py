"""What is known of one CSPR: a frozen value, replaced by the next one as each fact arrives."""

from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import AwareDatetime, Field

from domain.case import Breach
from domain.cspr.dates import CsprDates, months_after
from domain.cspr.messages import (
    CsprCommission,
    CsprHold,
    CsprMonitor,
    CsprPublish,
    CsprRequest,
    CsprTerms,
    CsprWithdraw,
    LearningKind,
    OpenCspr,
    Proceedings,
)
from domain.errors import Refused
from domain.messages import Message, Recipient, RecipientKind, Roster, RosterLead
from domain.record import Entry, Event, Undelivered
from domain.signing import Signed
from domain.timetable import at_london, london, london_day

PUBLICATION = "cspr_publication_due"
"""The six-month date, as a breach names it."""

FULL_REPORT_TO = (RecipientKind.PANEL, RecipientKind.SECRETARY_OF_STATE)
"""Who must have the full report before it is published."""

F = TypeVar("F", bound=Message)


class CsprStage(StrEnum):
    """How far a CSPR has come. A hold is told beside it: it holds publication, and nothing else."""

    OPENING = "opening"
    COMMISSIONING = "commissioning"
    SCOPING = "scoping"
    REVIEWING = "reviewing"
    SIGNING = "signing"
    AMENDING = "amending"
    APPROVED = "approved"
    SENT = "sent"
    PUBLISHED = "published"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"


class Taken(Message, Generic[F]):
    """A fact as taken, and when."""

    fact: F
    at: AwareDatetime


class Hold(Message):
    """One hold on publication, until it is lifted, or renewed by the next for the same proceedings."""

    fact: CsprHold
    set_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    lifted: bool = False


class Cspr(Signed):
    """One CSPR, or another learning review, from the leads' decision to its last day.

    ``plans`` has the dates first planned and every later plan; ``extended_to`` is the day that was granted
    last. ``asked_to_send`` says when each version was told to go, by version; ``accepted`` when each mail
    server took the full report, by the letter's key. ``told`` is everybody a letter went to.
    """

    opening: OpenCspr
    opened_at: AwareDatetime
    plans: tuple[CsprDates, ...] = ()
    extended_to: date | None = None
    commissions: tuple[Taken[CsprCommission], ...] = ()
    terms: tuple[Taken[CsprTerms], ...] = ()
    monitorings: tuple[Taken[CsprMonitor], ...] = ()
    requests: tuple[Taken[CsprRequest], ...] = ()
    holds: tuple[Hold, ...] = ()
    asked_to_send: dict[int, AwareDatetime] = Field(default_factory=dict)
    accepted: dict[str, AwareDatetime] = Field(default_factory=dict)
    publication: Taken[CsprPublish] | None = None
    withdrawal: Taken[CsprWithdraw] | None = None
    told: tuple[Recipient, ...] = ()
    ended_at: AwareDatetime | None = None
    done: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    undelivered: tuple[Undelivered, ...] = ()
    breaches: tuple[Breach, ...] = ()
    record: tuple[Entry, ...] = ()

    @classmethod
    def opened(cls, opening: OpenCspr, at: datetime) -> "Cspr":
        """A CSPR as it opens, before its dates are planned."""
        what = "CSPR" if opening.kind is LearningKind.CSPR else "Another learning review"
        says = f"{what} of {opening.reference} opened, as decided {london(opening.decided_at)}."
        return cls(opening=opening, opened_at=at, record=(Entry(at=at, event=Event.CSPR_OPENED, says=says),))

    @property
    def reference(self) -> str:
        """The reference of the case."""
        return self.opening.reference

    @property
    def leads(self) -> dict[str, RosterLead]:
        """The strategic leads who must approve the report."""
        return self.opening.leads

    @property
    def roster(self) -> Roster:
        """Who of the case's roster has a part in it."""
        return Roster(agencies={}, leads=self.leads)

    @property
    def publishes(self) -> bool:
        """Whether it has to be published."""
        return self.opening.kind is LearningKind.CSPR

    @property
    def dates(self) -> CsprDates:
        """The dates in force.

        Raises:
            Refused: they are not planned yet, which takes a moment as it opens.
        """
        if not self.plans:
            raise Refused(f"The CSPR of {self.reference} is still being opened. Try again in a few seconds.")
        return self.plans[-1]

    @property
    def original_due(self) -> datetime:
        """The six-month date as first planned; lateness is measured against this."""
        return self.plans[0].publication_due if self.plans else self.dates.publication_due

    @property
    def commission(self) -> Taken[CsprCommission] | None:
        """The commission in force, if any."""
        return self.commissions[-1] if self.commissions else None

    @property
    def held(self) -> dict[Proceedings, Hold]:
        """The holds in force, by their proceedings."""
        return {hold.fact.proceedings: hold for hold in self.holds if not hold.ended_at}

    @property
    def sent_at(self) -> datetime | None:
        """When both the Panel and the Secretary of State had the current version in full, if they have."""
        keys = [self.full_report_key(to) for to in FULL_REPORT_TO]
        return max((self.accepted[key] for key in keys), default=None) if self._all(keys) else None

    def _all(self, keys: list[str]) -> bool:
        return all(key in self.accepted for key in keys)

    @property
    def may_publish_on(self) -> date | None:
        """The first day on which the current version may be published; None until it was sent in full."""
        if not self.sent_at:
            return None
        return self.dates.working_day_after(london_day(self.sent_at), self.opening.rules.panel_days)

    @property
    def available_until(self) -> date | None:
        """The day to which what was published is kept available: a working day, never too early."""
        if not self.publication:
            return None
        until = months_after(self.publication.fact.published_on, self.opening.rules.available_months)
        return self.dates.working_day_from(until)

    @property
    def stage(self) -> CsprStage:
        """How far it has come, from what is known of it."""
        if self.withdrawal:
            return CsprStage.WITHDRAWN
        if self.ended_at or self.publication:
            return CsprStage.ENDED if self.ended_at else CsprStage.PUBLISHED
        if self.drafts:
            return self._report_stage
        if not self.plans:
            return CsprStage.OPENING
        if not self.commissions:
            return CsprStage.COMMISSIONING
        return CsprStage.REVIEWING if self.terms else CsprStage.SCOPING

    @property
    def _report_stage(self) -> CsprStage:
        if self.signed:
            return CsprStage.SENT if self.sent_at else CsprStage.APPROVED
        return CsprStage.AMENDING if self.amended else CsprStage.SIGNING

    def late(self, now: datetime) -> tuple[Breach, ...]:
        """The six-month date where it has been missed, noticed or not, as of ``now``."""
        settled = self.publication or self.withdrawal
        if self.breaches or not self.publishes or not self.plans or settled:
            return self.breaches
        due = self.original_due
        return (Breach(milestone=PUBLICATION, due=due, noticed_at=now),) if due < now else ()

    def morning(self, day: date) -> datetime:
        """The hour at which notices leave on a day, or on the next working day."""
        return at_london(self.dates.working_day_from(day), self.opening.rules.send_hour)

    def morning_after(self, instant: datetime, days: int = 1) -> datetime:
        """The hour at which notices leave on the ``days``-th working day after an instant."""
        return self.morning(self.dates.working_day_after(london_day(instant), days))

    def sending_from(self, now: datetime) -> datetime:
        """The first moment from ``now`` on at which a notice may leave: in hours, on a working day."""
        day, rules = london_day(now), self.opening.rules
        if not self.dates.is_working_day(day) or now >= at_london(day, rules.due_hour):
            return self.morning_after(now)
        return max(now, at_london(day, rules.send_hour))

    def full_report_key(self, to: RecipientKind) -> str:
        """The key of the letter with the full report of the current version."""
        return f"{self.opening.letters_under}/full_report/{len(self.drafts)}/{to}"

    def noting(self, at: datetime, event: Event, says: str, by: str | None = None, *warnings: str) -> "Cspr":
        """The same with one more line in its record."""
        entry = Entry(at=at, event=event, says=says, by=by, warnings=warnings)
        return self.model_copy(update={"record": (*self.record, entry)})

    def with_(self, **changes: object) -> "Cspr":
        """The same with some of its facts replaced."""
        return self.model_copy(update=changes)
