"""``python -m bench [NAME...]``; the names stand in ``MEASURES``.

Without a name all but the last two are measured, which takes some eight minutes. Those take some three each.
"""

import asyncio
import sys

from bench import (
    burst,
    commands,
    counts,
    crash,
    imports,
    large,
    listing,
    memory,
    postbox,
    replan,
    seen,
    throughput,
)
from bench.row import print_table

MEASURES = {
    "counts": ("What a review puts on the server", counts.measure),
    "memory": ("What a review costs a worker that remembers it", memory.measure),
    "imports": ("What the workflow brings in", imports.measure),
    "throughput": ("Reviews against bare workflows (decision 0006)", throughput.measure),
    "commands": ("Commands", commands.measure),
    "list": ("Lists", listing.measure),
    "postbox": ("Mails that arrive", postbox.measure),
    "seen": ("How soon a reply is seen", seen.measure),
    "large": ("A mail with 25 MB attached", large.measure),
    "burst": ("A thousand replies at once", burst.measure),
    "replan": ("A thousand open reviews planned again", replan.measure),
    "crash": ("Fifty reviews, and a worker killed a hundred times", crash.measure),
}


LONG = ("replan", "crash")
"""Measured only where they are named."""


def main(names: list[str]) -> None:
    """Measure what is named and print it; exit status 2 where a name is not known."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        choose = ", ".join(MEASURES)
        sys.stderr.write(f"Nothing is measured under {', '.join(unknown)}. Choose from: {choose}.\n")
        sys.exit(2)
    for name in names or [name for name in MEASURES if name not in LONG]:
        title, measure = MEASURES[name]
        print_table(title, asyncio.run(measure()))


if __name__ == "__main__":
    main(sys.argv[1:])
