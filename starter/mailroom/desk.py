"""What a person does about a mail in quarantine: file it, release it or dismiss it, once, with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from domain.errors import Refused
from domain.messages import AgencyReturn
from domain.timetable import london
from postbox.verdicts import Verdict, Why
from starter.arguments import built
from starter.mailroom.journal import Journal
from starter.mailroom.quarantine import Line, Quarantine, Settlement, sentence
from starter.mailroom.read import Read
from starter.mailroom.reader import Place, ReadingProcess
from starter.mailroom.room import UNTOLD
from starter.mailroom.running import Premises
from starter.reviews import Reviews
from vault.documents import DocumentStore


@dataclass(frozen=True)
class QuarantineDesk:
    """Settles mails in quarantine; each is settled once, and asking again says how."""

    premises: Premises
    reviews: Reviews

    @property
    def store(self) -> DocumentStore:
        """Where the mails are."""
        return self.premises.store

    @property
    def quarantine(self) -> Quarantine:
        """The mails that wait."""
        return Quarantine(self.store)

    async def file(
        self, number: str, reference: str, given: Mapping[str, object], *, reason: str, by: str
    ) -> str:
        """Record a mail as an agency's return: ``given`` has agency, kind and people_searched.

        Raises:
            Refused: the case does not take it, or there is no such mail.
            NotReadable: something of what was given is wrong.
        """
        line = await self.quarantine.line(number)
        settlement = _settlement("filed", reason, by)
        if before := await self.quarantine.settlement(number):
            return _known(number, before)
        fact = built(
            AgencyReturn,
            id=line.read.id,
            received_at=line.arrival.received_at,
            documents=(line.arrival.mail, *line.read.documents),
            recorded_by=by,
            **given,
        )
        receipt = await self.reviews.tell(reference, fact)
        return f"{reference}: {receipt.recorded} {await self._settled(line, line.read, settlement)}"

    async def release(self, number: str, *, reason: str, by: str) -> str:
        """Read a mail again, as the office now stands, and tell its case, past the loop guard.

        Whoever releases it says that it is genuine: a Message-ID used before does not hold it any more.

        Raises:
            Refused: it is still held, for the reason in the sentence.
        """
        line = await self.quarantine.line(number)
        settlement = _settlement("released", reason, by)
        if before := await self.quarantine.settlement(number):
            return _known(number, before)
        read = await self._read_again(line)
        if read.verdict not in UNTOLD and (held := await self.premises.teller.tell(read, line.arrival)):
            raise Refused(f"Mail {number} is still held. {sentence(held)}")
        return await self._settled(line, read, settlement)

    async def dismiss(self, number: str, *, reason: str, by: str) -> str:
        """Take a mail off the list.

        Raises:
            Refused: there is no such mail.
        """
        await self.quarantine.expect(number)
        settlement = _settlement("dismissed", reason, by)
        if before := await self.quarantine.settlement(number):
            return _known(number, before)
        kept = await self.quarantine.settle(number, settlement)
        return f"Mail {number} is {kept.action}. It stays in the store."

    async def _read_again(self, line: Line) -> Read:
        place = self.premises.place
        read = await _read_at(place, line)
        if read.why is Why.ID_USED:
            read = await _read_at(place.model_copy(update={"genuine": True}), line)
        if read.verdict is Verdict.QUARANTINED:
            raise Refused(
                f"Mail {line.number} is still held. {sentence(read.why or line.reason)} If it is a return "
                "all the same, use quarantine file."
            )
        return read

    async def _settled(self, line: Line, read: Read, settlement: Settlement) -> str:
        await Journal(self.store).mark_seen(read)
        kept = await self.quarantine.settle(line.number, settlement)
        if kept.action == "released" and read.verdict in UNTOLD:
            return f"Mail {line.number} is released. No case hears of it: {_NOT_TOLD[read.verdict]}"
        told = f" to {read.reference}" if kept.action == "released" else ""
        return f"Mail {line.number} is {kept.action}{told}."


async def _read_at(place: Place, line: Line) -> Read:
    async with ReadingProcess(place) as reader:
        return await reader.read(line.arrival)


_NOT_TOLD = {
    Verdict.DUPLICATE: "the same mail was dealt with before.",
    Verdict.LOOP: "it is a letter of our own that came back.",
}


def _settlement(action: Literal["filed", "released", "dismissed"], reason: str, by: str) -> Settlement:
    return built(Settlement, action=action, reason=reason, by=by, at=datetime.now(UTC))


def _known(number: str, before: Settlement) -> str:
    return f"Mail {number} was {before.action} on {london(before.at)}. Nothing was changed."
