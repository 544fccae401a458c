"""The overview as tables of cells, and as the two files it is written to: CSV, and one printable page."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.awaiting import grouped
from domain.cspr.figures import CsprFigures
from domain.figures import Times, YearFigures
from domain.timetable import LONDON, london
from starter.listing import CaseRow

Cell = str | date
"""What stands in a cell: words, or a day or an instant that each form writes in its own way."""


DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True)
class Sheet:
    """One table: its title, its headings, its lines, and what has to be known to read it."""

    title: str
    headings: tuple[str, ...]
    lines: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()


def case_sheet(rows: Sequence[CaseRow]) -> Sheet:
    """Every case, a line each."""
    headings = ("reference", "area", "part", "stage", "next date", "awaited from", "late", "report due")
    return Sheet(
        title=f"Cases: {len(rows)}",
        headings=(*headings, "outcome", "open actions"),
        lines=tuple(_case(row) for row in rows),
    )


def _case(row: CaseRow) -> tuple[Cell, ...]:
    awaited = [entry for entry in row.awaited if entry not in row.actions]
    return (
        row.reference,
        row.area,
        row.process,
        row.stage,
        row.next_due or "",
        grouped(awaited),
        grouped(row.late),
        row.report_due or "",
        row.outcome,
        grouped(row.actions),
    )


def figure_sheets(figures: YearFigures) -> tuple[Sheet, ...]:
    """A year's figures, a table for each question the Sub-Group asks."""
    counted = tuple((one.route, one.outcome, str(one.cases)) for one in figures.outcomes)
    return (
        Sheet(
            title=f"Cases begun in {figures.year}, by route and outcome",
            headings=("route", "outcome", "cases"),
            lines=(*counted, ("all", f"{figures.still_open} still open", str(figures.cases))),
            notes=_missing(figures),
        ),
        _times(f"Dates of {figures.year}: in time, and working days from Day 0", figures.milestones),
        _times(f"Agencies' returns in {figures.year}: working days from being asked", figures.agencies),
        _learning_reviews(figures),
    )


def _learning_reviews(figures: YearFigures) -> Sheet:
    """Each CSPR, or other learning review, decided in the year; in months of a twelfth of a year."""
    reviews = figures.learning_reviews
    headings = ("reference", "kind", "stage", "decided", "commissioned", "working days", "due", "published")
    settled = [one.in_time for one in reviews if one.in_time is not None]
    shared = f"{sum(settled)} of {len(settled)}" if settled else ""
    return Sheet(
        title=f"CSPRs and other learning reviews decided in {figures.year}: {len(reviews)}",
        headings=(*headings, "months", "in time", "on hold"),
        lines=tuple(_learning_review(one) for one in reviews),
        notes=(f"Published in time: {shared}.",) if shared else (),
    )


def _learning_review(one: CsprFigures) -> tuple[Cell, ...]:
    return (
        one.called,
        one.kind,
        one.became,
        one.decided_on,
        one.commissioned_on or "",
        "" if one.commissioned_in is None else str(one.commissioned_in),
        one.due or "",
        one.published_on or "",
        "" if one.published_in is None else f"{one.published_in / DAYS_A_MONTH:.1f}",
        {True: "yes", False: "no", None: ""}[one.in_time],
        f"{'' if one.on_hold else 'was: '}{', '.join(one.held_for)}" if one.held_for else "",
    )


def _missing(figures: YearFigures) -> tuple[str, ...]:
    if not figures.missing:
        return ()
    note = (
        f"Not counted: {', '.join(figures.missing)}. Each of these numbers was never used, or its case "
        "does not answer, or closed longer ago than the server keeps closed cases."
    )
    return (note,)


def _times(title: str, times: tuple[Times, ...]) -> Sheet:
    return Sheet(
        title=title,
        headings=("", "due", "in time", "share in time", "median days", "shortest", "longest"),
        lines=tuple(
            (one.title, str(one.settled), str(one.in_time), _share(one), *_days(one)) for one in times
        ),
    )


def _share(times: Times) -> str:
    return f"{times.in_time / times.settled:.0%}" if times.settled else ""


def _days(times: Times) -> tuple[str, ...]:
    days = (times.median_days, times.shortest, times.longest)
    return tuple("" if one is None else f"{one:g}" for one in days)


def as_csv(sheets: Iterable[Sheet]) -> str:
    """The tables one after another, a blank line between; instants as London time that sorts."""
    text = StringIO()
    writer = csv.writer(text)
    for number, sheet in enumerate(sheets):
        lines = [sheet.headings, *sheet.lines, *((note,) for note in sheet.notes)]
        writer.writerows([[]] * bool(number))
        writer.writerows([_harmless(_sortable(cell)) for cell in line] for line in lines)
    return text.getvalue()


def _sortable(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(LONDON):%Y-%m-%d %H:%M}"
    return str(cell)


def _harmless(text: str) -> str:
    """The text, marked as such where a spreadsheet would take it for a formula.

    Source: OWASP, "CSV Injection".
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def lines_of(sheets: Iterable[Sheet]) -> tuple[str, ...]:
    """Every line of the tables as one text, its cells parted by a stroke."""
    return tuple(" | ".join(map(readable, line)) for sheet in sheets for line in sheet.lines)


def as_page(sheets: Iterable[Sheet], now: datetime, chosen: str) -> str:
    """One page that prints, with nothing to fetch; ``chosen`` says which cases are on it."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("overview.html")
    return page.render(sheets=list(sheets), at=london(now), chosen=chosen, said=readable)


def readable(cell: Cell) -> str:
    """A cell as a person reads it."""
    if isinstance(cell, datetime):
        return london(cell)
    return cell if isinstance(cell, str) else f"{cell:%a %-d %b %Y}"
