"""The year's figures: what each case tells of itself, and what comes of many."""

from dataclasses import replace
from datetime import UTC, date, datetime

from domain.case import Case
from domain.consideration.figures import consideration_figures
from domain.consideration.messages import RecordNotification, SinAnswer, View
from domain.cspr.figures import cspr_figures
from domain.cspr.messages import LearningKind, Proceedings
from domain.facts import apply
from domain.figures import REPORT, CaseFigures, Reached, figures_of, joined, review_figures
from domain.messages import NO_SIN, Message, Withdraw
from tests import cspr_sample, sample
from tests.domain import consideration
from tests.workflows import facts

NOW = sample.at("day 20 12:00")


def _told(case: Case, *brought: tuple[Message, str]) -> Case:
    for fact, moment in brought:
        case = apply(fact, case, sample.at(moment))
    return case


def _whole() -> Case:
    """One return in time and one late; a meeting on Day 11, a draft on Day 14, a report on Day 16."""
    asked = sample.case(ask=("police", "gp"))
    asked = asked.with_(requests={k: replace(r, asked_at=r.added_at) for k, r in asked.requests.items()})
    case = _told(
        asked,
        (facts.returned("police"), "day 5 10:00"),
        (facts.returned("gp"), "day 9 10:00"),
        (facts.held(sample.at("day 11 10:00")), "day 11 12:00"),
        (facts.draft(), "day 14 10:00"),
        (facts.decided(), "day 15 10:00"),
    )
    return case.with_(submitted_at=sample.at("day 16 10:00"), concluded_at=sample.at("day 16 10:00"))


def _days(reached: tuple[Reached, ...], now: datetime = NOW) -> dict[str, tuple[int | None, bool | None]]:
    return {one.key: (one.days, one.in_time(now)) for one in reached}


def test_a_review_tells_when_each_date_was_met_in_working_days() -> None:
    """Counted on its own calendar from Day 0, and held against its first dates."""
    figures = review_figures(_whole())
    assert (figures.route, figures.begun_on, figures.outcome) == ("sin", date(2026, 12, 7), "no_cspr")
    assert _days(figures.milestones) == {
        "sin_due": (None, True),
        "meeting_window_closes": (11, True),
        "draft_due": (14, False),
        REPORT: (16, False),
    }
    assert _days(figures.returns) == {"police": (5, True), "gp": (9, False)}


def test_what_can_still_be_met_is_not_counted_as_missed() -> None:
    """Until the date has passed."""
    figures = review_figures(sample.case(ask=("police",)))
    assert figures.outcome is None
    assert _days(figures.returns, sample.at("day 8 17:00"))["police"] == (None, None)
    assert _days(figures.returns, sample.at("day 8 17:01"))["police"] == (None, False)


def test_a_withdrawn_case_misses_nothing_more() -> None:
    """Its clock has stopped; what it had met by then counts."""
    case = _told(sample.case(), (facts.returned("police"), "day 2 10:00"))
    case = _told(case, (Withdraw(reason="No criterion is met", by=facts.OFFICE), "day 3 10:00"))
    figures = review_figures(case)
    assert figures.outcome == "withdrawn"
    assert [one.key for one in figures.returns] == ["police"]
    assert [one.key for one in figures.milestones] == ["sin_due"]


def test_a_case_put_forward_tells_its_route_and_its_review_the_rest() -> None:
    """Both halves are one case, which came in on the day it was put forward."""
    before = consideration.requested()
    given = (consideration.view(lead, View.MAY_MEET) for lead in sample.LEADS)
    before = consideration.told(before, consideration.moment(2), *given)
    whole = joined(consideration_figures(before), review_figures(_whole()))
    assert whole is not None
    assert (whole.route, whole.begun_on, whole.outcome) == ("request", date(2026, 11, 30), "no_cspr")
    assert _days(whole.milestones)["views_due"] == (2, True)
    assert _days(whole.milestones)[REPORT] == (16, False)


def test_an_alert_has_no_views_to_wait_for() -> None:
    """Only a request is put before the leads; while it goes on it has no outcome."""
    figures = consideration_figures(consideration.opened())
    assert (figures.route, figures.outcome, _days(figures.milestones)) == (
        "alert",
        None,
        {"sin_due": (None, False)},
    )
    assert joined(figures, None) == figures
    assert joined(None, None) is None


def test_a_review_knows_the_way_by_which_its_case_came() -> None:
    """Its consideration ends first, and may have left the server long before the year is counted."""
    before = consideration.told(consideration.opened(), consideration.moment(1), consideration.decided())
    sent = consideration.moment(2)
    before = consideration.told(before, sent, consideration.sin(sent))
    opening = before.review(sent)
    figures = review_figures(sample.case(route=opening.route, came_in_on=opening.came_in_on))
    assert (figures.route, figures.begun_on) == ("alert", date(2026, 11, 30))
    assert _days(consideration_figures(before).milestones) == {"sin_due": (None, True)}


def test_a_sin_not_sent_by_its_date_is_missed_also_where_no_review_has_opened() -> None:
    """A SIN that nobody sends opens nothing; it must not drop out of the year's figures."""
    decided = consideration.told(consideration.opened(), consideration.moment(1), consideration.decided())
    figures = consideration_figures(decided)
    assert _days(figures.milestones, consideration.moment(2)) == {"sin_due": (None, None)}
    assert _days(figures.milestones, consideration.moment(20)) == {"sin_due": (None, False)}
    no = consideration.told(
        consideration.opened(), consideration.moment(1), consideration.decided(SinAnswer.NO)
    )
    assert consideration_figures(no).milestones == ()


def test_a_notification_without_a_review_is_how_its_case_ended() -> None:
    """It can be converted later; until then it is not counted as open."""
    notifying = consideration.told(
        consideration.opened(), consideration.moment(1), consideration.decided(SinAnswer.NOTIFY)
    )
    sent = RecordNotification(
        notification_reference="N-2026-0044", sent_at=consideration.moment(2), by=facts.OFFICE
    )
    figures = consideration_figures(consideration.told(notifying, consideration.moment(2), sent))
    assert (figures.outcome, _days(figures.milestones)) == ("notified", {"sin_due": (None, True)})


def test_a_review_without_a_sin_has_no_date_of_one() -> None:
    """Where the leads' determination opened it, no SIN was sent in time or late."""
    sin = sample.sin().model_copy(update={"reference": NO_SIN})
    assert "sin_due" not in _days(review_figures(sample.case(sin=sin)).milestones)


def test_a_cspr_tells_how_long_its_commission_and_its_publication_took() -> None:
    """Working days to the one, calendar days to the other, held against the six-month date."""
    due = datetime(2027, 6, 18, 16, 0, tzinfo=UTC)
    opened = cspr_figures(cspr_sample.cspr(), NOW)
    assert (opened.commissioned_in, opened.published_in, opened.in_time) == (None, None, None)
    published = cspr_sample.after(
        cspr_sample.sent(), ("2027-03-12 10:00", cspr_sample.published(date(2027, 3, 11)))
    )
    figures = cspr_figures(published, NOW)
    assert (figures.decided_on, figures.due, figures.became) == (date(2026, 12, 18), due, "published")
    assert (figures.commissioned_on, figures.commissioned_in) == (date(2027, 1, 7), 11)
    assert (figures.published_on, figures.published_in) == (date(2027, 3, 11), 83)
    assert (figures.in_time, figures.held_for, figures.on_hold) == (True, (), False)


def test_a_cspr_on_hold_past_its_date_is_not_in_time() -> None:
    """The hold is said beside it; the six-month date stands."""
    held = cspr_sample.after(cspr_sample.sent(), ("2027-03-03 10:00", cspr_sample.hold(date(2027, 4, 1))))
    figures = cspr_figures(held, cspr_sample.at("2027-06-18 16:01"))
    assert (figures.in_time, figures.held_for, figures.on_hold) == (False, (Proceedings.CRIMINAL,), True)


def test_another_learning_review_has_no_date_to_be_published_by() -> None:
    """Nor can it be late."""
    figures = cspr_figures(cspr_sample.approved(kind=LearningKind.OTHER), cspr_sample.at("2028-01-04 10:00"))
    assert (figures.due, figures.in_time, figures.kind) == (None, None, LearningKind.OTHER)


def test_a_year_has_the_csprs_decided_in_it() -> None:
    """By the day of the decision: the case may have come in the year before, and have left the server."""
    told = cspr_figures(cspr_sample.cspr(), NOW)
    assert figures_of(2026, [], NOW, learning_reviews=[told]).learning_reviews == (told,)
    assert figures_of(2027, [], NOW, learning_reviews=[told]).learning_reviews == ()


def _case(number: int, days: int | None, route: str = "sin", outcome: str | None = "no_cspr") -> CaseFigures:
    due = sample.at("day 15 17:00")
    met = sample.at(f"day {days} 10:00") if days else None
    report = Reached(key=REPORT, due=due, met=met, days=days)
    back = Reached(key="police", due=sample.at("day 8 17:00"), met=met, days=days)
    return CaseFigures(
        reference=f"RR-2026-{number:02}",
        route=route,
        begun_on=date(2026, 12, 7),
        outcome=outcome,
        milestones=(report,),
        returns=(back,),
    )


def test_a_year_counts_cases_by_route_and_outcome() -> None:
    """Those still open too; a case of another year is none of it."""
    other = _case(9, 15).model_copy(update={"begun_on": date(2027, 1, 4)})
    told = [_case(1, 15), _case(2, 14), _case(3, None, route="request", outcome=None), other]
    year = figures_of(2026, told, NOW, missing=["RR-2026-04"])
    assert (year.cases, year.still_open, year.missing) == (3, 1, ("RR-2026-04",))
    assert [(o.route, o.outcome, o.cases) for o in year.outcomes] == [
        ("request", "open", 1),
        ("sin", "no_cspr", 2),
    ]


def test_a_year_says_how_many_reports_were_on_time_and_how_long_they_took() -> None:
    """Median and range in working days; a report not sent past its date is not in time."""
    told = [_case(1, 12), _case(2, 15), _case(3, 17), _case(4, None, outcome=None)]
    reports = figures_of(2026, told, NOW).reports
    assert reports is not None
    assert (reports.settled, reports.in_time, reports.met) == (4, 2, 3)
    assert (reports.median_days, reports.shortest, reports.longest) == (15, 12, 17)
    early = figures_of(2026, told[:2] + told[3:], sample.at("day 15 12:00")).reports
    assert early is not None
    assert (early.settled, early.in_time) == (2, 2)


def test_a_year_says_how_long_each_agency_takes() -> None:
    """By the agency's key."""
    [police] = figures_of(2026, [_case(1, 6), _case(2, 9)], NOW).agencies
    assert (police.key, police.settled, police.in_time, police.median_days) == ("police", 2, 1, 7.5)


def test_a_year_without_cases_is_empty_and_says_so() -> None:
    """No share of nothing."""
    year = figures_of(2025, [_case(1, 12)], NOW)
    assert (year.cases, year.outcomes, year.reports) == (0, (), None)
