"""What is held for a person, why, and how a person settles it with one command."""

from dataclasses import replace
from datetime import UTC, datetime
from shutil import rmtree
from typing import Any

import pytest

from domain.errors import NotReadable, Refused
from domain.record import Event
from postbox.verdicts import SENTENCES, Verdict, Why
from starter.mailroom.desk import QuarantineDesk
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Fate, Journal
from starter.mailroom.quarantine import HELD, Held, sentence
from starter.mailroom.reader import ReadingProcess
from starter.mailroom.running import ALL_HELD, Premises, cautions
from tests.mailroom.conftest import MANY, Office
from tests.mailroom.replies import Reply, bounce, returned
from worker.settings import Settings

WHY = {"reason": "The sender was telephoned", "by": "Business Officer"}


def desk(office: Office) -> QuarantineDesk:
    """The desk at which the office settles what is held."""
    return QuarantineDesk(office.premises, office.review.reviews)


async def number(office: Office) -> str:
    """The number of the one mail that waits."""
    (line,) = await office.room.quarantine.waiting()
    return line.number


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"dmarc": "fail"}, Why.NOT_AUTHENTICATED),
        ({"server": "mx.elsewhere.example"}, Why.NOT_AUTHENTICATED),
        ({"sender": "somebody@police.example"}, Why.SENDER_UNKNOWN),
        ({"sender": "somebody@elsewhere.example"}, Why.SENDER_UNKNOWN),
    ],
)
async def test_what_is_not_vouched_for_is_held_and_no_case_hears_of_it(
    office: Office, changes: dict[str, Any], why: Why
) -> None:
    """A forged or unknown sender, or results that are not our own server's."""
    settled = await office.arrives(replace(returned(office.reference), **changes))
    assert settled.fate is Fate.QUARANTINED
    assert await office.held() == [why]
    assert await office.entries(Event.RETURN_RECORDED, Event.MAIL_FILED) == []


async def test_a_held_mail_does_not_make_the_true_one_a_duplicate(office: Office) -> None:
    """Who borrows a Message-ID keeps nothing from the case."""
    true = returned(office.reference)
    await office.arrives(replace(true, dmarc="fail"))
    assert (await office.arrives(true)).fate is Fate.TOLD
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1


@pytest.mark.parametrize(
    "before",
    [
        {"text": "I am away.", "dmarc": "fail", "more": [("Auto-Submitted", "auto-replied")]},
        {"text": "Thanks, will do."},
    ],
    ids=["a forged absence", "a scanner that numbers nothing"],
)
async def test_another_mail_under_a_message_id_dealt_with_is_no_duplicate_and_not_lost(
    office: Office, before: dict[str, Any]
) -> None:
    """It says something else: a person looks at it, and files it as the return that it is."""
    assert (await office.arrives(Reply(office.reference, **before))).fate is Fate.TOLD
    assert (await office.arrives(returned(office.reference))).fate is Fate.QUARANTINED
    assert await office.held() == [Why.ID_USED]
    assert (await office.arrives(returned(office.reference))).fate is Fate.QUARANTINED
    given = {"agency": "police", "kind": "complete"}
    await desk(office).file(await number(office), office.reference, given, **WHY)
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1


async def test_what_a_person_calls_genuine_counts_under_a_message_id_dealt_with(office: Office) -> None:
    """Released, it has its effect as any other; both mails are then known, whichever comes again."""
    first, second = Reply(office.reference, text="Thanks, will do."), returned(office.reference)
    for mail in (first, second):
        await office.arrives(mail)
    assert f"released to {office.reference}" in await desk(office).release(await number(office), **WHY)
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1
    for mail in (first, second):
        again = await office.arrives(replace(mail, more=[("X-Way", "another")]))
        assert again.verdict == Verdict.DUPLICATE


async def test_what_a_person_calls_genuine_needs_its_other_proofs_all_the_same(office: Office) -> None:
    """A borrowed Message-ID and a sender whom nobody vouches for: it stays held, for that."""
    await office.arrives(Reply(office.reference, text="Thanks, will do."))
    await office.arrives(replace(returned(office.reference), dmarc="fail"))
    assert await office.held() == [Why.ID_USED]
    with pytest.raises(Refused, match="did not confirm"):
        await desk(office).release(await number(office), **WHY)
    assert await office.entries(Event.RETURN_RECORDED) == []


async def test_the_same_mail_by_another_way_is_a_duplicate(office: Office) -> None:
    """Whatever the servers on the way wrote at its head."""
    true = returned(office.reference)
    await office.arrives(true)
    again = await office.arrives(replace(true, more=[("X-Way", "another")]))
    assert (again.verdict, again.fate) == (Verdict.DUPLICATE, Fate.NOTHING)


async def test_what_was_dealt_with_before_message_ids_were_kept_by_case_counts_once(office: Office) -> None:
    """An earlier version remembered a Message-ID by itself; its mails are known to their case by their id."""
    true = returned(office.reference)
    before = await office.arrives(true)
    (marks,) = office.premises.settings.home.rglob("seen")
    rmtree(marks)
    again = await office.arrives(replace(true, more=[("X-Way", "another")]))
    assert again.id == before.id
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1


async def test_a_mail_to_a_case_that_takes_none_is_held(office: Office) -> None:
    """The review does not exist, or has ended."""
    await office.arrives(returned("RR-2019-01"))
    assert await office.held() == [Held.CASE_CLOSED]
    with pytest.raises(Refused, match="still held"):
        await desk(office).release(await number(office), **WHY)


async def test_a_report_on_a_letter_that_was_never_sent_is_held(office: Office) -> None:
    """It bears our signature, and no letter of the case its mark."""
    await office.arrives(bounce(office.reference, "request/gp", quoted=False))
    assert await office.held() == [Held.LETTER_UNKNOWN]


async def test_the_loop_guard_caps_a_case_and_a_sender_and_knows_the_day_after_a_restart(
    office: Office,
) -> None:
    """What goes beyond is held; the same mail again is not counted again; a person lets it through."""
    asks = [Reply(office.reference, "gp", number=n, text="Which dates do you mean?") for n in range(4)]
    async with office.restarted(LoopGuard(MANY, 2)):
        for ask in (asks[0], asks[0], asks[1], asks[2]):
            await office.arrives(ask)
        assert await office.held() == [Held.SENDER_CAP]
    async with office.restarted(LoopGuard(2, MANY)):
        await office.arrives(asks[3])
        assert sorted(await office.held()) == [Held.CASE_CAP, Held.SENDER_CAP]
    for line in await office.room.quarantine.waiting():
        await desk(office).release(line.number, **WHY)
    assert len(await office.entries(Event.MAIL_FILED)) == 4


async def test_a_person_files_a_held_mail_as_a_return_once(office: Office) -> None:
    """Who, when and why are kept; filing it again changes nothing; nobody is thanked by a program."""
    await office.arrives(replace(returned(office.reference), sender="new-officer@police.example"))
    held, given = await number(office), {"agency": "police", "kind": "complete"}
    with pytest.raises(NotReadable, match="reason"):
        await desk(office).file(held, office.reference, given, reason="", by="Business Officer")
    said = await desk(office).file(held, office.reference, given, **WHY)
    assert "complete return, version 1" in said
    assert "was filed on" in await desk(office).file(held, office.reference, given, **WHY)
    assert await office.held() == []
    entry, *_ = await office.entries(Event.RETURN_RECORDED)
    assert entry.by == "Business Officer"
    settlement = await desk(office).quarantine.settlement(held)
    assert settlement
    assert (settlement.action, settlement.reason) == ("filed", "The sender was telephoned")
    await office.review.settle()
    assert office.post.letters("return-received") == []


async def test_what_a_case_refuses_stays_in_quarantine(office: Office) -> None:
    """An agency that was not asked: nothing is lost, nothing half done."""
    await office.arrives(replace(returned(office.reference), dmarc="fail"))
    given = {"agency": "probation", "kind": "complete"}
    with pytest.raises(Refused, match="has not asked an agency"):
        await desk(office).file(await number(office), office.reference, given, **WHY)
    assert await office.held() == [Why.NOT_AUTHENTICATED]


async def test_a_mended_house_releases_what_it_held(office: Office) -> None:
    """Once our server's name is in the settings the same mail counts, and counts once."""
    mail = replace(returned(office.reference), server="mx2.nscp.example")
    await office.arrives(mail)
    held = await number(office)
    with pytest.raises(Refused, match="did not confirm"):
        await desk(office).release(held, **WHY)
    names = {"mail_in_authserv_ids": ("mx2.nscp.example",)}
    settings = office.premises.settings.model_copy(update=names)
    mended = QuarantineDesk(replace(office.premises, settings=settings), office.review.reviews)
    assert f"released to {office.reference}" in await mended.release(held, **WHY)
    assert "was released on" in await mended.release(held, **WHY)
    await office.arrives(mail)
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1


async def test_a_mail_that_was_dealt_with_meanwhile_is_released_to_nobody(office: Office) -> None:
    """The agency sent it again and that was believed: the answer says so, and names no case."""
    mail = replace(returned(office.reference), server="mx2.nscp.example")
    await office.arrives(mail)
    await office.arrives(returned(office.reference))
    said = await desk(office).release(await number(office), **WHY)
    assert said.endswith("No case hears of it: the same mail was dealt with before.")
    assert "None" not in said
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1


async def test_mail_that_nobody_could_have_vouched_for_is_held_for_the_setting(premises: Premises) -> None:
    """Without a name of our mail server no sender is at fault; the sentence names the setting."""
    nameless = premises.place.model_copy(update={"authserv_ids": ()})
    mail = returned("RR-2026-07")
    to, now = (mail.address,), datetime(2026, 12, 15, 10, 30, tzinfo=UTC)
    kept = await Journal(premises.store).take(mail.raw, mail_from=None, rcpt_to=to, received_at=now)
    async with ReadingProcess(nameless) as reader:
        read = await reader.read(kept)
    assert read.why is Why.NOBODY_TRUSTED
    assert "RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS" in sentence(read.why)


def test_whoever_takes_mail_that_nobody_vouches_for_is_told_at_the_start(settings: Settings) -> None:
    """`up` and `serve` say so; `mailbox`, which does nothing else, does not start."""
    assert cautions(settings) == []
    nameless = settings.model_copy(update={"mail_in_authserv_ids": ()})
    assert cautions(nameless) == [ALL_HELD]


async def test_a_dismissed_mail_leaves_the_list_and_stays_in_the_store(office: Office) -> None:
    """The reason is kept, and so is the mail; delivered again it is not listed again."""
    await office.arrives(bounce("RR-2019-01", "request/gp").replace(b"rr-2019-01.", b"rr-2019-02."))
    held = await number(office)
    line = await office.room.quarantine.line(held)
    assert "is dismissed" in await desk(office).dismiss(held, **WHY)
    assert await office.held() == []
    assert await office.premises.store.get(line.arrival.mail)
    with pytest.raises(Refused, match="quarantine list"):
        await desk(office).dismiss("000000000000", **WHY)


def test_every_reason_has_its_sentence() -> None:
    """Those of the postbox and our own, none under the same name."""
    assert {sentence(reason) for reason in (*Why, *Held)} == {*SENTENCES.values(), *HELD.values()}
    assert not {*Why} & {*Held}
