"""Fifty reviews while their worker is killed a hundred times: what arrives, what twice, what never."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from temporalio.client import WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from activities.mail import POSSIBLE_DUPLICATE
from bench.place import Bench, bench
from bench.row import Row
from bench.script import play, whole_review
from domain.messages import DocumentRef, Outcome
from domain.tokens import LETTER_KEY, parse_message_id
from starter.reviews import Reviews
from tests.crash.worker_process import WorkerProcess

REVIEWS, KILLS = 50, 100
LIFE = (0.5, 3.0)
"""Seconds a worker lives, between these: its start takes about one of them."""

PAUSE = 50.0
"""Seconds of pause, at most, before each phase of a review, so that the reviews last as long as the kills."""

PATIENCE = 600.0
"""Seconds after the last kill within which every review must have ended."""

SEED = 2026
"""So that two runs kill after the same intervals; what they hit differs all the same."""


@dataclass
class Post:
    """What the mail server took, by case and letter."""

    taken: dict[str, dict[str, list[EmailMessage]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def copies(self) -> Iterator[list[EmailMessage]]:
        """The copies of every letter that came more than once."""
        for letters in self.taken.values():
            yield from (copies for copies in letters.values() if len(copies) > 1)

    def missing(self, references: list[str], expected: set[str]) -> int:
        """How many letters never came."""
        return sum(len(expected - set(self.taken[reference])) for reference in references)


async def measure() -> list[Row]:
    """Play one review undisturbed, to know its letters; then the others, while the worker is killed."""
    async with bench() as place, place.worker("ours") as worker:
        report = await place.report()
        undisturbed = await _reviewed(place, report, pause=0)
        expected = set(_post(place).taken[undisturbed[0]])
        began = time.perf_counter()
        playing = asyncio.gather(*(_reviewed(place, report, PAUSE) for _ in range(REVIEWS)))
        async with asyncio.timeout(KILLS * LIFE[1] + PATIENCE):
            struck = await _killed(worker, playing)
            ended = await playing
        took = time.perf_counter() - began
        outcome = _told(ended, _post(place), expected)
    kills = Row("kills, of which while reviews ran", f"{KILLS}, {struck}")
    return [*outcome, kills, Row("seconds in all", f"{took:.0f}")]


def _told(ended: list[tuple[str, bool]], post: Post, expected: set[str]) -> list[Row]:
    references = [reference for reference, _ in ended]
    right = sum(rightly for _, rightly in ended)
    missing = post.missing(references, expected)
    copies = list(post.copies())
    strays = sum(not _accounted_for(letters) for letters in copies)
    again = sum(len(letters) - 1 for letters in copies)
    letters = len(expected) * REVIEWS
    return [
        Row("reviews ended right", f"{right} of {REVIEWS}", f"{REVIEWS}", right == REVIEWS),
        Row("letters missing", f"{missing} of {letters}", "0", missing == 0),
        Row("letters sent again, marked, under their Message-ID", f"{again} of {letters}", "few"),
        Row("letters twice without a mark or a Message-ID", f"{strays}", "0", strays == 0),
    ]


def _accounted_for(copies: list[EmailMessage]) -> bool:
    """Whether one letter's copies share a Message-ID, and all but the first say what they are."""
    same = len({letter["Message-ID"] for letter in copies}) == 1
    return same and all(letter[POSSIBLE_DUPLICATE] for letter in copies[1:])


async def _killed(worker: WorkerProcess, playing: "asyncio.Future[Any]") -> int:
    """Kill and start the worker again and again; answers how often reviews were still running."""
    chance = random.Random(SEED)  # noqa: S311 - moments, not secrets
    struck = 0
    for _ in range(KILLS):
        await asyncio.sleep(chance.uniform(*LIFE))
        await worker.kill()
        await worker.start()
        struck += not playing.done()
    return struck


async def _reviewed(place: Bench, report: DocumentRef, pause: float) -> tuple[str, bool]:
    """Play one review to its end, with pauses of up to ``pause`` seconds between its phases."""
    opening = await place.opening()
    await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - moments, not secrets
    handle = await Reviews(place.client, "ours").open(opening)
    script = whole_review(opening, report)
    while True:
        try:
            await play(handle, script, pause)
        except (RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
            continue  # nobody answered for a while; told again, a fact is taken once
        concluded = await handle.result()
        return opening.reference, concluded.outcome is Outcome.NO_CSPR and concluded.breaches == 0


def _post(place: Bench) -> Post:
    post = Post()
    for letter in place.sink.messages():
        token, _, _ = parse_message_id(letter["Message-ID"])
        post.taken[token.reference][letter[LETTER_KEY]].append(letter)
    return post
