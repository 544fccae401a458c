"""What travels to and from a follow-up: what opens it, its dates, and what people tell it."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, Field

from domain.messages import (
    DocumentRef,
    Edition,
    FollowUpRules,
    Key,
    Message,
    Person,
    Reference,
    Roster,
    TimetableRules,
    Words,
)
from domain.timetable import WorkingDays


class FollowUpKind(StrEnum):
    """What is followed: an action of a review, or a next step where no review is held.

    Source: the guide, "Rapid Review Timescales" and "Cases which do not meet ... criteria".
    """

    IMMEDIATE_ACTION = "immediate_action"
    LEARNING_ACTION = "learning_action"
    LIVE_CASE_ACTION = "live_case_action"
    AGENCY_REVIEW = "agency_review"
    WORKING_GROUP = "working_group"
    LEARNING_EVENT = "learning_event"


class OpenFollowUp(Message):
    """What opens a follow-up: the ``number``-th action of a case, its owner and what they are to do.

    ``owner`` is the key of an agency or a strategic lead. ``what`` names no child and is sent only sealed.
    ``told`` says that the owner has had the wording already. ``hours`` gives the due and the send hour.
    ``edition`` is that of the process's own rules, as its case has it; see `domain.messages.OpenReview`.
    """

    reference: Reference
    number: int = Field(ge=1, le=999)
    kind: FollowUpKind
    area: Key
    owner: Key
    what: Words
    due_on: date
    told: bool = False
    particulars: DocumentRef
    rules: FollowUpRules
    hours: TimetableRules
    roster: Roster
    opened_by: Person
    edition: Edition = 1

    @property
    def workflow_id(self) -> str:
        """Under which id it runs: ``RR-2026-07/follow-up/3``."""
        return workflow_id(self.reference, self.number)


def workflow_id(reference: str, number: int) -> str:
    """The id of a case's follow-up: plain facts only."""
    return f"{reference}/follow-up/{number}"


class PlanFollowUp(Message):
    """Ask the calendar for the dates of an action due on a day, as of a moment.

    ``handed_over_at`` is when it began to be followed; an action due before that escalates counted from it.
    """

    due_on: date
    rules: FollowUpRules
    hours: TimetableRules
    as_of: AwareDatetime
    handed_over_at: AwareDatetime


class Notice(Message):
    """One letter planned for an owner who has shown nothing yet; keyed by its day."""

    kind: Literal["reminder", "overdue", "escalation"]
    due: AwareDatetime


class FollowUpPlan(WorkingDays):
    """The dates of a follow-up as planned once. ``working_days`` go a year beyond the due date.

    ``due_on`` is the day that was agreed; ``due`` is on the next working day where that is none.
    """

    due_on: date
    due: AwareDatetime
    notices: tuple[Notice, ...]
    explanation: str
    calendar: str
    planned_at: AwareDatetime


class RecordEvidence(Message):
    """What shows that an action is done, given by or for its owner; ``id`` makes it idempotent."""

    id: str
    evidence: Words
    documents: tuple[DocumentRef, ...] = ()
    received_at: AwareDatetime | None = None
    by: Person


class CloseAction(Message):
    """A second person has looked at the evidence and closes the action."""

    by: Person
    note: Words | None = None


class MoveAction(Message):
    """Move the due date, for a reason; the original stays beside it and lateness counts from it."""

    to: date
    reason: Words
    by: Person


class ReplanAction(Message):
    """Count the dates again on the calendar as it now is: a bank holiday was proclaimed.

    ``told_with`` is the number of the action, of the same case and owner, in whose letter the owner hears
    of all dates that moved: this action's own, or another's. Without it each action writes for itself.
    """

    reason: Words
    by: Person
    told_with: int | None = Field(default=None, ge=1, le=999)


class CountedAgain(Message):
    """An action's due date moved with the calendar, from ``was`` to ``due``. ``at`` is when that is heard."""

    number: int = Field(ge=1, le=999)
    kind: FollowUpKind
    was: AwareDatetime
    due: AwareDatetime
    original: AwareDatetime
    at: AwareDatetime


class WithdrawAction(Message):
    """The action falls away, most often with its case."""

    reason: Words
    by: Person


class TellAction(Message):
    """A fact for one of the actions that a review still carries, by the action's number."""

    number: int = Field(ge=1, le=999)
    fact: RecordEvidence | CloseAction | MoveAction | WithdrawAction


class FollowedUp(Message):
    """How a follow-up ended. ``late_by`` is in working days after the original due date."""

    reference: Reference
    number: int
    closed: bool
    late_by: int
