"""The mail ledger: which letters have gone out, so that none goes twice unmarked.

A letter is known by its case's reference and its key, never by a run of the workflow, so that a reset
mails nobody again. Up to three records of it stand side by side (a folder for each letter would double the
cost) as ``ledger/<reference>/<first 32 hex of the key's SHA-256>.<record>``: ``claimed``, made atomically
just before the message is handed over; ``accepted``, once the server has taken it; ``refused``, once the
server has said it never will.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Literal

from pydantic import AwareDatetime

from domain.errors import NotSealed
from domain.messages import Message
from vault.documents import DocumentStore


class ClaimState(StrEnum):
    """What is known of a letter as it is about to be handed over."""

    FRESH = "fresh"
    INTERRUPTED = "interrupted"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class LedgerEntry(Message):
    """One record of one letter: plain facts only, no address.

    ``state`` ``postponed`` is a claim the server answered with "not now": nothing is in doubt.
    ``attempts`` counts the times it was handed over; ``as_of`` is the moment it was written for;
    ``code`` is the server's reply (RFC 5321) and ``status`` the enhanced code of a refusal (RFC 3463),
    which an accepted letter has too where only some of its recipients were taken.
    """

    letter: str
    message_id: str
    as_of: AwareDatetime
    state: Literal["claimed", "postponed", "accepted", "refused"] = "claimed"
    attempts: int = 1
    code: int = 0
    status: str = ""


@dataclass(frozen=True)
class Claim:
    """The answer to a claim: what is known of the letter, and the record it goes under.

    The entry of an interrupted letter keeps the Message-ID it was first handed over with.
    """

    state: ClaimState
    reference: str
    entry: LedgerEntry

    @property
    def settled(self) -> bool:
        """Whether nothing is left to be sent."""
        return self.state in (ClaimState.ACCEPTED, ClaimState.REFUSED)


class MailLedger:
    """Remembers letters in the encrypted store."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep the ledger in ``store``, which must offer an atomic create."""
        self._store = store

    async def untouched(self, reference: str, letter_keys: Iterable[str]) -> frozenset[str]:
        """Those of a case's letters that nobody has yet claimed: one question for a whole batch."""
        begun = {path.rpartition(".")[0] for path in await self._store.list(f"ledger/{reference}")}
        return frozenset(key for key in letter_keys if _path(reference, key) not in begun)

    async def settled(self, reference: str, letter_key: str) -> LedgerEntry | None:
        """The record of a letter that was accepted or refused; None while it is still to be sent."""
        path = _path(reference, letter_key)
        with suppress(NotSealed):  # a power failure before `flush` left it empty: the claim is in doubt again
            if accepted := await self._read(f"{path}.accepted"):
                return accepted
        return await self._read(f"{path}.refused")

    async def claim(self, reference: str, letter_key: str, message_id: str, as_of: datetime) -> Claim:
        """Claim a letter just before it is handed over.

        ``fresh``: nobody has handed it over. ``interrupted``: somebody may have, and was cut off before
        the answer was written down: send it again under the entry's Message-ID, and say so in it.
        """
        path = _path(reference, letter_key)
        entry = LedgerEntry(letter=letter_key, message_id=message_id, as_of=as_of)
        if await self._store.create(f"{path}.claimed", _bytes(entry)):
            return Claim(ClaimState.FRESH, reference, entry)
        if done := await self.settled(reference, letter_key):
            return Claim(ClaimState(done.state), reference, done)
        before = await self._read(f"{path}.claimed") or entry
        state = ClaimState.FRESH if before.state == "postponed" else ClaimState.INTERRUPTED
        again = before.model_copy(
            update={"state": "claimed", "attempts": before.attempts + 1, "as_of": as_of}
        )
        await self._store.replace(f"{path}.claimed", _bytes(again))
        return Claim(state, reference, again)

    async def postponed(self, claim: Claim) -> None:
        """The server said "not now". A letter already in doubt stays in doubt."""
        if claim.state is ClaimState.FRESH:
            later = claim.entry.model_copy(update={"state": "postponed"})
            await self._store.replace(f"{_path(claim.reference, later.letter)}.claimed", _bytes(later))

    async def accepted(self, claim: Claim, code: int, status: str = "") -> LedgerEntry:
        """The server took the letter; ``status`` says why some of its recipients were refused.

        A power failure before `flush` may undo this record, and the letter is then in doubt again.
        """
        entry = claim.entry.model_copy(update={"state": "accepted", "code": code, "status": status})
        path = f"{_path(claim.reference, entry.letter)}.accepted"
        await self._store.replace(path, _bytes(entry), flush=False)
        return entry

    async def flush(self, reference: str) -> None:
        """See the records of a case safely onto the disk: once for a batch, before it is answered for."""
        await self._store.flush(f"ledger/{reference}")

    async def refused(
        self, reference: str, letter_key: str, message_id: str, as_of: datetime, *, code: int, status: str
    ) -> LedgerEntry:
        """The server will never take the letter: it is not tried again under this key."""
        entry = LedgerEntry(
            letter=letter_key, message_id=message_id, as_of=as_of, state="refused", code=code, status=status
        )
        await self._store.create(f"{_path(reference, letter_key)}.refused", _bytes(entry))
        return entry

    async def entries(self, reference: str) -> tuple[LedgerEntry, ...]:
        """The latest record of every letter of a case, by letter key: for the archive."""
        paths = await self._store.list(f"ledger/{reference}")
        found = await asyncio.gather(*(self._read(path) for path in paths))
        latest = {entry.letter: entry for entry in sorted(filter(None, found), key=_weight)}
        return tuple(latest[key] for key in sorted(latest))

    async def _read(self, path: str) -> LedgerEntry | None:
        plain = await self._store.read(path)
        return LedgerEntry.model_validate_json(plain) if plain is not None else None


def _path(reference: str, letter_key: str) -> str:
    return f"ledger/{reference}/{sha256(letter_key.encode()).hexdigest()[:32]}"


def _bytes(entry: LedgerEntry) -> bytes:
    return entry.model_dump_json().encode()


def _weight(entry: LedgerEntry) -> int:
    return ["claimed", "postponed", "refused", "accepted"].index(entry.state)
