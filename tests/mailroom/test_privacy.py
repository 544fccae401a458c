"""Nothing of a mail lies in the open, or reaches a case: every part of one is marked, then looked for."""

import logging
from dataclasses import replace

import pytest

from starter.mailroom.reader import ReadingProcess
from tests.mailroom.conftest import Office
from tests.mailroom.replies import Reply, returned
from tests.postbox.pieces import Attached, pdf

PREFIX = "Zqxvkjwyp"


@pytest.fixture
def reads() -> type[ReadingProcess]:
    """The process that reads."""
    return ReadingProcess


def marked(mail: Reply) -> bytes:
    """The mail with a marked word in its subject, its sender's name, its text and an attachment's name."""
    raw = mail.raw.replace(b"A Colleague", f"{PREFIX}01".encode())
    return raw.replace(b"Subject: RE:", f"Subject: {PREFIX}02".encode())


@pytest.mark.parametrize("dmarc", ["pass", "fail"])
async def test_a_marked_mail_is_nowhere_in_the_open(
    office: Office, dmarc: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the journal, the quarantine nor the store, in names or contents; no log; no history."""
    caplog.set_level(logging.DEBUG)
    attached = (*returned(office.reference).attached, named(pdf()))
    mail = replace(returned(office.reference), attached=attached, text=f"{PREFIX}03", dmarc=dmarc)
    sender = f"{PREFIX}04@elsewhere.example"
    to = (mail.address,)
    now = await office.now()
    await office.room.settle(marked(mail), mail_from=sender, rcpt_to=to, received_at=now)
    await office.review.settle()
    home = office.premises.settings.home
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert [path for path in kept if told(str(path.relative_to(home)).encode() + path.read_bytes())] == []
    assert not told(caplog.text.encode())
    assert not told((await office.review.handle.fetch_history()).to_json().encode())
    answers = f"{await office.standing()!r} {await office.review.reviews.record(office.reference)!r}"
    assert not told(answers.encode())
    assert kept


def named(attached: Attached) -> Attached:
    """An attachment under a marked name."""
    return replace(attached, name=f"{PREFIX}05.pdf", content=attached.content + f"%{PREFIX}06".encode())


def told(content: bytes) -> bool:
    """Whether a marked word is in it."""
    return PREFIX.lower().encode() in content.lower()


def test_the_marked_word_can_be_found() -> None:
    """The search would see it: it is in the mail."""
    assert told(marked(returned("RR-2026-07")))
