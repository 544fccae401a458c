"""What a screen says of a case beyond its dates."""

import re
from io import StringIO

import pytest
from rich.console import Console, RenderableType

from domain.consideration import standing as considered
from domain.consideration.facts import apply as apply_to_consideration
from domain.consideration.messages import WithdrawConsideration
from domain.cspr.standing import standing as cspr_standing
from domain.errors import NotReachable
from domain.facts import apply
from domain.messages import DocumentRef, DuplicateLinked
from domain.standing import standing
from postbox.verdicts import Verdict, Why
from starter.cspr_screen import cspr_screen
from starter.mailroom.journal import Arrival
from starter.mailroom.quarantine import Damaged, Line
from starter.mailroom.read import Read
from starter.quarantine_screens import UNKNOWN, held_tasks, quarantine_screen, quarantined_screen
from starter.screens import consideration_screen, standing_screen
from starter.session import answered
from tests import cspr_sample, sample
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


def test_a_review_names_the_keys_that_its_commands_take() -> None:
    """The office types the key, and sees it beside the name."""
    screen = "\n".join(printed(standing_screen(standing(sample.case(), sample.at("day 2 10:00")), [])))
    for key in (*sample.AGENCIES, *sample.LEADS):
        assert re.search(rf"^ {key} +", screen, re.MULTILINE)


def held(**known: str) -> Line:
    """A mail in quarantine of which so much is known."""
    mail = DocumentRef(sha256="0" * 64, size=1, media_type="message/rfc822")
    arrival = Arrival(mail=mail, received_at=sample.at("day 2 10:00"), mail_from=None, rcpt_to=())
    read = Read.model_validate({"id": "mail-1", "verdict": Verdict.QUARANTINED, **known})
    return Line(arrival=arrival, read=read, reason=Why.SENDER_UNKNOWN)


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ({"reference": "RR-2026-90", "role": "agency", "key": "police"}, "RR-2026-90 police complete"),
        ({"reference": "RR-2026-90", "role": "lead", "key": "police"}, "RR-2026-90 AGENCY complete"),
        ({}, "REF AGENCY complete"),
    ],
)
def test_a_mail_in_quarantine_is_shown_with_what_is_known_of_it(known: dict[str, str], typed: str) -> None:
    """The command to file it has the reference and the agency where a verified token names them."""
    line = held(**known)
    assert f"quarantine file 000000000000 {typed}" in "\n".join(printed(quarantined_screen(line, None, "")))
    assert "--out" not in "\n".join(printed(quarantined_screen(line, None, "mail.eml")))


def test_a_case_shows_its_mail_that_waits_in_quarantine() -> None:
    """Else the office would chase an agency whose answer has come."""
    mails = [held(reference="RR-2026-07", key="police", role="agency"), held()]
    waits = held_tasks(mails, "RR-2026-07", sample.roster())
    now, case = consideration.moment(1), consideration.opened()
    for screen in (
        standing_screen(standing(sample.case(), sample.at("day 2 10:00")), [], waits),
        consideration_screen(considered.standing(case, now), waits),
    ):
        shown = " ".join("\n".join(printed(screen)).split())
        assert shown.count("waits in quarantine") == 1
        assert "A mail from The police agency waits in quarantine" in shown
        assert "rapid-review quarantine show 000000000000" in shown


async def test_a_store_that_is_silent_hides_no_case() -> None:
    """The case is shown, and says what it could not learn."""

    async def silent() -> list[Line]:
        raise NotReachable

    waits = held_tasks(await answered(silent()), "RR-2026-07", sample.roster())
    screen = standing_screen(standing(sample.case(), sample.at("day 2 10:00")), [], waits)
    assert UNKNOWN in " ".join("\n".join(printed(screen)).split())


def test_the_quarantine_says_in_words_why_each_mail_is_held() -> None:
    """No code of ours; and a mail that is kept and does not open is named with the file to restore."""
    screen = " ".join("\n".join(printed(quarantine_screen([held()], []))).split())
    assert Why.SENDER_UNKNOWN not in screen
    assert "Its sender is not a contact of the agency" in screen
    damaged = Damaged(number="0" * 12, path="arrived/2026-12-15/0.received")
    for lines in ([], [held()]):
        assert "arrived/2026-12-15/0.received" in " ".join(printed(quarantine_screen(lines, [damaged])))
    assert printed(quarantine_screen([], [])) == ["No mail waits in quarantine."]


def test_a_case_put_forward_says_what_to_do_next_and_by_when() -> None:
    """Under the heading that every other screen has; where it has ended, that nothing is left."""
    now, case = consideration.moment(1), consideration.opened()
    lines = printed(consideration_screen(considered.standing(case, now)))
    start = lines.index("What to do next:")
    assert lines[start + 1].startswith(
        "- The SQAS Strategic Manager decides whether it is a SIN. By Mon 7 Dec"
    )
    withdrawn = WithdrawConsideration(reason="It does not meet them", by="Business Officer")
    ended = apply_to_consideration(withdrawn, case, now)
    assert printed(consideration_screen(considered.standing(ended, now)))[-1].startswith("Nothing is left")


def test_a_cspr_says_what_to_do_next_under_the_same_heading() -> None:
    """Somebody who has forgotten looks for it."""
    lines = printed(cspr_screen(cspr_standing(cspr_sample.cspr(), cspr_sample.DECIDED)))
    assert lines[-3:-1] == ["What to do next:", "- Commission a reviewer."]
