"""A year's figures, by asking each case of it: going on, or closed and still kept by the server."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import datetime

from temporalio.client import Client

from domain.cspr.figures import CsprFigures
from domain.errors import Refused
from domain.figures import CaseFigures, YearFigures, figures_of, joined
from starter.replanning import IN_FLIGHT
from starter.reviews import PATIENCE, answering
from workflows.consideration import consideration_id
from workflows.panel_answer import panel_workflow_id

CSPR = "CsprWorkflow"
"""The workflow that knows when a CSPR was commissioned and published."""

TELLING = f"WorkflowType IN ('RapidReviewWorkflow', 'PanelAnswerWorkflow', 'ConsiderationWorkflow', '{CSPR}')"
"""The query of visibility that finds whatever can be asked."""


async def year_figures(client: Client, year: int, now: datetime) -> YearFigures:
    """The figures of a calendar year, as of ``now``.

    What cannot be counted is named in ``missing``: a case or a CSPR that does not answer, and a number of
    the year that no case on the server has, which was not used or closed longer ago than the server keeps
    cases.

    Raises:
        NotReachable: no worker answers.
    """
    known = {run.id: run.workflow_type async for run in client.list_workflows(TELLING)}
    references = sorted({identity.split("/")[0] for identity in known})
    csprs = sorted(identity for identity, kind in known.items() if kind == CSPR)
    room = asyncio.Semaphore(IN_FLIGHT)
    told = await asyncio.gather(*(_asked(client, reference, known, room) for reference in references))
    reviews = await asyncio.gather(*(_decided(client, identity, now, room) for identity in csprs))
    of_the_year = [reference for reference in references if _year_of(reference) == year]
    silent = {reference for reference, case in zip(references, told, strict=True) if case is None}
    unheard = {identity for identity, review in zip(csprs, reviews, strict=True) if review is None}
    missing = sorted(
        {
            *silent.intersection(of_the_year),
            *unused(of_the_year),
            *(identity for identity in unheard if _year_of(identity) in (year - 1, year)),
        }
    )
    return figures_of(year, filter(None, told), now, missing, filter(None, reviews))


def _year_of(identity: str) -> int:
    return int(identity.split("-")[1])


async def _decided(
    client: Client, identity: str, now: datetime, room: asyncio.Semaphore
) -> CsprFigures | None:
    """What a CSPR tells of itself; None where it does not answer."""
    asked = client.get_workflow_handle(identity).query("figures", now, result_type=CsprFigures)
    async with room:
        try:
            async with answering(identity, to_look=True):
                figures: CsprFigures = await asyncio.wait_for(asked, PATIENCE.total_seconds())
                return figures
        except Refused:
            return None


async def _asked(
    client: Client, reference: str, known: Collection[str], room: asyncio.Semaphore
) -> CaseFigures | None:
    """What a case tells of itself, by whichever workflow knows it best; None where none does."""
    held = next((i for i in (panel_workflow_id(reference), reference) if i in known), None)
    before = consideration_id(reference)
    async with room:
        try:
            return joined(
                await _told(client, before) if before in known else None,
                await _told(client, held) if held else None,
            )
        except Refused:
            return None


async def _told(client: Client, identity: str) -> CaseFigures:
    asked = client.get_workflow_handle(identity).query("figures", result_type=CaseFigures)
    async with answering(identity):
        figures: CaseFigures = await asyncio.wait_for(asked, PATIENCE.total_seconds())
        return figures


def unused(references: Iterable[str]) -> list[str]:
    """The references that are wanting in the numbering of those given: ``RR-2026-02`` between 01 and 03."""
    numbers: dict[str, set[str]] = {}
    for reference in references:
        series, number = reference.rsplit("-", 1)
        numbers.setdefault(series, set()).add(number)
    return [
        f"{series}-{n:0{len(max(used, key=len))}}"
        for series, used in numbers.items()
        for n in range(1, max(map(int, used)))
        if n not in set(map(int, used))
    ]
