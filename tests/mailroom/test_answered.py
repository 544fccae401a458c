"""What a mail in quarantine answers, and where a person records it."""

from datetime import UTC, datetime

import pytest
from typer.main import get_group

from activities.ledger import MailLedger
from domain.tokens import letter_mark
from postbox.verdicts import Verdict
from starter.command import app
from starter.mailroom.answered import advice, letter_answered
from starter.mailroom.read import Read
from starter.mailroom.running import Premises

SENT = "follow-up/3/reminder/1/police"


@pytest.mark.parametrize(
    ("letter", "typed"),
    [
        (SENT, "record-evidence RR-2026-07 3 "),
        ("cspr/terms/1/reviewer", "cspr-show RR-2026-07"),
        ("consideration/views/1/health", "show RR-2026-07"),
        ("sign_off_request/1/health", "show RR-2026-07"),
    ],
)
def test_the_letter_says_which_command_records_the_answer(letter: str, typed: str) -> None:
    """A command that there is, for the case and the action of the letter."""
    said = advice(letter, "RR-2026-07")
    assert f"our letter {letter}" in said
    assert f"rapid-review {typed}" in said
    assert typed.split(maxsplit=1)[0] in get_group(app).commands


def test_an_answer_to_a_request_is_filed_by_the_commands_below() -> None:
    """Which every mail in quarantine is shown with."""
    assert "was asked for information" in advice("request/police", "RR-2026-07")


async def test_the_letter_is_found_by_its_mark_in_what_was_sent(premises: Premises) -> None:
    """A mark that no letter of the case bears names none; nor does a mail that answers nothing."""
    ledger = MailLedger(premises.store)
    await ledger.claim("RR-2026-07", SENT, "<a@nscp.example>", datetime(2026, 12, 15, tzinfo=UTC))
    held = Read(id="mail-1", verdict=Verdict.QUESTION, reference="RR-2026-07", letter_mark=letter_mark(SENT))
    assert await letter_answered(held, premises.store) == SENT
    unsent = held.model_copy(update={"letter_mark": letter_mark("request/police")})
    assert await letter_answered(unsent, premises.store) is None
    assert await letter_answered(held.model_copy(update={"letter_mark": None}), premises.store) is None
