"""What the lists show of a case on a real server: from its first moment, and at every change."""

from collections.abc import Callable

from temporalio.client import Client

from starter.listing import CaseRow, every_case
from starter.reviews import Reviews
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opening_at, soon
from workflows.rapid_review import RapidReviewWorkflow


async def _row(client: Client, reference: str, wanted: Callable[[CaseRow], bool]) -> CaseRow:
    """A case's row, asked for again until it is as wanted: visibility follows a moment later."""
    for _ in range(300):
        found = [row for row in await every_case(client, closed=True) if row.reference == reference]
        if found and wanted(found[0]):
            break
    [row] = found
    return row


async def _upserts(review: PlayedReview) -> int:
    history = await review.handle.fetch_history()
    return sum(e.HasField("upsert_workflow_search_attributes_event_attributes") for e in history.events)


async def test_a_case_is_listed_before_any_worker_has_seen_it(server: Client) -> None:
    """Its dates too, where whoever opens it has counted them; nothing has been written by a worker."""
    opening = opening_at(soon())
    plan = sample.timetable(opening)
    handle = await Reviews(server, "nobody-works-here").open(opening, plan=plan)
    row = await _row(server, opening.reference, lambda row: row.next_due is not None)
    assert (row.stage, row.outcome, row.area) == ("gathering", "open", "northamptonshire")
    assert row.awaited == (*(f"return/{key}" for key in sample.AGENCIES), "meeting/office")
    assert (row.next_due, row.report_due) == (plan["rfi_due"].due, plan["panel_submission_due"].due)
    await handle.terminate()


async def test_a_case_opened_without_its_dates_is_listed_as_opening(server: Client) -> None:
    """Its stage and area, and no date yet."""
    opening = opening_at(soon())
    handle = await Reviews(server, "nobody-works-here").open(opening)
    row = await _row(server, opening.reference, lambda row: row.running)
    assert (row.stage, row.next_due, row.awaited, row.outcome) == ("opening", None, (), "open")
    await handle.terminate()


async def test_a_return_changes_the_list_at_once(review: PlayedReview) -> None:
    """Though it changes neither the stage nor the next step."""
    await review.until("day 2 11:00")
    await review.signal(RapidReviewWorkflow.agency_return_received, facts.returned("police"))
    row = await _row(
        review.client, review.reference, lambda row: 0 < len(row.awaited) <= len(sample.AGENCIES)
    )
    assert row.awaited == (*(f"return/{key}" for key in sample.AGENCIES if key != "police"), "meeting/office")


async def test_what_has_not_changed_is_not_written_again(review: PlayedReview) -> None:
    """A nudge and a reminder alter nothing that is listed; a late return does."""
    await review.until("day 1 11:00")
    before = await _upserts(review)
    await review.until("day 7 11:00")
    assert await _upserts(review) == before
    await review.until("day 9 11:00")
    assert await _upserts(review) == before + 1
    row = await _row(review.client, review.reference, lambda row: bool(row.late))
    assert row.late == tuple(f"return/{key}" for key in sample.AGENCIES)


async def test_a_lead_that_signs_is_no_longer_awaited(review: PlayedReview) -> None:
    """The others are, and the row is at its stage."""
    await review.met()
    await review.tell(facts.draft(), facts.confirmed("health"))
    row = await _row(review.client, review.reference, lambda row: row.stage == "signing")
    assert row.awaited == ("sign-off/local-authority", "sign-off/police")
