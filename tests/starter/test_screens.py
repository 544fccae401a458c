"""What a screen says of a case beyond its dates."""

from io import StringIO

from rich.console import Console, RenderableType

from domain.consideration import standing as considered
from domain.consideration.facts import apply as apply_to_consideration
from domain.facts import apply
from domain.messages import DuplicateLinked
from domain.standing import standing
from starter.screens import consideration_screen, standing_screen
from tests import sample
from tests.domain import consideration

LINKED = DuplicateLinked(reference="RR-2026-91", reason="The same incident", by="Business Officer")
SAYS = "Put forward a second time, as RR-2026-91"


def printed(screen: RenderableType) -> list[str]:
    """The lines of a screen."""
    out = Console(width=110, record=True, file=StringIO())
    out.print(screen)
    return out.export_text().splitlines()


def test_a_review_shows_the_duplicate_that_was_linked_to_it() -> None:
    """So that nobody looks for the second case elsewhere; a review without one says nothing of it."""
    now = sample.at("day 2 10:00")
    linked = apply(LINKED, sample.case(), now)
    assert SAYS in printed(standing_screen(standing(linked, now), []))
    assert SAYS not in printed(standing_screen(standing(sample.case(), now), []))


def test_a_case_put_forward_shows_it_too() -> None:
    """The same words."""
    now, case = consideration.moment(1), consideration.opened()
    linked = apply_to_consideration(LINKED, case, now)
    assert SAYS in printed(consideration_screen(considered.standing(linked, now)))
    assert SAYS not in printed(consideration_screen(considered.standing(case, now)))
