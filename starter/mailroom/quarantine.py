"""The quarantine: mails that wait for a person, with the reason; and what a person did about each.

A line lies in the encrypted store as ``quarantine/<number>.held``, where the number is the first 12
hexadecimal characters of the mail's SHA-256; ``.settled`` beside it says who did what, and why. A mail whose
entry in the journal does not open has a ``.damaged`` instead, numbered by the entry.
"""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from domain.errors import NotSealed, Refused
from domain.messages import Message, Person, Words
from postbox.verdicts import SENTENCES, Why
from starter.mailroom.journal import Arrival, Journal, opened, path_of
from starter.mailroom.read import Read
from vault.documents import DocumentStore

HELD_LINE, DAMAGED, SETTLED = "held", "damaged", "settled"


class Held(StrEnum):
    """Why a mail that could be read is held all the same."""

    CASE_CLOSED = "case_closed"
    NO_TAKER = "no_taker"
    LETTER_UNKNOWN = "letter_unknown"
    CASE_CAP = "case_cap"
    SENDER_CAP = "sender_cap"
    TROUBLE = "trouble"


HELD: dict[Held, str] = {
    Held.CASE_CLOSED: "Its case takes no mail: it is closed, or not yet under review. Answer the sender.",
    Held.NO_TAKER: "It answers somebody who takes no answers by mail. Read it, and record what it says.",
    Held.LETTER_UNKNOWN: "It says a letter did not arrive, and we sent no such letter. Look into it.",
    Held.CASE_CAP: "Its case has had more mails than a day brings. Look for a loop, then release it.",
    Held.SENDER_CAP: "Its sender has sent more mails than a day brings. Look for a loop, then release it.",
    Held.TROUBLE: "The program failed at it. Read it by hand, file what it holds, and report the failure.",
}
"""Each in a sentence and its remedy."""


def sentence(reason: str) -> str:
    """A reason, in words for a person."""
    return HELD[Held(reason)] if reason in {*Held} else SENTENCES[Why(reason)]


class Line(Message):
    """One mail in quarantine: how it came, what was read of it, and why it is held."""

    arrival: Arrival
    read: Read
    reason: str

    @property
    def number(self) -> str:
        """What a person calls it by."""
        return self.arrival.mail.sha256[:12]


class Damaged(Message):
    """A mail that is kept and does not open: its number, and where in the store the damage is."""

    number: str
    path: str

    @property
    def sentence(self) -> str:
        """What it is, and the remedy."""
        return (
            f"Mail {self.number} is kept, and does not open: {self.path} in the store is damaged. Restore it "
            "from the backup, then start the mailbox again."
        )


class Settlement(Message):
    """What a person did about a mail in quarantine, and why."""

    action: Literal["filed", "released", "dismissed"]
    reason: Words
    by: Person
    at: AwareDatetime


class Quarantine:
    """The mails that wait for a person."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep them in ``store``."""
        self._store = store

    async def hold(self, line: Line) -> None:
        """Put a mail into quarantine; one that lies there already is left as it is."""
        await self._store.create(_path(line.number, HELD_LINE), line.model_dump_json().encode())

    async def set_aside(self, entry: str) -> None:
        """Have a mail listed whose entry in the journal does not open, until it does or is dismissed."""
        number = entry.rpartition("/")[2][:12]
        await self._store.create(_path(number, DAMAGED), entry.encode())

    async def line(self, number: str) -> Line:
        """One mail.

        Raises:
            Refused: there is none of that number.
            NotSealed: it is damaged.
        """
        await self.expect(number)
        if line := await self._line(number):
            return line
        damage = await self._damage(number) or Damaged(number=number, path=_path(number, DAMAGED))
        raise NotSealed(damage.sentence)

    async def expect(self, number: str) -> None:
        """See that there is a mail of this number, damaged or not; Refused where there is none."""
        listed = await self._store.list("quarantine")
        if not {_path(number, HELD_LINE), _path(number, DAMAGED)} & {*listed}:
            raise Refused(f"No mail {number} is in quarantine. See them with `rapid-review quarantine list`.")

    async def _line(self, number: str) -> Line | None:
        """One mail; None where there is no line of it that opens."""
        path = _path(number, HELD_LINE)
        try:
            kept = await self._store.read(path)
            return opened(Line, kept, path) if kept is not None else None
        except NotSealed:
            return None

    async def settlement(self, number: str) -> Settlement | None:
        """What was done about a mail; None while it waits."""
        path = _path(number, SETTLED)
        kept = await self._store.read(path)
        return opened(Settlement, kept, path) if kept is not None else None

    async def waiting(self) -> list[Line]:
        """The mails about which nothing has been done, the oldest first, but for those that do not open."""
        lines = [await self._line(number) for number in await self._unsettled(HELD_LINE)]
        return sorted((line for line in lines if line), key=lambda line: line.arrival.received_at)

    async def number_waiting(self) -> int:
        """How many mails wait for a person, those that do not open among them."""
        held, set_aside = await self._unsettled(HELD_LINE), await self._unsettled(DAMAGED)
        return len(held) + len([number for number in set_aside if await self._damage(number)])

    async def damaged(self) -> list[Damaged]:
        """The mails that are kept and do not open, but for those that were mended or dismissed."""
        lines = [number for number in await self._unsettled(HELD_LINE) if not await self._line(number)]
        found = [await self._damage(number) for number in (*lines, *await self._unsettled(DAMAGED))]
        return [damage for damage in found if damage]

    async def _damage(self, number: str) -> Damaged | None:
        """Where a mail is damaged; None where its entry in the journal was restored and carried on."""
        path = _path(number, HELD_LINE)
        try:
            entry = await self._store.read(_path(number, DAMAGED))
        except NotSealed:
            return Damaged(number=number, path=_path(number, DAMAGED))
        if entry is None:
            return Damaged(number=number, path=path)
        mended = await Journal(self._store).settled(entry.decode())
        return None if mended else Damaged(number=number, path=path_of(entry.decode()))

    async def _unsettled(self, record: str) -> list[str]:
        """The numbers that have such a record, and about which nothing has been done."""
        listed = [
            path.removeprefix("quarantine/").rpartition(".") for path in await self._store.list("quarantine")
        ]
        done = {number for number, _, kind in listed if kind == SETTLED}
        return [number for number, _, kind in listed if kind == record and number not in done]

    async def settle(self, number: str, settlement: Settlement) -> Settlement:
        """Write down what was done about a mail; what was done first stands, and is answered."""
        await self._store.create(_path(number, SETTLED), settlement.model_dump_json().encode())
        return await self.settlement(number) or settlement


def _path(number: str, record: str) -> str:
    return f"quarantine/{number}.{record}"
