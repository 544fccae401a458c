"""What a CSPR does by itself: each step once, in working hours, with its letters, to its end."""

import re
from collections import Counter
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cspr.facts import apply
from domain.cspr.letters import WRITERS, letters
from domain.cspr.messages import LearningKind
from domain.cspr.performing import commissioned, ended, ending, performed
from domain.cspr.standing import in_markdown, standing
from domain.cspr.state import Cspr, CsprStage
from domain.cspr.steps import NOTICES, SAYS, CsprStep, CsprStepKind, next_step
from domain.errors import Refused
from domain.messages import Decide, Message, Recommendation, SendAgain
from domain.record import Event
from domain.step import Performance
from domain.timetable import LONDON
from tests import cspr_sample as told
from tests import sample
from tests.laws import examples

K = CsprStepKind


def kinds(steps: list[CsprStep]) -> Counter[str]:
    """How often each kind of step was carried out."""
    return Counter(str(step.kind) for step in steps)


def written(stands: Cspr, kind: CsprStepKind, about: str = "") -> list[str]:
    """Whom the letters of a step are for."""
    step = CsprStep(kind=kind, due=told.DECIDED, about=about)
    return [str(letter.to) for letter in letters(stands, step, told.DECIDED)]


def test_every_step_says_something_and_has_its_letters() -> None:
    """No kind of step is without words or without a writer."""
    assert set(SAYS) == set(WRITERS) == set(K)


def test_nobody_is_commissioned_and_nothing_happens_but_reminders_and_the_breach() -> None:
    """The office is asked every ten working days, and the six-month date is escalated once."""
    stands, steps = told.carried_out(told.cspr(), "2027-12-18 10:00")
    assert kinds(steps)["late"] == kinds(steps)["due_soon"] == kinds(steps)["opened"] == 1
    assert kinds(steps)["commission_nudge"] > 15
    assert [b.milestone for b in stands.breaches] == ["cspr_publication_due"]
    assert next_step(stands) is not None


def test_reminders_missed_in_an_outage_collapse_into_one() -> None:
    """After months of silence the office gets one reminder, and then the next in its time."""
    stands, _ = told.carried_out(told.cspr(), "2026-12-18 10:00")
    step = next_step(stands)
    assert step
    late = step.model_copy(update={"due": told.at("2027-04-20 09:00")})
    done = Performance[CsprStep](step=late, began_at=late.due, letters=(), deliveries=())
    following = next_step(performed(stands, done, late.due))
    assert following
    assert following.due > late.due


def test_a_notice_whose_hour_has_passed_waits_for_working_hours() -> None:
    """An outage that ends on a Saturday night chases nobody before Monday morning."""
    stands, _ = told.carried_out(told.cspr(), "2026-12-18 10:00")
    step = next_step(stands, told.at("2027-04-17 22:00"))
    assert step
    assert step.due == told.at("2027-04-19 08:00")  # 09:00 in summer


def test_a_commission_is_told_to_the_reviewer_and_the_three_who_must_hear() -> None:
    """Of another learning review only the reviewer hears."""
    stands = told.after(told.cspr(), ("2027-01-07 10:00", told.commission()))
    assert written(stands, K.COMMISSIONED, "1") == [
        "reviewer:reviewer-one",
        "panel",
        "ofsted",
        "secretary-of-state",
    ]
    other = told.after(told.cspr(kind=LearningKind.OTHER), ("2027-01-07 10:00", told.commission()))
    assert written(other, K.COMMISSIONED, "1") == ["reviewer:reviewer-one"]


def test_a_request_goes_to_the_reviewer_with_its_document() -> None:
    """The request is in writing; what it says is in the document alone."""
    stands = told.after(
        told.cspr(),
        ("2027-01-07 10:00", told.commission()),
        ("2027-02-01 10:00", told.request(date(2027, 2, 12))),
    )
    step = CsprStep(kind=K.REQUEST, due=told.DECIDED, about="1")
    (letter,) = letters(stands, step, told.DECIDED)
    assert letter.documents == (sample.document("d"),)
    assert "More on practice" not in str(letter.facts)


def test_progress_is_monitored_at_intervals_until_the_report_is_approved() -> None:
    """Six weeks from the commission, twelve, and no more once every lead has confirmed."""
    stands = told.after(told.cspr(), ("2027-01-07 10:00", told.commission()))
    _, steps = told.carried_out(stands, "2027-04-05 10:00")
    asked = [step.due.astimezone(LONDON).date() for step in steps if step.kind is K.MONITORING]
    assert asked == [date(2027, 2, 18), date(2027, 4, 1)]
    _, none = told.carried_out(told.approved(), "2027-06-01 10:00")
    assert kinds(none)["monitoring"] == 0


def test_a_lead_who_does_not_answer_is_reminded_and_others_are_not() -> None:
    """Nobody is reminded after answering."""
    stands = told.after(
        told.cspr(),
        ("2027-01-07 10:00", told.commission()),
        ("2027-03-01 10:00", told.draft()),
        ("2027-03-01 11:00", told.confirmed("police")),
    )
    assert written(stands, K.SIGN_OFF_REMINDER, "1-1") == ["lead:local-authority", "lead:health"]


def test_a_hold_is_reviewed_on_its_day_and_again_until_somebody_does() -> None:
    """First on the review date, then each week; not once it is renewed or lifted."""
    held = told.after(told.sent(), ("2027-03-03 10:00", told.hold(date(2027, 4, 1))))
    _, steps = told.carried_out(held, "2027-04-20 10:00")
    days = [step.due.astimezone(LONDON).date() for step in steps if step.kind is K.HOLD_REVIEW]
    assert days == [date(2027, 4, 1), date(2027, 4, 8), date(2027, 4, 15)]
    renewed = told.after(held, ("2027-03-31 10:00", told.hold(date(2027, 7, 1))))
    assert kinds(told.carried_out(renewed, "2027-04-20 10:00")[1])["hold_review"] == 0


def test_nobody_is_told_to_publish_what_is_held() -> None:
    """The word that publication is allowed waits for the hold to be lifted."""
    held = told.after(told.sent(), ("2027-03-03 10:00", told.hold(date(2027, 4, 1))))
    stands, steps = told.carried_out(held, "2027-03-20 10:00")
    assert kinds(steps)["may_publish"] == 0
    lifted = told.after(stands, ("2027-03-22 10:00", told.lift()))
    assert kinds(told.carried_out(lifted, "2027-03-23 10:00")[1])["may_publish"] == 1


def test_the_full_report_counts_as_sent_when_both_have_it() -> None:
    """The Secretary of State's server refuses: it is a task, and the days do not run until it is mended."""
    stands = told.after(told.approved(), ("2027-03-02 10:00", told.send()))
    stands, steps = told.carried_out(stands, "2027-03-02 10:00", refused=("secretary-of-state",))
    assert stands.sent_at is None
    assert [step.about for step in steps if step.kind is K.UNDELIVERED] == [
        "cspr/commissioned/1/secretary-of-state",
        "cspr/full_report/1/secretary-of-state",
    ]
    key = "cspr/full_report/1/secretary-of-state"
    again = apply(SendAgain(letter=key, by=told.OFFICE), stands, told.at("2027-03-04 10:00"))
    again, _ = told.carried_out(again, "2027-03-04 10:00")
    assert again.sent_at == told.at("2027-03-04 10:00")
    assert again.may_publish_on == date(2027, 3, 15)


def test_the_letters_of_a_second_review_are_its_own() -> None:
    """No key is shared with the first, and each names the reference that commands take; sent again, too."""
    first, second = told.approved(), told.approved(number=2)
    sending = [
        told.carried_out(
            told.after(stands, ("2027-03-02 10:00", told.send())), "2027-03-02 10:00", ("panel",)
        )
        for stands in (first, second)
    ]
    keys = [{one.key for step in steps for one in letters(c, step, told.DECIDED)} for c, steps in sending]
    assert {key.replace("cspr/2/", "cspr/") for key in keys[1]} == keys[0]
    assert not keys[0] & keys[1]
    assert all(key.startswith("cspr/2/") for key in keys[1])
    stands, steps = sending[1]
    assert {one.facts["reference"] for one in letters(stands, steps[0], told.DECIDED)} == {"RR-2026-90/2"}
    key = "cspr/2/full_report/1/panel"
    again = apply(SendAgain(letter=key, by=told.OFFICE), stands, told.at("2027-03-04 10:00"))
    assert told.carried_out(again, "2027-03-04 10:00")[0].sent_at == told.at("2027-03-04 10:00")


def test_it_ends_when_its_months_of_publication_are_over() -> None:
    """Published, told of, kept available, closed; and how it ended can be read."""
    stands = told.after(told.sent(), ("2027-03-12 10:00", told.published(date(2027, 3, 11))))
    before, _ = told.carried_out(stands, "2028-03-10 10:00")
    assert before.stage is CsprStage.PUBLISHED
    after, steps = told.carried_out(before, "2028-03-13 10:00")
    assert (after.stage, kinds(steps)["last_day"]) == (CsprStage.ENDED, 1)
    assert after.record[-1].event is Event.CSPR_ENDED
    assert ending(after).published_on == date(2027, 3, 11)
    assert ended(after, told.at("2028-03-14 10:00")) is after


def test_another_learning_review_ends_when_all_have_approved_it() -> None:
    """It has no six-month date, no publication, and no notices of either."""
    stands, steps = told.carried_out(told.approved(kind=LearningKind.OTHER), "2027-03-01 12:00")
    assert stands.stage is CsprStage.ENDED
    assert not {"due_soon", "late", "full_report", "may_publish"} & set(kinds(steps))
    assert standing(stands, told.DECIDED).publication_due is None


def test_improvements_are_attached_where_the_report_is_not_published() -> None:
    """The findings go with the word of it."""
    fact = told.published(date(2027, 3, 12), improvements=sample.document("e"), reason="A child is known")
    stands = told.after(told.sent(), ("2027-03-12 10:00", fact))
    step = CsprStep(kind=K.PUBLISHED, due=told.DECIDED)
    for letter in letters(stands, step, told.DECIDED):
        assert letter.documents == (sample.document("e"),)
        assert letter.facts["improvements"] == "yes"


def test_the_standing_shows_the_six_month_date_and_why_at_every_stage() -> None:
    """From the decision to publication, held or not, late or not; the Web UI's words name nobody."""
    held = told.after(told.sent(), ("2027-03-03 10:00", told.hold(date(2027, 4, 1))))
    for stands in (told.cspr(), told.approved(), told.sent(), held):
        now = standing(stands, told.at("2027-07-01 10:00"))
        assert "6 months from Fri 18 Dec 2026" in now.explanation
        assert now.late == ("CSPR published Fri 18 Jun 2027 17:00",)
        assert "Reviewer One" not in in_markdown(now)
        assert "Fri 18 Jun 2027" in in_markdown(now)
    assert standing(held, told.DECIDED).holds == ("criminal proceedings, review Thu 1 Apr 2027",)


@pytest.mark.parametrize(
    ("decision", "kind"),
    [
        ({"outcome": Recommendation.CSPR}, LearningKind.CSPR),
        ({"outcome": Recommendation.OTHER_REVIEW}, LearningKind.OTHER),
        ({"outcome": Recommendation.NO_CSPR}, None),
    ],
)
def test_what_the_leads_decided_is_what_opens(decision: dict[str, object], kind: LearningKind | None) -> None:
    """A CSPR, another learning review, or nothing; the six months count from the decision."""
    fact = Decide.model_validate({"reason": "Weighed", "by": told.OFFICE, **decision})
    case = sample.case().with_(decisions=(fact,)).noting(told.DECIDED, Event.DECISION_RECORDED, "Decided.")
    opening = commissioned(case)
    assert (opening.kind if opening else None) == kind
    assert not opening or opening.decided_at == told.DECIDED


FACTS: tuple[Message, ...] = (
    told.commission(),
    told.terms(),
    told.monitor(on_time=False),
    told.draft(),
    told.draft("b"),
    *(told.confirmed(lead) for lead in sample.LEADS),
    *(told.confirmed(lead, 2) for lead in sample.LEADS),
    told.hold(date(2027, 9, 1)),
    told.lift(),
    told.send(),
    told.published(date(2027, 7, 1)),
)


@settings(max_examples=examples(120), deadline=None)
@given(st.lists(st.tuples(st.integers(1, 240), st.sampled_from(FACTS)), max_size=14))
def test_the_laws_of_a_cspr_hold_whatever_happens(told_when: list[tuple[int, Message]]) -> None:
    """No record disappears, no letter is written twice, notices leave in hours, nothing unsigned is sent."""
    stands, keys, record = told.cspr(), Counter[str](), 0
    for days, fact in sorted(told_when, key=lambda pair: pair[0]):
        moment = f"{told.DECIDED + days * told.DAY_LONG:%Y-%m-%d %H:%M}"
        stands, steps = told.carried_out(stands, moment)
        keys.update(step.key for step in steps)
        for step in steps:
            if step.kind in NOTICES:
                local = step.due.astimezone(LONDON)
                assert re.fullmatch("09:00", f"{local:%H:%M}")
                assert sample.CALENDAR.is_working_day(local.date())
            assert step.kind is not K.FULL_REPORT or stands.signed
        with suppress(Refused):
            stands = apply(fact, stands, told.at(moment))
        assert len(stands.record) >= record
        record = len(stands.record)
    assert [key for key, times in keys.items() if times > 1] == []
