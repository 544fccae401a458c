"""The loop guard: how many mails of one case, and of one sender, may have an effect in one day."""

from collections import defaultdict
from datetime import date

from starter.mailroom.journal import Fate, Settled
from starter.mailroom.quarantine import Held
from starter.mailroom.read import Read


class LoopGuard:
    """Counts mails by case and by sender, day by day; the same mail counts once, however often it comes."""

    def __init__(self, per_case: int, per_sender: int) -> None:
        """Let through so many mails a day."""
        self._caps = {Held.CASE_CAP: per_case, Held.SENDER_CAP: per_sender}
        self._counted: dict[tuple[date, Held, str], set[str]] = defaultdict(set)

    def remember(self, settled: Settled, day: date) -> None:
        """Count a mail that had its effect before this program started."""
        if settled.fate is Fate.TOLD:
            for which, whose in _counters(settled.reference, settled.sender):
                self._counted[day, which, whose].add(settled.id)

    def check(self, read: Read, day: date) -> Held | None:
        """Count a mail, and say which cap it goes beyond, if any."""
        for counter in list(self._counted):
            if counter[0] < day:
                del self._counted[counter]
        for which, whose in _counters(read.reference, read.sender):
            counted = self._counted[day, which, whose]
            if read.id not in counted and len(counted) >= self._caps[which]:
                return which
        for which, whose in _counters(read.reference, read.sender):
            self._counted[day, which, whose].add(read.id)
        return None


def _counters(reference: str | None, sender: str) -> list[tuple[Held, str]]:
    named = ((Held.CASE_CAP, reference), (Held.SENDER_CAP, sender))
    return [(which, whose) for which, whose in named if whose]
