"""What is awaited of each process, from whom, until when, and what of it is late."""

from datetime import timedelta

import pytest

from domain.awaiting import Awaited, What, grouped, mending, next_due, of_actions
from domain.case import Case
from domain.consideration.awaiting import consideration_awaits
from domain.consideration.messages import SinAnswer, View
from domain.cspr.awaiting import cspr_awaits
from domain.facts import apply
from domain.follow_up.awaiting import follow_up_awaits
from domain.follow_up.facts import apply as told_action
from domain.messages import (
    GiveView,
    ImmediateAction,
    Message,
    Recipient,
    RecipientKind,
    Recommendation,
    Withdraw,
)
from domain.record import Undelivered
from domain.review_awaiting import review_awaits
from tests import cspr_sample, sample
from tests.domain import consideration
from tests.domain.follow_up import played
from tests.workflows import facts


def _told(case: Case, *brought: tuple[Message, str]) -> Case:
    for fact, moment in brought:
        case = apply(fact, case, sample.at(moment))
    return case


def _entries(awaited: tuple[Awaited, ...]) -> list[str]:
    return [str(one) for one in awaited]


def _returned(case: Case, *but: str) -> Case:
    return _told(case, *((facts.returned(key), "day 5 10:00") for key in sample.AGENCIES if key not in but))


def test_a_review_awaits_nothing_before_its_dates_are_planned() -> None:
    """For the moment in which it opens there is nobody to name."""
    assert review_awaits(Case.opened(sample.opening(), sample.at("day 0 15:21"))) == ()


def test_every_agency_owes_its_return_until_it_is_in() -> None:
    """Whoever has returned is not awaited; the meeting is, from the office."""
    case = _returned(sample.case(), "housing", "gp")
    assert _entries(review_awaits(case)) == ["return/housing", "return/gp", "meeting/office"]
    assert next_due(review_awaits(case)) == sample.at("day 8 17:00")


def test_a_return_is_late_the_moment_after_it_was_due() -> None:
    """Not at the hour itself."""
    [owed] = [one for one in review_awaits(_returned(sample.case(), "gp")) if one.what is What.RETURN]
    due = sample.at("day 8 17:00")
    assert (owed.late(due), owed.late(due + timedelta(seconds=1))) == (False, True)


def test_lateness_is_measured_against_the_first_date() -> None:
    """An extension moves when it is due, and not since when it is late."""
    first, moved = sample.at("day 8 17:00"), sample.at("day 10 17:00")
    owed = Awaited(what=What.RETURN, who="gp", due=moved, original=first)
    assert owed.late(sample.at("day 9 09:00"))
    assert next_due([owed]) == moved


def test_the_meeting_the_draft_and_the_signatures_follow_each_other() -> None:
    """Held, a draft is awaited; drafted, each lead; amended, the office again."""
    case = _told(_returned(sample.case()), (facts.booking(sample.at("day 11 10:00")), "day 4 10:00"))
    assert next_due(review_awaits(case)) == sample.at("day 11 10:00")
    case = _told(case, (facts.held(sample.at("day 11 10:00")), "day 11 12:00"))
    assert _entries(review_awaits(case)) == ["draft/office"]
    case = _told(case, (facts.draft(), "day 12 10:00"), (facts.confirmed("health"), "day 12 11:00"))
    assert _entries(review_awaits(case)) == ["sign-off/local-authority", "sign-off/police"]
    case = _told(case, (facts.amended("police"), "day 12 12:00"))
    assert _entries(review_awaits(case)) == ["draft/office"]


def _submitted(**changes: object) -> Case:
    case = _told(_returned(sample.case(**changes)), (facts.held(sample.at("day 11 10:00")), "day 11 12:00"))
    case = _told(case, (facts.draft(), "day 12 10:00"))
    return case.with_(submitted_at=sample.at("day 14 10:00"))


def test_the_decision_is_awaited_once_the_report_has_gone() -> None:
    """From the office where no criteria ask the leads for views."""
    assert _entries(review_awaits(_submitted())) == ["decision/office"]


def _view(lead: str, given: Recommendation) -> GiveView:
    reasons = {"improvements": f"As {lead} sees it", "themes": "There are none"}
    return GiveView(id=f"view-{lead}", lead=lead, by=f"Lead {lead}", view=given, reasons=reasons)


def test_views_are_awaited_from_each_lead_until_they_differ() -> None:
    """Where they differ, only the lead safeguarding partners can end it."""
    case = _submitted(decision_rules=sample.decision_rules())
    assert _entries(review_awaits(case)) == [f"view/{lead}" for lead in sample.LEADS]
    case = _told(case, (_view("health", Recommendation.NO_CSPR), "day 14 11:00"))
    assert "view/health" not in _entries(review_awaits(case))
    case = _told(case, (_view("police", Recommendation.CSPR), "day 14 12:00"))
    assert _entries(review_awaits(case)) == ["decision/lead-partners"]


def test_a_concluded_case_awaits_the_panel_and_a_withdrawn_one_nobody() -> None:
    """The Panel's answer is due as many days later as the rules say."""
    case = _told(_submitted(decision_rules=sample.decision_rules()), (facts.decided(), "day 14 11:00"))
    [answer] = review_awaits(case.with_(concluded_at=sample.at("day 14 11:00")))
    assert (str(answer), answer.due is not None) == ("answer/panel", True)
    assert (
        review_awaits(
            _told(sample.case(), (Withdraw(reason="No criterion is met", by=facts.OFFICE), "day 2 10:00"))
        )
        == ()
    )


def test_an_action_of_the_meeting_is_awaited_by_its_number_and_owner() -> None:
    """The case says which of its actions are open."""
    action = ImmediateAction(agency="housing", action="Check", due_on=sample.at("day 20 12:00").date())
    case = _told(sample.case(), (facts.held(sample.at("day 11 10:00"), action), "day 11 12:00"))
    [owed] = [one for one in review_awaits(case) if one.what is What.ACTION]
    assert (str(owed), owed.due) == ("action/1/housing", sample.at("day 20 17:00"))
    assert of_actions(_entries(review_awaits(case))) == ("action/1/housing",)


def test_a_request_awaits_each_leads_view_then_the_sin_decision_then_the_sin() -> None:
    """From the local authority's lead, within the days of the SIN; at last the office, for the outcomes."""
    case = consideration.requested()
    assert _entries(consideration_awaits(case)) == [f"view/{lead}" for lead in sample.LEADS]
    case = consideration.told(
        case, consideration.moment(1), *(consideration.view(lead, View.MAY_MEET) for lead in sample.LEADS)
    )
    [decision] = consideration_awaits(case)
    assert (str(decision), decision.due) == ("sin-decision/local-authority", case.timetable["sin_due"].due)
    yes = consideration.told(case, consideration.moment(2), consideration.decided())
    assert _entries(consideration_awaits(yes)) == ["sin/local-authority"]
    no = consideration.told(case, consideration.moment(2), consideration.decided(SinAnswer.NO))
    assert _entries(consideration_awaits(no)) == ["outcomes/office"]
    sent = consideration.sin(consideration.moment(3))
    assert consideration_awaits(consideration.told(yes, consideration.moment(3), sent)) == ()


def test_a_notification_without_a_review_is_awaited_as_such() -> None:
    """It is not called a SIN."""
    answer = consideration.decided(SinAnswer.NOTIFY)
    case = consideration.told(consideration.opened(), consideration.moment(1), answer)
    assert _entries(consideration_awaits(case)) == ["notification/local-authority"]


def test_a_cspr_awaits_one_party_after_another() -> None:
    """Commission, terms, the report, the leads; all by the six-month date."""
    stands, owed = cspr_sample.cspr(), []
    for moment, fact in (
        ("2027-01-20 10:00", cspr_sample.commission()),
        ("2027-01-21 10:00", cspr_sample.terms()),
        ("2027-03-20 10:00", cspr_sample.draft()),
        ("2027-03-21 10:00", cspr_sample.confirmed("health")),
    ):
        owed.append(_entries(cspr_awaits(stands)))
        stands = cspr_sample.after(stands, (moment, fact))
    assert owed == [
        ["commission/office"],
        ["terms/office"],
        ["report/reviewer"],
        [f"sign-off/{lead}" for lead in sample.LEADS],
    ]
    assert _entries(cspr_awaits(stands)) == ["sign-off/local-authority", "sign-off/police"]
    assert {one.due for one in cspr_awaits(stands)} == {stands.dates.publication_due}
    assert _entries(cspr_awaits(cspr_sample.approved())) == ["full-report/office"]
    assert _entries(cspr_awaits(cspr_sample.sent())) == ["publication/office"]


def test_a_follow_up_awaits_its_owner_then_a_second_person() -> None:
    """By its number; nobody once it is closed."""
    action = played.opened()
    [owed] = follow_up_awaits(action)
    assert (str(owed), owed.due) == ("action/3/housing", played.at("2026-12-30 17:00"))
    action = told_action(played.evidence(), action, played.at("2026-12-20 10:00"))
    assert _entries(follow_up_awaits(action)) == ["closing/3/office"]
    assert follow_up_awaits(told_action(played.closing(), action, played.at("2026-12-21 10:00"))) == ()


def test_a_letter_that_did_not_arrive_is_awaited_from_the_office_in_every_process() -> None:
    """Until it is being sent again."""
    to = Recipient(kind=RecipientKind.OFFICE)
    lost = Undelivered(key="request/gp", to=to, status="5.1.1", noticed_at=sample.at("day 1 10:00"))
    again = lost.model_copy(update={"again_at": sample.at("day 2 10:00")})
    assert _entries(tuple(mending((lost, again)))) == ["delivery/office"]
    assert tuple(mending((again,))) == ()
    cases = (sample.case(), consideration.opened(), cspr_sample.cspr())
    asked = (review_awaits, consideration_awaits, cspr_awaits)
    for case, awaits in zip(cases, asked, strict=True):
        held = case.model_copy(update={"undelivered": (lost,)})
        assert "delivery/office" in _entries(awaits(held))  # type: ignore[operator]  # each its own kind


def test_entries_read_as_a_person_says_them() -> None:
    """Grouped by what is owed; many parties are counted, and a word of a later version is let through."""
    entries = ["return/police", "return/gp", "action/2/housing", "novelty/office"]
    assert grouped(entries) == "return: police, gp; action 2: housing; novelty: office"
    assert grouped(entries, most=1) == "return: 2; action 2: housing; novelty: office"


@pytest.mark.parametrize("what", What)
def test_an_entry_is_plain(what: What) -> None:
    """Lower case letters and hyphens: it may stand where anybody reads it."""
    assert str(Awaited(what=what, who="police")) == f"{what}/police"
    assert what.replace("-", "").isalpha()
    assert what.islower()
