"""Whom letters are for, in words."""

import pytest

from domain.messages import Recipient, RecipientKind
from domain.recipients import called

NAMES = {"housing": "Housing services", "health": "Health (Integrated Care Board)"}


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        (RecipientKind.AGENCY, "housing", "Housing services"),
        (RecipientKind.REPRESENTATIVE, "housing", "the LLR representative of Housing services"),
        (RecipientKind.LEAD, "health", "Health (Integrated Care Board)"),
        (RecipientKind.PARTNER, "health", "the lead safeguarding partner of Health (Integrated Care Board)"),
        (RecipientKind.SQAS_MANAGER, None, "the SQAS Strategic Manager"),
    ],
)
def test_a_reader_is_called_by_a_name_the_office_knows(
    kind: RecipientKind, key: str | None, said: str
) -> None:
    """An agency or a lead as the partnership has it, others by their office."""
    assert called(Recipient(kind=kind, key=key), NAMES) == said


@pytest.mark.parametrize("kind", RecipientKind)
def test_every_reader_is_called_something(kind: RecipientKind) -> None:
    """Also one whose key the case does not know: a letter that came back must not stop a case."""
    assert called(Recipient(kind=kind, key="unheard-of"), NAMES)
