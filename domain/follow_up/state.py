"""What is known of one follow-up: a frozen value, replaced by the next one as each fact arrives."""

from datetime import datetime
from enum import StrEnum

from pydantic import AwareDatetime

from domain.errors import Refused
from domain.follow_up.messages import (
    CloseAction,
    CountedAgain,
    FollowUpKind,
    FollowUpPlan,
    OpenFollowUp,
    RecordEvidence,
    WithdrawAction,
)
from domain.messages import Message
from domain.record import Entry, Event, Undelivered
from domain.timetable import at_london, london_day


class FollowUpStage(StrEnum):
    """How far an action has come."""

    OPEN = "open"
    EVIDENCED = "evidenced"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


KINDS = {
    FollowUpKind.IMMEDIATE_ACTION: "Immediate action",
    FollowUpKind.LEARNING_ACTION: "Learning action",
    FollowUpKind.LIVE_CASE_ACTION: "Action on a live case",
    FollowUpKind.AGENCY_REVIEW: "Single- or multi-agency review",
    FollowUpKind.WORKING_GROUP: "Working group with an action plan",
    FollowUpKind.LEARNING_EVENT: "Practitioner learning event",
}
"""What each kind is called in letters and on screens."""


class Evidence(Message):
    """One showing that the action is done, and when it arrived."""

    given: RecordEvidence
    received_at: AwareDatetime


class FollowUp(Message):
    """One action, followed by its case at first or by itself, until it is closed or withdrawn.

    ``tell_by`` is when its owner is told at the latest, where that is left to the report of a review.
    ``counted_again`` is what its letter tells the owner of dates that moved, this action's and others'.
    """

    opening: OpenFollowUp
    opened_at: AwareDatetime
    tell_by: AwareDatetime | None = None
    plans: tuple[FollowUpPlan, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    closed: CloseAction | None = None
    withdrawn: WithdrawAction | None = None
    settled_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    done: frozenset[str] = frozenset()
    undelivered: tuple[Undelivered, ...] = ()
    seen: frozenset[str] = frozenset()
    counted_again: tuple[CountedAgain, ...] = ()
    record: tuple[Entry, ...] = ()

    @classmethod
    def opened(cls, opening: OpenFollowUp, at: datetime) -> "FollowUp":
        """A follow-up as it opens, before its dates are planned."""
        known = {*opening.roster.agencies, *opening.roster.leads}
        owner = opening.roster.party(opening.owner) if opening.owner in known else opening.owner
        says = f"{KINDS[opening.kind]} {opening.number} is followed up with {owner}."
        entry = Entry(at=at, event=Event.ACTION_OPENED, says=says, by=opening.opened_by)
        return cls(opening=opening, opened_at=at, record=(entry,))

    @property
    def name(self) -> str:
        """The action in a sentence for the office: ``RR-2026-07, action 3``."""
        return f"{self.opening.reference}, action {self.opening.number}"

    @property
    def owner(self) -> str:
        """What the owner is called."""
        return self.opening.roster.party(self.opening.owner)

    @property
    def owned_by_agency(self) -> bool:
        """Whether an agency owns the action, and not a strategic lead."""
        return self.opening.owner in self.opening.roster.agencies

    @property
    def plan(self) -> FollowUpPlan:
        """The dates in force.

        Raises:
            Refused: they are not planned yet, which takes a moment as the follow-up opens.
        """
        if not self.plans:
            raise Refused(f"{self.name} is still being opened. Try again in a few seconds.")
        return self.plans[-1]

    @property
    def due(self) -> datetime:
        """When the action is due."""
        return self.plan.due

    @property
    def original_due(self) -> datetime:
        """When it was first due; lateness is measured against this."""
        return self.plans[0].due if self.plans else self.due

    @property
    def stage(self) -> FollowUpStage:
        """How far the action has come, from what is known of it."""
        if self.withdrawn:
            return FollowUpStage.WITHDRAWN
        if self.closed:
            return FollowUpStage.CLOSED
        return FollowUpStage.EVIDENCED if self.evidence else FollowUpStage.OPEN

    @property
    def breached(self) -> bool:
        """Whether it is on record that the due date was missed."""
        return any(entry.event is Event.DATE_BREACHED for entry in self.record)

    def late(self, now: datetime) -> bool:
        """Whether evidence came after the original due date, or that has passed without any."""
        return bool(self.plans) and not self.withdrawn and self._shown(now) > self.original_due

    def late_by(self, now: datetime) -> int:
        """By how many working days it is late; 0 on the due day itself."""
        if not self.late(now):
            return 0
        days = [london_day(instant) for instant in (self.original_due, self._shown(now))]
        return self.plan.working_days_between(*days)

    def lateness(self, now: datetime) -> str:
        """The same in words; nothing where it is not late."""
        days = self.late_by(now)
        if not days:
            return "less than a working day" if self.late(now) else ""
        return f"{days} working day{'' if days == 1 else 's'}"

    def _shown(self, now: datetime) -> datetime:
        return min((e.received_at for e in self.evidence), default=now)

    def morning_after(self, instant: datetime, days: int = 1) -> datetime:
        """The send hour of the ``days``-th working day after an instant."""
        day = self.plan.working_day_after(london_day(instant), days)
        return at_london(day, self.opening.hours.send_hour)

    def sending_from(self, now: datetime) -> datetime:
        """The first moment from ``now`` on at which a notice may leave: in a working day's hours."""
        day, hours = london_day(now), self.opening.hours
        if not self.plan.is_working_day(day) or now >= at_london(day, hours.due_hour):
            return self.morning_after(now)
        return max(now, at_london(day, hours.send_hour))

    def noting(
        self, at: datetime, event: Event, says: str, by: str | None = None, *warned: str
    ) -> "FollowUp":
        """The same follow-up with one more line in its record."""
        entry = Entry(at=at, event=event, says=says, by=by, warnings=warned)
        return self.with_(record=(*self.record, entry))

    def with_(self, **changes: object) -> "FollowUp":
        """The same follow-up with some of its facts replaced."""
        return self.model_copy(update=changes)
