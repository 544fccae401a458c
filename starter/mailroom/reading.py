"""The process that reads mail, apart from all others: ``python -m starter.mailroom.reading``.

A mail can be built to take for ever or to fill the memory; whoever reads it can then be ended without
harm. It is told its place and then one arrival after another, each a line of JSON, and answers each with a
line: what it read, or what kind of trouble it had. Nothing of a mail's content ever leaves it but into the
encrypted store.
"""

import asyncio
import sys
from dataclasses import replace
from functools import partial

from domain.errors import NotReachable, RapidReviewError
from domain.messages import DocumentRef
from domain.partnership import load_partnership
from domain.tokens import PURPOSE
from postbox.house import House, Limits
from postbox.reading import read
from postbox.verdicts import RETURNS, Reading
from starter.mailroom.clamd import ClamdScanner
from starter.mailroom.journal import Arrival, Journal
from starter.mailroom.read import Read, plain
from starter.mailroom.reader import Answer, Place
from vault.documents import DocumentStore
from vault.keys import KeyRing

SENDER = "mail-sender"
"""What the key ring signs a sender's address for, to tell senders apart without keeping who they are."""

TEXT = "text/plain"


class Reader:
    """Reads mails one at a time, putting what counts of them into the store."""

    def __init__(self, place: Place, runner: asyncio.Runner) -> None:
        """Read for a place; whatever the store is asked is asked through ``runner``."""
        self._run = runner.run
        self._clamd = place.clamd
        self._keyring = KeyRing.read(place.keyring)
        self._store = DocumentStore(place.store, self._keyring)
        journal = Journal(self._store)
        self._house = House(
            partnership=load_partnership(place.partnership),
            authserv_ids=frozenset(place.authserv_ids),
            verify=partial(self._keyring.verify, PURPOSE),
            seen=lambda message: frozenset() if place.genuine else self._run(journal.seen(message)),
            limits=Limits(mail=place.size_limit),
        )

    def answer(self, arrival: Arrival) -> Answer:
        """Read a stored mail; never raises."""
        try:
            return Answer(read=self._plain(self._reading(arrival)))
        except NotReachable as trouble:
            return Answer(later=str(trouble))
        except Exception as error:  # noqa: BLE001 - whatever it is, a person looks at the mail, not at a traceback
            return Answer(failed=type(error).__name__)

    def _reading(self, arrival: Arrival) -> Reading:
        """What the postbox says; the mail itself, which may be large, is let go of with it."""
        scan = ClamdScanner(self._clamd) if self._clamd else None
        return read(
            self._run(self._store.get(arrival.mail)), arrival.envelope, replace(self._house, scan=scan)
        )

    def _plain(self, reading: Reading) -> Read:
        address = reading.sender.lower()
        sender = self._keyring.sign(SENDER, address) if address else ""
        return plain(reading, sender, self._kept(reading) if reading.verdict in RETURNS else ())

    def _kept(self, reading: Reading) -> tuple[DocumentRef, ...]:
        """The attachments that count, and the text above the quote, put into the store."""
        kinds = (ref.media_type for ref in reading.attachments)
        documents = list(zip(reading.contents, kinds, strict=True))
        if text := reading.text.strip().encode():
            documents.append((text, TEXT))
        return self._run(self._store.put_all(*documents))


def main() -> None:
    """Serve until nobody asks any more."""
    lines = iter(sys.stdin.buffer.readline, b"")
    with asyncio.Runner() as runner:
        try:
            reader = Reader(Place.model_validate_json(next(lines)), runner)
        except RapidReviewError as refusal:
            _say(Answer(later=str(refusal)))
            return
        _say(Answer())
        for line in lines:
            _say(reader.answer(Arrival.model_validate_json(line)))


def _say(answer: Answer) -> None:
    sys.stdout.buffer.write(answer.model_dump_json().encode() + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
