"""The commands about actions, typed against a real server: what they record, and what they print."""

import json
from pathlib import Path

import pytest
from temporalio.client import Client

from domain.errors import Refused
from domain.follow_up.messages import CloseAction
from domain.messages import PlanLearning
from starter import following, telling
from starter.reviews import Reviews
from tests.postbox.pieces import pdf
from tests.workflows import facts
from tests.workflows.following import Followed
from tests.workflows.playing import PlayedReview
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import Settings


@pytest.fixture
def store(
    server: Client, session_keys: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> DocumentStore:
    """The office: the server of every review, and a store of its own."""
    kept = DocumentStore(tmp_path.as_uri(), session_keys)

    async def office() -> tuple[Settings, Reviews, DocumentStore]:
        return Settings(), Reviews(server, "office"), kept

    for commands in (following, telling):
        monkeypatch.setattr(commands, "office", office)
    return kept


def printed(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed since the last time, its lines joined."""
    return " ".join(capsys.readouterr().out.split())


async def test_an_action_from_its_evidence_to_its_end(
    followed: Followed, store: DocumentStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The office records evidence with its document, sees it, and somebody else closes."""
    reference, file = followed.review.reference, tmp_path / "list.pdf"
    file.write_bytes(pdf().content)
    await followed.until(1, "day 14 10:00")
    await following._record_evidence(reference, 1, "A signed list", "Housing Manager", [file], "", json=False)
    assert "Evidence 1 given by The housing agency. A signed list" in printed(capsys)
    assert len(await store.list("documents")) == 1
    await following._show_action(reference, 1, record=False, json=False)
    shown = printed(capsys)
    assert f"{reference}, action 1: evidenced The housing agency: Check the records" in shown
    assert f"rapid-review close-action {reference} 1 --by" in shown
    with pytest.raises(Refused, match="closed by a second person"):
        await following._tell(reference, 1, CloseAction(by="Housing Manager"), json=False)
    await following._tell(reference, 1, CloseAction(by="Second Officer"), json=True)
    assert json.loads(capsys.readouterr().out)["recorded"] == "Closed with evidence."
    await following._show_action(reference, 1, record=True, json=True)
    events = [line["event"] for line in json.loads(capsys.readouterr().out)]
    assert events[0] == "action.opened"
    assert "action.closed" in events


@pytest.mark.usefixtures("store")
async def test_the_list_of_actions(left_behind: Followed, capsys: pytest.CaptureFixture[str]) -> None:
    """One line for each action of the case, as a table and as data."""
    reference = left_behind.review.reference
    for number in (1, 2):
        await left_behind.until(number, "day 13 12:00")
    rows: list[dict[str, object]] = []
    while len(rows) < 2 or not all(row["due"] for row in rows):  # visibility follows a moment later
        await following._actions(reference, closed=False, json=True)
        rows = json.loads(capsys.readouterr().out)
    assert [(row["number"], row["owner"], row["stage"]) for row in rows] == [
        (1, "housing", "open"),
        (2, "health", "open"),
    ]
    await following._actions(reference, closed=False, json=False)
    shown = printed(capsys)
    assert "housing immediate_action" in shown
    assert "health learning_action" in shown


@pytest.mark.usefixtures("store")
async def test_a_case_without_actions_lists_none(
    review: PlayedReview, capsys: pytest.CaptureFixture[str]
) -> None:
    """The screen says so, and how to see those that are closed."""
    await following._actions(review.reference, closed=False, json=False)
    assert "No action is being followed up." in printed(capsys)


@pytest.mark.usefixtures("store")
async def test_learning_is_planned_while_the_review_runs(
    review: PlayedReview, capsys: pytest.CaptureFixture[str]
) -> None:
    """The receipt says under which number it will be followed up."""
    await review.met()
    due = review.at("day 40 12:00").date()
    await telling._told(
        review.reference, PlanLearning(owner="icb", due_on=due, what="Brief all", by=facts.OFFICE), json=False
    )
    assert "Learning action 1 planned for The icb agency" in printed(capsys)
