"""One line of the bench's table: what was measured, what came out, and what was aimed at."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Row:
    """A measurement. ``met`` is None where it is information and there is nothing to meet."""

    what: str
    came_out: str
    aim: str = ""
    met: bool | None = None

    @classmethod
    def at_most(cls, what: str, value: float, limit: float, unit: str = "") -> "Row":
        """A value that is to stay at or under a limit."""
        return cls(what, f"{value:.4g} {unit}".strip(), f"at most {limit:g} {unit}".strip(), value <= limit)

    @classmethod
    def at_least(cls, what: str, value: float, limit: float) -> "Row":
        """A ratio that is to reach a limit."""
        return cls(what, f"{value:.2f}", f"at least {limit:g}", value >= limit)


VERDICTS = {None: "", True: "met", False: "NOT MET"}


def print_table(title: str, rows: Iterable[Row]) -> None:
    """Print a group of measurements."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("", "measured", "aim", ""):
        table.add_column(heading)
    for row in rows:
        table.add_row(row.what, row.came_out, row.aim, VERDICTS[row.met])
    console = Console()
    console.print(table)
    console.print()
