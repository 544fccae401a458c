"""What each later edition of the process's own rules changed, and that those before do as they always did."""

import pytest
from pydantic import ValidationError

from domain.case import Case
from domain.consideration.messages import PutForward
from domain.cspr.messages import OpenCspr
from domain.cspr.performing import commissioned
from domain.follow_up.awaiting import follow_up_awaits
from domain.letters import letters, overtaken
from domain.messages import EDITION, Letter, Message, Recommendation, SendAgain
from domain.performing import performed
from domain.step import Performance
from domain.steps import FIRST_VIEWS, next_step
from tests import cspr_sample, sample
from tests.domain import consideration
from tests.domain.follow_up import played
from tests.domain.follow_up.played import Played, opened
from tests.domain.test_deciding import MET_AFTERWARDS, RULED, viewed
from tests.domain.test_facts import WHO, after, decided, drafted, held, reopening, returned, signed
from tests.domain.test_performing import caught_up, delivered, lived
from tests.domain.test_steps import ASKED_AND_REOPENED
from tests.sample import LEADS, at, case, decision_rules

CRITERIA = ["improvements: Improvements are needed.", "themes: There are recurrent themes."]
FIRST = after(
    ("day 11 13:00", held()),
    ("day 13 10:00", drafted()),
    start=case(decision_rules=decision_rules(), edition=1),
)
"""A case of the first edition, met and drafted."""


def posted(stands: Case, when: str = "day 13 12:00") -> list[Letter]:
    """What goes to leads when the worker comes back at that moment."""
    return [one for one in caught_up(stands, at(when))[1] if one.to.kind == "lead"]


def asked(stands: Case, when: str = "day 13 12:00") -> list[tuple[str, str, bool]]:
    """Each letter's template, the lead, and whether it asks for a view."""
    return [(one.template, one.to.key or "", bool(one.facts.get("criteria"))) for one in posted(stands, when)]


def test_a_lead_is_asked_to_sign_and_for_a_view_in_one_letter() -> None:
    """With every criterion and the statement; no second letter follows, and no second step."""
    requests = [one for one in posted(RULED) if one.template == "sign-off-request"]
    assert [one.to.key for one in requests] == list(LEADS)
    assert {str(one.facts["criteria"]) for one in requests} == {str(CRITERIA)}
    assert {one.facts["statement"] for one in requests} == {"Meeting a criterion obliges nothing."}
    stands, _ = caught_up(RULED, at("day 13 12:00"))
    assert FIRST_VIEWS in stands.done
    assert not [one for one in posted(RULED) if one.template == "view-request"]


def test_the_first_edition_asks_in_two_letters() -> None:
    """As every case that was open when the second came."""
    views = [("view-request", key, True) for key in LEADS]
    assert [one for one in asked(FIRST) if one[0] != "review-opened"] == [
        *views,
        *(("sign-off-request", key, False) for key in LEADS),
    ]


@pytest.mark.parametrize(
    ("fact", "wanted"),
    [
        (viewed("health"), {"local-authority": True, "health": False, "police": True}),
        (decided(), dict.fromkeys(LEADS, False)),
    ],
    ids=["one view is in", "decided"],
)
def test_nobody_is_asked_for_a_view_that_is_not_wanted(fact: Message, wanted: dict[str, bool]) -> None:
    """A lead who has given it, or all of them once there is a decision, are asked to sign alone."""
    stands = after(("day 13 11:00", fact), start=RULED)
    requests = [one for one in asked(stands) if one[0] == "sign-off-request"]
    assert {key: view for _, key, view in requests} == wanted


def test_a_lead_who_signed_before_being_asked_is_still_asked_for_a_view() -> None:
    """By itself, for there is nothing left to sign; the others by the one letter; nobody twice."""
    stands = after(("day 13 11:00", signed()), start=RULED)
    assert [one for one in asked(stands) if one[2]] == [
        ("sign-off-request", "local-authority", True),
        ("sign-off-request", "police", True),
        ("view-request", "health", True),
    ]


def test_without_a_meeting_the_view_is_asked_for_by_itself_once_there_is_one() -> None:
    """The request to sign has gone by then."""
    before = after(("day 13 10:00", drafted()), start=case(decision_rules=decision_rules()))
    assert not [one for one in asked(before) if one[2]]
    assert asked(MET_AFTERWARDS, "day 13 16:00") == [("view-request", key, True) for key in LEADS]


def test_where_all_have_signed_before_the_letters_went_the_view_is_asked_for_by_itself() -> None:
    """There is no request to sign for it to go with."""
    stands = after(*(("day 13 11:00", signed(lead)) for lead in LEADS), start=RULED)
    assert [one for one in asked(stands) if one[2]] == [("view-request", key, True) for key in LEADS]


def test_the_next_version_asks_again_for_the_views_that_are_missing() -> None:
    """One letter to each lead, whatever is asked of it."""
    stands, _ = caught_up(RULED, at("day 13 10:00"))
    amended = signed(answer="amend", note="Say more.")
    stands = after(
        ("day 13 11:00", amended),
        ("day 13 11:10", viewed("health")),
        ("day 13 11:20", drafted("b")),
        start=stands,
    )
    assert asked(stands) == [("sign-off-request", key, key != "health") for key in LEADS]


def test_the_leads_hear_that_what_they_were_asked_to_sign_was_reopened() -> None:
    """All of them, who answered as well; once; and not when the next version is there already."""
    stands, written = caught_up(ASKED_AND_REOPENED, at("day 13 12:01"))
    told = [one for one in written if one.template == "report-reopened"]
    assert [one.to.key for one in told] == list(LEADS)
    assert told[0].facts == {"lead": "Lead for local-authority", "version": "1", "next_version": "2"}
    assert "report-reopened" not in {one.template for one in posted(stands, "day 13 13:00")}
    redrafted = after(("day 13 12:30", drafted("b")), start=ASKED_AND_REOPENED)
    assert "report-reopened" not in {one.template for one in posted(redrafted, "day 13 13:00")}
    assert overtaken(redrafted, told[0])
    assert not overtaken(ASKED_AND_REOPENED, told[0])


def reopened_unasked(edition: int) -> Case:
    """A case whose version was reopened before the request to sign it went."""
    met = after(("day 11 13:00", held()), start=case(edition=edition))
    met, _ = caught_up(met, at("day 12 10:00"))
    facts = (("day 13 10:00", drafted()), ("day 13 10:10", returned()), ("day 13 10:20", reopening()))
    return after(*facts, start=met)


def test_nobody_is_asked_to_sign_a_version_that_was_reopened() -> None:
    """Nor told of it; under the first edition they are, and then told nothing."""
    assert asked(reopened_unasked(2)) == []
    assert asked(reopened_unasked(1)) == [("sign-off-request", key, False) for key in LEADS]


def test_a_meeting_recorded_while_the_request_to_sign_goes_out_leaves_the_views_to_be_asked() -> None:
    """What counts is what the letters said."""
    now = at("day 13 10:00")
    before = after(("day 13 10:00", drafted()), start=case(decision_rules=decision_rules()))
    before, _ = caught_up(before, at("day 13 09:59"))
    step = next_step(before, now)
    assert step
    assert step.key == "sign_off_request/1"
    written = letters(before, step, now)
    done = Performance(step=step, began_at=now, letters=written, deliveries=delivered(written))
    stands = performed(after(("day 13 10:01", held()), start=before), done, at("day 13 10:02"))
    following = next_step(stands, at("day 13 10:02"))
    assert following
    assert following.key == FIRST_VIEWS


def test_a_request_to_sign_that_is_sent_again_asks_for_no_view_once_there_is_a_decision() -> None:
    """A server refused it, the leads decided meanwhile: the lead is asked to sign alone."""
    refused = "sign_off_request/1/police"
    stands, _ = lived(RULED, at("day 13 12:00"), refused)
    stands = after(
        ("day 13 13:00", decided()), ("day 13 14:00", SendAgain(letter=refused, by=WHO)), start=stands
    )
    _, sent = caught_up(stands, at("day 13 14:00"))
    [again] = [one for one in sent if one.key == f"{refused}/again"]
    assert (again.facts["criteria"], again.facts["version"]) == ([], "1")


@pytest.mark.parametrize(("edition", "listed"), [(2, []), (3, ["delivery/office"])])
def test_the_lists_name_a_letter_of_an_action_to_mend_since_the_third_edition(
    edition: int, listed: list[str]
) -> None:
    """What visibility shows of an action opened before stays as it was."""
    played = Played(opened(edition=edition), refusing="agency:housing").until("2026-12-08 12:00")
    assert [str(one) for one in follow_up_awaits(played.follow_up)][1:] == listed


@pytest.mark.parametrize("edition", [1, 3, EDITION])
def test_a_cspr_has_the_edition_of_its_case(edition: int) -> None:
    """Whatever the code is by then."""
    stands = after(
        ("day 11 13:00", held()),
        ("day 13 10:00", decided(outcome=Recommendation.CSPR)),
        start=case(decision_rules=decision_rules(), edition=edition),
    )
    opening = commissioned(stands)
    assert opening
    assert opening.edition == edition


@pytest.mark.parametrize(
    ("kind", "opens"), [(OpenCspr, cspr_sample.opening()), (PutForward, consideration.put())]
)
def test_what_was_opened_before_it_had_an_edition_has_the_first(
    kind: type[OpenCspr | PutForward], opens: OpenCspr | PutForward
) -> None:
    """As its history has it, which says nothing."""
    said = opens.model_dump(mode="json", exclude={"edition"})
    assert (opens.edition, kind.model_validate(said).edition) == (EDITION, 1)


@pytest.mark.parametrize(
    "opens",
    [sample.opening(), played.opening(), cspr_sample.opening(), consideration.put()],
    ids=lambda opens: type(opens).__name__,
)
def test_an_edition_that_is_not_known_yet_is_left_to_a_program_that_knows_it(opens: Message) -> None:
    """A worker that was not renewed with the others would carry the case out by the rules of another."""
    to_come = opens.model_dump(mode="json") | {"edition": EDITION + 1}
    with pytest.raises(ValidationError, match="edition"):
        type(opens).model_validate(to_come)
