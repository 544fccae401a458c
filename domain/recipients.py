"""Whom letters are for, by name: the recipients that several processes write to."""

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
