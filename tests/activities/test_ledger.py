"""The ledger: one fresh claim for each letter, and no letter forgotten."""

import asyncio
from datetime import timedelta
from pathlib import Path

from activities.ledger import Claim, ClaimState, MailLedger
from tests.activities.conftest import AS_OF
from vault.documents import DocumentStore
from vault.keys import KeyRing

CASE, KEY, MESSAGE_ID = "RR-2026-07", "reminder/2/police", "<one@replies.example>"


async def claim(ledger: MailLedger, message_id: str = MESSAGE_ID) -> Claim:
    """Claim the one letter of these tests."""
    return await ledger.claim(CASE, KEY, message_id, AS_OF)


async def test_first_claim_is_fresh(ledger: MailLedger) -> None:
    """Nobody has handed it over, and nothing is settled by claiming it."""
    assert (await claim(ledger)).state is ClaimState.FRESH
    assert await ledger.settled(CASE, KEY) is None


async def test_claim_left_open_is_interrupted_and_keeps_its_message_id(ledger: MailLedger) -> None:
    """A second attempt goes out under the first one's Message-ID, whatever it would make now."""
    await claim(ledger)
    again = await claim(ledger, "<other@replies.example>")
    assert again.state is ClaimState.INTERRUPTED
    assert (again.entry.message_id, again.entry.attempts) == (MESSAGE_ID, 2)


async def test_only_one_of_many_claims_is_fresh(ledger: MailLedger) -> None:
    """However many attempts race, one is first."""
    claims = await asyncio.gather(*(claim(ledger) for _ in range(8)))
    assert sorted(c.state for c in claims) == ["fresh", *["interrupted"] * 7]


async def test_accepted_letter_is_settled(ledger: MailLedger) -> None:
    """What the server took is on record with its reply code, and claiming it again says so."""
    accepted = await ledger.accepted(await claim(ledger), 250)
    assert await ledger.settled(CASE, KEY) == accepted
    assert (accepted.code, accepted.as_of) == (250, AS_OF)
    again = await claim(ledger)
    assert again.state is ClaimState.ACCEPTED
    assert again.settled


async def test_acceptance_lost_to_a_power_failure_leaves_the_letter_in_doubt(
    keyring: KeyRing, tmp_path: Path
) -> None:
    """Before the batch was flushed its file may be empty: the letter is claimed again, and settled again."""
    ledger = MailLedger(DocumentStore(tmp_path.as_uri(), keyring))
    await ledger.accepted(await claim(ledger), 250)
    [record] = tmp_path.rglob("*.accepted")  # noqa: ASYNC240 - a folder of two files
    record.write_bytes(b"")
    assert await ledger.settled(CASE, KEY) is None
    again = await claim(ledger, "<other@replies.example>")
    assert (again.state, again.entry.message_id) == (ClaimState.INTERRUPTED, MESSAGE_ID)
    accepted = await ledger.accepted(again, 250)
    assert await ledger.settled(CASE, KEY) == accepted


async def test_untouched_are_those_nobody_has_claimed(ledger: MailLedger) -> None:
    """Whatever became of the others, and whatever other cases have."""
    await ledger.accepted(await claim(ledger), 250)
    await ledger.claim(CASE, "a", MESSAGE_ID, AS_OF)
    await ledger.refused(CASE, "b", MESSAGE_ID, AS_OF, code=550, status="5.1.1")
    await ledger.claim("RR-2026-08", "c", MESSAGE_ID, AS_OF)
    assert await ledger.untouched(CASE, [KEY, "a", "b", "c", "d"]) == {"c", "d"}


async def test_refused_letter_is_settled(ledger: MailLedger) -> None:
    """A refusal is final for its key."""
    await ledger.refused(CASE, KEY, MESSAGE_ID, AS_OF, code=550, status="5.1.1")
    entry = await ledger.settled(CASE, KEY)
    assert entry
    assert (entry.state, entry.code, entry.status) == ("refused", 550, "5.1.1")
    await ledger.accepted(await claim(ledger, KEY + "/again"), 250)


async def test_postponed_letter_is_fresh_again(ledger: MailLedger) -> None:
    """The server said that it did not take it, so nothing is in doubt."""
    await ledger.postponed(await claim(ledger))
    again = await claim(ledger)
    assert (again.state, again.entry.attempts) == (ClaimState.FRESH, 2)


async def test_doubt_outlives_a_later_postponement(ledger: MailLedger) -> None:
    """A "not now" to the second attempt says nothing about the first."""
    await claim(ledger)
    await ledger.postponed(await claim(ledger))
    assert (await claim(ledger)).state is ClaimState.INTERRUPTED


async def test_ledger_is_keyed_by_case_and_letter(ledger: MailLedger) -> None:
    """Another case's letter of the same key is another letter."""
    await claim(ledger)
    other = await ledger.claim("RR-2026-08", KEY, MESSAGE_ID, AS_OF)
    assert other.state is ClaimState.FRESH


async def test_entries_give_the_last_word_on_each_letter(ledger: MailLedger) -> None:
    """For the archive: one entry a letter, in the order of their keys."""
    await ledger.accepted(await ledger.claim(CASE, "b", MESSAGE_ID, AS_OF), 250)
    await ledger.claim(CASE, "a", MESSAGE_ID, AS_OF + timedelta(days=1))
    await ledger.refused(CASE, "c", MESSAGE_ID, AS_OF, code=550, status="5.1.1")
    await ledger.claim("RR-2026-08", "d", MESSAGE_ID, AS_OF)
    states = [(entry.letter, entry.state) for entry in await ledger.entries(CASE)]
    assert states == [("a", "claimed"), ("b", "accepted"), ("c", "refused")]


async def test_paths_hold_hashes_not_keys(ledger: MailLedger, store: DocumentStore) -> None:
    """A path says case and hash, so that no key can smuggle a word into it."""
    await ledger.accepted(await claim(ledger), 250)
    paths = await store.list(f"ledger/{CASE}")
    assert [path.rpartition(".")[2] for path in paths] == ["accepted", "claimed"]
    assert all("police" not in path for path in paths)
