"""What a CSPR writes, to whom, at each step. Every key begins with ``cspr/``, of a second review ``cspr/2/``.

A letter's facts are plain text for its template; what could tell a child's story is an attached document.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.cspr.messages import LearningKind
from domain.cspr.state import FULL_REPORT_TO, Cspr
from domain.cspr.steps import CsprStep, CsprStepKind
from domain.messages import Answer, DocumentRef, Letter, Recipient, RecipientKind, Rule
from domain.recipients import OFFICE, OFSTED, PANEL, lead
from domain.record import Undelivered
from domain.resending import facts_of
from domain.timetable import london

SECRETARY_OF_STATE = Recipient(kind=RecipientKind.SECRETARY_OF_STATE)

Facts = dict[str, str | list[str]]

WHAT = {
    LearningKind.CSPR: "Child Safeguarding Practice Review",
    LearningKind.OTHER: "local learning review",
}
"""What each kind of review is called in a letter."""


def letters(cspr: Cspr, step: CsprStep, _: datetime) -> tuple[Letter, ...]:
    """The letters of a step as things stand."""
    return tuple(_own(cspr, letter) for letter in WRITERS[step.kind](cspr, step))


def _own(cspr: Cspr, letter: Letter) -> Letter:
    """A letter of a case's second review: under its own key, with the reference that commands take."""
    opening = cspr.opening
    if letter.key.startswith(f"{opening.letters_under}/"):
        return letter
    key = opening.letters_under + letter.key.removeprefix("cspr")
    return letter.model_copy(update={"key": key, "facts": {**letter.facts, "reference": opening.called}})


def _to(
    step: CsprStep,
    template: str,
    told: Iterable[Recipient],
    facts: Facts,
    *documents: DocumentRef,
) -> list[Letter]:
    """The same letter to each of some recipients."""
    return [
        Letter(
            key=f"cspr/{step.key}/{str(to).replace(':', '/')}",
            template=template,
            to=to,
            facts=facts,
            documents=documents,
        )
        for to in told
    ]


def _leads(cspr: Cspr) -> list[Recipient]:
    return [lead(key) for key in cspr.leads]


def _reviewer(cspr: Cspr) -> list[Recipient]:
    """The reviewer commissioned last; none where nobody is."""
    now = cspr.commission
    return [Recipient(kind=RecipientKind.REVIEWER, key=now.fact.reviewer)] if now else []


def _what(cspr: Cspr) -> str:
    return WHAT[cspr.opening.kind]


def _words(rule: Rule | None) -> str:
    return rule.text if rule else ""


def _due(cspr: Cspr) -> str:
    """The six-month date; empty for a review without a duty of publication."""
    return london(cspr.dates.publication_due) if cspr.publishes else ""


def _holds(cspr: Cspr) -> list[str]:
    return [
        f"{kind} proceedings, to be reviewed {hold.fact.review_on:%a %-d %b %Y}"
        for kind, hold in cspr.held.items()
    ]


def _opened(cspr: Cspr, step: CsprStep) -> list[Letter]:
    facts: Facts = {
        "what": _what(cspr),
        "decided": london(cspr.opening.decided_at),
        "due": _due(cspr),
        "explanation": cspr.dates.explanation if cspr.publishes else "",
        "rule": _words(cspr.opening.rules.six_months) if cspr.publishes else "",
    }
    return _to(step, "cspr-opened", [OFFICE, *_leads(cspr)], facts)


def _commission_nudge(cspr: Cspr, step: CsprStep) -> list[Letter]:
    return _to(step, "cspr-commission-nudge", [OFFICE], {"what": _what(cspr), "due": _due(cspr)})


def _commissioned(cspr: Cspr, step: CsprStep) -> list[Letter]:
    """The commission to the reviewer; of a CSPR, the notice to the Panel, Ofsted and the Department."""
    fact = cspr.commissions[int(step.about) - 1].fact
    facts: Facts = {"reviewer": fact.name, "what": _what(cspr), "due": _due(cspr)}
    reviewer = Recipient(kind=RecipientKind.REVIEWER, key=fact.reviewer)
    written = _to(step, "cspr-commissioned", [reviewer], facts)
    if not cspr.publishes:
        return written
    notice: Facts = {
        "reviewer": fact.name,
        "decided": london(cspr.opening.decided_at),
        "due": _due(cspr),
        "rule": _words(cspr.opening.rules.commissioning),
    }
    return [*written, *_to(step, "cspr-notice", [PANEL, OFSTED, SECRETARY_OF_STATE], notice)]


def _terms_nudge(cspr: Cspr, step: CsprStep) -> list[Letter]:
    return _to(step, "cspr-terms-nudge", [OFFICE], {"what": _what(cspr)})


def _terms(cspr: Cspr, step: CsprStep) -> list[Letter]:
    fact = cspr.terms[int(step.about) - 1].fact
    facts: Facts = {"what": _what(cspr), "version": step.about, "due": _due(cspr)}
    return _to(step, "cspr-terms", _reviewer(cspr), facts, fact.terms, fact.key_lines)


def _monitoring(cspr: Cspr, step: CsprStep) -> list[Letter]:
    last = london(cspr.monitorings[-1].at) if cspr.monitorings else ""
    facts: Facts = {
        "what": _what(cspr),
        "due": _due(cspr),
        "last": last,
        "rule": _words(cspr.opening.rules.monitoring),
    }
    return _to(step, "cspr-monitoring", [OFFICE], facts)


def _request(cspr: Cspr, step: CsprStep) -> list[Letter]:
    fact = cspr.requests[int(step.about) - 1].fact
    facts: Facts = {
        "what": _what(cspr),
        "about": str(fact.about),
        "answer_by": f"{fact.answer_by:%a %-d %b %Y}",
    }
    return _to(step, "cspr-request", _reviewer(cspr), facts, fact.document)


def _sign_off_requests(cspr: Cspr, step: CsprStep) -> list[Letter]:
    facts: Facts = {"what": _what(cspr), "version": step.about, "due": _due(cspr)}
    report = cspr.drafts[int(step.about) - 1].document
    return _to(step, "cspr-sign-off-request", map(lead, cspr.unanswered), facts, report)


def _sign_off_reminders(cspr: Cspr, step: CsprStep) -> list[Letter]:
    facts: Facts = {"what": _what(cspr), "version": step.about.split("-")[0], "due": _due(cspr)}
    return _to(step, "cspr-sign-off-reminder", map(lead, cspr.unanswered), facts)


def _amendment(cspr: Cspr, step: CsprStep) -> list[Letter]:
    amending = [cspr.lead_title(key) for key, s in cspr.answers.items() if s.answer.answer is Answer.AMEND]
    facts: Facts = {"what": _what(cspr), "version": step.about, "amending": amending}
    return _to(step, "cspr-amendment", [OFFICE, *_reviewer(cspr)], facts)


def _approved(cspr: Cspr, step: CsprStep) -> list[Letter]:
    facts: Facts = {
        "what": _what(cspr),
        "version": step.about,
        "due": _due(cspr),
        "holds": _holds(cspr),
        "rule": _words(cspr.opening.rules.full_report) if cspr.publishes else "",
    }
    return _to(step, "cspr-approved", [OFFICE], facts)


def _hold(cspr: Cspr, step: CsprStep) -> list[Letter]:
    fact = cspr.holds[int(step.about) - 1].fact
    facts: Facts = {
        "proceedings": str(fact.proceedings),
        "review_on": f"{fact.review_on:%a %-d %b %Y}",
        "due": _due(cspr),
        "explanation": cspr.dates.explanation,
    }
    return _to(step, "cspr-hold", [OFFICE, *_leads(cspr), *_reviewer(cspr)], facts)


def _hold_review(cspr: Cspr, step: CsprStep) -> list[Letter]:
    fact = cspr.holds[int(step.about.split("-")[0]) - 1].fact
    facts: Facts = {
        "proceedings": str(fact.proceedings),
        "review_on": f"{fact.review_on:%a %-d %b %Y}",
        "due": _due(cspr),
    }
    return _to(step, "cspr-hold-review", [OFFICE], facts)


def _hold_lifted(cspr: Cspr, step: CsprStep) -> list[Letter]:
    fact = cspr.holds[int(step.about) - 1].fact
    facts: Facts = {"proceedings": str(fact.proceedings), "holds": _holds(cspr), "due": _due(cspr)}
    return _to(step, "cspr-hold-lifted", [OFFICE, *_leads(cspr), *_reviewer(cspr)], facts)


def _standing(cspr: Cspr) -> Facts:
    return {
        "due": _due(cspr),
        "explanation": cspr.dates.explanation,
        "stage": str(cspr.stage),
        "holds": _holds(cspr),
    }


def _due_soon(cspr: Cspr, step: CsprStep) -> list[Letter]:
    return _to(step, "cspr-due-soon", [OFFICE, *_leads(cspr), *_reviewer(cspr)], _standing(cspr))


def _late(cspr: Cspr, step: CsprStep) -> list[Letter]:
    partners = [Recipient(kind=RecipientKind.PARTNER, key=key) for key in cspr.leads]
    return _to(step, "cspr-late", [OFFICE, *_leads(cspr), *partners], _standing(cspr))


def _full_report(cspr: Cspr, step: CsprStep) -> list[Letter]:
    signed = [
        cspr.lead_title(key) + (", by a deputy" if answer.by_deputy else "")
        for key, answer in cspr.answers.items()
    ]
    facts: Facts = {"version": step.about, "signed": signed, "rule": _words(cspr.opening.rules.full_report)}
    to = [Recipient(kind=kind) for kind in FULL_REPORT_TO]
    return _to(step, "cspr-full-report", to, facts, cspr.drafts[int(step.about) - 1].document)


def _may_publish(cspr: Cspr, step: CsprStep) -> list[Letter]:
    sent = london(cspr.sent_at) if cspr.sent_at else ""
    return _to(step, "cspr-may-publish", [OFFICE], {"sent": sent, "due": _due(cspr)})


def _published(cspr: Cspr, step: CsprStep) -> list[Letter]:
    """Told to those who worked on it; where only improvements were published, they are attached."""
    if not cspr.publication or not cspr.available_until:
        return []
    fact = cspr.publication.fact
    facts: Facts = {
        "published": f"{fact.published_on:%a %-d %b %Y}",
        "improvements": "yes" if fact.improvements else "",
        "until": f"{cspr.available_until:%a %-d %b %Y}",
        "rule": _words(cspr.opening.rules.availability),
    }
    documents = [fact.improvements] if fact.improvements else []
    return _to(step, "cspr-published", [OFFICE, *_leads(cspr), *_reviewer(cspr)], facts, *documents)


def _dates_moved(cspr: Cspr, step: CsprStep) -> list[Letter]:
    """To everyone who was told the date: those who work on the review, and those notified of it."""
    was, now = cspr.plans[int(step.about) - 2], cspr.plans[int(step.about) - 1]
    facts: Facts = {
        "was": london(was.publication_due),
        "due": london(now.publication_due),
        "original": london(cspr.original_due),
        "explanation": now.explanation,
    }
    notified = [PANEL, OFSTED, SECRETARY_OF_STATE] if cspr.commissions else []
    return _to(step, "cspr-dates-moved", [OFFICE, *_leads(cspr), *_reviewer(cspr), *notified], facts)


def _withdrawn(cspr: Cspr, step: CsprStep) -> list[Letter]:
    """To everybody a letter has gone to; the office hears of it in any case."""
    told = dict.fromkeys([OFFICE, *cspr.told])
    return _to(step, "cspr-withdrawn", told, {"what": _what(cspr), "withdrawn": london(step.due)})


def _last_day(cspr: Cspr, step: CsprStep) -> list[Letter]:
    published = f"{cspr.publication.fact.published_on:%a %-d %b %Y}" if cspr.publication else ""
    facts: Facts = {"published": published, "rule": _words(cspr.opening.rules.availability)}
    return _to(step, "cspr-last-day", [OFFICE], facts)


def _undelivered(cspr: Cspr, step: CsprStep) -> list[Letter]:
    facts = facts_of(_task(cspr, step), cspr.roster)
    return _to(step, "cspr-undelivered", [OFFICE], facts)


def _resending(cspr: Cspr, step: CsprStep) -> list[Letter]:
    task = _task(cspr, step)
    return [task.letter.model_copy(update={"key": f"{task.key}/again"})] if task.letter else []


def _task(cspr: Cspr, step: CsprStep) -> Undelivered:
    return next(task for task in reversed(cspr.undelivered) if task.key == step.about)


WRITERS: dict[CsprStepKind, Callable[[Cspr, CsprStep], list[Letter]]] = {
    CsprStepKind.OPENED: _opened,
    CsprStepKind.COMMISSION_NUDGE: _commission_nudge,
    CsprStepKind.COMMISSIONED: _commissioned,
    CsprStepKind.TERMS_NUDGE: _terms_nudge,
    CsprStepKind.TERMS: _terms,
    CsprStepKind.MONITORING: _monitoring,
    CsprStepKind.REQUEST: _request,
    CsprStepKind.SIGN_OFF_REQUEST: _sign_off_requests,
    CsprStepKind.SIGN_OFF_REMINDER: _sign_off_reminders,
    CsprStepKind.AMENDMENT: _amendment,
    CsprStepKind.APPROVED: _approved,
    CsprStepKind.HOLD: _hold,
    CsprStepKind.HOLD_REVIEW: _hold_review,
    CsprStepKind.HOLD_LIFTED: _hold_lifted,
    CsprStepKind.DUE_SOON: _due_soon,
    CsprStepKind.LATE: _late,
    CsprStepKind.FULL_REPORT: _full_report,
    CsprStepKind.MAY_PUBLISH: _may_publish,
    CsprStepKind.DATES_MOVED: _dates_moved,
    CsprStepKind.WITHDRAWN: _withdrawn,
    CsprStepKind.PUBLISHED: _published,
    CsprStepKind.LAST_DAY: _last_day,
    CsprStepKind.UNDELIVERED: _undelivered,
    CsprStepKind.RESENDING: _resending,
}
"""Which letters each step writes."""
