"""What travels to and from a CSPR: what opens it, the facts it is told, and how it ended.

Terms of reference, key lines of enquiry, requests and reports can hold a child's story: they are
documents, and a message carries only where they are. Reasons and notes travel encrypted.
"""

from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime, Field

from domain.messages import (
    CsprRules,
    DocumentRef,
    Edition,
    Key,
    Message,
    Person,
    Reference,
    RosterLead,
    Words,
)


class LearningKind(StrEnum):
    """Which review the leads chose; another kind has no duty of publication, and so no six months."""

    CSPR = "cspr"
    OTHER = "other_learning_review"


class OpenCspr(Message):
    """What opens a CSPR: the decision of its Rapid Review, who must approve it, and the rules in force.

    ``number`` is 2 where a decision taken anew leads to this review beside the one already started.
    ``edition`` is that of the process's own rules, as its case has it; see `domain.messages.OpenReview`.
    """

    reference: Reference
    area: Key
    kind: LearningKind
    decided_at: AwareDatetime
    particulars: DocumentRef
    leads: dict[Key, RosterLead] = Field(min_length=1)
    rules: CsprRules
    number: int = Field(default=1, ge=1, le=2)
    edition: Edition = 1

    @property
    def called(self) -> str:
        """What the office calls it, in commands and letters: ``RR-2026-07``, the second ``RR-2026-07/2``."""
        return self.reference if self.number == 1 else f"{self.reference}/{self.number}"

    @property
    def workflow_id(self) -> str:
        """Under which id it runs."""
        return cspr_id(self.called)

    @property
    def letters_under(self) -> str:
        """With what the keys of its letters begin, so that no two letters of a case share one."""
        return "cspr" if self.number == 1 else f"cspr/{self.number}"


def cspr_id(called: str) -> str:
    """The id of a case's CSPR, by what the office calls it: ``RR-2026-07/cspr``, ``RR-2026-07/cspr/2``."""
    reference, *number = called.split("/")
    return "/".join((reference, "cspr", *number))


class PlanCspr(Message):
    """Ask the calendar for the dates of a CSPR decided on a day, and extended to another if it was."""

    decided_on: date
    rules: CsprRules
    as_of: AwareDatetime
    extended_to: date | None = None


class CsprCommission(Message):
    """A reviewer is commissioned; commissioning again replaces the reviewer, for a reason.

    ``no_conflict`` is the reviewer's own declaration that they have no conflict of interest.
    """

    reviewer: Key
    name: Person
    no_conflict: bool
    reason: Words | None = None
    by: Person


class CsprTerms(Message):
    """The terms of reference and the key lines of enquiry; agreeing them again makes a new version."""

    terms: DocumentRef
    key_lines: DocumentRef
    by: Person


class CsprMonitor(Message):
    """What a look at the review's progress found: whether its time and its quality satisfy."""

    on_time: bool
    good_quality: bool
    reason: Words
    by: Person


class Concern(StrEnum):
    """What a written request to the reviewer is about. Source: regulation 14."""

    TIME = "time"
    QUALITY = "quality"


class CsprRequest(Message):
    """A request to the reviewer in writing: the document that is sent, and what it is for."""

    about: Concern
    document: DocumentRef
    answer_by: date
    reason: Words
    by: Person


class CsprDraft(Message):
    """A new version of the report, for every strategic lead to confirm or amend."""

    document: DocumentRef
    by: Person


class Proceedings(StrEnum):
    """What can hold a publication."""

    CRIMINAL = "criminal"
    CORONER = "coroner"


class CsprHold(Message):
    """Publication is held because of proceedings; holding again for the same ones sets a new review date."""

    proceedings: Proceedings
    reason: Words
    review_on: date
    by: Person


class CsprLiftHold(Message):
    """A hold is lifted."""

    proceedings: Proceedings
    reason: Words
    by: Person


class CsprSend(Message):
    """Send the approved report in full to the Panel and the Secretary of State."""

    by: Person


class CsprPublish(Message):
    """The report was published on a day; or, for a reason, the improvements found in its place.

    ``improvements`` is what was published where the report is not.
    """

    published_on: date
    improvements: DocumentRef | None = None
    reason: Words | None = None
    by: Person


class CsprReplan(Message):
    """Plan the dates again, for a reason; the original six-month date stays beside the new one.

    Without ``extend_to`` they are counted on the calendar as it now is. With it, publication is due at the
    end of that working day, by grant of ``granted_by``.
    """

    reason: Words
    by: Person
    extend_to: date | None = None
    granted_by: Person | None = None


class CsprWithdraw(Message):
    """The review is ended before anything is published."""

    reason: Words
    by: Person


class CsprEnded(Message):
    """How a CSPR ended."""

    reference: Reference
    kind: LearningKind
    published_on: date | None
    breaches: int
    versions: int
    withdrawn: bool = False
