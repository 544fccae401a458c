"""Having a mail read: by a process of its own, within a time limit, and never by this one."""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path
from typing import Protocol, Self

from domain.errors import NotReachable
from domain.messages import Message
from postbox.house import Limits
from starter.mailroom.journal import Arrival
from starter.mailroom.read import Read, unreadable

WITHIN_SECONDS = 30.0
"""How long the reading of one mail, however large, may take."""

_LONGEST_LINE = 2**20


class Place(Message):
    """Where the reader works: which partnership, keys and store, whose Authentication-Results count.

    ``genuine``: a person says so of what is read there, whatever came before under its Message-ID.
    """

    partnership: Path
    keyring: Path
    store: str
    authserv_ids: tuple[str, ...] = ()
    size_limit: int = Limits().mail
    clamd: str = ""
    genuine: bool = False


class Answer(Message):
    """What became of the reading of one mail: what was read, or why not.

    ``later`` is the sentence of what could not be asked just now; ``failed`` the type of anything else.
    """

    read: Read | None = None
    later: str = ""
    failed: str = ""


class NotRead(Exception):
    """A fault in the reading itself; its text is the type of the error and nothing of the mail."""


class MailReader(Protocol):
    """Whoever reads mail."""

    async def read(self, arrival: Arrival) -> Read:
        """What a mail is.

        Raises:
            NotReachable: it cannot be read just now; try later.
            NotRead: it cannot be read, by a fault of ours.
        """
        ...


class ReadingProcess:
    """The process that reads, started when it is needed and again when it had to be ended."""

    def __init__(self, place: Place, within: float = WITHIN_SECONDS) -> None:
        """Have mail of a place read, each in ``within`` seconds."""
        self._place = place
        self._within = within
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        """Start the process, so that the first mail need not wait for it."""
        async with self._turn:
            await self._started()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self._ended()

    @property
    def pid(self) -> int | None:
        """The id of the process while there is one."""
        return self._process.pid if self._process else None

    async def read(self, arrival: Arrival) -> Read:
        """What a mail is; unreadable where that takes too long or ends the process."""
        async with self._turn:
            # A process that is gone may have been ended by anybody; one that goes twice, by this mail.
            answer = await self._answer(arrival) or await self._answer(arrival)
        if answer is None:
            return unreadable(arrival.mail)
        if answer.read:
            return answer.read
        if answer.later:
            raise NotReachable(answer.later)
        raise NotRead(answer.failed)

    async def _answer(self, arrival: Arrival) -> Answer | None:
        """The process's answer; None where it went, or answers what is no answer, and then it is ended."""
        process = await self._started()
        try:
            async with asyncio.timeout(self._within):
                return await _asked(process, arrival)
        except TimeoutError:
            await self._ended()
            return Answer(read=unreadable(arrival.mail))
        except (ConnectionError, EOFError, ValueError):  # a line too long, or not of the form of an answer
            await self._ended()
            return None
        except asyncio.CancelledError:
            await self._ended()  # or the next to ask would be given this one's answer
            raise

    async def _started(self) -> asyncio.subprocess.Process:
        if self._process and self._process.returncode is None:
            return self._process
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "starter.mailroom.reading"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,  # a library's complaint may quote a mail
            limit=_LONGEST_LINE,
            start_new_session=True,  # Ctrl-C is for the program, which ends this one itself
        )
        try:
            ready = await _asked(self._process, self._place)
        except (ConnectionError, EOFError, ValueError):
            ready = Answer(later="The process that reads mail does not start. Look at this machine's memory.")
        if ready.later:
            await self._ended()
            raise NotReachable(ready.later)
        return self._process

    async def _ended(self) -> None:
        process, self._process = self._process, None
        if process:
            with suppress(ProcessLookupError):
                process.kill()
            # Both pipes are emptied and closed here; a transport left to the collector would complain.
            await process.communicate()


async def _asked(process: asyncio.subprocess.Process, question: Place | Arrival) -> Answer:
    if not process.stdin or not process.stdout:
        raise EOFError
    process.stdin.write(question.model_dump_json().encode() + b"\n")
    await process.stdin.drain()
    line = await process.stdout.readline()
    if not line:
        raise EOFError
    return Answer.model_validate_json(line)
