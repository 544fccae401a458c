"""The record of a process: its audit vocabulary, its lines, and the letters that wait for a person."""

from enum import StrEnum

from pydantic import AwareDatetime

from domain.messages import Letter, Message, Recipient


class Event(StrEnum):
    """The audit vocabulary. Grammar: a thing of the process, a dot, what became of it."""

    REVIEW_OPENED = "review.opened"
    REVIEW_CONCLUDED = "review.concluded"
    REVIEW_WITHDRAWN = "review.withdrawn"
    REPORT_REOPENED = "report.reopened"
    VIEW_GIVEN = "view.given"
    VIEWS_DIFFER = "views.differ"
    DATES_PLANNED = "dates.planned"
    DATES_REPLANNED = "dates.replanned"
    DATE_BREACHED = "date.breached"
    AGENCY_ADDED = "agency.added"
    RETURN_RECORDED = "return.recorded"
    MEETING_BOOKED = "meeting.booked"
    MEETING_MOVED = "meeting.moved"
    MEETING_HELD = "meeting.held"
    DRAFT_SUBMITTED = "draft.submitted"
    SIGN_OFF_CONFIRMED = "sign_off.confirmed"
    SIGN_OFF_AMENDED = "sign_off.amended"
    DECISION_RECORDED = "decision.recorded"
    DUPLICATE_LINKED = "duplicate.linked"
    REPORT_SUBMITTED = "report.submitted"
    LETTERS_SENT = "letters.sent"
    LETTER_FAILED = "letter.failed"
    LETTER_RETRIED = "letter.retried"
    PANEL_REPLIED = "panel.replied"
    FACT_NOT_TAKEN = "fact.not_taken"
    MAIL_FILED = "mail.filed"
    MAIL_SETTLED = "mail.settled"
    LEARNING_PLANNED = "learning.planned"
    ACTION_HANDED_OVER = "action.handed_over"
    ACTION_OPENED = "action.opened"
    ACTION_EVIDENCED = "action.evidenced"
    ACTION_MOVED = "action.moved"
    ACTION_CLOSED = "action.closed"
    ACTION_WITHDRAWN = "action.withdrawn"
    CSPR_OPENED = "cspr.opened"
    CSPR_COMMISSIONED = "cspr.commissioned"
    CSPR_ENDED = "cspr.ended"
    CSPR_WITHDRAWN = "cspr.withdrawn"
    TERMS_AGREED = "terms.agreed"
    PROGRESS_MONITORED = "progress.monitored"
    REVIEWER_ASKED = "reviewer.asked"
    PUBLICATION_HELD = "publication.held"
    PUBLICATION_RELEASED = "publication.released"
    FULL_REPORT_SENT = "full_report.sent"
    REPORT_PUBLISHED = "report.published"


class Entry(Message):
    """One line of the case's record: when, what, in a sentence, and by whom if by a person."""

    at: AwareDatetime
    event: Event
    says: str
    by: str | None = None
    warnings: tuple[str, ...] = ()


class Undelivered(Message):
    """A letter that did not arrive: a task for a person. ``letter`` is kept where it can be sent again."""

    key: str
    to: Recipient
    status: str
    noticed_at: AwareDatetime
    letter: Letter | None = None
    again_at: AwareDatetime | None = None
    settled: bool = False
