"""What the Web UI and the lists show of a review: where it stands, in plain facts and nothing else."""

import re
from datetime import datetime

from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.case import Stage
from domain.record import Event
from domain.standing import Task
from domain.timetable import london
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview
from workflows import attributes as known

NEVER_SHOWN = (
    "Business Officer",
    "Lead police",
    "Deputy health",
    "Lead for",
    "The police agency",
    "Room One",
    "Agreed with the leads",
    "The learning was found",
    "Say more about housing",
    "No criterion is met",
)
"""Names of staff and agencies, places, reasons and notes of the sample review."""

SUMMARY = re.compile(
    r"plan the dates|[a-z_]+(/[\w:+-]+)*: \d+ letters"
    r"|[a-z_]+(/[\w:+-]+)*, \w{3} \d+ \w{3} \d{4} \d\d:\d\d"
)
"""What a summary may be: a step's key, with how many letters or when it is due."""


async def _shown_details(review: PlayedReview) -> str:
    metadata = await review.handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


async def _summaries(review: PlayedReview) -> list[str]:
    converter = review.client.data_converter
    found = []
    async for event in review.handle.fetch_history_events():
        if event.user_metadata.HasField("summary") and _of_timer_or_activity(event):
            found += await converter.decode([event.user_metadata.summary])
    return found


def _of_timer_or_activity(event: HistoryEvent) -> bool:
    kind = event.WhichOneof("attributes")
    return kind in {"timer_started_event_attributes", "activity_task_scheduled_event_attributes"}


async def test_search_attributes_say_where_the_case_stands(review: PlayedReview) -> None:
    """Stage, next date, Day 15, what is awaited and from whom, area and calendar."""
    shown = (await review.handle.describe()).typed_search_attributes
    assert shown[known.STAGE] == "gathering"
    assert shown[known.DAY_15_AT] == review.at("day 15 17:00")
    assert shown[known.NEXT_DUE_AT] == review.at("day 8 17:00")
    assert shown[known.AWAITED] == [*(f"return/{key}" for key in sample.AGENCIES), "meeting/office"]
    assert (shown.get(known.LATE, []), shown[known.OUTCOME]) == ([], "open")
    assert shown[known.AREA] == "northamptonshire"
    assert shown[known.CALENDAR] == review.plan.calendar


async def test_search_attributes_follow_the_stage_and_the_dates_missed(review: PlayedReview) -> None:
    """They are renewed as a date is missed and as the stage changes."""
    await review.all_returned("housing")
    await review.until("day 9 12:00")
    shown = (await review.handle.describe()).typed_search_attributes
    assert (shown[known.LATE], shown[known.AWAITED]) == (
        ["return/housing"],
        ["return/housing", "meeting/office"],
    )
    await review.tell(facts.draft())
    assert (await review.handle.describe()).typed_search_attributes[known.STAGE] == "signing"


async def test_a_review_is_summed_up_by_its_reference_alone(review: PlayedReview) -> None:
    """The list in the Web UI shows nothing that identifies anybody."""
    assert await (await review.handle.describe()).static_summary() == f"Rapid Review {review.reference}"


async def test_current_details_show_dates_and_returns_by_key(review: PlayedReview) -> None:
    """A table of the timetable and of who has returned."""
    await review.tell(facts.returned("police"))
    shown = await _shown_details(review)
    assert f"**{review.reference}**: gathering" in shown
    assert f"| Report due to the Panel | {london(review.at('day 15 17:00'))} | to come |" in shown
    assert "| police | returned | complete |" in shown
    assert "| housing | waiting |" in shown


async def test_current_details_name_the_next_step_that_is_still_to_come(review: PlayedReview) -> None:
    """What was just carried out is not shown as next."""
    await review.until("day 6 12:00")
    [coming] = [line for line in (await _shown_details(review)).splitlines() if line.startswith("Next:")]
    assert london(review.at("day 7 09:00")) in coming


async def test_what_is_shown_holds_plain_facts_only(review: PlayedReview) -> None:
    """No name, place, reason or note is in a summary, in the details or in a search attribute."""
    await review.tell(
        facts.booking(review.at("day 11 10:00")), facts.returned("police", recorded_by="Lead police")
    )
    await review.tell(
        facts.replan(extend="rfi_due", to=review.at("day 9 12:00").date(), granted_by="Lead police")
    )
    await review.until("day 11 12:00")
    await review.tell(facts.held(review.at("day 11 10:00")), facts.draft(), facts.amended("police"))
    attributes = (await review.handle.describe()).typed_search_attributes
    summaries = await _summaries(review)
    shown = "\n".join([await _shown_details(review), str(attributes), *summaries])
    assert [word for word in NEVER_SHOWN if word in shown] == []
    assert [text for text in summaries if not SUMMARY.fullmatch(text)] == []
    assert len(summaries) > 10


async def test_every_timer_and_activity_says_what_it_is_for(review: PlayedReview) -> None:
    """The Web UI's history reads like the guide."""
    await review.until("day 6 12:00")
    events = [e async for e in review.handle.fetch_history_events() if _of_timer_or_activity(e)]
    assert len(events) == len(await _summaries(review))
    assert f"meeting_nudge, {london(review.at('day 3 09:00'))}" in await _summaries(review)


async def test_the_server_holds_no_name_or_reason_that_is_not_sealed(review: PlayedReview) -> None:
    """The whole history, as the server has it, is searched for what only people may read."""
    await review.met()
    await review.tell(facts.draft(), facts.amended("police"))
    history = (await review.handle.fetch_history()).to_json()
    assert [word for word in NEVER_SHOWN if word in history] == []


async def test_status_tells_the_office_what_to_do_next(review: PlayedReview) -> None:
    """As of the moment asked, by the review's own clock."""
    await review.until("day 2 12:00")
    standing = await review.standing()
    assert (standing.stage, standing.day, standing.in_hand) == (Stage.GATHERING, 2, "")
    assert standing.next_due == review.at("day 3 09:00")
    assert {todo.task for todo in standing.todo} == {Task.CHASE_RETURNS, Task.BOOK_MEETING}


async def test_a_deadline_just_missed_is_seen_before_it_is_escalated(review: PlayedReview) -> None:
    """A minute past 17:00 on Day 8 the screen says late, though the notice goes next morning."""
    await review.all_returned("housing")
    await review.until("day 8 17:01")
    standing = await review.standing()
    assert {a.key: a.state for a in standing.agencies}["housing"] == "late"
    assert len(standing.late) == 1


async def test_the_timetable_and_the_record_can_be_read(review: PlayedReview) -> None:
    """Each date explains itself; the record is in order and says who did what."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    [plan] = await review.reviews.plans(review.reference)
    assert "15 working days" in plan["panel_submission_due"].explanation
    record = await review.reviews.record(review.reference)
    assert [entry.event for entry in record] == [
        Event.REVIEW_OPENED,
        Event.DATES_PLANNED,
        Event.LETTERS_SENT,
        Event.MEETING_BOOKED,
        Event.LETTERS_SENT,
    ]
    moments: list[datetime] = [entry.at for entry in record]
    assert moments == sorted(moments)
    assert record[3].by == "Business Officer"
