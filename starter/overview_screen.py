"""How the lists of cases read on a terminal: the short one, the whole one, and a year's figures."""

from datetime import datetime

from rich.console import Group
from rich.text import Text

from domain.awaiting import grouped
from domain.timetable import london
from starter.listing import CaseRow
from starter.screens import table
from starter.sheets import Sheet, readable

NONE_OPEN = "No case is open. Open one with `rapid-review open FILE`, or put one forward with `alert FILE`."
NONE_SUCH = "No case is like that. See every open one with `rapid-review list`."


def list_screen(rows: list[CaseRow], now: datetime, *, narrowed: bool = False) -> Group | Text:
    """The open cases in short, the next date first; ``narrowed`` where not every case was asked for."""
    if not rows:
        return Text(NONE_SUCH if narrowed else NONE_OPEN)
    drawn = table("reference", "stage", "next date", "awaited from", "late", "outcome")
    for row in rows:
        drawn.add_row(
            row.reference,
            row.stage,
            Text(london(row.next_due) if row.next_due else "none", style="red" if row.overdue(now) else ""),
            grouped(row.awaited, most=4),
            Text(grouped(row.late, most=4), style="red"),
            row.outcome,
        )
    return Group(
        drawn, Text("For one case: rapid-review show REFERENCE. For all of it: rapid-review overview")
    )


def overview_screen(sheets: list[Sheet]) -> Group:
    """Every column of every case, and a year's figures where they were asked for."""
    return Group(*(_drawn(sheet) for sheet in sheets))


def _drawn(sheet: Sheet) -> Group:
    drawn = table(*sheet.headings)
    for line in sheet.lines:
        drawn.add_row(*map(readable, line))
    notes = [Text(f"Note: {note}", style="yellow") for note in sheet.notes]
    return Group(Text(sheet.title, style="bold"), drawn, *notes)
