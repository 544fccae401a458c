"""The tokens that mail carries: they round-trip, survive mail systems, and tell agency from lead."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotConfigured, Refused
from domain.messages import Recipient, RecipientKind
from domain.tokens import (
    CaseToken,
    letter_mark,
    message_id,
    parse,
    parse_message_id,
    reply_address,
)

SIGNATURE = "k1.abcdefghijklmnop"
TOKENS = st.builds(
    CaseToken,
    reference=st.sampled_from(["RR-2026-07", "AB-1999-99", "ABCDEF-2031-0123"]),
    key=st.text("abyz-09", min_size=1, max_size=23).map("a".__add__),
    serial=st.integers(1, 999),
    role=st.sampled_from(["agency", "lead", "partner", "office"]),
)


def cases(text: str) -> st.SearchStrategy[str]:
    """The same text with any of its letters in the other case."""
    return st.lists(st.booleans(), min_size=len(text), max_size=len(text)).map(
        lambda up: "".join(c.upper() if u else c for c, u in zip(text, up, strict=True))
    )


def test_reply_address_reads_as_documented() -> None:
    """The address says mailbox, case, agency, serial and signature, in lower case."""
    address = reply_address(CaseToken("RR-2026-07", "police"), SIGNATURE, "Replies.Example")
    assert address == "rfi+rr-2026-07.police.1.k1.abcdefghijklmnop@replies.example"


@given(token=TOKENS, data=st.data())
def test_reply_address_reads_back_in_any_case(token: CaseToken, data: st.DataObject) -> None:
    """Whatever letters a mail system makes capital, the same token and signature are read."""
    try:
        local_part = reply_address(token, SIGNATURE, "replies.example").partition("@")[0]
    except NotConfigured:
        return
    assert len(local_part) <= 64
    assert parse(data.draw(cases(local_part))) == (token, SIGNATURE)


@given(token=TOKENS, data=st.data())
def test_message_id_reads_back_in_any_case(token: CaseToken, data: st.DataObject) -> None:
    """A Message-ID gives back token, signature and the mark of its letter."""
    written = message_id(token, "reminder/2/police", SIGNATURE, "replies.example")
    read = parse_message_id(data.draw(cases(written)))
    assert read == (token, SIGNATURE, letter_mark("reminder/2/police"))


def test_message_id_is_an_atom_that_needs_no_quotes() -> None:
    """RFC 5322: dot-atom-text on both sides of one @, between angle brackets."""
    written = message_id(CaseToken("RR-2026-07", "early-years"), "request/x", SIGNATURE, "r.example")
    assert re.fullmatch(r"<[a-z0-9-]+(\.[a-z0-9-]+)*@[a-z0-9-]+(\.[a-z0-9-]+)*>", written)


def test_message_ids_of_two_letters_differ() -> None:
    """The mark of the letter key tells two letters to one agency apart."""
    token = CaseToken("RR-2026-07", "police")
    first, second = (message_id(token, key, SIGNATURE, "r.example") for key in ("reminder/1", "reminder/2"))
    assert first != second


@pytest.mark.parametrize(
    ("to", "text"),
    [
        (Recipient(kind=RecipientKind.AGENCY, key="police"), "rr-2026-07.police.1"),
        (Recipient(kind=RecipientKind.REPRESENTATIVE, key="police"), "rr-2026-07.police.1"),
        (Recipient(kind=RecipientKind.LEAD, key="police"), "rr-2026-07.lead.police.1"),
        (Recipient(kind=RecipientKind.PARTNER, key="police"), "rr-2026-07.partner.police.1"),
        (Recipient(kind=RecipientKind.OFFICE), "rr-2026-07.office.office.1"),
        (Recipient(kind=RecipientKind.PANEL), "rr-2026-07.office.panel.1"),
    ],
)
def test_agency_and_lead_of_one_key_have_different_tokens(to: Recipient, text: str) -> None:
    """The police as an agency cannot answer as the police's strategic lead."""
    assert CaseToken.of("RR-2026-07", to).text == text


def test_agency_called_lead_stays_an_agency() -> None:
    """A key that is also the name of a role reads back as a key."""
    token = CaseToken("RR-2026-07", "lead")
    assert parse(f"rfi+{token.text}.{SIGNATURE}") == (token, SIGNATURE)


def test_longest_key_is_refused_not_cut() -> None:
    """An address that mail systems may refuse is named with its remedy."""
    token = CaseToken("ABCDEF-2026-0007", "a" * 24, 12)
    with pytest.raises(NotConfigured, match="Give it a shorter key"):
        reply_address(token, SIGNATURE, "replies.example")


@pytest.mark.parametrize(
    "local_part",
    [
        "",
        "office",
        "rfi+rr-2026-07.police.1",
        "rfi+rr-2026-07.police.0.k1.abcdefghijklmnop",
        "rfi+rr-2026-07.police.1.k1.abcdefghijklmno",
        "rfi+rr-2026-07.police.1.k1.abcdefghijklmnop.more",
        "rfi+rr-2026-07..1.k1.abcdefghijklmnop",
        "rfi+rr-2026-07.chief.police.1.k1.abcdefghijklmnop",
    ],
)
def test_other_addresses_are_refused_without_quoting_them(local_part: str) -> None:
    """What is not ours is refused, and the sentence does not repeat it."""
    with pytest.raises(Refused) as refused:
        parse(local_part)
    assert not local_part or local_part not in str(refused.value)


@pytest.mark.parametrize("text", ["", "<1@e.example>", "<rr-2026-07.police.1.k1.abcdefghijklmnop@e.example>"])
def test_other_message_ids_are_refused(text: str) -> None:
    """A Message-ID that is not of one of our letters is refused."""
    with pytest.raises(Refused):
        parse_message_id(text)


@pytest.mark.parametrize(("reference", "key"), [("RR-26-7", "police"), ("RR-2026-07", "Police"), ("", "")])
def test_parts_that_make_no_token_are_refused(reference: str, key: str) -> None:
    """Nothing is signed that could not be read back."""
    with pytest.raises(Refused):
        CaseToken(reference, key)
