"""One case that is put forward, reviewed and followed by a CSPR: one line of the overview, counted once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.figures import REPORT
from domain.timetable import london_day
from starter.diary import Diary
from starter.figures import year_figures
from starter.listing import CaseRow, every_case
from starter.rehearsal import Rehearsal, Serving
from starter.scenario import read_scenario
from worker.settings import Settings

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
async def rehearsal(tmp_path_factory: pytest.TempPathFactory, serving: Serving) -> AsyncIterator[Rehearsal]:
    """The scenario played to its last step, its worker still there."""
    home = tmp_path_factory.mktemp("overview")
    scenario = read_scenario(HERE / "alert-to-cspr.toml")
    playing = Rehearsal(scenario, Settings(home=home), Diary(silent=True), serving=serving)
    async with playing.running():
        await playing.play()
        yield playing


async def _listed(client: Client, stage: str) -> list[CaseRow]:
    """The list, asked again until visibility, which follows a moment later, has caught up."""
    for _ in range(200):
        rows = await every_case(client)
        if [row.stage for row in rows] == [stage]:
            break
    return rows


async def test_the_overview_has_one_line_for_it(rehearsal: Rehearsal) -> None:
    """At the CSPR's stage, with the decision, the Panel's answer still awaited, and the action left open."""
    [row] = await _listed(rehearsal.clock.client, "scoping")
    assert (row.reference, row.process, row.outcome) == ("RR-2026-08", "cspr", "cspr")
    assert set(row.awaited) == {"terms/office", "answer/panel", "action/1/housing"}
    assert row.actions == ("action/1/housing",)
    assert row.next_due is not None


async def test_the_years_figures_count_it_once_by_its_route(rehearsal: Rehearsal) -> None:
    """By alert, a CSPR; its report was on time; one agency returned in time and the others never."""
    client, reference = rehearsal.clock.client, rehearsal.reference
    begun = (await rehearsal.considerations.plans(reference))[0].planned_at
    report_due = (await rehearsal.reviews.plans(reference))[0]["panel_submission_due"].due
    year = await year_figures(client, london_day(begun).year, report_due)
    assert [(one.route, one.outcome, one.cases) for one in year.outcomes] == [("alert", "cspr", 1)]
    assert (year.cases, year.still_open) == (1, 0)
    assert year.reports is not None
    assert (year.reports.key, year.reports.in_time, year.reports.settled) == (REPORT, 1, 1)
    assert year.reports.median_days == 13
    returned = {one.key: (one.in_time, one.settled, one.median_days) for one in year.agencies}
    assert returned["police"] == (1, 1, 5)
    assert returned["housing"] == (0, 1, None)


async def test_the_years_figures_name_the_numbers_that_no_case_has(rehearsal: Rehearsal) -> None:
    """Of the year that the references say, whichever year the rehearsal plays in."""
    year = await year_figures(rehearsal.clock.client, 2026, datetime.now(UTC))
    assert year.missing == tuple(f"RR-2026-{number:02}" for number in range(1, 8))
