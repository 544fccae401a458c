"""A made-up review that tests share: eight agencies, three leads, a SIN on Mon 7 Dec 2026 at 15:20."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from domain.calendar import Calendar
from domain.case import Case
from domain.messages import (
    EDITION,
    DecisionRules,
    DocumentRef,
    OpenReview,
    PlanDates,
    Roster,
    RosterAgency,
    RosterLead,
    SeriousIncidentNotification,
    TimetableRules,
)
from domain.planning import plan
from domain.plans import planned
from domain.timetable import LONDON, Timetable
from starter.scenario import moment_of

REFERENCE = "RR-2026-90"

AGENCIES = ("police", "icb", "hospital", "housing", "education", "probation", "gp", "early-years")
"""Eight agencies: three answer to the health lead, one to the police lead, the rest to the council's."""

LEADS = ("local-authority", "health", "police")

CALENDAR = Calendar.english()

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def document(letter: str = "a") -> DocumentRef:
    """A reference to a document that nothing opens; another letter makes another document."""
    return DocumentRef(sha256=letter * 64, size=1000, media_type=WORD)


def sin(**changes: object) -> SeriousIncidentNotification:
    """The notification: an incident on Wednesday, known on Thursday, notified on Monday."""
    sent = datetime(2026, 12, 7, 15, 20, tzinfo=LONDON).astimezone(UTC)
    given = {
        "reference": "SIN-90",
        "sent_at": sent,
        "incident_on": date(2026, 12, 2),
        "aware_on": date(2026, 12, 3),
    }
    return SeriousIncidentNotification.model_validate({**given, **changes})


def roster() -> Roster:
    """Who takes part."""
    answers_to = {"police": "police", "icb": "health", "hospital": "health", "gp": "health"}
    agencies = {
        key: RosterAgency(name=f"The {key} agency", lead=answers_to.get(key, "local-authority"))
        for key in (*AGENCIES, "voluntary-sector")
    }
    leads = {
        key: RosterLead(
            title=f"Lead for {key}", name=f"Lead {key}", deputies=(f"Deputy {key}",), partner=f"Partner {key}"
        )
        for key in LEADS
    }
    return Roster(agencies=agencies, leads=leads)


def decision_rules(**changes: object) -> DecisionRules:
    """Two criteria, in made-up words; the Panel's answer is awaited."""
    given = {
        "statement": "Meeting a criterion obliges nothing.",
        "criteria": {"improvements": "Improvements are needed.", "themes": "There are recurrent themes."},
        "panel_answer_days": 10,
    }
    return DecisionRules.model_validate({**given, **changes})


def opening(**changes: object) -> OpenReview:
    """What opens the review."""
    given = {
        "reference": REFERENCE,
        "area": "northamptonshire",
        "sin": sin(),
        "ask": AGENCIES,
        "particulars": document("f"),
        "rules": TimetableRules(),
        "roster": roster(),
        "opened_by": "Business Officer",
        "edition": EDITION,
    }
    return OpenReview.model_validate({**given, **changes})


def timetable(of: OpenReview | None = None) -> Timetable:
    """The review's first plan."""
    review = of or opening()
    return _counted(review.sin, review.rules)


@lru_cache(maxsize=64)
def _counted(sin: SeriousIncidentNotification, rules: TimetableRules) -> Timetable:
    return plan(PlanDates(sin=sin, rules=rules, as_of=sin.sent_at), CALENDAR)


def at(text: str) -> datetime:
    """A moment of the review: ``at("day 8 16:59")`` is a minute before the returns are due."""
    return moment_of(text, timetable())


def case(**changes: object) -> Case:
    """The case just planned, a minute after the SIN, with no letter sent yet."""
    review = opening(**changes)
    opened = review.sin.sent_at + timedelta(minutes=1)
    return planned(Case.opened(review, opened), timetable(review), opened)
