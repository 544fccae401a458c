"""What is written, to whom, at each step: the template, the facts, the attachments, the key."""

from collections import Counter
from datetime import date

import pytest

from domain.case import Case
from domain.facts import apply
from domain.letters import letters
from domain.messages import Attachment, Letter, Message, RecipientKind, SendAgain
from domain.plans import moves
from domain.steps import StepKind, _open_steps
from tests.domain.test_deciding import DIFFERING, DISAGREED, ENDED, MET_AFTERWARDS
from tests.domain.test_facts import (
    DRAFTED,
    SIGNED,
    SUBMITTED,
    WHO,
    added,
    after,
    booked,
    confirmed_by_all,
    drafted,
    failed,
    held,
    returned,
    signed,
    withdrawal,
)
from tests.domain.test_performing import caught_up, lived
from tests.domain.test_steps import (
    ACTIONS,
    AMENDED,
    ASKED,
    ASKED_AND_REOPENED,
    MET_LATE,
    ON_THE_REPORT,
    REFUSED,
    SOON,
    every_step,
    extended,
)
from tests.sample import AGENCIES, LEADS, at, case, document

LEADS_TO = [f"lead:{key}" for key in LEADS]
AGENCIES_TO = [f"agency:{key}" for key in AGENCIES]


def written(stands: Case, key: str, when: str = "") -> tuple[Letter, ...]:
    """The letters of one open step, at its own moment unless told otherwise."""
    step = next(step for step in every_step(stands) if step.key == key)
    return letters(stands, step, at(when) if when else step.due)


def told(posted: tuple[Letter, ...]) -> list[tuple[str, str]]:
    """Each letter's template and whom it is to."""
    return [(one.template, str(one.to)) for one in posted]


def same(template: str, *to: str) -> list[tuple[str, str]]:
    """One template, to several."""
    return [(template, one) for one in to]


TOLD: dict[StepKind, tuple[Case, str, list[tuple[str, str]]]] = {
    StepKind.REQUEST: (
        case(),
        "request/2026-12-07T152100Z",
        [*same("request-for-information", *AGENCIES_TO), *same("review-opened", *LEADS_TO)],
    ),
    StepKind.MEETING_NUDGE: (ASKED, "meeting_nudge", [("meeting-nudge", "office")]),
    StepKind.CHECKPOINT: (ASKED, "agency_checkpoint", [("agency-checkpoint", "office")]),
    StepKind.REMINDER: (
        after(("day 2 10:00", returned()), start=ASKED),
        "reminder/2026-12-15",
        same("reminder", *(to for to in AGENCIES_TO if to != "agency:police")),
    ),
    StepKind.OVERDUE: (
        after(
            *(("day 2 10:00", returned(id=key, agency=key)) for key in AGENCIES[2:]),
            start=lived(ASKED, at("day 8 10:00"))[0],
        ),
        "overdue/2026-12-18",
        [
            ("overdue", "agency:police"),
            ("overdue-representative", "representative:police"),
            ("overdue", "agency:icb"),
            ("overdue-representative", "representative:icb"),
        ],
    ),
    StepKind.ESCALATION: (
        after(
            *(("day 2 10:00", returned(id=key, agency=key)) for key in AGENCIES[3:]),
            start=lived(ASKED, at("day 9 10:00"))[0],
        ),
        "escalation/2026-12-21",
        [("escalation", "lead:health"), ("escalation", "lead:police"), ("escalation-digest", "office")],
    ),
    StepKind.INVITATION: (
        after(("day 1 10:00", booked()), start=ASKED),
        "invitation/0",
        same("invitation", *AGENCIES_TO, *LEADS_TO, "office"),
    ),
    StepKind.MEETING_ESCALATION: (ASKED, "meeting_escalation", same("meeting-not-held", "office", *LEADS_TO)),
    StepKind.SIGN_OFF_REQUEST: (
        after(("day 13 11:00", signed()), start=DRAFTED),
        "sign_off_request/1",
        same("sign-off-request", "lead:local-authority", "lead:police"),
    ),
    StepKind.DRAFT_ESCALATION: (ASKED, "draft_escalation", same("draft-missing", "office", *LEADS_TO)),
    StepKind.SIGN_OFF_REMINDER: (
        after(("day 13 11:00", signed()), start=DRAFTED),
        "sign_off_reminder",
        same("sign-off-reminder", "lead:local-authority", "lead:police"),
    ),
    StepKind.AMENDMENT: (AMENDED, "amendment/1", [("amendment", "office")]),
    StepKind.REOPENING: (ASKED_AND_REOPENED, "reopening/1", same("report-reopened", *LEADS_TO)),
    StepKind.SUBMISSION: (
        after(
            ("day 11 13:00", held(immediate_actions=ACTIONS)),
            ("day 13 10:00", drafted()),
            *confirmed_by_all(),
        ),
        "submission/1",
        [
            ("submission", "panel"),
            ("submission-copy", "ofsted"),
            ("immediate-actions", "agency:police"),
            ("immediate-actions", "lead:health"),
        ],
    ),
    StepKind.ACTIONS: (
        MET_LATE,
        "immediate_actions",
        same("immediate-actions", "agency:police", "lead:health"),
    ),
    StepKind.FOLLOW_UP: (SOON, "follow_up/1/opened", [("follow-up-opened", "agency:housing")]),
    StepKind.SUBMISSION_ESCALATION: (
        ASKED,
        "submission_escalation",
        same("submission-late", "office", *LEADS_TO, *(f"partner:{key}" for key in LEADS)),
    ),
    StepKind.DECISION_NUDGE: (SUBMITTED, "decision_nudge/1", [("decision-nudge", "office")]),
    StepKind.DATES_MOVED: (
        extended(after(("day 2 10:00", returned()), start=ASKED)),
        "dates_moved/2",
        same("dates-moved", *(to for to in AGENCIES_TO if to != "agency:police"), *LEADS_TO),
    ),
    StepKind.RETURN_RECEIVED: (
        after(("day 2 10:00", returned(by_mail=True)), start=ASKED),
        "return_received/1/police",
        [("return-received", "agency:police")],
    ),
    StepKind.HOW_TO_SIGN: (
        after(("day 13 11:00", ON_THE_REPORT), start=DRAFTED),
        "how_to_sign/1/health",
        [("how-to-sign", "lead:health")],
    ),
    StepKind.RETURN_AFTER_DRAFT: (
        after(("day 13 11:00", returned()), start=DRAFTED),
        "return_after_draft/police/1",
        [("return-after-draft", "office")],
    ),
    StepKind.VIEW_REQUEST: (MET_AFTERWARDS, "view_request/1", same("view-request", *LEADS_TO)),
    StepKind.DISAGREEMENT: (
        DIFFERING,
        "disagreement/1",
        same("disagreement", *(f"partner:{key}" for key in LEADS), "office"),
    ),
    StepKind.PANEL_NUDGE: (ENDED, "panel_nudge/1", [("panel-nudge", "office")]),
    StepKind.RECONSIDERATION_NUDGE: (
        DISAGREED,
        "reconsideration_nudge/1-1",
        [("reconsideration-nudge", "office")],
    ),
    StepKind.WITHDRAWAL: (
        after(("day 1 10:00", withdrawal()), start=ASKED),
        "withdrawal",
        same("withdrawn", *AGENCIES_TO, *LEADS_TO),
    ),
    StepKind.UNDELIVERED: (
        after(("day 1 10:00", failed("request/icb")), start=ASKED),
        "undelivered/request/icb",
        [("undelivered", "office")],
    ),
    StepKind.RESENDING: (
        after(("day 14 10:00", SendAgain(letter="submission/1/panel", by=WHO)), start=REFUSED),
        "resending/submission/1/panel",
        [("submission", "panel")],
    ),
}
"""For every kind of step: a case in which it is open, its key, and whom it writes to with which template."""


@pytest.mark.parametrize("kind", StepKind)
def test_who_is_written_to(kind: StepKind) -> None:
    """Everyone the guide says hears, nobody else, in the partnership's order."""
    stands, key, to = TOLD[kind]
    assert told(written(stands, key)) == to


@pytest.mark.parametrize("kind", StepKind)
def test_no_two_letters_of_a_step_have_the_same_key(kind: StepKind) -> None:
    """The ledger knows a letter by its key: a second one of the same key would never go."""
    stands, key, _ = TOLD[kind]
    twice = [key for key, count in Counter(one.key for one in written(stands, key)).items() if count > 1]
    assert twice == []


def test_no_key_of_a_letter_repeats_over_a_whole_review() -> None:
    """Meetings moved, dates moved, two versions, late returns, every chaser, to the end."""
    stands = after(("day 1 10:00", booked()), start=case())
    stands, first = lived(stands, at("day 7 12:00"))
    stands, second = lived(extended(stands, "draft_due", date(2026, 12, 29)), at("day 8 10:00"))
    stands, third = lived(
        after(("day 8 10:00", booked(starts_at=at("day 12 10:00"))), start=stands), at("day 13 09:30")
    )
    stands = after(
        ("day 13 09:40", drafted()), ("day 13 11:00", signed(answer="amend", note="Say more.")), start=stands
    )
    stands, fourth = lived(stands, at("day 13 12:00"))
    stands = after(("day 13 13:00", drafted("b")), ("day 13 14:00", returned()), start=stands)
    stands, fifth = lived(stands, at("day 16 12:00"))
    answers = (("day 16 12:30", signed(lead, 2)) for lead in LEADS)
    stands, sixth = caught_up(after(*answers, start=stands), at("day 16 13:00"))
    posted = [*first, *second, *third, *fourth, *fifth, *sixth]
    assert stands.submitted_at == at("day 16 13:00")
    assert [key for key, count in Counter(one.key for one in posted).items() if count > 1] == []


def test_a_request_says_when_it_is_due_and_how_that_was_counted() -> None:
    """With the form, and the sealed list of whom to search for."""
    one = written(case(), "request/2026-12-07T152100Z")[0]
    assert one.facts == {
        "agency": "The police agency",
        "due": "Thu 17 Dec 2026 17:00",
        "explanation": case().timetable["rfi_due"].explanation,
        "sin_sent": "Mon 7 Dec 2026 15:20",
    }
    assert one.attach == (Attachment.REQUEST_FORM, Attachment.SUBJECTS)


def test_an_agency_asked_later_is_told_of_its_own_date() -> None:
    """It alone is written to, and its date explains itself."""
    stands = after(("day 4 10:00", added()), start=ASKED)
    posted = written(stands, "request/2026-12-11T100000Z")
    assert told(posted) == [("request-for-information", "agency:voluntary-sector")]
    assert posted[0].facts["due"] == "Fri 18 Dec 2026 17:00"
    assert posted[0].facts["explanation"] == (
        "This agency was asked on Fri 11 Dec 2026 10:00 and has its own due date."
    )


def test_a_lead_is_told_of_the_whole_review_as_it_opens() -> None:
    """Every date that leads work to, and who is asked."""
    one = written(case(), "request/2026-12-07T152100Z")[len(AGENCIES)]
    assert one.facts == {
        "lead": "Lead for local-authority",
        "rfi_due": "Thu 17 Dec 2026 17:00",
        "meeting_window": "Mon 21 Dec 2026 09:00 to Wed 23 Dec 2026 17:00",
        "draft_due": "Thu 24 Dec 2026 17:00",
        "panel_due": "Wed 30 Dec 2026 17:00",
        "explanation": case().timetable["panel_submission_due"].explanation,
        "agencies": [f"The {key} agency" for key in AGENCIES],
    }


def test_the_nudge_says_the_window_and_day_15() -> None:
    """What the office needs to book a meeting."""
    assert written(ASKED, "meeting_nudge")[0].facts == {
        "meeting_window": "Mon 21 Dec 2026 09:00 to Wed 23 Dec 2026 17:00",
        "panel_due": "Wed 30 Dec 2026 17:00",
    }


def test_the_checkpoint_lists_who_was_asked_and_who_has_returned() -> None:
    """The office sees whether another agency is to be asked."""
    stands = after(("day 2 10:00", returned()), start=ASKED)
    assert written(stands, "agency_checkpoint")[0].facts == {
        "asked": [f"The {key} agency" for key in AGENCIES],
        "returned": ["The police agency"],
        "outstanding": [f"The {key} agency" for key in AGENCIES if key != "police"],
    }


def test_a_reminder_is_numbered_and_has_a_stable_key() -> None:
    """The second to the police is that of `docs/decisions`: reminder/2/police."""
    stands, _ = lived(ASKED, at("day 6 10:00"))
    one = written(stands, "reminder/2026-12-16")[0]
    assert one.facts == {"agency": "The police agency", "due": "Thu 17 Dec 2026 17:00", "number": "2"}
    assert one.key.startswith("reminder/2/")
    assert one.key.endswith("police")


def test_an_overdue_notice_says_the_date_in_force() -> None:
    """To the agency and to its representative alike."""
    stands, key, _ = TOLD[StepKind.OVERDUE]
    assert {str(one.facts) for one in written(stands, key)[:2]} == {
        str({"agency": "The police agency", "due": "Thu 17 Dec 2026 17:00"})
    }


def test_an_escalation_is_one_digest_for_each_lead() -> None:
    """Each lead hears of the agencies that answer to them, the office of all."""
    stands, key, _ = TOLD[StepKind.ESCALATION]
    health, police, office = written(stands, key)
    due = "Thu 17 Dec 2026 17:00"
    assert health.facts == {
        "lead": "Lead for health",
        "agencies": ["The icb agency", "The hospital agency"],
        "due": due,
    }
    assert police.facts == {"lead": "Lead for police", "agencies": ["The police agency"], "due": due}
    assert office.facts == {
        "agencies": ["The police agency", "The icb agency", "The hospital agency"],
        "due": due,
    }


def test_an_escalation_says_from_when_the_returns_of_its_own_agencies_were_due() -> None:
    """An agency found mid-review has its own date: its lead is not told another lead's."""
    stands = after(("day 5 10:00", added()), start=lived(case(), at("day 5 09:30"))[0])
    others = (("day 6 10:00", returned(id=key, agency=key)) for key in AGENCIES[1:])
    stands, _ = lived(after(*others, start=stands), at("day 9 12:00"))
    key = next(step.key for step in _open_steps(stands) if step.kind is StepKind.ESCALATION)
    council, police, office = written(stands, key, "day 13 09:00")
    assert council.facts["agencies"] == ["The voluntary-sector agency"]
    assert [one.facts["due"] for one in (council, police, office)] == [
        "Mon 21 Dec 2026 17:00",
        "Thu 17 Dec 2026 17:00",
        "Thu 17 Dec 2026 17:00",
    ]


def test_an_invitation_carries_the_meeting_for_the_calendar() -> None:
    """Where, when, how long; a meeting moved says so and raises its sequence."""
    stands = after(
        ("day 1 10:00", booked(minutes=90)),
        ("day 2 10:00", booked(starts_at=at("day 12 10:00"))),
        start=ASKED,
    )
    one = written(stands, "invitation/1")[0]
    assert one.facts == {
        "starts": "Wed 23 Dec 2026 10:00",
        "minutes": "120",
        "place": "Room 1",
        "moved": "yes",
    }
    assert one.attach == (Attachment.INVITATION,)
    assert one.invitation is not None
    assert (
        one.invitation.starts_at,
        one.invitation.minutes,
        one.invitation.place,
        one.invitation.sequence,
    ) == (
        at("day 12 10:00"),
        120,
        "Room 1",
        1,
    )


def test_a_first_invitation_is_not_a_move() -> None:
    """Its fact is empty and its sequence 0."""
    one = written(after(("day 1 10:00", booked()), start=ASKED), "invitation/0")[0]
    assert one.facts["moved"] == ""
    assert one.invitation is not None
    assert one.invitation.sequence == 0


@pytest.mark.parametrize(
    ("key", "due"),
    [("meeting_escalation", "Wed 23 Dec 2026 17:00"), ("draft_escalation", "Thu 24 Dec 2026 17:00")],
)
def test_what_is_missing_was_due(key: str, due: str) -> None:
    """The office and the leads are told the date that passed."""
    assert {str(one.facts) for one in written(ASKED, key)} == {str({"due": due})}


def test_a_late_report_says_who_is_waited_for() -> None:
    """The draft itself, or the leads who have not answered it."""
    none = written(ASKED, "submission_escalation")
    some = written(after(("day 13 11:00", signed()), start=DRAFTED), "submission_escalation")
    assert none[0].facts == {"due": "Wed 30 Dec 2026 17:00", "waiting_for": ["the draft report"]}
    assert some[-1].facts["waiting_for"] == ["Lead for local-authority", "Lead for police"]


def test_a_late_report_that_was_amended_waits_for_its_next_version() -> None:
    """Every lead has answered and one amends: what is waited for is never nothing."""
    others = (("day 13 12:00", signed(key)) for key in LEADS if key != "health")
    stands = after(*others, start=AMENDED)
    assert written(stands, "submission_escalation")[0].facts["waiting_for"] != []


def test_a_lead_is_asked_to_sign_with_the_report_itself() -> None:
    """The version, Day 15, and whether a deputy may answer."""
    stands = after(("day 13 12:00", drafted("b")), start=AMENDED)
    one = written(stands, "sign_off_request/2")[1]
    assert one.facts == {
        "lead": "Lead for health",
        "version": "2",
        "due": "Wed 30 Dec 2026 17:00",
        "deputies_allowed": "yes",
        "criteria": [],
        "statement": "",
    }
    assert one.documents == (document("b"),)


def test_a_lead_without_deputies_is_not_told_of_any() -> None:
    """The fact is empty."""
    roster = DRAFTED.opening.roster
    alone = roster.leads["health"].model_copy(update={"deputies": ()})
    changed = roster.model_copy(update={"leads": {**roster.leads, "health": alone}})
    stands = DRAFTED.with_(opening=DRAFTED.opening.model_copy(update={"roster": changed}))
    assert [one.facts["deputies_allowed"] for one in written(stands, "sign_off_request/1")] == [
        "yes",
        "",
        "yes",
    ]


def test_a_reminder_to_sign_names_the_version() -> None:
    """And Day 15."""
    assert written(DRAFTED, "sign_off_reminder")[0].facts == {
        "lead": "Lead for local-authority",
        "version": "1",
        "due": "Wed 30 Dec 2026 17:00",
    }


def test_an_amendment_names_the_lead_who_asked_for_it() -> None:
    """A lead who confirmed, with a word of thanks, is not said to have amended."""
    stands = after(
        ("day 13 10:30", signed("police", note="Thank you.")),
        ("day 13 11:00", signed(answer="amend", note="Say more.")),
        start=DRAFTED,
    )
    assert written(stands, "amendment/1")[0].facts == {
        "lead": "Lead for health",
        "version": "1",
        "next_version": "2",
    }


def test_the_panel_is_told_who_signed_and_gets_the_report() -> None:
    """By title, and whether by a deputy; Ofsted gets the same document and not the signatures."""
    stands = after(
        ("day 13 15:00", signed("local-authority")),
        ("day 13 15:00", signed("health", by="Deputy health")),
        ("day 13 15:00", signed("police")),
        start=DRAFTED,
    )
    panel, ofsted = written(stands, "submission/1")
    assert panel.facts == {
        "sin_reference": "SIN-90",
        "version": "1",
        "sent": "Thu 24 Dec 2026 15:00",
        "signed": ["Lead for local-authority", "Lead for health, by a deputy", "Lead for police"],
    }
    assert ofsted.facts == {key: value for key, value in panel.facts.items() if key != "signed"}
    assert panel.documents == ofsted.documents == (document(),)


def test_immediate_actions_go_to_each_agency_or_lead_in_one_letter() -> None:
    """With its own actions alone, sealed, and the earliest of their dates."""
    stands, key, _ = TOLD[StepKind.SUBMISSION]
    police, health = written(stands, key)[2:]
    assert police.facts == {"agency": "The police agency", "count": "2", "due": "Tue 29 Dec 2026"}
    assert [one.action for one in police.actions] == ["Tell every duty desk.", "Tell every night desk."]
    assert health.facts == {"agency": "Lead for health", "count": "1", "due": "Wed 30 Dec 2026"}
    assert police.attach == health.attach == (Attachment.ACTIONS,)


def test_the_nudge_to_decide_says_when_the_report_went() -> None:
    """In London time."""
    assert written(SUBMITTED, "decision_nudge/1")[0].facts == {"sent": "Thu 24 Dec 2026 16:00"}


def test_dates_moved_says_each_old_and_new_date() -> None:
    """Of the dates that people work to, and of no other."""
    stands = extended(ASKED)
    moved = ["Request for Information due: was Thu 17 Dec 2026 17:00, now Tue 22 Dec 2026 17:00"]
    assert written(stands, "dates_moved/2")[0].facts == {"moved": moved}
    assert moves(ASKED.timetable, stands.timetable) == moved


def test_a_return_after_the_draft_says_of_which_agency_and_kind() -> None:
    """The office decides whether to reopen."""
    stands = after(("day 13 11:00", returned(kind="partial")), start=DRAFTED)
    assert written(stands, "return_after_draft/police/1")[0].facts == {
        "agency": "The police agency",
        "kind": "partial",
        "version": "1",
    }


def test_an_undelivered_letter_is_named_by_its_key() -> None:
    """Whom it was for in plain facts, and the code: never an address."""
    posted = written(*TOLD[StepKind.UNDELIVERED][:2])
    assert posted[0].facts == {"letter": "request/icb", "recipient": "The icb agency", "status": "5.1.1"}


def test_a_letter_sent_again_is_the_same_under_its_own_key() -> None:
    """Everything but the key is what was refused."""
    task = REFUSED.undelivered[0]
    assert task.letter is not None
    again = written(*TOLD[StepKind.RESENDING][:2])[0]
    assert again.key == f"{task.key}/again"
    assert again == task.letter.model_copy(update={"key": again.key})


@pytest.mark.parametrize("asked", ["day 6 12:00", "day 6 10:30"], ids=["before the command", "after it"])
@pytest.mark.parametrize(
    ("refused", "overtakes"),
    [
        ("reminder/1/icb", returned(agency="icb")),
        ("invitation/0/agency/icb", booked(starts_at=at("day 12 10:00"))),
        ("sign_off_request/1/", drafted("b")),
        ("sign_off_request/1/", signed()),
    ],
    ids=["returned", "meeting moved", "next version", "answered"],
)
def test_a_letter_overtaken_is_not_sent_again(refused: str, overtakes: Message, asked: str) -> None:
    """Nobody is reminded after returning, invited to an old date, or asked about an old version or twice."""
    stands = after(("day 6 08:00", booked()), ("day 6 08:30", drafted()), start=ASKED)
    posted = lived(stands, at("day 6 10:00"))[1]
    key = next(w.key for w in posted if w.key.startswith(refused) and w.to.key in ("icb", "health"))
    stands, _ = lived(stands, at("day 6 10:00"), key)
    facts = sorted(
        [("day 6 11:00", overtakes), (asked, SendAgain(letter=key, by=WHO))], key=lambda told: told[0]
    )
    stands, posted = caught_up(after(*facts, start=stands), at("day 6 12:00"))
    assert f"{key}/again" not in {one.key for one in posted}
    assert stands.undelivered[0].settled


def test_an_escalation_overtaken_by_the_last_return_writes_nothing() -> None:
    """Between the timer and the letters everyone returned: nobody is escalated."""
    stands, _ = lived(case(), at("day 9 12:00"))
    step = next(step for step in _open_steps(stands) if step.kind is StepKind.ESCALATION)
    everyone = after(*(("day 10 08:00", returned(id=key, agency=key)) for key in AGENCIES), start=stands)
    assert letters(everyone, step, step.due) == ()


def _every_letter() -> list[tuple[str, Letter]]:
    return [(kind, one) for kind, (stands, key, _) in TOLD.items() for one in written(stands, key)]


def test_only_agencies_and_leads_get_what_is_sealed() -> None:
    """The list of people goes to agencies alone; the report to leads, the Panel and Ofsted alone."""
    posted = [one for _, one in _every_letter()]
    assert {one.to.kind for one in posted if Attachment.SUBJECTS in one.attach} == {RecipientKind.AGENCY}
    assert {one.to.kind for one in posted if one.documents} == {
        RecipientKind.LEAD,
        RecipientKind.PANEL,
        RecipientKind.OFSTED,
    }


def test_no_letter_names_a_member_of_staff() -> None:
    """Facts hold titles and agencies; the names of people are not among them."""
    names = [WHO, *(f"Lead {key}" for key in LEADS), *(f"Deputy {key}" for key in LEADS)]
    assert [(kind, n) for kind, one in _every_letter() for n in names if n in str(one.facts)] == []


@pytest.mark.parametrize(
    ("stands", "name"),
    [(case(), "as it opens"), (DRAFTED, "drafted"), (AMENDED, "amended"), (ASKED, "asked")],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_nothing_is_written_to_the_panel_unsigned(stands: Case, name: str) -> None:
    """Whatever is open, and whenever it is carried out, the Panel hears nothing."""
    posted = [one for step in _open_steps(stands) for one in letters(stands, step, at("day 20 10:00"))]
    assert posted, name
    assert {one.to.kind for one in posted} & {RecipientKind.PANEL, RecipientKind.OFSTED} == set()


@pytest.mark.parametrize("kind", StepKind)
def test_a_letter_that_comes_back_is_known_by_whom_it_was_for(kind: StepKind) -> None:
    """A report of non-delivery names the letter's key alone; the task says whom to telephone."""
    stands, key, _ = TOLD[kind]
    wrong = []
    for one in written(stands, key):
        back = apply(failed(one.key), stands, at("day 20 10:00"))
        tasks = (*back.undelivered, *(task for action in back.follow_ups for task in action.undelivered))
        if tasks[-1].to != one.to:
            wrong.append((one.key, str(one.to), str(back.undelivered[-1].to)))
    assert wrong == []


def test_a_letter_sent_for_the_third_time_is_still_known_by_whom_it_was_for() -> None:
    """However often it went again."""
    back = apply(failed("submission/1/panel/again/again"), SUBMITTED, at("day 14 10:00"))
    assert str(back.undelivered[-1].to) == "panel"


def test_the_report_coming_back_from_the_panel_is_told_to_the_office_at_once() -> None:
    """The one letter that must arrive: its return is a letter to the office, not only a line on a screen."""
    stands, _ = caught_up(SIGNED, at("day 13 15:01"))
    stands = after(("day 13 15:10", failed("submission/1/panel")), start=stands)
    assert [one.template for one in caught_up(stands, at("day 13 15:11"))[1]] == ["undelivered"]
