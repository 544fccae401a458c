"""How the lists of cases read on a terminal: the short one, the whole one, and a year's figures."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from domain.awaiting import grouped
from domain.timetable import london
from starter.listing import CaseRow
from starter.quarantine_screens import UNKNOWN
from starter.screens import fitted
from starter.sheets import Sheet, readable

NONE_OPEN = "No case is open. Open one with `rapid-review open FILE`, or put one forward with `alert FILE`."
NONE_SUCH = "No case is like that. See every open one with `rapid-review list`."


def list_screen(
    rows: list[CaseRow], now: datetime, *, room: int = 110, narrowed: bool = False, held: int | None = 0
) -> Group:
    """The open cases in short, the next date first; ``narrowed`` where not every case was asked for.

    ``room`` is the width of the screen, in characters; ``held`` is how many mails wait in quarantine,
    None where the store did not answer.
    """
    waiting = list(_waiting(held))
    if not rows:
        return Group(Text(NONE_SUCH if narrowed else NONE_OPEN), *waiting)
    headings = ("reference", "stage", "next date", "awaited from", "late", "outcome")
    lines = [
        [
            Text(row.reference),
            Text(row.stage),
            Text(london(row.next_due) if row.next_due else "none", style="red" if row.overdue(now) else ""),
            Text(grouped(row.awaited, most=4)),
            Text(grouped(row.late, most=4), style="red"),
            Text(row.outcome),
        ]
        for row in rows
    ]
    more = Text("For one case: rapid-review show REFERENCE. For all of it: rapid-review overview")
    return Group(fitted(headings, lines, room) or _one_by_one(headings, lines), more, *waiting)


def _waiting(held: int | None) -> Iterator[Text]:
    if held is None:
        yield Text(UNKNOWN, style="yellow")
    elif held:
        mails = "1 mail waits" if held == 1 else f"{held} mails wait"
        yield Text(f"{mails} in quarantine: rapid-review quarantine list", style="red")


def overview_screen(sheets: Iterable[Sheet], room: int) -> Group:
    """Every column of every case, and a year's figures, on a screen of ``room`` characters in a line."""
    return Group(*(_drawn(sheet, room) for sheet in sheets))


def _drawn(sheet: Sheet, room: int) -> Group:
    lines = [[Text(readable(cell)) for cell in line] for line in sheet.lines]
    drawn = fitted(sheet.headings, lines, room) if lines else Text("None.")
    notes = [Text(f"Note: {note}", style="yellow") for note in sheet.notes]
    return Group(Text(sheet.title, style="bold"), drawn or _one_by_one(sheet.headings, lines), *notes)


def _one_by_one(headings: tuple[str, ...], lines: list[list[Text]]) -> Group:
    """Each line of a table by itself, where the screen is too narrow for its columns side by side."""
    blocks = [Table.grid(padding=(0, 2, 0, 0)) for _ in lines]
    for block, line in zip(blocks, lines, strict=True):
        for heading, cell in zip(headings, line, strict=True):
            if cell.plain:
                block.add_row(Text(heading, style="dim"), cell)
    return Group(*(part for block in blocks for part in (block, Text())))
