"""What `replan --all-open` prints, and how it ends where one could not be planned again."""

import json
from collections.abc import AsyncIterator

import pytest
from typer.testing import CliRunner

from domain.errors import Refused
from starter import replanning, telling
from starter.command import app
from starter.replanning import Replanned
from worker.settings import Settings

TYPED = ("replan", "--all-open", "--reason", "A bank holiday was proclaimed.", "--by", "Business Officer")
PLANNED = Replanned(
    reference="RR-2026-07", process="action 3", became="planned again", says="Was Mon, now Tue."
)
FAILED = Replanned(reference="RR-2026-08", process="cspr", became="not answered", says="No worker answered.")


class Office:
    """A server nobody asks anything of."""

    client = None


def given(monkeypatch: pytest.MonkeyPatch, *became: Replanned) -> None:
    """Let the command find these, and these become of them."""

    async def office() -> tuple[Settings, Office, None]:
        return Settings(), Office(), None

    async def replan_all(_: object, reason: str, by: str) -> AsyncIterator[Replanned]:
        assert (reason, by) == ("A bank holiday was proclaimed.", "Business Officer")
        for one in became:
            yield one

    monkeypatch.setattr(telling, "office", office)
    monkeypatch.setattr(replanning, "replan_all", replan_all)


def test_each_process_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name, what became of it, its dates; and the sum of all."""
    given(monkeypatch, PLANNED)
    answer = CliRunner().invoke(app, TYPED, catch_exceptions=False)
    assert "RR-2026-07, action 3: planned again. Was Mon, now Tue." in answer.output
    assert "1 open processes: 1 planned again." in answer.output


def test_one_that_failed_is_named_with_its_reason_and_the_others_are_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The command ends as refused, which is exit status 1, after a line for each of them."""
    given(monkeypatch, FAILED, PLANNED)
    answer = CliRunner().invoke(app, TYPED)
    assert isinstance(answer.exception, Refused)
    assert str(answer.exception).endswith("RR-2026-08, cspr: No worker answered.")
    assert "RR-2026-07, action 3: planned again." in answer.output


def test_the_answer_can_be_had_as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --json it is a list."""
    given(monkeypatch, PLANNED)
    answer = CliRunner().invoke(app, [*TYPED, "--json"], catch_exceptions=False)
    assert json.loads(answer.output) == [PLANNED.model_dump()]
