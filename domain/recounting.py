"""Dates counted again on a newer calendar: whether that changed anything, and what is then said."""

from datetime import date

from domain.errors import NothingMoves

RECOUNTED = "No date moves; the days to come are counted on the new calendar"
"""What the record says of a re-plan under which only days beyond the dates are counted otherwise."""


EXTENDED = "No date moves; more of the days to come are known"
"""What the record says of a re-plan that does no more than record working days further ahead."""


def extended(before: tuple[date, ...], after: tuple[date, ...]) -> bool:
    """Whether a count of working days goes further than the one before it."""
    return after[-1] > before[-1]


def recounted(before: tuple[date, ...], after: tuple[date, ...]) -> bool:
    """Whether some day that two counts of working days both reach is counted in one alone."""
    first, last = max(before[0], after[0]), min(before[-1], after[-1])
    return any(first <= day <= last for day in {*before} ^ {*after})


def unmoved(before: tuple[date, ...], after: tuple[date, ...]) -> str:
    """What the record says of a re-plan under which every date stays."""
    return RECOUNTED if recounted(before, after) else EXTENDED


def nothing_moves(name: str, calendar: str) -> NothingMoves:
    """What refuses a re-plan of a case, or of a part of one, whose dates all stay as they are."""
    return NothingMoves(f"No date of {name} would move. Nothing was changed: the calendar is {calendar}.")
