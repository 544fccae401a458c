"""The quarantine: mails that wait for a person, with the reason; and what a person did about each.

A line lies in the encrypted store as ``quarantine/<number>.held``, where the number is the first 12
hexadecimal characters of the mail's SHA-256; ``.settled`` beside it says who did what, and why.
"""

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from domain.errors import Refused
from domain.messages import Message, Person, Words
from postbox.verdicts import SENTENCES, Why
from starter.mailroom.journal import Arrival
from starter.mailroom.read import Read
from vault.documents import DocumentStore


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
        await self._store.create(_path(line.number, "held"), line.model_dump_json().encode())

    async def line(self, number: str) -> Line:
        """One mail.

        Raises:
            Refused: there is none of that number.
        """
        kept = await self._store.read(_path(number, "held"))
        if kept is None:
            raise Refused(f"No mail {number} is in quarantine. See them with `rapid-review quarantine-list`.")
        return Line.model_validate_json(kept)

    async def settlement(self, number: str) -> Settlement | None:
        """What was done about a mail; None while it waits."""
        kept = await self._store.read(_path(number, "settled"))
        return Settlement.model_validate_json(kept) if kept is not None else None

    async def waiting(self) -> list[Line]:
        """The mails about which nothing has been done, the oldest first."""
        paths = await self._store.list("quarantine")
        done = {path.removesuffix(".settled") for path in paths if path.endswith(".settled")}
        numbers = [path.removesuffix(".held") for path in paths if path.endswith(".held")]
        lines = [await self.line(n.rpartition("/")[2]) for n in numbers if n not in done]
        return sorted(lines, key=lambda line: line.arrival.received_at)

    async def settle(self, number: str, settlement: Settlement) -> Settlement:
        """Write down what was done about a mail; what was done first stands, and is answered."""
        await self._store.create(_path(number, "settled"), settlement.model_dump_json().encode())
        return await self.settlement(number) or settlement


def _path(number: str, record: str) -> str:
    return f"quarantine/{number}.{record}"
