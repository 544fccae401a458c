"""Whom letters are for, by name: the recipients that several processes write to."""

from domain.messages import Recipient, RecipientKind, Roster

OFFICE = Recipient(kind=RecipientKind.OFFICE)
PANEL = Recipient(kind=RecipientKind.PANEL)
OFSTED = Recipient(kind=RecipientKind.OFSTED)


def agency(key: str) -> Recipient:
    """The recipient an agency's own letters go to."""
    return Recipient(kind=RecipientKind.AGENCY, key=key)


def lead(key: str) -> Recipient:
    """The recipient a strategic lead's letters go to."""
    return Recipient(kind=RecipientKind.LEAD, key=key)


def called(to: Recipient, roster: Roster) -> str:
    """What a reader is called in a sentence: an agency and a lead may have the same key, and not the name."""
    key = to.key or ""
    agency_asked, lead_asked = roster.agencies.get(key), roster.leads.get(key)
    if to.kind in (RecipientKind.LEAD, RecipientKind.PARTNER):
        return READERS[to.kind].format(lead_asked.title if lead_asked else key)
    return READERS[to.kind].format(agency_asked.name if agency_asked else key)


READERS = {
    RecipientKind.AGENCY: "{}",
    RecipientKind.LEAD: "the strategic lead for {}",
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
