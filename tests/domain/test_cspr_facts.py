"""How facts change a CSPR: what is taken, what is refused, and what each refusal says."""

import ast
from datetime import date
from pathlib import Path

import pytest

from domain.cspr import facts
from domain.cspr.facts import apply
from domain.cspr.messages import LearningKind, Proceedings
from domain.cspr.state import Cspr, CsprStage
from domain.errors import Refused
from domain.messages import Answer, DeliveryFailed, Message, Recipient, RecipientKind, SendAgain
from domain.record import Event, Undelivered
from tests import cspr_sample as told
from tests import sample

COMMISSIONED = told.after(told.cspr(), ("2027-01-07 10:00", told.commission()))
APPROVED = told.approved()
SENT = told.sent()
HELD = told.after(SENT, ("2027-03-03 10:00", told.hold(date(2027, 4, 1))))
PUBLISHED = told.after(SENT, ("2027-03-12 10:00", told.published(date(2027, 3, 11))))
WITHDRAWN = told.after(SENT, ("2027-03-08 10:00", told.withdrawal()))
OTHER = told.approved(kind=LearningKind.OTHER)
UNPLANNED = Cspr.opened(told.opening(), told.DECIDED)

REFUSALS: dict[str, tuple[Cspr, Message, str, tuple[str, ...]]] = {
    "a conflict of interest": (
        told.cspr(),
        told.commission(no_conflict=False),
        "2027-01-07 10:00",
        ("conflict of interest", "--no-conflict", "commission another"),
    ),
    "a reviewer commissioned twice": (
        COMMISSIONED,
        told.commission(),
        "2027-01-08 10:00",
        ("reviewer-one is already commissioned",),
    ),
    "another reviewer without a reason": (
        COMMISSIONED,
        told.commission(reviewer="reviewer-two"),
        "2027-01-08 10:00",
        ("reviewer-one is commissioned", "Say why"),
    ),
    "terms before a reviewer": (
        told.cspr(),
        told.terms(),
        "2027-01-07 10:00",
        ("No reviewer is commissioned", "cspr-commission"),
    ),
    "an answer on a Sunday": (
        COMMISSIONED,
        told.request(date(2027, 2, 7)),
        "2027-02-01 10:00",
        ("working day to come", "--answer-by"),
    ),
    "the same document again": (
        APPROVED,
        told.draft(),
        "2027-03-02 10:00",
        ("same document as version 1", "Nothing was changed"),
    ),
    "a hold reviewed on a bank holiday": (
        COMMISSIONED,
        told.hold(date(2027, 3, 29)),
        "2027-02-01 10:00",
        ("working day to come", "another review date"),
    ),
    "a hold that is not in force": (
        HELD,
        told.lift("coroner"),
        "2027-03-04 10:00",
        ("No hold for coroner proceedings", "In force: criminal"),
    ),
    "an unsigned report to the Panel": (
        COMMISSIONED,
        told.send(),
        "2027-03-02 10:00",
        ("unsigned", "cspr-show"),
    ),
    "a version sent twice": (
        SENT,
        told.send(),
        "2027-03-03 10:00",
        ("Version 1 was already sent", "2 Mar 2027"),
    ),
    "a publication that is held": (
        HELD,
        told.published(date(2027, 3, 12)),
        "2027-03-12 10:00",
        ("held for criminal proceedings", "Lift the hold first"),
    ),
    "a publication of what was not sent": (
        APPROVED,
        told.published(date(2027, 3, 12)),
        "2027-03-12 10:00",
        ("has not gone to the Panel and the Secretary of State", "cspr-send"),
    ),
    "a publication too early": (
        SENT,
        told.published(date(2027, 3, 10)),
        "2027-03-12 10:00",
        ("Tue 2 Mar 2027 10:00", "7 working days later and no earlier", "from Thu 11 Mar 2027"),
    ),
    "a publication to come": (
        SENT,
        told.published(date(2027, 3, 15)),
        "2027-03-12 10:00",
        ("recorded when it has been published", "on that day or later"),
    ),
    "improvements without a reason": (
        SENT,
        told.published(date(2027, 3, 12), improvements=sample.document("e")),
        "2027-03-12 10:00",
        ("Say why the report is not published",),
    ),
    "nothing to send again": (
        SENT,
        SendAgain(letter="cspr/terms/1", by=told.OFFICE),
        "2027-03-12 10:00",
        ("No undelivered letter cspr/terms/1", "Waiting: none"),
    ),
    "a letter of another process": (
        COMMISSIONED,
        DeliveryFailed(id="bounce", letter="request/nobody", status="5.1.1"),
        "2027-02-01 10:00",
        ("request/nobody is not a letter of a CSPR", "cspr-show"),
    ),
    "a hold on another learning review": (
        OTHER,
        told.hold(date(2027, 4, 1)),
        "2027-03-12 10:00",
        ("another learning review", "need not be published"),
    ),
    "a fact after publication": (
        PUBLISHED,
        told.draft("e"),
        "2027-03-15 10:00",
        ("published on Thu 11 Mar 2027", "closed"),
    ),
    "a fact after the end": (
        told.carried_out(OTHER, "2027-03-05 10:00")[0],
        told.draft("e"),
        "2027-03-15 10:00",
        ("ended", "closed"),
    ),
    "an extension that nobody granted": (
        COMMISSIONED,
        told.replan(extend_to=date(2027, 7, 1)),
        "2027-03-15 10:00",
        ("no right to an extension", "who granted it"),
    ),
    "an extension to a Sunday": (
        COMMISSIONED,
        told.extension(date(2027, 7, 4)),
        "2027-03-15 10:00",
        ("extended to a working day to come",),
    ),
    "an extension to an earlier day": (
        COMMISSIONED,
        told.extension(date(2027, 5, 20)),
        "2027-03-15 10:00",
        ("Publication is due Fri 18 Jun 2027 17:00", "a working day after that"),
    ),
    "an extension of what is published": (
        PUBLISHED,
        told.extension(date(2027, 7, 1)),
        "2027-03-15 10:00",
        ("published on Thu 11 Mar 2027",),
    ),
    "a fact after it was withdrawn": (
        WITHDRAWN,
        told.draft("e"),
        "2027-03-15 10:00",
        ("was withdrawn Mon 8 Mar 2027 10:00", "takes no more facts"),
    ),
    "a letter again after it was withdrawn": (
        WITHDRAWN,
        SendAgain(letter="cspr/terms/1", by=told.OFFICE),
        "2027-03-15 10:00",
        ("was withdrawn",),
    ),
    "a withdrawal of what is published": (
        PUBLISHED,
        told.withdrawal(),
        "2027-03-15 10:00",
        ("published on Thu 11 Mar 2027",),
    ),
    "a fact while it is opened": (
        UNPLANNED,
        told.commission(),
        "2026-12-18 10:00",
        ("still being opened", "Try again in a few seconds"),
    ),
}
"""What cannot be taken: how it stands, the fact, when, and words of the refusal."""


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_says_what_and_how_to_mend(name: str) -> None:
    """The sentence says what is wrong, where, and what to do; it names nobody."""
    stands, fact, when, words = REFUSALS[name]
    with pytest.raises(Refused) as refusal:
        apply(fact, stands, told.at(when))
    said = str(refusal.value)
    assert [word for word in words if word not in said] == []
    assert [person for person in ("Reviewer One", told.OFFICE, "Lead ") if person in said] == []


def test_every_refusal_is_among_these() -> None:
    """Each place in the module that refuses is reached by a row of the table, or is of the opening."""
    tree = ast.parse(Path(facts.__file__).read_text(encoding="utf-8"))
    written = [n for n in ast.walk(tree) if isinstance(n, ast.Raise) and "Refused" in ast.dump(n)]
    reached = {_line_of_refusal(*REFUSALS[name][:3]) for name in REFUSALS}
    missing = [n.lineno for n in written if not reached & set(range(n.lineno, (n.end_lineno or 0) + 1))]
    assert len(written) > 15
    assert missing == []


def _line_of_refusal(stands: Cspr, fact: Message, when: str) -> int:
    try:
        apply(fact, stands, told.at(when))
    except Refused as refusal:
        trace = refusal.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        return trace.tb_lineno if trace else 0
    raise AssertionError("it was taken")


def test_a_reviewer_is_replaced_for_a_reason() -> None:
    """Both commissions stay on record; the new reviewer is the one in force."""
    fact = told.commission(reviewer="reviewer-two", name="Reviewer Two", reason="Fell ill")
    stands = told.after(COMMISSIONED, ("2027-02-01 10:00", fact))
    assert stands.commission
    assert stands.commission.fact.reviewer == "reviewer-two"
    assert len(stands.commissions) == 2
    assert "Fell ill" in stands.record[-1].says


def test_a_finding_that_does_not_satisfy_asks_for_a_written_request() -> None:
    """Regulation 14's request is in writing, and the office is told so."""
    fine = told.after(COMMISSIONED, ("2027-02-18 10:00", told.monitor()))
    poor = told.after(COMMISSIONED, ("2027-02-18 10:00", told.monitor(good_quality=False)))
    assert fine.record[-1].warnings == ()
    assert "cspr-request" in poor.record[-1].warnings[0]


def test_a_hold_is_renewed_with_a_new_review_date() -> None:
    """The earlier hold stays on record as ended, not as lifted."""
    stands = told.after(HELD, ("2027-04-01 10:00", told.hold(date(2027, 6, 1))))
    assert list(stands.held) == [Proceedings.CRIMINAL]
    assert stands.held[Proceedings.CRIMINAL].fact.review_on == date(2027, 6, 1)
    assert [(h.lifted, h.ended_at is not None) for h in stands.holds] == [(False, True), (False, False)]
    assert "goes on" in stands.record[-1].says


def test_two_proceedings_hold_until_both_are_lifted() -> None:
    """A trial and an inquest each have a hold of their own."""
    both = told.after(HELD, ("2027-03-03 11:00", told.hold(date(2027, 5, 4), "coroner")))
    one = told.after(both, ("2027-03-04 10:00", told.lift()))
    with pytest.raises(Refused, match="held for coroner proceedings"):
        apply(told.published(date(2027, 3, 12)), one, told.at("2027-03-12 10:00"))
    none = told.after(one, ("2027-03-05 10:00", told.lift("coroner")))
    assert apply(told.published(date(2027, 3, 12)), none, told.at("2027-03-12 10:00")).publication


def test_the_six_month_date_is_said_with_every_hold() -> None:
    """A hold never hides it."""
    assert "Fri 18 Jun 2027 17:00" in HELD.record[-1].warnings[0]


def test_an_amendment_asks_every_lead_again() -> None:
    """The rule is the Rapid Review's own: an answer to an old version is refused."""
    amend = told.confirmed("health", answer=Answer.AMEND, note="Say more")
    stands = told.after(
        COMMISSIONED,
        ("2027-03-01 10:00", told.draft()),
        ("2027-03-01 11:00", told.confirmed("police")),
        ("2027-03-01 12:00", amend),
        ("2027-03-08 10:00", told.draft("b")),
    )
    assert stands.unanswered == sample.LEADS
    with pytest.raises(Refused, match="replaced by version 2"):
        apply(told.confirmed("police"), stands, told.at("2027-03-08 11:00"))


def test_a_new_version_after_sending_must_be_sent_again() -> None:
    """The Panel has to have what is published."""
    stands = told.after(SENT, ("2027-03-20 10:00", told.draft("b")))
    assert stands.stage is CsprStage.SIGNING
    assert stands.may_publish_on is None
    assert "again" in stands.record[-1].warnings[0]


def test_a_publication_in_time_and_late() -> None:
    """Late is later than the six-month date, by the day on which it was published."""
    assert PUBLISHED.breaches == ()
    late = told.after(SENT, ("2027-06-22 10:00", told.published(date(2027, 6, 21))))
    assert [b.milestone for b in late.breaches] == ["cspr_publication_due"]
    recorded_late = told.after(SENT, ("2027-06-22 10:00", told.published(date(2027, 6, 18))))
    assert recorded_late.breaches == ()


def test_what_is_published_is_kept_for_its_months() -> None:
    """The last day is a working day, and never less than the months."""
    assert PUBLISHED.available_until == date(2028, 3, 13)


def test_a_sign_off_delivered_twice_changes_nothing() -> None:
    """It is known by its own id."""
    fact = told.confirmed("police")
    stands = told.after(COMMISSIONED, ("2027-03-01 10:00", told.draft()), ("2027-03-01 11:00", fact))
    assert apply(fact, stands, told.at("2027-03-01 12:00")) is stands


def test_a_refused_letter_is_sent_again_once() -> None:
    """It waits to be sent, and cannot be asked for twice meanwhile."""
    to = Recipient(kind=RecipientKind.REVIEWER, key="reviewer-one")
    task = Undelivered(key="cspr/terms/1", to=to, status="5.1.1", noticed_at=told.DECIDED)
    stands = COMMISSIONED.with_(undelivered=(task,))
    again = apply(SendAgain(letter=task.key, by=told.OFFICE), stands, told.at("2027-02-01 10:00"))
    assert again.record[-1].event is Event.LETTER_RETRIED
    with pytest.raises(Refused, match="Waiting: none"):
        apply(SendAgain(letter=task.key, by=told.OFFICE), again, told.at("2027-02-01 10:01"))


@pytest.mark.parametrize(
    ("letter", "to"),
    [
        ("cspr/full_report/1/panel", "panel"),
        ("cspr/commissioned/1/secretary-of-state/again", "secretary-of-state"),
        ("cspr/sign_off_request/1/lead/health", "lead:health"),
        ("cspr/late/partner/police", "partner:police"),
    ],
)
def test_a_letter_that_came_back_is_a_task_once(letter: str, to: str) -> None:
    """Whom it was for is read from its key; the same report delivered twice changes nothing."""
    fact = DeliveryFailed(id="bounce", letter=letter, status="5.1.1")
    stands = apply(fact, COMMISSIONED, told.at("2027-02-01 10:00"))
    assert [str(task.to) for task in stands.undelivered] == [to]
    assert apply(fact, stands, told.at("2027-02-02 10:00")) is stands


def test_a_fact_of_another_process_is_a_mistake_in_the_program() -> None:
    """No transition is written for it."""
    with pytest.raises(TypeError, match="knows no fact of type DocumentRef"):
        apply(sample.document(), told.cspr(), told.DECIDED)
