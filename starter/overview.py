"""Commands that show every case at once: the short list, the Sub-Group's overview, a year's figures.

Libraries are imported inside the commands, so that help answers at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.session import Json, answered, office, print_json, run

if TYPE_CHECKING:
    from datetime import datetime

    from domain.figures import YearFigures
    from starter.listing import CaseRow
    from starter.reviews import Reviews
    from starter.sheets import Sheet
    from worker.settings import Settings

Stage = Annotated[str, typer.Option(help="Only cases at this stage, such as gathering.")]
Area = Annotated[str, typer.Option(help="Only cases of this area.")]
Overdue = Annotated[bool, typer.Option("--overdue", help="Only cases with something late.")]
Closed = Annotated[bool, typer.Option("--all", help="Closed cases too, as long as the server keeps them.")]


def list_(
    stage: Stage = "",
    area: Area = "",
    overdue: Overdue = False,
    closed: Closed = False,
    json: Json = False,
) -> None:
    """List the open cases in short, whatever their route: stage, next date, from whom, what is late."""
    run(_list, stage, area, overdue, closed, json)


async def _list(stage: str, area: str, overdue: bool, closed: bool, json: bool) -> None:
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    settings, reviews, store = await office()
    rows = await _rows(settings, reviews, (stage, area, overdue, closed), now)
    if json:
        print_json([row.model_dump(mode="json") for row in rows])
        return
    from starter.mailroom.quarantine import Quarantine
    from starter.overview_screen import list_screen
    from starter.screens import console

    out, narrowed = console(), bool(stage or area or overdue)
    held = await answered(Quarantine(store).number_waiting())
    out.print(list_screen(rows, now, room=out.width, narrowed=narrowed, held=held))


async def _rows(
    settings: "Settings", reviews: "Reviews", wanted: tuple[str, str, bool, bool], now: "datetime"
) -> "list[CaseRow]":
    from domain.partnership import load_partnership
    from starter.listing import chosen, every_case
    from starter.reviews import refuse_strangers

    stage, area, overdue, closed = wanted
    if area:
        refuse_strangers({}, area, load_partnership(settings.partnership))
    rows = await every_case(reviews.client, closed=closed)
    return chosen(rows, now, stage=stage, area=area, overdue=overdue)


def overview(
    stage: Stage = "",
    area: Area = "",
    overdue: Overdue = False,
    closed: Closed = False,
    year: Annotated[
        int | None, typer.Option(min=2018, max=2099, help="The figures of this year too: 2026.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="Write a CSV file; - is the standard output.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write a page to print or to read in a browser.")] = None,
    json: Json = False,
) -> None:
    """Show every case in full, and a year's figures, for the LLR Sub-Group."""
    run(_overview, (stage, area, overdue, closed), year, csv, html, json)


async def _overview(
    wanted: tuple[str, str, bool, bool], year: int | None, csv: Path | None, html: Path | None, json: bool
) -> None:
    from datetime import UTC, datetime

    from starter.sheets import as_csv, as_page, case_sheet, figure_sheets

    now = datetime.now(UTC)
    settings, reviews, _ = await office()
    rows = await _rows(settings, reviews, wanted, now)
    figures = await _figures(reviews, year, now) if year else None
    sheets = [case_sheet(rows), *(figure_sheets(figures) if figures else ())]
    if csv:
        _write(csv, as_csv(sheets))
    if html:
        _write(html, as_page(sheets, now, _which(*wanted)))
    if json:
        told = [row.model_dump(mode="json") for row in rows]
        print_json({"cases": told, "figures": figures.model_dump(mode="json") if figures else None})
    elif not (csv or html):
        _print(sheets)


async def _figures(reviews: "Reviews", year: int, now: "datetime") -> "YearFigures":
    from starter.figures import year_figures

    return await year_figures(reviews.client, year, now)


def _which(stage: str, area: str, overdue: bool, closed: bool) -> str:
    """Which cases are shown, in a sentence."""
    said = [
        "Open and closed cases" if closed else "Open cases",
        f"at the stage {stage}" if stage else "",
        f"of {area}" if area else "",
        "with something late" if overdue else "",
    ]
    return f"{' '.join(part for part in said if part)}."


def _write(path: Path, text: str) -> None:
    """Write a file anew, or print it where the path is ``-``.

    Raises:
        NotReadable: nothing can be written there.
    """
    from domain.errors import NotReadable

    if str(path) == "-":
        typer.echo(text, nl=False)
        return
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as failure:
        raise NotReadable(f"{path}: this file cannot be written ({failure.strerror}).") from failure
    typer.echo(f"Written: {path}", err=True)


def _print(sheets: "list[Sheet]") -> None:
    from starter.overview_screen import overview_screen
    from starter.screens import console

    out = console()
    out.print(overview_screen(sheets, out.width))


COMMANDS = (list_, overview)
"""The commands of this module."""
