"""The decision on a CSPR: each lead's view, the decision that follows or ends a disagreement, the Panel.

Every view and every decision is kept. There is no majority: where views differ, only a lead
safeguarding partner decides. Source: the guide; the 2018 Regulations, regulation 11.
"""

from datetime import datetime

from domain.case import Case, PanelAnswer, View
from domain.errors import Refused
from domain.messages import Decide, GiveView, PanelReplied, Recommendation, RosterLead
from domain.record import Event
from domain.timetable import at_london, london, london_day

JOINTLY = "The strategic leads"
"""By whom a decision is that follows from views that agree."""


def with_view(case: Case, fact: GiveView, lead: RosterLead, received: datetime, at: datetime) -> Case:
    """The case with one lead's view; where it is the last and all agree, with the decision too.

    Raises:
        Refused: there is nothing to decide, the lead has answered, or a criterion lacks a fresh reason.
    """
    _decidable(case)
    _answerable(case, fact)
    view = View(
        given=fact,
        decision=len(case.decisions) + 1,
        by_deputy=fact.by != lead.name,
        received_at=received,
    )
    differed = case.disagreeing
    case = case.with_(views=(*case.views, view))
    deputy = ", given by a deputy for the lead" if view.by_deputy else ""
    reasons = "; ".join(f"{key}: {reason}" for key, reason in fact.reasons.items())
    says = f"{lead.title}: view {fact.view.words}{deputy}. {reasons}"
    case = case.noting(at, Event.VIEW_GIVEN, says, fact.by, *_statement(case))
    if case.disagreeing:
        return case if differed else case.noting(at, Event.VIEWS_DIFFER, differing(case))
    return _following(case, at)


def _following(case: Case, at: datetime) -> Case:
    """The decision that every lead's view leads to, once all are in."""
    views = case.current_views
    if len(views) < len(case.opening.roster.leads):
        return case
    outcome = next(iter(views.values())).given.view
    decided = Decide(outcome=outcome, reason="It is the view of every strategic lead.", by=JOINTLY)
    return _decided(case, decided, f"Every lead's view is {outcome.words}, so that is the decision.", at)


def with_decision(case: Case, fact: Decide, at: datetime) -> Case:
    """The case with a decision the office records: the leads' joint one, or a partner's where they differ.

    Raises:
        Refused: there is nothing to decide, it is not for this person, or the reasons are not fresh.
    """
    _decidable(case)
    partners = {lead.partner for lead in case.opening.roster.leads.values() if lead.partner}
    if case.disagreeing and partners and fact.by not in partners:
        raise Refused(
            f"{differing(case)} Record that decision with --by and the partner's name, exactly as the "
            "partnership's folder had it when the case opened."
        )
    if any(fact.reason.casefold() == before.reason.casefold() for before in case.decisions):
        raise Refused("The leads reconsider with fresh reasons: this is the reason of the decision before.")
    who = "A lead safeguarding partner" if case.disagreeing else "The leads"
    return _decided(
        case, fact, f"{who} decided: {fact.outcome.words}. {fact.reason}", at, *_differs(case, fact)
    )


def _differs(case: Case, fact: Decide) -> list[str]:
    meant = case.held.recommendation if case.held else fact.outcome
    return (
        [f"The meeting recommended {meant.words}; the decision differs."] if fact.outcome is not meant else []
    )


def _decided(case: Case, fact: Decide, says: str, at: datetime, *warnings: str) -> Case:
    before = case.decision
    kept = f" The decision before it, {before.outcome.words}, stays in the record." if before else ""
    by = None if fact.by == JOINTLY else fact.by
    goes_on = _goes_on(case, fact)
    case = case.with_(decisions=(*case.decisions, fact))
    return case.noting(at, Event.DECISION_RECORDED, says + kept, by, *warnings, *goes_on, *_statement(case))


def _goes_on(case: Case, fact: Decide) -> list[str]:
    """That a review which an earlier decision has started goes on beside what another decision starts."""
    before = case.decision
    if not case.concluded_at or not before or before.outcome in (Recommendation.NO_CSPR, fact.outcome):
        return []
    goes_on = f"The review started by the decision before ({before.outcome.words}) goes on as it is."
    if fact.outcome is Recommendation.NO_CSPR:
        return [f"{goes_on} `rapid-review cspr-withdraw` ends it."]
    beside = f"The one now decided on starts beside it: its commands take {case.reference}/2."
    return [f"{goes_on} {beside}"]


def with_panel_answer(case: Case, fact: PanelReplied, received: datetime, at: datetime) -> Case:
    """The case with the Panel's answer; where it disagrees with a decision, the leads reconsider.

    Raises:
        Refused: the report has not gone to the Panel.
    """
    if not case.submitted_at:
        raise Refused(f"{case.reference} has not been submitted, so the Panel cannot have answered it.")
    answer = PanelAnswer(
        agrees=fact.agrees, received_at=received, decisions=len(case.decisions), letter=fact.letter
    )
    case = case.with_(panel_answers=(*case.panel_answers, answer))
    agrees = "agrees" if fact.agrees else "does not agree"
    next_ = " The leads reconsider, with fresh reasons." if case.reconsidering else ""
    says = f"The Panel answered: it {agrees} with the decision.{next_}"
    return case.noting(at, Event.PANEL_REPLIED, says)


def differing(case: Case) -> str:
    """That the leads' views differ, and who ends it: a sentence without anybody's reasons."""
    return (
        f"The leads' views differ ({'; '.join(views_given(case))}). There is no majority vote: "
        "the decision is a lead safeguarding partner's."
    )


def views_wanted(case: Case) -> bool:
    """Whether the leads are to give their views: there was a meeting, and a decision is to be taken."""
    return bool(case.held and case.undecided and case.opening.decision_rules.criteria)


def views_given(case: Case) -> list[str]:
    """Each lead's view now on the table, without its reasons: ``Police: cspr``."""
    return [f"{case.lead_title(key)}: {view.given.view.words}" for key, view in case.current_views.items()]


def panel_expected(case: Case) -> datetime | None:
    """When the Panel's answer is expected: at the end of a calendar day, counted from the report's own."""
    days = case.opening.decision_rules.panel_answer_days
    if not case.submitted_at or not days:
        return None
    day = london_day(case.submitted_at).toordinal() + days
    return at_london(london_day(case.submitted_at).fromordinal(day), case.opening.rules.due_hour)


def _statement(case: Case) -> list[str]:
    return [case.opening.decision_rules.statement] if case.opening.decision_rules.statement else []


def _decidable(case: Case) -> None:
    if not case.held:
        raise Refused(
            f"The leads decide after the meeting, and none is recorded for {case.reference}. "
            "Record it with record-meeting first."
        )
    if case.decision and not case.reconsidering:
        raise Refused(f"A decision is already recorded for {case.reference}: {case.decision.outcome.words}.")


def _answerable(case: Case, fact: GiveView) -> None:
    given = case.current_views.get(fact.lead)
    if given:
        raise Refused(
            f"{case.lead_title(fact.lead)} gave its view on {london(given.received_at)}: "
            f"{given.given.view.words}. Nobody answers twice for one partner."
        )
    criteria = case.opening.decision_rules.criteria
    if criteria and set(criteria) != set(fact.reasons):
        raise Refused(
            "Give one reason against each criterion, as --reason 'key | reason'. "
            f"The keys are: {', '.join(criteria)}."
        )
    earlier = (v.given for v in case.views if v.given.lead == fact.lead)
    if any(before.reasons == fact.reasons for before in earlier):
        raise Refused("The leads reconsider with fresh reasons: these are the reasons given before.")
