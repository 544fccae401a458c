"""What a follow-up refuses: each sentence says why and what to do, and names nobody."""

import ast
import traceback
from datetime import date
from pathlib import Path

import pytest

from domain.errors import Refused
from domain.follow_up import facts
from domain.follow_up.facts import apply
from domain.follow_up.performing import ending
from domain.follow_up.state import FollowUp
from domain.messages import Message
from tests import sample
from tests.domain.follow_up.played import (
    OPENED,
    at,
    closing,
    evidence,
    move,
    opened,
    opening,
    replan,
    told,
    withdrawal,
)

NOW = at("2026-12-15 10:00")
SHOWN = told(opened(), evidence(), NOW)
CLOSED = told(SHOWN, closing(), NOW)
BY_A_LEAD = told(opened(owner="health"), evidence(), NOW)

REFUSALS: dict[str, tuple[FollowUp, Message, str]] = {
    "closed without evidence": (opened(), closing(), "has no evidence yet"),
    "closed by who gave the evidence": (SHOWN, closing("Housing Manager"), "closed by a second person"),
    "the same name in other letters": (SHOWN, closing("housing  manager"), "closed by a second person"),
    "closed by the lead who owns it": (BY_A_LEAD, closing("Lead health"), "neither by its owner"),
    "closed by a deputy of that lead": (BY_A_LEAD, closing("Deputy health"), "neither by its owner"),
    "closed again": (CLOSED, closing("Third Officer"), "was closed on Tue 15 Dec 2026 10:00"),
    "evidence after the end": (CLOSED, evidence(id="mail-2"), "takes no more facts"),
    "moved after the end": (CLOSED, move(date(2027, 1, 15)), "takes no more facts"),
    "withdrawn after the end": (CLOSED, withdrawal(), "takes no more facts"),
    "evidence of tomorrow": (
        opened(),
        evidence(received_at=at("2026-12-16 10:00")),
        "cannot have been received at Wed 16 Dec 2026 10:00",
    ),
    "moved to today": (opened(), move(date(2026, 12, 15)), "is not still to come"),
    "moved with its evidence": (SHOWN, move(date(2027, 1, 15)), "Close it instead"),
    "moved to the same day": (opened(), move(date(2026, 12, 30)), "Nothing was changed"),
    "planned again with nothing to move": (opened(), replan(), "Nothing was changed"),
    "planned again after the end": (CLOSED, replan(), "takes no more facts"),
    "anything while it opens": (
        FollowUp.opened(opening(), OPENED),
        closing(),
        "RR-2026-90, action 3 is still being opened",
    ),
}
"""A follow-up, what it is told, and what it answers."""


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused_says_why(name: str) -> None:
    """The sentence has the words, ends as one, and names nobody."""
    follow_up, fact, words = REFUSALS[name]
    with pytest.raises(Refused) as refusal:
        told(follow_up, fact, NOW)
    said = str(refusal.value)
    assert words in said
    assert said.endswith(".")
    assert [who for who in ("Manager", "Officer", "Lead health", "Deputy") if who in said] == []


def test_every_refusal_of_the_rules_is_among_these() -> None:
    """Each place in the module that refuses is reached by a row of the table above."""
    tree = ast.parse(Path(facts.__file__).read_text(encoding="utf-8"))
    written = [node for node in ast.walk(tree) if isinstance(node, ast.Raise) and "Refused" in ast.dump(node)]
    reached = {_line(follow_up, fact) for follow_up, fact, _ in REFUSALS.values()}
    missing = [n.lineno for n in written if not reached & set(range(n.lineno, (n.end_lineno or 0) + 1))]
    assert len(written) >= 7
    assert missing == []


def _line(follow_up: FollowUp, fact: Message) -> int:
    try:
        told(follow_up, fact, NOW)
    except Refused as refusal:
        return traceback.extract_tb(refusal.__traceback__)[-1].lineno or 0
    return 0


def test_a_second_officer_may_close_what_the_first_recorded_of_a_lead() -> None:
    """Only owner and giver are kept from closing."""
    assert told(BY_A_LEAD, closing(), NOW).settled_at == NOW


def test_an_unknown_kind_of_fact_is_a_mistake_of_ours() -> None:
    """A message that is no fact has no transition."""
    with pytest.raises(TypeError, match="knows no fact of type DocumentRef"):
        apply(sample.document(), opened(), NOW)


def test_what_has_not_ended_has_no_ending() -> None:
    """How it ended can only be told at the end."""
    with pytest.raises(Refused, match="has not ended: it is open"):
        ending(opened())
