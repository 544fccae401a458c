"""Which letter of ours a held mail answers, and where what it says is then recorded."""

import re

from domain.consideration.steps import PREFIX as CONSIDERATION
from starter.mailroom.read import Read
from vault.documents import DocumentStore
from worker.letters import letter_marked

FOLLOW_UP = "follow-up"
"""What the keys of letters about an action begin with; the action's number comes next."""

_REQUESTS = ("request", "reminder", "overdue")


async def letter_answered(read: Read, store: DocumentStore) -> str | None:
    """The key of the letter that a mail answers; None where it answers none that we sent."""
    if read.letter or not (read.reference and read.letter_mark):
        return read.letter
    return await letter_marked(store, read.reference, read.letter_mark)


def advice(letter: str, reference: str) -> str:
    """What a mail that answers a letter is about, and the command by which a person records it."""
    first, *rest = letter.split("/")
    about = f"It answers our letter {letter}"
    number = next((part for part in rest if re.fullmatch(r"\d+", part)), "N")
    if first == FOLLOW_UP:
        return (
            f"{about}, about action {number}. Where it shows what was done: rapid-review record-evidence "
            f"{reference} {number} --evidence '...' --by 'who gave it'"
        )
    if first == "cspr":
        return f"{about}, of the CSPR. Read it, and record what it says: rapid-review cspr-show {reference}"
    if first == CONSIDERATION:
        return f"{about}, of the case put forward. Record what it says: rapid-review show {reference}"
    if first in _REQUESTS:
        return f"{about}, by which the agency was asked for information."
    return f"{about}. Read it, and record what it says: rapid-review show {reference}"
