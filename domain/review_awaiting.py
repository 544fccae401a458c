"""What a review waits for people to do, in the words of `domain.awaiting`."""

from collections.abc import Iterator

from domain.actions import agreed, open_actions
from domain.awaiting import OFFICE, PANEL, PARTNERS, Awaited, What, mending
from domain.case import Case, Request
from domain.deciding import panel_expected, views_wanted
from domain.follow_up.awaiting import follow_up_awaits
from domain.timetable import at_london


def review_awaits(case: Case) -> tuple[Awaited, ...]:
    """What a review waits for people to do, in the order of the process; nothing before it is planned."""
    if not case.plans:
        return ()
    return (*_of_the_process(case), *_of_the_panel(case), *_of_the_actions(case), *mending(case.undelivered))


def _of_the_process(case: Case) -> Iterator[Awaited]:
    if case.withdrawn:
        return
    if not case.submitted_at:
        yield from (_return(key, case.requests[key]) for key in case.outstanding)
    if not case.held:
        yield _meeting(case)
        return
    if not case.submitted_at:
        yield from _of_the_report(case)
    if case.disagreeing:
        yield Awaited(what=What.DECISION, who=PARTNERS)
    elif case.undecided and case.submitted_at:
        yield from _of_the_decision(case)


def _return(agency: str, request: Request) -> Awaited:
    return Awaited(what=What.RETURN, who=agency, due=request.due, original=request.first_due)


def _meeting(case: Case) -> Awaited:
    closes = "meeting_window_closes"
    booked = case.meeting.booking.starts_at if case.meeting else case.timetable[closes].due
    return Awaited(what=What.MEETING, who=OFFICE, due=booked, original=case.original[closes].due)


def _of_the_report(case: Case) -> Iterator[Awaited]:
    """A draft from the office, or the answers of the leads who have one before them."""
    milestone = "panel_submission_due" if case.drafts else "draft_due"
    due, first = case.timetable[milestone].due, case.original[milestone].due
    if not case.drafts or case.being_revised:
        yield Awaited(what=What.DRAFT, who=OFFICE, due=due, original=first)
    else:
        for lead in case.unanswered:
            yield Awaited(what=What.SIGN_OFF, who=lead, due=due, original=first)


def _of_the_decision(case: Case) -> Iterator[Awaited]:
    """The leads' views, or that the office records what they decided: awaited once the report has gone."""
    if views_wanted(case):
        missing = (lead for lead in case.leads if lead not in case.current_views)
        yield from (Awaited(what=What.VIEW, who=lead) for lead in missing)
    else:
        yield Awaited(what=What.DECISION, who=OFFICE)


def _of_the_panel(case: Case) -> Iterator[Awaited]:
    if case.awaiting_panel and not case.panel_answers:
        yield Awaited(what=What.ANSWER, who=PANEL, due=panel_expected(case))


def _of_the_actions(case: Case) -> Iterator[Awaited]:
    """The actions still in the review; once it is concluded each is followed by itself."""
    if case.concluded_at or case.withdrawn:
        return
    if case.follows_actions:
        for follow_up in open_actions(case):
            yield from follow_up_awaits(follow_up)
        return
    for opening in agreed(case):
        due = at_london(opening.due_on, opening.hours.due_hour)
        yield Awaited(what=What.ACTION, number=opening.number, who=opening.owner, due=due)
