"""Whom letters are for, by name: the recipients that several processes write to."""

from collections.abc import Mapping

from domain.messages import Recipient, RecipientKind

OFFICE = Recipient(kind=RecipientKind.OFFICE)
PANEL = Recipient(kind=RecipientKind.PANEL)
OFSTED = Recipient(kind=RecipientKind.OFSTED)


def agency(key: str) -> Recipient:
    """The recipient an agency's own letters go to."""
    return Recipient(kind=RecipientKind.AGENCY, key=key)


def lead(key: str) -> Recipient:
    """The recipient a strategic lead's letters go to."""
    return Recipient(kind=RecipientKind.LEAD, key=key)


def called(to: Recipient, names: Mapping[str, str]) -> str:
    """What a reader is called in a sentence; ``names`` has the agencies' and leads', by their keys."""
    key = to.key or ""
    return READERS[to.kind].format(names.get(key, key))


READERS = {
    RecipientKind.AGENCY: "{}",
    RecipientKind.LEAD: "{}",
    RecipientKind.REPRESENTATIVE: "the LLR representative of {}",
    RecipientKind.PARTNER: "the lead safeguarding partner of {}",
    RecipientKind.OFFICE: "the Business Office",
    RecipientKind.PANEL: "the Panel",
    RecipientKind.OFSTED: "Ofsted",
    RecipientKind.REVIEWER: "the reviewer",
    RecipientKind.SECRETARY_OF_STATE: "the Secretary of State",
    RecipientKind.SQAS_MANAGER: "the SQAS Strategic Manager",
}
"""What each kind of reader is called; braces stand for an agency or a lead."""
