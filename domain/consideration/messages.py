"""What travels about a case put forward: what opens its consideration, and each fact told of it.

The children, their family, the circumstances and the form itself are documents in the store.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from domain.criteria import Verdict
from domain.messages import (
    CsprRules,
    DecisionRules,
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

PortalReference = Annotated[str, StringConstraints(pattern=r"^[A-Z-]{0,20}\d[A-Z0-9-]{0,20}$")]
"""What the national portal called a submission, in the form of a SIN's reference: a number is in it."""


class Route(StrEnum):
    """By which way a case was put forward."""

    ALERT = "alert"
    REQUEST = "request"


class ConsiderationRules(Message):
    """The partnership's days before a review; in working days.

    Those of the SIN are counted from the aware date, those of the leads' views from the request.
    ``outcome_nudge_every`` asks the office for the local outcomes until they are chosen.
    Source: the guide, "Notifications from other Partner Agencies"; the views' days are the partnership's.
    """

    rapid_review_requires_sin: bool = True
    sin_reminders: tuple[int, ...] = (3, 4)
    sin_escalation: int = Field(default=5, ge=1, le=60)
    views_reminders: tuple[int, ...] = (3, 4)
    views_due: int = Field(default=5, ge=1, le=60)
    outcome_nudge_every: int = Field(default=5, ge=1, le=60)


class Notifier(Message):
    """Who decides for the local authority whether it is a SIN: the SQAS Strategic Manager or a deputy."""

    name: Person
    deputies: tuple[Person, ...] = ()
    agency: Key
    lead: Key


class Countersignature(Message):
    """With whom a request was discussed, and who countersigned it for the agency."""

    discussed_with: Person
    discussed_on: date
    countersigned_by: Person
    role: Person
    countersigned_on: date


class PutForward(Message):
    """What opens a consideration: a case put forward by an agency, and the rules in force that day.

    ``criteria`` is what the criteria say of it, as a code. ``aware_on`` is when the local authority
    became aware, None where that is unknown. ``form`` is the whole alert or request as it was given.
    ``edition`` is that of the process's own rules; see `domain.messages.OpenReview`.
    """

    reference: Reference
    area: Key
    route: Route
    agency: Key
    put_forward_by: Person
    countersignature: Countersignature | None = None
    incident_on: date
    aware_on: date | None = None
    criteria: Verdict
    ask: tuple[Key, ...] = Field(min_length=1)
    particulars: DocumentRef
    form: DocumentRef
    rules: ConsiderationRules
    timetable: TimetableRules
    decision_rules: DecisionRules = DecisionRules()
    follow_up: FollowUpRules = FollowUpRules()
    cspr: CsprRules = CsprRules()
    roster: Roster
    notifier: Notifier
    edition: Edition = 1


class View(StrEnum):
    """A strategic lead's view of a request."""

    MAY_MEET = "may_meet"
    DOES_NOT = "does_not"


class Consider(Message):
    """A lead's view, by the lead or a deputy for the lead, with its reason."""

    lead: Key
    view: View
    reason: Words
    by: Person


class SinAnswer(StrEnum):
    """The local authority's answer: a SIN; to be notified without a review; or not notifiable."""

    YES = "yes"
    NOTIFY = "notify"
    NO = "no"


class DecideSin(Message):
    """The SQAS Strategic Manager, or a deputy, decides whether it is a SIN."""

    answer: SinAnswer
    reason: Words
    by: Person


class RecordSin(Message):
    """The SIN was submitted on the national portal: its reference there, and when."""

    sin_reference: PortalReference
    sent_at: AwareDatetime
    by: Person


class RecordNotification(Message):
    """A notification without a review was submitted on the national portal."""

    notification_reference: PortalReference
    sent_at: AwareDatetime
    by: Person


class Convert(Message):
    """Abuse or neglect is suspected after all: a notification without a review is decided again."""

    aware_on: date
    reason: Words
    by: Person


class OutcomeKind(StrEnum):
    """What the partnership can do where there is no SIN. Source: the guide's list."""

    NO_FURTHER_ACTION = "no_further_action"
    LIVE_CASE_ACTIONS = "live_case_actions"
    AGENCY_REVIEW = "agency_review"
    WORKING_GROUP = "working_group"
    LEARNING_EVENT = "learning_event"


class LocalOutcome(Message):
    """One local outcome. Each but "no further action" has an owner, a due date and what is to be done.

    ``owner`` is the key of an agency or a strategic lead.
    """

    kind: OutcomeKind
    owner: Key | None = None
    due_on: date | None = None
    what: Words | None = None


class ChooseOutcomes(Message):
    """The local outcomes, chosen together, with the reason."""

    outcomes: tuple[LocalOutcome, ...] = Field(min_length=1)
    reason: Words
    by: Person


class WithdrawConsideration(Message):
    """The case is withdrawn before there is a review."""

    reason: Words
    by: Person


class LinkDuplicate(Message):
    """The same incident is already with the partnership, as ``to``."""

    to: Reference
    reason: Words
    by: Person


class PlanConsideration(Message):
    """Ask the calendar for the dates of a consideration, as of a moment.

    The SIN's dates are counted from ``aware_on``, or from ``incident_on`` where that is unknown; the
    leads' from ``day0``, which a re-plan keeps, or else from the day of ``as_of``.
    """

    incident_on: date
    aware_on: date | None
    rules: ConsiderationRules
    timetable: TimetableRules
    as_of: AwareDatetime
    day0: date | None = None


class ReplanConsideration(Message):
    """Count the dates again on the calendar as it now is: a bank holiday was proclaimed."""

    reason: Words
    by: Person


class Considered(Message):
    """How a consideration ended: its last stage, the review it opened, the outcomes chosen."""

    reference: Reference
    ended_as: str
    review: Reference | None = None
    linked_to: Reference | None = None
    outcomes: tuple[OutcomeKind, ...] = ()
