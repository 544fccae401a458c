"""What is written about the decision on a CSPR, the Panel's answer and a withdrawal: to whom, and when.

As everywhere, no reason and no circumstance is in a letter: views are named, and why is in the record.
"""

from datetime import datetime

from domain.case import Case
from domain.deciding import panel_expected, views_given, views_wanted
from domain.messages import Letter, Recipient, RecipientKind
from domain.steps import FIRST_VIEWS, ReviewStep
from domain.timetable import london

Facts = dict[str, str | list[str]]


def view_requests(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """Each lead without a view is asked for one, with a reason against each criterion."""
    return [
        _view_request(case, step.key, key)
        for key in case.opening.roster.leads
        if key not in case.current_views
    ]


def _view_request(case: Case, step_key: str, lead: str) -> Letter:
    return Letter(
        key=f"{step_key}/{lead}",
        template="view-request",
        to=_to(RecipientKind.LEAD, lead),
        facts={"lead": case.lead_title(lead), "again": "yes" if case.decisions else "", **_rules(case)},
    )


def asked_with_the_report(case: Case, lead: str) -> Facts:
    """What a request to sign says of the view that it asks a lead for as well; empty where it asks for none.

    In the first edition a letter of its own asks for it.
    """
    asked = case.opening.edition > 1 and views_wanted(case) and lead not in case.current_views
    return _rules(case) if asked else {"criteria": [], "statement": ""}


def asked_beside_the_report(case: Case) -> list[Letter]:
    """For a lead who has signed before being asked to: the request for a view by itself."""
    return [
        _view_request(case, FIRST_VIEWS, key)
        for key in case.answers
        if FIRST_VIEWS not in case.done and asked_with_the_report(case, key)["criteria"]
    ]


def disagreement(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """The lead safeguarding partners are asked to decide; the office hears it too."""
    if not case.disagreeing:
        return []
    facts: Facts = {"views": views_given(case), **_rules(case)}
    told = [_to(RecipientKind.PARTNER, key) for key in case.opening.roster.leads]
    return [_told(step, "disagreement", to, facts) for to in (*told, _to(RecipientKind.OFFICE))]


def panel_nudge(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """The office is asked for the Panel's answer."""
    expected, sent = panel_expected(case), case.submitted_at
    if not expected or not sent:
        return []
    facts: Facts = {"sent": london(sent), "expected": f"{expected:%a %-d %b %Y}"}
    return [_told(step, "panel-nudge", _to(RecipientKind.OFFICE), facts)]


def reconsideration_nudge(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """The office is asked what the leads decided anew."""
    facts: Facts = {
        "answered": london(case.panel_answers[-1].received_at),
        "outcome": case.decisions[-1].outcome.words,
    }
    return [_told(step, "reconsideration-nudge", _to(RecipientKind.OFFICE), facts)]


def withdrawal(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """One letter to everyone who was told of the case, and to nobody else."""
    when = london(case.withdrawn.at) if case.withdrawn else ""
    asked = [key for key, request in case.requests.items() if request.asked_at]
    told = [_to(RecipientKind.AGENCY, key) for key in asked]
    if asked:
        told += [_to(RecipientKind.LEAD, key) for key in case.opening.roster.leads]
    if case.submitted_at:
        told += [_to(RecipientKind.PANEL), _to(RecipientKind.OFSTED)]
    return [_told(step, "withdrawn", to, {"withdrawn": when}) for to in told]


def _told(step: ReviewStep, template: str, to: Recipient, facts: Facts) -> Letter:
    return Letter(key=f"{step.key}/{str(to).replace(':', '/')}", template=template, to=to, facts=facts)


def _rules(case: Case) -> Facts:
    rules = case.opening.decision_rules
    criteria = [f"{key}: {words}" for key, words in rules.criteria.items()]
    return {"criteria": criteria, "statement": rules.statement}


def _to(kind: RecipientKind, key: str | None = None) -> Recipient:
    return Recipient(kind=kind, key=key)
