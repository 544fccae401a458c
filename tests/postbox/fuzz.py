"""``python -m tests.postbox.fuzz [COUNT] [SEED]``: mutated mails by the hundred thousand, by hand.

Prints how many were read, how many the guard had to catch (and what they broke, to be mended), the slowest,
and the verdicts; ends with status 1 where one took over two seconds or was believed without proof.
"""

import sys
import time
from collections import Counter
from random import Random

from domain.errors import RapidReviewError
from domain.tokens import PURPOSE
from postbox.message import Mail
from postbox.reading import STEPS, read
from postbox.verdicts import Reading, Verdict, Why
from tests.postbox.corpus import expected, raw
from tests.postbox.mutations import mutated, unproven
from tests.postbox.pieces import ENVELOPE, HOUSE, KEYS, token

SLOW = 2.0
"""Seconds that no mail may take."""

TOKENS = tuple(
    f"{of.text}.{KEYS.sign(PURPOSE, of.text)}".encode()
    for of in (
        token(),
        token("icb"),
        token(role="lead"),
        token(role="partner"),
        token("panel", "office"),
        token(reference="RR-2026-08"),
        token("fire-service"),
    )
)
"""All that our key ring signed in the corpus."""


def broken_by(mail: bytes) -> str:
    """What a mail breaks where the guard is taken away: the kind of error, and where it was raised."""
    so_far = Reading(ENVELOPE.received_at, "", 0)
    try:
        taken_apart = Mail(mail, ENVELOPE)
        for step in STEPS:
            so_far = step(taken_apart, so_far, HOUSE)
    except RapidReviewError:
        raise
    except Exception as error:  # noqa: BLE001 - to be counted by kind
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        where = trace.tb_frame.f_code if trace else None
        return f"{type(error).__name__} in {where.co_name if where else '?'}"
    return ""


def main(count: int, seed: int) -> int:
    """Read ``count`` mutated mails; the exit status."""
    by = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    mails = [raw(line.name) for line in expected() if len(raw(line.name)) < 60_000]
    verdicts: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    slowest, believed = 0.0, 0
    for _ in range(count):
        mail = mutated(by.choice(mails), by.choice(mails), by)
        began = time.process_time()
        reading = read(mail, ENVELOPE, HOUSE)
        slowest = max(slowest, time.process_time() - began)
        verdicts[reading.verdict] += 1
        believed += unproven(mail, reading, TOKENS)
        if reading.why is Why.UNREADABLE and (breaks := broken_by(mail)):
            broken[breaks] += 1
    sys.stdout.write(f"{count} mails, slowest {slowest:.2f} s, believed without proof {believed}\n")
    sys.stdout.write(f"caught by the guard: {dict(broken.most_common())}\n")
    sys.stdout.write(f"verdicts: {dict(verdicts.most_common())}\n")
    return int(slowest > SLOW or believed > 0 or verdicts[Verdict.UNREAD] > 0)


if __name__ == "__main__":
    sys.exit(main(*[int(n) for n in (sys.argv[1:] + ["100000", "1"][len(sys.argv) - 1 :])]))
