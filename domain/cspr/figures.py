"""What a CSPR, or another learning review, adds to the figures of the year in which it was decided."""

from datetime import date, datetime

from pydantic import AwareDatetime

from domain.cspr.messages import LearningKind, Proceedings
from domain.cspr.state import Cspr
from domain.messages import Message
from domain.timetable import london_day


class CsprFigures(Message):
    """How long one took, in plain facts.

    ``called`` is what its commands take. ``commissioned_in`` are working days from the decision to the
    first commission, ``published_in`` calendar days from it to the publication. ``due`` is the six-month
    date as first planned, None where nothing need be published. ``in_time`` is None while it still can be,
    and where it was withdrawn before its date. ``held_for`` are the proceedings that hold or held its
    publication; ``on_hold`` says whether any does now.
    """

    called: str
    kind: LearningKind
    became: str
    decided_on: date
    commissioned_on: date | None
    commissioned_in: int | None
    due: AwareDatetime | None
    published_on: date | None
    published_in: int | None
    in_time: bool | None
    held_for: tuple[Proceedings, ...]
    on_hold: bool


def cspr_figures(cspr: Cspr, now: datetime) -> CsprFigures:
    """What a review tells of itself as of ``now``."""
    decided = london_day(cspr.opening.decided_at)
    commissioned = london_day(cspr.commissions[0].at) if cspr.commissions else None
    published = cspr.publication.fact.published_on if cspr.publication else None
    return CsprFigures(
        called=cspr.opening.called,
        kind=cspr.opening.kind,
        became=_became(cspr),
        decided_on=decided,
        commissioned_on=commissioned,
        commissioned_in=cspr.dates.working_days_between(decided, commissioned) if commissioned else None,
        due=cspr.original_due if cspr.publishes and cspr.plans else None,
        published_on=published,
        published_in=(published - decided).days if published else None,
        in_time=_in_time(cspr, now),
        held_for=tuple(dict.fromkeys(hold.fact.proceedings for hold in cspr.holds)),
        on_hold=bool(cspr.held) and not (cspr.withdrawal or cspr.publication),
    )


def _became(cspr: Cspr) -> str:
    """Its stage; once something is published, what, however long that is then kept available."""
    if not cspr.publication:
        return str(cspr.stage)
    return "improvements_published" if cspr.publication.fact.improvements else "published"


def _in_time(cspr: Cspr, now: datetime) -> bool | None:
    if cspr.late(now):
        return False
    return True if cspr.publication else None
