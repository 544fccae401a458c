"""How many mails the postbox reads, and how long one with a large attachment takes."""

import asyncio
import time
from itertools import cycle, islice
from statistics import quantiles

from bench.row import Row
from postbox.reading import read
from postbox.verdicts import RETURNS
from tests.postbox.clients import Reply, simple
from tests.postbox.corpus import named, raw
from tests.postbox.pieces import ENVELOPE, HOUSE, pdf

AIM = 100
BURST = 1000
LARGE = 25 * 1024 * 1024


async def measure() -> list[Row]:
    """A thousand replies with forms, in a burst, and then one with 25 MB attached."""
    return await asyncio.to_thread(_measured)


def _measured() -> list[Row]:
    replies = list(islice(cycle([raw(name) for name in named(RETURNS)]), BURST))
    took = [_seconds(reply) for reply in replies]
    large = simple(Reply(attached=(pdf(bytes(LARGE)),)))
    return [
        Row.at_least("replies with a return, each second of processor time", BURST / sum(took), AIM),
        Row("the slowest hundredth of them takes", f"{1000 * quantiles(took, n=100)[-1]:.0f} ms"),
        Row("one with 25 MB attached", f"{_seconds(large):.2f} s"),
    ]


def _seconds(mail: bytes) -> float:
    """Of processor time: reading waits for nothing, and the machine may be shared."""
    began = time.process_time()
    read(mail, ENVELOPE, HOUSE)
    return time.process_time() - began
