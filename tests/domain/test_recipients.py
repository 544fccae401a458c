"""Whom letters are for, in words."""

import pytest

from domain.messages import Recipient, RecipientKind, Roster, RosterAgency, RosterLead
from domain.recipients import called

ROSTER = Roster(
    agencies={
        "housing": RosterAgency(name="Housing services", lead="police"),
        "police": RosterAgency(name="Northamptonshire Police", lead="police"),
    },
    leads={
        "health": RosterLead(title="Health (Integrated Care Board)", name="Health Lead"),
        "police": RosterLead(title="Police", name="Police Lead"),
    },
)
"""One key is of an agency and of a lead, as in the partnership that is shipped."""


@pytest.mark.parametrize(
    ("kind", "key", "said"),
    [
        (RecipientKind.AGENCY, "housing", "Housing services"),
        (RecipientKind.REPRESENTATIVE, "housing", "the LLR representative of Housing services"),
        (RecipientKind.AGENCY, "police", "Northamptonshire Police"),
        (RecipientKind.LEAD, "health", "the strategic lead for Health (Integrated Care Board)"),
        (RecipientKind.LEAD, "police", "the strategic lead for Police"),
        (RecipientKind.PARTNER, "police", "the lead safeguarding partner of Police"),
        (RecipientKind.PARTNER, "health", "the lead safeguarding partner of Health (Integrated Care Board)"),
        (RecipientKind.SQAS_MANAGER, None, "the SQAS Strategic Manager"),
    ],
)
def test_a_reader_is_called_by_a_name_the_office_knows(
    kind: RecipientKind, key: str | None, said: str
) -> None:
    """An agency or a lead as the partnership has it, others by their office."""
    assert called(Recipient(kind=kind, key=key), ROSTER) == said


@pytest.mark.parametrize("kind", RecipientKind)
def test_every_reader_is_called_something(kind: RecipientKind) -> None:
    """Also one whose key the case does not know: a letter that came back must not stop a case."""
    assert called(Recipient(kind=kind, key="unheard-of"), ROSTER)
