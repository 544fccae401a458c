"""The loop guard: how many mails of one case, and of one sender, may have an effect in one day."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from starter.mailroom.journal import Fate, Settled
from starter.mailroom.quarantine import Held

DAYS = 8
"""How many days are counted at a time; a mailbox left alone brings mail of some that are past."""

Counted = dict[tuple[Held, str], set[str]]
"""The ids of the mails counted, for a case's reference or a sender's keyed hash."""


@dataclass
class LoopGuard:
    """Counts mails day by day; the same mail counts once, however often it comes."""

    per_case: int
    per_sender: int
    _days: dict[date, Counted] = field(default_factory=dict)

    def knows(self, day: date) -> bool:
        """Whether it has been told what had its effect on a day before this program started."""
        return day in self._days

    def remember(self, day: date, settled: Iterable[Settled]) -> None:
        """Begin a day with the mails that had their effect before."""
        counted = self._days.setdefault(day, {})
        for mail in settled:
            if mail.fate is Fate.TOLD:
                _count(counted, mail.id, mail.reference, mail.sender)
        for past in sorted(self._days)[:-DAYS]:
            del self._days[past]

    def check(self, day: date, mail_id: str, reference: str | None, sender: str) -> Held | None:
        """Count a mail, and say which cap it goes beyond, if any."""
        counted = self._days.setdefault(day, {})
        caps = {Held.CASE_CAP: self.per_case, Held.SENDER_CAP: self.per_sender}
        for which, whose in _counters(reference, sender):
            known = counted.get((which, whose), set())
            if mail_id not in known and len(known) >= caps[which]:
                return which
        _count(counted, mail_id, reference, sender)
        return None


def _count(counted: Counted, mail_id: str, reference: str | None, sender: str) -> None:
    for counter in _counters(reference, sender):
        counted.setdefault(counter, set()).add(mail_id)


def _counters(reference: str | None, sender: str) -> list[tuple[Held, str]]:
    named = ((Held.CASE_CAP, reference), (Held.SENDER_CAP, sender))
    return [(which, whose) for which, whose in named if whose]
