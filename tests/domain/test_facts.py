"""How each fact changes a case, and every sentence with which a fact is refused."""

import ast
import traceback
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain import facts
from domain.bookings import refuse_booked_so
from domain.case import Case, Stage
from domain.errors import Refused
from domain.facts import apply, not_taken
from domain.messages import (
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Decide,
    DeliveryFailed,
    DuplicateLinked,
    Letter,
    Message,
    PanelReplied,
    PlanLearning,
    Recipient,
    RecipientKind,
    RecordMeeting,
    Reopen,
    Replan,
    ReplanWait,
    SendAgain,
    SignOff,
    SubmitDraft,
    Withdraw,
)
from domain.recipients import agency
from domain.record import Event, Undelivered
from domain.standing import standing
from tests.sample import AGENCIES, LEADS, at, case, document, opening

WHO = "Business Officer"


def returned(**given: object) -> AgencyReturn:
    """A complete return of the police, by mail, unless told otherwise."""
    return AgencyReturn.model_validate({"id": "mail-1", "agency": "police", "kind": "complete", **given})


def added(**given: object) -> AddAgency:
    """The voluntary sector found mid-review."""
    return AddAgency.model_validate(
        {"agency": "voluntary-sector", "reason": "Named by housing.", "by": WHO, **given}
    )


def booked(**given: object) -> BookMeeting:
    """The meeting on the morning of Day 11, inside its window."""
    return BookMeeting.model_validate(
        {"starts_at": at("day 11 10:00"), "place": "Room 1", "by": WHO, **given}
    )


def held(**given: object) -> RecordMeeting:
    """The meeting held on Day 11 with every lead there, recommending no CSPR."""
    whole = {
        "held_at": at("day 11 10:00"),
        "attended": ("police", "health", "local-authority"),
        "recommendation": "no_cspr",
        "reason": "The learning is clear.",
        "by": WHO,
    }
    return RecordMeeting.model_validate({**whole, **given})


def learning(**given: object) -> PlanLearning:
    """One item of the plan to spread the learning: the police brief their teams."""
    whole = {"owner": "police", "due_on": date(2027, 2, 1), "what": "Brief every team.", "by": WHO}
    return PlanLearning.model_validate({**whole, **given})


def drafted(letter: str = "a") -> SubmitDraft:
    """A version of the draft report; another letter is another document."""
    return SubmitDraft(document=document(letter), by=WHO)


def signed(lead: str = "health", version: int = 1, **given: object) -> SignOff:
    """A lead's own confirmation."""
    whole = {"id": f"{lead}/{version}", "lead": lead, "by": f"Lead {lead}", "version": version}
    return SignOff.model_validate({**whole, "answer": "confirm", **given})


def decided(**given: object) -> Decide:
    """The leads' decision against a CSPR."""
    return Decide.model_validate({"outcome": "no_cspr", "reason": "Nothing is left.", "by": WHO, **given})


def replan(**given: object) -> Replan:
    """A re-plan on the calendar as it now is."""
    return Replan.model_validate({"reason": "A bank holiday was proclaimed.", "by": WHO, **given})


def failed(letter: str, **given: object) -> DeliveryFailed:
    """A letter of ours that came back because its mailbox does not exist."""
    return DeliveryFailed.model_validate(
        {"id": f"bounce/{letter}", "letter": letter, "status": "5.1.1"} | given
    )


def reopening() -> Reopen:
    """The office's answer that a late return changes the report."""
    return Reopen(reason="It names another household.", by=WHO)


def withdrawal() -> Withdraw:
    """The case does not meet the criteria after all."""
    return Withdraw(reason="The criteria are not met.", by=WHO)


def after(*story: tuple[str, Message], start: Case | None = None) -> Case:
    """The sample case after facts, each recorded at its moment."""
    stands = start or case()
    for when, fact in story:
        stands = apply(fact, stands, at(when))
    return stands


def confirmed_by_all(version: int = 1) -> tuple[tuple[str, Message], ...]:
    """Every lead confirms a version on the afternoon of Day 13."""
    return tuple(("day 13 15:00", signed(lead, version)) for lead in LEADS)


DRAFTED = after(("day 11 13:00", held()), ("day 13 10:00", drafted()))
SIGNED = after(*confirmed_by_all(), start=DRAFTED)
SUBMITTED = SIGNED.with_(submitted_at=at("day 13 16:00"))
DECIDED = after(("day 11 14:00", held()), ("day 12 10:00", decided()))
CONCLUDED = SUBMITTED.with_(concluded_at=at("day 14 10:00"))
UNPLANNED = Case.opened(opening(), at("day 0 15:21"))
NO_ACTION = {"action": "Tell every duty desk.", "due_on": date(2026, 12, 30)}

LATE_RETURN = after(("day 13 11:00", returned()), start=DRAFTED)
REOPENED = after(("day 13 12:00", reopening()), start=LATE_RETURN)
WITHDRAWN = after(("day 4 10:00", withdrawal()))

REFUSALS: dict[str, tuple[Case, Message, str, tuple[str, ...]]] = {
    "a return of an agency not asked": (
        case(),
        returned(agency="scouts"),
        "day 2 10:00",
        ("RR-2026-90 has not asked an agency with the key scouts", "police, icb", "add-agency"),
    ),
    "a nil return that searched for nobody": (
        case(),
        returned(kind="nil"),
        "day 2 10:00",
        ("must say who was searched for", "Give the number of people", "send it back"),
    ),
    "a return received tomorrow": (
        case(),
        returned(received_at=at("day 3 10:00")),
        "day 2 10:00",
        ("cannot have been received at Thu 10 Dec 2026 10:00", "not come yet"),
    ),
    "an answer received tomorrow": (
        DRAFTED,
        signed(received_at=at("day 14 10:00")),
        "day 13 11:00",
        ("cannot have been received at Tue 29 Dec 2026 10:00",),
    ),
    "an unknown agency added": (
        case(),
        added(agency="scouts"),
        "day 5 10:00",
        ("No agency has the key scouts", "when RR-2026-90 opened", "Known keys: police, icb"),
    ),
    "an agency added twice": (
        case(),
        added(agency="police"),
        "day 5 10:00",
        ("The police agency has already been asked on RR-2026-90",),
    ),
    "a meeting booked after it was held": (
        DRAFTED,
        booked(starts_at=at("day 15 10:00")),
        "day 13 11:00",
        ("already held on Tue 22 Dec 2026 10:00",),
    ),
    "a meeting booked in the past": (
        case(),
        booked(),
        "day 11 10:00",
        ("would start Tue 22 Dec 2026 10:00, which is past", "Give a time to come"),
    ),
    "a meeting more than a year ahead": (
        case(),
        booked(starts_at=at("day 0 15:20") + timedelta(days=400)),
        "day 1 10:00",
        ("more than a year ahead", "Check the date"),
    ),
    "an action due before its meeting": (
        case(),
        held(immediate_actions=({"agency": "police", **NO_ACTION, "due_on": "2026-12-01"},)),
        "day 11 13:00",
        ("cannot be due before the meeting that agreed it", "Check its date"),
    ),
    "a return received before the SIN": (
        case(),
        returned(received_at=at("day 0 15:20") - timedelta(days=2)),
        "day 1 10:00",
        ("before the SIN went", "Check the date"),
    ),
    "a meeting recorded twice": (
        DRAFTED,
        held(),
        "day 13 11:00",
        ("already recorded, held Tue 22 Dec 2026 10:00",),
    ),
    "a meeting recorded before it happened": (
        case(),
        held(),
        "day 11 09:59",
        ("has not happened yet", "Book it with book-meeting", "record it when it has been held"),
    ),
    "a meeting held before the review": (
        case(),
        held(held_at=at("day 0 15:19")),
        "day 11 13:00",
        ("cannot have been held before the SIN was sent", "Check both dates"),
    ),
    "a stranger at the meeting": (
        case(),
        held(attended=("police", "scouts")),
        "day 11 13:00",
        ("Unknown agency or lead: scouts", "Known keys:", "voluntary-sector"),
    ),
    "an immediate action for a stranger": (
        case(),
        held(immediate_actions=({"agency": "guides", **NO_ACTION},)),
        "day 11 13:00",
        ("Unknown agency or lead: guides", "Known keys:"),
    ),
    "a draft after every lead has confirmed": (
        SIGNED,
        drafted("b"),
        "day 13 16:00",
        ("Every lead has confirmed version 1", "on its way to the Panel"),
    ),
    "the same draft again": (
        DRAFTED,
        drafted(),
        "day 13 11:00",
        ("the same document as version 1", "Nothing was changed"),
    ),
    "a draft after the report went": (
        SUBMITTED,
        drafted("b"),
        "day 14 10:00",
        ("The report of RR-2026-90 went to the Panel on Thu 24 Dec 2026 16:00",),
    ),
    "an answer after the report went": (
        SUBMITTED,
        signed(id="again"),
        "day 14 10:00",
        ("went to the Panel on Thu 24 Dec 2026 16:00",),
    ),
    "an answer of an unknown lead": (
        DRAFTED,
        signed("scouts", by="Lead health"),
        "day 13 11:00",
        ("No strategic lead has the key scouts", "Leads of RR-2026-90: local-authority, health, police"),
    ),
    "an answer by somebody else": (
        DRAFTED,
        signed(by="Somebody Else"),
        "day 13 11:00",
        ("Only the lead or a named deputy may answer for Lead for health", "Give the name exactly"),
    ),
    "an answer by another partner's deputy": (
        DRAFTED,
        signed(by="Deputy police"),
        "day 13 11:00",
        ("Only the lead or a named deputy", "Give the name exactly"),
    ),
    "an answer to no draft": (
        case(),
        signed(),
        "day 13 11:00",
        ("No draft of RR-2026-90 is before the leads yet",),
    ),
    "an answer to a version replaced": (
        after(("day 13 11:00", drafted("b")), start=DRAFTED),
        signed(version=1),
        "day 13 12:00",
        ("Version 1 was replaced by version 2", "Read that one and answer it"),
    ),
    "an answer to a version to come": (
        DRAFTED,
        signed(version=2),
        "day 13 12:00",
        ("There is no version 2 yet", "the current one is 1"),
    ),
    "a second answer for one partner": (
        after(("day 13 11:00", signed()), start=DRAFTED),
        signed(id="deputy", by="Deputy health"),
        "day 13 12:00",
        ("Lead for health has already answered version 1", "a new version would ask again"),
    ),
    "an amendment that says nothing": (
        DRAFTED,
        signed(answer="amend"),
        "day 13 12:00",
        ("To amend, say in a note what is to change",),
    ),
    "a decision before the meeting": (
        case(),
        decided(),
        "day 12 10:00",
        ("none is recorded for RR-2026-90", "Record it with record-meeting first"),
    ),
    "a second decision": (
        DECIDED,
        decided(outcome="cspr"),
        "day 12 11:00",
        ("A decision is already recorded for RR-2026-90: no CSPR",),
    ),
    "an extension without a date": (
        case(),
        replan(extend="rfi_due", granted_by="The Panel"),
        "day 7 10:00",
        ("needs both the milestone to extend and the date",),
    ),
    "an extension of nothing": (
        case(),
        replan(to=date(2026, 12, 21), granted_by="The Panel"),
        "day 7 10:00",
        ("needs both the milestone to extend and the date",),
    ),
    "an extension nobody granted": (
        case(),
        replan(extend="rfi_due", to=date(2026, 12, 21)),
        "day 7 10:00",
        ("no right to an extension", "say who granted it"),
    ),
    "an extension of the SIN's own date": (
        case(),
        replan(extend="sin_due", to=date(2026, 12, 21), granted_by="The Panel"),
        "day 7 10:00",
        ("sin_due is not a date that can be extended", "These are: rfi_due"),
    ),
    "an extension of a notice": (
        case(),
        replan(extend="rfi_overdue", to=date(2026, 12, 21), granted_by="The Panel"),
        "day 7 10:00",
        ("rfi_overdue is not a date that can be extended", "panel_submission_due"),
    ),
    "a Day 0 to come": (
        case(),
        replan(sin_sent_at=at("day 2 10:01")),
        "day 2 10:00",
        ("cannot have been sent in the future", "Give the date on which it went"),
    ),
    "a Day 0 before the incident": (
        case(),
        replan(sin_sent_at=datetime(2026, 12, 1, 12, tzinfo=UTC)),
        "day 2 10:00",
        ("cannot have been sent before the incident", "Check both dates"),
    ),
    "nothing to send again": (
        case(),
        SendAgain(letter="request/police", by=WHO),
        "day 2 10:00",
        ("No undelivered letter request/police can be sent again on RR-2026-90", "Waiting: none"),
    ),
    "a Panel that answers no report": (
        SIGNED,
        PanelReplied(id="letter", agrees=True),
        "day 14 10:00",
        ("RR-2026-90 has not been submitted", "cannot have answered"),
    ),
    "days of a wait that is over": (
        CONCLUDED,
        ReplanWait(reason="A holiday was proclaimed", by=WHO),
        "day 15 10:00",
        ("RR-2026-90 does not wait for the Panel's answer any more",),
    ),
    "a fact of a closed case": (
        CONCLUDED,
        returned(),
        "day 15 10:00",
        ("was concluded on Tue 29 Dec 2026 10:00", "takes no more facts"),
    ),
    "learning planned before the meeting": (
        case(),
        learning(),
        "day 5 10:00",
        ("Learning is planned from the meeting of RR-2026-90", "Record the meeting first"),
    ),
    "learning due today": (
        DRAFTED,
        learning(due_on=at("day 13 12:00").date()),
        "day 13 11:00",
        ("cannot be due on", "not still to come"),
    ),
    "a fact of a case still being opened": (
        UNPLANNED,
        returned(),
        "day 0 15:22",
        ("RR-2026-90 is still being opened", "Try again in a few seconds"),
    ),
    "a fact of a case withdrawn": (WITHDRAWN, returned(), "day 5 10:00", ("RR-2026-90 was withdrawn on",)),
    "a reopening with nothing new": (DRAFTED, reopening(), "day 13 12:00", ("nothing reopens it",)),
    "a reopening of what every lead has confirmed": (
        after(("day 13 14:00", returned()), *confirmed_by_all(), start=DRAFTED),
        reopening(),
        "day 13 16:00",
        ("Every lead has confirmed version 1",),
    ),
    "a reopening twice": (REOPENED, reopening(), "day 13 13:00", ("Version 1 is reopened already",)),
    "an answer to a version reopened": (REOPENED, signed(), "day 13 13:00", ("Version 1 was reopened",)),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_says_what_and_how_to_mend(name: str) -> None:
    """The sentence says what is wrong, where, and what to do; it ends as a sentence does."""
    stands, fact, when, words = REFUSALS[name]
    with pytest.raises(Refused) as refusal:
        apply(fact, stands, at(when))
    said = str(refusal.value)
    assert [word for word in words if word not in said] == []
    assert said.endswith(".")


@pytest.mark.parametrize("name", REFUSALS)
def test_no_refusal_names_a_person(name: str) -> None:
    """Titles and keys are said; names of staff never are."""
    stands, fact, when, _ = REFUSALS[name]
    with pytest.raises(Refused) as refusal:
        apply(fact, stands, at(when))
    names = [
        WHO,
        "Somebody Else",
        "The Panel",
        *(f"Lead {key}" for key in LEADS),
        *(f"Deputy {key}" for key in LEADS),
    ]
    assert [name for name in names if name in str(refusal.value)] == []


def test_every_refusal_of_the_rules_is_among_these() -> None:
    """Each place in the module that refuses is reached by a row of the table above."""
    tree = ast.parse(Path(facts.__file__).read_text(encoding="utf-8"))
    written = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and "Refused" in ast.dump(node)]
    reached = {_line_of_refusal(*REFUSALS[name][:3]) for name in REFUSALS}
    missing = [
        n.lineno for n in written if not reached & set(range(n.lineno, (n.end_lineno or n.lineno) + 1))
    ]
    assert len(written) > 20
    assert missing == []


def _line_of_refusal(stands: Case, fact: Message, when: str) -> int:
    try:
        apply(fact, stands, at(when))
    except Refused as refusal:
        return traceback.extract_tb(refusal.__traceback__)[-1].lineno or 0
    return 0


CLOSED_TO = (
    returned(),
    added(),
    booked(),
    held(),
    learning(),
    drafted(),
    signed(id="another"),
    decided(),
    replan(),
    SendAgain(letter="x", by=WHO),
)


@pytest.mark.parametrize("fact", CLOSED_TO, ids=lambda fact: type(fact).__name__)
def test_a_closed_case_takes_nothing_more(fact: Message) -> None:
    """Whatever the fact, a concluded review refuses it."""
    with pytest.raises(Refused, match="takes no more facts"):
        apply(fact, CONCLUDED, at("day 15 10:00"))


@pytest.mark.parametrize("fact", CLOSED_TO, ids=lambda fact: type(fact).__name__)
def test_a_case_without_dates_takes_nothing_yet(fact: Message) -> None:
    """Until its dates are planned, a review asks for a few seconds."""
    with pytest.raises(Refused, match="still being opened"):
        apply(fact, UNPLANNED, at("day 0 15:22"))


@pytest.mark.parametrize("stands", [case(), CONCLUDED, WITHDRAWN], ids=["open", "concluded", "withdrawn"])
def test_a_duplicate_is_on_record_once_however_the_case_stands(stands: Case) -> None:
    """Which it was, why, and by whom; told again it changes nothing."""
    fact = DuplicateLinked(reference="RR-2026-91", reason="The same incident.", by=WHO)
    once = apply(fact, stands, at("day 20 10:00"))
    assert apply(fact, once, at("day 21 10:00")) is once
    assert once.duplicates == ("RR-2026-91",)
    assert once.record[-1].says == (
        "The same incident was put forward again, as RR-2026-91; it goes on here. The same incident."
    )
    assert standing(once, at("day 21 10:00")).duplicates == ("RR-2026-91",)


def test_an_unknown_kind_of_fact_is_a_mistake_of_ours() -> None:
    """A message that is no fact has no transition."""
    with pytest.raises(TypeError, match="knows no fact of type DocumentRef"):
        apply(document(), case(), at("day 1 10:00"))


def test_a_return_is_recorded_by_version_and_in_words() -> None:
    """A second return is the second version; both stay."""
    stands = after(
        ("day 2 10:00", returned(kind="partial")),
        ("day 4 10:00", returned(id="mail-2", recorded_by=WHO, documents=(document(),))),
    )
    versions = stands.requests["police"].returns
    assert [(v.version, str(v.kind), v.late) for v in versions] == [
        (1, "partial", False),
        (2, "complete", False),
    ]
    assert versions[1].documents == (document(),)
    assert stands.record[-1].says == "The police agency: complete return, version 2."
    assert (stands.record[-1].event, stands.record[-1].by) == (Event.RETURN_RECORDED, WHO)
    assert "police" not in stands.outstanding


def test_a_nil_return_counts_as_returned() -> None:
    """Nothing known is an answer; silence is not."""
    stands = after(("day 2 10:00", returned(kind="nil", people_searched=3)))
    assert stands.requests["police"].returned
    assert stands.requests["police"].returns[0].people_searched == 3
    assert stands.outstanding == tuple(key for key in AGENCIES if key != "police")


@pytest.mark.parametrize(
    ("received", "late", "late_by"),
    [
        ("day 8 16:59", False, 0),
        ("day 8 17:00", False, 0),
        ("day 8 17:01", True, 0),
        ("day 8 23:59", True, 0),
        ("day 9 00:01", True, 1),
        ("day 9 16:00", True, 1),
        ("day 13 10:00", True, 5),
        ("day 14 09:00", True, 6),
    ],
)
def test_how_late_a_return_is(received: str, late: bool, late_by: int) -> None:  # noqa: FBT001 - a table's column
    """Late from the minute after Day 8 17:00, by working days: Christmas and weekends do not count."""
    version = after((received, returned())).requests["police"].returns[0]
    assert (version.late, version.late_by) == (late, late_by)


@pytest.mark.parametrize(
    ("received", "words"),
    [
        ("day 8 17:01", "version 1, late by less than a working day."),
        ("day 9 10:00", "version 1, late by 1 working day."),
        ("day 10 10:00", "version 1, late by 2 working days."),
    ],
)
def test_lateness_in_words(received: str, words: str) -> None:
    """The record says by how much, and the missed date is put on record beside it."""
    stands = after((received, returned()))
    assert stands.record[-1].says.endswith(words)
    assert [(b.milestone, b.agency) for b in stands.breaches] == [("rfi_due", "police")]
    assert stands.record[-2].event is Event.DATE_BREACHED


def test_a_return_counts_from_when_it_was_received() -> None:
    """Recorded on Day 9, received on Day 8 in time: it is not late."""
    stands = after(("day 9 10:00", returned(received_at=at("day 8 16:00"))))
    assert not stands.requests["police"].returns[0].late
    assert stands.breaches == ()


def test_a_clock_five_minutes_ahead_is_believed() -> None:
    """A sender's clock may run a little fast; six minutes are too many."""
    now = at("day 2 10:00")
    fast = returned(received_at=now + timedelta(minutes=5))
    assert apply(fast, case(), now).requests["police"].returned
    with pytest.raises(Refused):
        apply(returned(received_at=now + timedelta(minutes=6)), case(), now)


def test_a_return_after_the_draft_asks_whether_to_reopen() -> None:
    """It is taken, kept for the office to be told of, and warned of."""
    stands = after(("day 13 11:00", returned()), start=DRAFTED)
    assert stands.late_returns == ("police/1",)
    assert stands.record[-1].warnings == ("It came after the draft report: consider whether to reopen.",)
    assert DRAFTED.late_returns == ()


def test_a_return_before_the_draft_warns_of_nothing() -> None:
    """An ordinary return needs nobody's attention."""
    stands = after(("day 3 11:00", returned()))
    assert (stands.late_returns, stands.record[-1].warnings) == ((), ())


def test_an_agency_is_added_with_its_own_date() -> None:
    """Five working days from when it was found; the reason is in the record."""
    stands = after(("day 4 10:00", added()))
    assert stands.requests["voluntary-sector"].due == at("day 9 17:00")
    assert stands.record[-1].says == (
        "The voluntary-sector agency added; its return is due Fri 18 Dec 2026 17:00. Named by housing."
    )
    assert (stands.record[-1].event, stands.record[-1].by) == (Event.AGENCY_ADDED, WHO)
    assert stands.timetable == case().timetable


def test_a_meeting_is_booked_and_moved() -> None:
    """The first booking has sequence 0; each move is one more."""
    stands = after(("day 1 10:00", booked()), ("day 2 10:00", booked(starts_at=at("day 12 10:00"))))
    assert stands.meeting is not None
    assert (stands.meeting.sequence, stands.meeting.booked_at) == (1, at("day 2 10:00"))
    assert [e.event for e in stands.record[-2:]] == [Event.MEETING_BOOKED, Event.MEETING_MOVED]
    assert stands.record[-1].says == "Meeting on Wed 23 Dec 2026 10:00."


def test_a_meeting_booked_a_second_time_as_it_stands_is_refused() -> None:
    """Whoever types it, nobody is told of a move that is none."""
    with pytest.raises(Refused, match=r"is booked so already, on Tue 22 Dec 2026 10:00\. .* nothing more"):
        refuse_booked_so(booked(by="Somebody Else"), after(("day 1 10:00", booked())))
    refuse_booked_so(booked(), case())


@pytest.mark.parametrize("change", [{"place": "Room 2"}, {"minutes": 90}])
def test_a_meeting_at_the_same_hour_but_otherwise_is_moved(change: dict[str, object]) -> None:
    """Another room or length is news for whoever was invited."""
    refuse_booked_so(booked(**change), after(("day 1 10:00", booked())))


@pytest.mark.parametrize(
    ("starts", "warned"),
    [
        ("day 10 08:59", True),
        ("day 10 09:00", False),
        ("day 12 17:00", False),
        ("day 12 17:01", True),
    ],
)
def test_a_meeting_outside_its_window_is_booked_with_a_warning(starts: str, warned: bool) -> None:  # noqa: FBT001 - a table's column
    """Days 10 to 12 are advice: any time to come is taken."""
    stands = after(("day 1 10:00", booked(starts_at=at(starts))))
    warning = (
        "The meeting is outside its window, Mon 21 Dec 2026 09:00 to Wed 23 Dec 2026 17:00. "
        "It was booked all the same."
    )
    assert stands.record[-1].warnings == ((warning,) if warned else ())


def test_a_meeting_held_in_time_breaches_nothing() -> None:
    """Held on the last minute of Day 12, recorded on Day 14."""
    stands = after(("day 14 10:00", held(held_at=at("day 12 17:00"))))
    assert (stands.breaches, stands.stage) == ((), Stage.DRAFTING)
    assert stands.record[-1].says.startswith("Meeting held Wed 23 Dec 2026 17:00; it recommends no CSPR.")


def test_a_meeting_held_as_the_review_opened_is_taken() -> None:
    """The first minute of the review is not before it."""
    assert after(("day 1 10:00", held(held_at=case().opened_at))).held is not None


def test_a_meeting_held_late_is_a_missed_date() -> None:
    """A minute after Day 12 17:00 is late."""
    stands = after(("day 14 10:00", held(held_at=at("day 12 17:01"))))
    assert [b.milestone for b in stands.breaches] == ["meeting_window_closes"]


def test_a_lead_who_did_not_come_is_said() -> None:
    """The meeting is recorded; the leads who were missing are named by title."""
    stands = after(("day 11 13:00", held(attended=("police", "hospital"))))
    assert stands.record[-1].warnings == (
        (
            "The meeting was not quorate by partner. No strategic lead came of: "
            "Lead for local-authority, Lead for health."
        ),
    )


def test_a_draft_late_on_its_day_is_a_missed_date_once() -> None:
    """Only the first version can miss Day 13; the second is not measured."""
    stands = after(("day 13 17:01", drafted()), ("day 14 10:00", drafted("b")))
    assert [b.milestone for b in stands.breaches] == ["draft_due"]
    assert after(("day 13 17:00", drafted())).breaches == ()
    assert after(("day 13 17:00", drafted()), ("day 14 10:00", drafted("b"))).breaches == ()


def test_learning_is_planned_and_numbered_after_the_meetings_actions() -> None:
    """The number said is the one under which it is followed up later."""
    action = {"agency": "housing", **NO_ACTION}
    stands = after(("day 11 13:00", held(immediate_actions=[action])), ("day 11 14:00", learning()))
    assert [item.owner for item in stands.learning] == ["police"]
    assert stands.record[-1].event is Event.LEARNING_PLANNED
    assert stands.record[-1].says.startswith("Learning action 2 planned for The police agency, due Mon 1 Feb")


def test_learning_due_on_a_saturday_says_the_monday_that_counts() -> None:
    """The receipt names the day by which it is late."""
    met = after(("day 11 13:00", held()))
    saturday = PlanLearning(
        owner="police", due_on=date(2027, 1, 30), what="Brief every desk", by="Business Officer"
    )
    says = after(("day 12 10:00", saturday), start=met).record[-1].says
    assert says.endswith("due Mon 1 Feb 2027, as Sat 30 Jan 2027 is not a working day.")


def test_a_draft_before_the_meeting_is_taken_with_a_warning() -> None:
    """The office may draft first, and is reminded to record the meeting."""
    stands = after(("day 9 10:00", drafted()))
    assert stands.record[-1].warnings == ("No meeting has been recorded yet. Record it with record-meeting.",)
    assert DRAFTED.record[-1].warnings == ()
    assert (DRAFTED.record[-1].event, DRAFTED.record[-1].by) == (Event.DRAFT_SUBMITTED, WHO)


def test_a_new_version_asks_every_lead_again() -> None:
    """Answers to an older version stay on record and count no more."""
    stands = after(("day 13 11:00", signed()), ("day 13 12:00", drafted("b")), start=DRAFTED)
    assert (stands.unanswered, len(stands.signatures)) == (LEADS, 1)
    assert not stands.signed


def test_a_deputy_answers_once_for_the_partner() -> None:
    """The answer is the lead's, marked as a deputy's, and the lead is not asked again."""
    stands = after(("day 13 11:00", signed(by="Deputy health")), start=DRAFTED)
    assert stands.answers["health"].by_deputy
    assert stands.record[-1].says == "Lead for health confirmed version 1, answered by a deputy for the lead."
    assert stands.record[-1].by == "Deputy health"
    with pytest.raises(Refused, match="already answered"):
        after(("day 13 12:00", signed(id="lead", by="Lead health")), start=stands)


def test_an_amendment_stops_the_version() -> None:
    """One lead amends: nothing is signed, though the others confirm."""
    amends = signed(answer="amend", note="Say more of the learning.")
    others = [("day 13 12:00", signed(lead)) for lead in LEADS if lead != "health"]
    stands = after(("day 13 11:00", amends), *others, start=DRAFTED)
    assert (stands.amended, stands.signed, stands.stage) == (True, False, Stage.DRAFTING)
    assert stands.record[-3].says == "Lead for health asked to amend version 1. Say more of the learning."
    assert stands.record[-3].event is Event.SIGN_OFF_AMENDED


def test_signed_only_when_every_lead_has_confirmed() -> None:
    """Two of three is not signed; the third makes it so."""
    for count in range(len(LEADS) + 1):
        stands = after(*confirmed_by_all()[:count], start=DRAFTED)
        assert stands.signed == (count == len(LEADS))


def test_an_answer_counts_from_when_it_was_received() -> None:
    """An answer by mail keeps the moment of its arrival."""
    stands = after(("day 13 12:00", signed(received_at=at("day 13 10:30"))), start=DRAFTED)
    assert stands.signatures[0].received_at == at("day 13 10:30")


def test_a_decision_against_the_recommendation_is_warned_of() -> None:
    """The leads decide; the difference is on record."""
    stands = after(("day 12 10:00", decided(outcome="cspr")), start=DRAFTED)
    assert stands.record[-1].warnings == ("The meeting recommended no CSPR; the decision differs.",)
    assert stands.record[-1].says == "The leads decided: a CSPR. Nothing is left."
    assert DECIDED.record[-1].warnings == ()


def test_a_replan_waits_for_the_calendar() -> None:
    """Before the calendar is asked, a re-plan that can be taken changes nothing."""
    fact = replan(extend="draft_due", to=date(2026, 12, 29), granted_by="The Panel")
    assert apply(fact, case(), at("day 9 10:00")) == case()


def test_a_day_0_of_this_very_minute_is_taken() -> None:
    """Only what lies ahead is refused."""
    now = at("day 2 10:00")
    assert apply(replan(sin_sent_at=now), case(), now) == case()


def test_a_day_0_of_the_incidents_own_day_in_london_is_taken() -> None:
    """Half past eleven at night UTC in July is the next day in London, the day of the incident."""
    stands = case()
    sin = stands.opening.sin.model_copy(update={"incident_on": date(2026, 7, 10)})
    stands = stands.with_(opening=stands.opening.model_copy(update={"sin": sin}))
    fact = replan(sin_sent_at=datetime(2026, 7, 9, 23, 30, tzinfo=UTC))
    assert apply(fact, stands, at("day 1 10:00")) == stands


def undelivered(letter: str = "request/police") -> Case:
    """The case with one letter refused by the receiving server."""
    kept = Letter(key=letter, template="request-for-information", to=agency("police"), facts={})
    task = Undelivered(key=letter, to=kept.to, status="5.1.1", noticed_at=at("day 0 15:30"), letter=kept)
    return case().with_(undelivered=(task,))


def test_a_refused_letter_is_sent_again_when_asked() -> None:
    """Asked once, it waits to be sent; asked twice, it is refused."""
    stands = after(("day 1 10:00", SendAgain(letter="request/police", by=WHO)), start=undelivered())
    assert stands.undelivered[0].again_at == at("day 1 10:00")
    assert (stands.record[-1].says, stands.record[-1].by) == ("request/police is sent again.", WHO)
    with pytest.raises(Refused, match="Waiting: none"):
        after(("day 1 10:05", SendAgain(letter="request/police", by=WHO)), start=stands)


def test_another_letter_than_those_waiting_is_not_sent_again() -> None:
    """The sentence names the letters that are waiting."""
    with pytest.raises(Refused, match="Waiting: request/police"):
        after(("day 1 10:00", SendAgain(letter="reminder/1/police", by=WHO)), start=undelivered())


def test_a_letter_that_comes_back_is_a_task() -> None:
    """It is noted with the letter and the code, and nothing else."""
    stands = after(("day 1 10:00", failed("request/icb")))
    task = stands.undelivered[0]
    assert (task.key, task.status, task.noticed_at) == ("request/icb", "5.1.1", at("day 1 10:00"))
    assert task.to == Recipient(kind=RecipientKind.AGENCY, key="icb")
    assert stands.record[-1].says == "The letter request/icb came back (5.1.1)."


def test_a_request_that_came_back_is_written_anew_and_any_other_letter_is_settled_by_hand() -> None:
    """The one letter that must arrive can be sent again; the office telephones about the others."""
    back = after(("day 6 10:00", failed("request/icb")), ("day 6 10:05", failed("reminder/1/gp")))
    stands = after(
        ("day 6 11:00", SendAgain(letter="request/icb", by=WHO)),
        ("day 6 11:05", SendAgain(letter="reminder/1/gp", by=WHO)),
        start=back,
    )
    assert [(u.again_at, u.settled) for u in stands.undelivered] == [(at("day 6 11:00"), False), (None, True)]
    assert stands.record[-1].says.startswith("reminder/1/gp is noted as dealt with by hand")
    with pytest.raises(Refused, match="Waiting: none"):
        after(("day 6 11:10", SendAgain(letter="reminder/1/gp", by=WHO)), start=stands)


def test_the_panels_answer_is_put_on_record() -> None:
    """Whether it agrees, in words."""
    agreed = after(("day 15 10:00", PanelReplied(id="letter", agrees=True)), start=SUBMITTED)
    differed = after(("day 15 10:00", PanelReplied(id="letter", agrees=False)), start=SUBMITTED)
    assert agreed.record[-1].says == "The Panel answered: it agrees with the decision."
    assert differed.record[-1].says == "The Panel answered: it does not agree with the decision."


@pytest.mark.parametrize(
    ("stands", "fact"),
    [
        (case(), returned()),
        (DRAFTED, signed()),
        (case(), failed("request/icb")),
        (SUBMITTED, PanelReplied(id="letter", agrees=True)),
    ],
    ids=lambda given: type(given).__name__,
)
def test_the_same_message_twice_changes_nothing(stands: Case, fact: Message) -> None:
    """A mail or hook delivered twice is known by its own id, even after the review has closed."""
    once = apply(fact, stands, at("day 15 10:00"))
    closed = once.with_(concluded_at=at("day 15 11:00"))
    assert apply(fact, once, at("day 15 12:00")) == once
    assert apply(fact, closed, at("day 15 12:00")) == closed


@pytest.mark.parametrize(
    "fact", [added(), booked(starts_at=at("day 15 10:00"))], ids=lambda f: type(f).__name__
)
def test_nobody_is_asked_or_invited_once_the_report_went(fact: Message) -> None:
    """No request and no invitation leaves any more, so the command is not taken as if one would."""
    with pytest.raises(Refused, match="went to the Panel"):
        apply(fact, SUBMITTED, at("day 14 10:00"))


def test_a_fact_that_cannot_be_taken_is_not_lost() -> None:
    """A signal that was refused leaves its reason in the record."""
    stands = not_taken(case(), Refused("Because."), at("day 1 10:00"))
    assert (stands.record[-1].event, stands.record[-1].says) == (Event.FACT_NOT_TAKEN, "Because.")


@pytest.mark.parametrize("fact", [returned(), added(), booked(), replan()], ids=lambda f: type(f).__name__)
def test_a_fact_leaves_the_given_case_as_it_was(fact: Message) -> None:
    """Applying is pure: a validator may apply and discard; the same again gives the same."""
    stands, before = case(), case().model_dump_json()
    first, second = (apply(fact, stands, at("day 4 10:00")) for _ in range(2))
    assert first == second
    assert stands.model_dump_json() == before
