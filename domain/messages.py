"""The models that travel: what opens a review, what is signalled, commanded, asked and answered.

Three classes of data are kept apart (``docs/decisions/0002-three-classes-of-data.md``). Nothing here
holds a child, a family, a narrative or an address: those are documents in the store, and a message
carries only a `DocumentRef` to them. Names of staff and reasons do travel, encrypted.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.dataclasses import dataclass

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,6}-\d{4}-\d{2,4}$")]
"""A neutral case reference such as ``RR-2026-07``: never initials, never a name."""

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,23}$")]
"""A short plain name of an agency, a lead or a letter's template, such as ``early-years``."""

MilestoneKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
"""The key of a date of the timetable, such as ``rfi_due``."""

LetterKey = Annotated[str, StringConstraints(pattern=r"^[a-z_-]{1,24}(/[A-Za-z0-9_-]{1,40})*$")]
"""The key of a letter, such as ``reminder/2/police``."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=2000)]
"""A sentence or more from a person: a reason, a note. Encrypted wherever it travels."""

Person = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
"""The name of a member of staff. Encrypted wherever it travels."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Message(BaseModel):
    """A value that travels: frozen, strict about fields it does not know, and silent about its values.

    The SDK writes what is wrong with a message to the worker's log, as it stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


STRICT = ConfigDict(extra="forbid", hide_input_in_errors=True)
"""Of slotted dataclasses, which a cached case holds many of: strict as a message, a fifth of its memory."""


class DocumentRef(Message):
    """A document in the encrypted store, by the SHA-256 of its plain bytes; ``size`` in bytes."""

    sha256: Sha256
    size: int = Field(ge=0)
    media_type: str


NO_SIN = "NO-SIN-0"
"""What stands for the SIN's reference where a partnership reviews without one."""


class SeriousIncidentNotification(Message):
    """The local authority's notice to the Panel, with its three dates kept apart.

    ``sent_at`` fixes Day 0. ``aware_on`` starts the five working days in which the notice is due; where
    it is unknown the due date is counted from ``incident_on`` and shown as a warning.
    Source: the guide, "Serious Incident Notifications"; Working Together 2023, chapter 5.
    """

    reference: Annotated[str, StringConstraints(pattern=r"^[A-Z-]{0,20}\d[A-Z0-9-]{0,20}$")]
    sent_at: AwareDatetime
    incident_on: date
    aware_on: date | None = None


class ReturnKind(StrEnum):
    """What an agency sent back. A nil return is a signed "we searched and know nothing"."""

    COMPLETE = "complete"
    NIL = "nil"
    PARTIAL = "partial"


class AgencyReturn(Message):
    """One agency's answer to the Request for Information.

    ``id`` makes it idempotent: a mail's Message-ID or the office's own. ``people_searched`` counts the
    people a nil return says were searched for; their names stay in the stored form. ``received_at`` is
    when it arrived, which decides lateness; without it the moment of recording counts. One that came
    ``by_mail``, read by nobody yet, is acknowledged.
    """

    id: str
    agency: Key
    kind: ReturnKind
    received_at: AwareDatetime | None = None
    people_searched: int = Field(default=0, ge=0, le=500)
    documents: tuple[DocumentRef, ...] = ()
    recorded_by: Person | None = None
    by_mail: bool = False


class MailKind(StrEnum):
    """What a mail is that answers a letter of ours and is no return."""

    AUTOMATIC = "automatic"
    ACKNOWLEDGEMENT = "acknowledgement"
    QUESTION = "question"
    SEALED = "sealed"
    SIGN_OFF_COMMENT = "sign_off_comment"


class MailFiled(Message):
    """A mail that is no return, kept with its case: whose, of what kind, and the mail as it came.

    ``party`` is the key of an agency or, for the role ``lead``, of a strategic lead. ``id`` makes it
    idempotent: it is made of the mail's Message-ID.
    """

    id: str
    kind: MailKind
    role: Literal["agency", "lead"]
    party: Key
    document: DocumentRef
    received_at: AwareDatetime


class SettleMail(Message):
    """A filed mail has been dealt with by a person: its number on the screen, and what was done."""

    number: int = Field(ge=1)
    done: Words
    by: Person


class BookMeeting(Message):
    """Book the Rapid Review meeting, or move it by booking again."""

    starts_at: AwareDatetime
    minutes: int = Field(default=120, ge=15, le=600)
    place: Words
    by: Person


class Recommendation(StrEnum):
    """What the meeting recommends, and later what the leads decide, on a CSPR."""

    CSPR = "cspr"
    NO_CSPR = "no_cspr"
    OTHER_REVIEW = "other_review"

    @property
    def words(self) -> str:
        """As a sentence says it."""
        return {self.CSPR: "a CSPR", self.NO_CSPR: "no CSPR"}.get(self, "another learning review")


class Outcome(StrEnum):
    """How a review ended: the decision on a CSPR, or that the case was withdrawn."""

    CSPR = "cspr"
    NO_CSPR = "no_cspr"
    OTHER_REVIEW = "other_review"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """As a sentence says it."""
        return "withdrawn" if self is self.WITHDRAWN else Recommendation(self).words


class ImmediateAction(Message):
    """Something an agency must do now; its wording names no child and is sent only sealed."""

    agency: Key
    action: Words
    due_on: date


class RecordMeeting(Message):
    """The meeting was held: who came (keys of agencies and leads) and what it recommended."""

    held_at: AwareDatetime
    attended: tuple[Key, ...] = Field(min_length=1)
    recommendation: Recommendation
    reason: Words
    immediate_actions: tuple[ImmediateAction, ...] = ()
    by: Person


class SubmitDraft(Message):
    """A new version of the draft report, for every strategic lead to confirm or amend."""

    document: DocumentRef
    by: Person


class Answer(StrEnum):
    """A strategic lead's answer to one version of the report."""

    CONFIRM = "confirm"
    AMEND = "amend"


class SignOff(Message):
    """A lead, or a deputy for the lead, confirms or amends one version of the report.

    ``by`` is the name as the partnership's contact book has it. ``note`` is required to amend.
    """

    id: str
    lead: Key
    by: Person
    version: int = Field(ge=1)
    answer: Answer
    note: Words | None = None
    received_at: AwareDatetime | None = None


class GiveView(Message):
    """A lead's own view on a CSPR, or a deputy's for the lead: a reason against each criterion.

    ``reasons`` are by the key of a criterion of the case's `DecisionRules`; where those name none, one
    reason under any key will do. ``by`` is the name as the partnership's contact book has it.
    Source: the 2018 Regulations, regulation 11.
    """

    id: str
    lead: Key
    by: Person
    view: Recommendation
    reasons: dict[Key, Words] = Field(min_length=1)
    received_at: AwareDatetime | None = None


class Decide(Message):
    """The leads' joint decision on a CSPR, with its reason.

    Where the leads' views differ, ``by`` is the lead safeguarding partner who decided.
    """

    outcome: Recommendation
    reason: Words
    by: Person


class Withdraw(Message):
    """The case turns out not to meet the criteria: its clock stops, and its record stays."""

    reason: Words
    by: Person


class Reopen(Message):
    """A return that came after the draft changes the report: a new version of it is asked for."""

    reason: Words
    by: Person


class AddAgency(Message):
    """Ask one more agency, found while the review runs; Day 15 does not move."""

    agency: Key
    reason: Words
    by: Person


class PlanLearning(Message):
    """One item of the plan to spread the learning: who (an agency or a lead) does what, by when."""

    owner: Key
    due_on: date
    what: Words
    by: Person


class Replan(Message):
    """Plan the dates again, for a reason that is recorded; the original plan stays beside the new one.

    With neither field given the dates are counted again on the calendar as it now is (a bank holiday
    was proclaimed). ``sin_sent_at`` corrects Day 0. ``extend`` moves one milestone to the end of a
    chosen working day, by grant of ``granted_by``.
    """

    reason: Words
    by: Person
    sin_sent_at: AwareDatetime | None = None
    extend: MilestoneKey | None = None
    to: date | None = None
    granted_by: Person | None = None


class ReplanWait(Message):
    """Count the days again on which the office is reminded of the Panel's answer: one is now a holiday."""

    reason: Words
    by: Person


class SendAgain(Message):
    """Send a refused letter once more, now that its address has been mended in the contact book."""

    letter: LetterKey
    by: Person


class DeliveryFailed(Message):
    """A mail of ours came back: which letter (its key) and the status code of the report."""

    id: str
    letter: LetterKey
    status: Annotated[str, StringConstraints(pattern=r"^[45]\.\d{1,3}\.\d{1,3}$")]
    received_at: AwareDatetime | None = None


class DuplicateLinked(Message):
    """The same incident was put forward a second time, as ``reference``, which is linked to this case."""

    reference: Reference
    reason: Words
    by: Person


class PanelReplied(Message):
    """The Panel's letter on the report: whether it agrees with the decision, and the letter itself."""

    id: str
    agrees: bool
    letter: DocumentRef | None = None
    received_at: AwareDatetime | None = None


class PassedOn(Message):
    """What a review was told while it handed its case over, for what holds the case since; told ``at``."""

    fact: (
        AgencyReturn
        | SignOff
        | MailFiled
        | GiveView
        | Decide
        | Withdraw
        | SendAgain
        | DeliveryFailed
        | DuplicateLinked
        | PanelReplied
    )
    at: AwareDatetime


class Receipt(Message):
    """The answer to a command: what was recorded, what to know about it, and what comes next."""

    reference: Reference
    recorded: str
    warnings: tuple[str, ...] = ()
    next: str


class RecipientKind(StrEnum):
    """Who a letter is for. Addresses are looked up in the contact book only as it is sent."""

    AGENCY = "agency"
    REPRESENTATIVE = "representative"
    LEAD = "lead"
    PARTNER = "partner"
    OFFICE = "office"
    PANEL = "panel"
    OFSTED = "ofsted"
    REVIEWER = "reviewer"
    SECRETARY_OF_STATE = "secretary-of-state"
    SQAS_MANAGER = "sqas-manager"


class Recipient(Message):
    """Whom a letter is for: a kind, and the key of the agency or lead where the kind has one.

    ``representative`` is the agency's LLR representative; ``partner`` the lead safeguarding partner
    to whom a strategic lead's matters escalate.
    """

    kind: RecipientKind
    key: Key | None = None

    def __str__(self) -> str:
        """Plain text for keys and logs: ``agency:police``, ``office``."""
        return f"{self.kind}:{self.key}" if self.key else str(self.kind)


class Attachment(StrEnum):
    """What the mail room makes and attaches to a letter, besides stored documents."""

    REQUEST_FORM = "request_form"
    SUBJECTS = "subjects"
    INVITATION = "invitation"
    ACTIONS = "actions"


class Letter(Message):
    """One mail to be sent: decided by the rules, rendered and delivered by an activity.

    ``key`` is stable (``reminder/2/police``) and, with the workflow id, identifies the letter for ever.
    ``facts`` fill the template named by ``template``; they are plain text and lists of plain text.
    """

    key: str
    template: Key
    to: Recipient
    facts: dict[str, str | list[str]]
    attach: tuple[Attachment, ...] = ()
    documents: tuple[DocumentRef, ...] = ()
    invitation: "Invitation | None" = None
    actions: tuple[ImmediateAction, ...] = ()


class Invitation(Message):
    """A meeting for the calendar invitation; ``sequence`` rises with each move (RFC 5546)."""

    starts_at: AwareDatetime
    minutes: int
    place: str
    sequence: int


class Post(Message):
    """A batch of letters of one step of one case, told as of which moment they are written."""

    reference: Reference
    as_of: AwareDatetime
    particulars: DocumentRef
    letters: tuple[Letter, ...]


class Delivery(Message):
    """What became of one letter: sent now, sent before, or refused by the receiving server."""

    letter: str
    to: Recipient
    outcome: Literal["sent", "already_sent", "refused"]
    status: str = ""


class PlanDates(Message):
    """Ask the calendar for a case's dates, as of a moment, with any granted extensions."""

    sin: SeriousIncidentNotification
    rules: "TimetableRules"
    as_of: AwareDatetime
    extensions: dict[str, date] = Field(default_factory=dict)


class TimetableRules(Message):
    """The partnership's day numbers and hours, copied into each case as it opens.

    Day numbers are working days after Day 0; ``sin_day_is`` 1 makes the day of the SIN itself Day 1.
    Hours are London wall-clock times. Source: the guide, "Rapid Review Timescales".
    """

    sin_day_is: Literal[0, 1] = 0
    due_hour: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:00"
    rfi_due_hour: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:00"
    send_hour: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    sin_due: int = Field(default=5, ge=1, le=60)
    meeting_nudge: int = Field(default=3, ge=1, le=60)
    agency_checkpoint: int = Field(default=5, ge=1, le=60)
    rfi_reminders: tuple[int, ...] = (6, 7)
    rfi_due: int = Field(default=8, ge=1, le=60)
    rfi_overdue: int = Field(default=9, ge=1, le=60)
    rfi_escalation: int = Field(default=10, ge=1, le=60)
    added_agency_days: int = Field(default=5, ge=1, le=60)
    meeting_window_opens: int = Field(default=10, ge=1, le=60)
    meeting_window_closes: int = Field(default=12, ge=1, le=60)
    draft_due: int = Field(default=13, ge=1, le=60)
    sign_off_reminder: int = Field(default=14, ge=1, le=60)
    panel_submission_due: int = Field(default=15, ge=1, le=60)
    decision_nudge_every: int = Field(default=5, ge=1, le=60)


class DecisionRules(Message):
    """How the decision on a CSPR is taken, copied into each case as it opens; wording is configuration.

    ``criteria`` are regulation 11's, by key, each in words; ``statement`` says that meeting one obliges
    nothing. The Panel's answer is expected ``panel_answer_days`` calendar days after the report went; 0
    where it is not waited for.
    """

    statement: str = ""
    criteria: dict[Key, str] = Field(default_factory=dict)
    panel_answer_days: int = Field(default=0, ge=0, le=90)


class FollowUpRules(Message):
    """How an action is followed to its end, in working days; copied into each case as it opens.

    ``reminders`` are days before the due date. The owner is told on the working morning after it, the
    strategic lead and the office ``escalation_after`` days after it, and the office again every
    ``digest_every`` days until the action is closed.
    """

    reminders: tuple[int, ...] = (5, 1)
    escalation_after: int = Field(default=5, ge=2, le=60)
    digest_every: int = Field(default=10, ge=1, le=60)


@dataclass(frozen=True, slots=True, config=STRICT)
class Rule:
    """A statutory wording with its source and the day a person last looked it up.

    ``checked`` is False where the primary text could not be read; ``note`` then says what is left to do.
    """

    text: str
    source: str
    checked_on: date
    checked: bool = True
    note: str = ""


class CsprRules(Message):
    """The partnership's numbers for a CSPR, copied into each case as it opens, and the wordings they follow.

    Months are calendar months, weeks are weeks, all other numbers are working days. Hours are London time.
    Source: Working Together 2023, chapter 5; the wordings say which of it was read.
    """

    due_hour: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "17:00"
    send_hour: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "09:00"
    publish_months: int = Field(default=6, ge=1, le=36)
    due_soon_days: int = Field(default=20, ge=1, le=120)
    commission_nudge_days: int = Field(default=10, ge=1, le=60)
    terms_nudge_days: int = Field(default=10, ge=1, le=60)
    monitor_weeks: int = Field(default=6, ge=1, le=52)
    sign_off_reminder_days: int = Field(default=5, ge=1, le=60)
    hold_reminder_days: int = Field(default=5, ge=1, le=60)
    panel_days: int = Field(default=7, ge=1, le=60)
    available_months: int = Field(default=12, ge=1, le=120)
    six_months: Rule | None = None
    commissioning: Rule | None = None
    monitoring: Rule | None = None
    full_report: Rule | None = None
    availability: Rule | None = None


@dataclass(frozen=True, slots=True, config=STRICT)
class RosterAgency:
    """An agency as a case sees it: its name, the strategic lead it answers to, another area if not ours."""

    name: str
    lead: Key
    area: Key | None = None


class RosterLead(Message):
    """A strategic lead as a case sees them: whose lead, and who may answer for that partner.

    ``partner`` is the lead safeguarding partner to whom the lead's matters escalate.
    """

    title: str
    name: Person
    deputies: tuple[Person, ...] = ()
    partner: Person | None = None


class Roster(Message):
    """Who takes part: every agency that can be asked, and every strategic lead who must sign."""

    agencies: dict[Key, RosterAgency]
    leads: dict[Key, RosterLead] = Field(min_length=1)

    def party(self, key: str) -> str:
        """What an agency or a lead is called, by its key."""
        return self.agencies[key].name if key in self.agencies else self.leads[key].title


THIRD_EDITION = 3
FOURTH_EDITION = 4
EDITION = FOURTH_EDITION
"""The edition of the process's own rules under which every case and action opens now. See
``docs/decisions/0012``.
"""
Edition = Annotated[int, Field(ge=1, le=EDITION)]
"""An edition that this program knows: a later one is left to a worker that does, which its task waits for."""


class OpenReview(Message):
    """What opens a Rapid Review: the SIN, whom to ask first, and the rules in force that day.

    ``edition`` is that of the process's own rules. It is part of what the case knows, so an open case
    keeps the rules it opened under, and a replay finds them. Reviews opened before there were editions
    have the first. ``route`` is the way by which the case came, and ``came_in_on`` the day on which it was
    put forward; None where its SIN was the first that was heard of it.
    """

    reference: Reference
    area: Key
    sin: SeriousIncidentNotification
    ask: tuple[Key, ...] = Field(min_length=1)
    particulars: DocumentRef
    rules: TimetableRules
    roster: Roster
    opened_by: Person
    decision_rules: DecisionRules = DecisionRules()
    follow_up: FollowUpRules = FollowUpRules()
    cspr: CsprRules = CsprRules()
    edition: Edition = 1
    route: Key = "sin"
    came_in_on: date | None = None


class Concluded(Message):
    """How a review ended: its outcome, when the report went if it did, and which dates were missed."""

    reference: Reference
    outcome: Outcome
    submitted_at: datetime | None
    breaches: int
    versions: int
