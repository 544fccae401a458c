"""One command plans every open process again: what moved, who is told of it, and what a second call does."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.calendar import FolderCalendar
from domain.follow_up.steps import GATHERING
from domain.messages import ImmediateAction, Recommendation
from domain.partnership import FILE
from domain.timetable import london_day
from starter.considerations import Considerations
from starter.follow_ups import FollowUps
from starter.replanning import Replanned, replan_all
from tests import cspr_sample as told
from tests import sample
from tests.conftest import Elsewhere
from tests.workflows import facts
from tests.workflows.considering import PlayedConsideration, considered
from tests.workflows.cspr_playing import PlayedCspr, begun
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.settings import PROJECT
from workflows.panel_answer import panel_workflow_id

SOON = timedelta(seconds=5)
REASON = "A bank holiday was proclaimed."


def folder_in(place: Path) -> Path:
    """A partnership's folder of its own."""
    return Path(shutil.copytree(PROJECT / "partnerships" / "northamptonshire", place / "partnership"))


def proclaim(folder: Path, *days: date) -> None:
    """Write bank holidays into a partnership's folder."""
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.writelines(f'\n[[bank_holidays]]\ndate = {day}\nname = "A proclaimed day"\n' for day in days)


@dataclass
class Office:
    """One of each process, open at the same time."""

    client: Client
    folder: Path
    post: FakePostRoom
    ended: PlayedReview
    cspr: PlayedCspr
    review: PlayedReview
    consideration: PlayedConsideration
    _counted: int = field(default=0, init=False)

    async def replanned(self) -> dict[str, Replanned]:
        """What the command answers, by the name of each process; what answers it is carried out."""
        self._counted = len(self.post.sent)
        done = {one.name: one async for one in replan_all(self.client, REASON, facts.OFFICE)}
        for clock, handle, after in (
            (self.review.clock, self.review.handle, SOON),
            (self.cspr.review.clock, self.cspr.handle, SOON),
            (self.ended.clock, FollowUps(self.client).handle(self.ended.reference, 2), SOON),
            (self.ended.clock, FollowUps(self.client).handle(self.ended.reference, 1), GATHERING + SOON),
            (self.consideration.clock, self.consideration.handle, SOON),
            (self.ended.clock, self.ended.reviews.handle(panel_workflow_id(self.ended.reference)), SOON),
        ):
            await clock.move_on(handle, after)
        return done

    def told(self) -> Counter[str]:
        """How many letters have gone to each recipient since the command was given last."""
        return Counter(f"{s.letter.template} -> {s.letter.to}" for s in self.post.sent[self._counted :])

    @property
    def names(self) -> tuple[str, ...]:
        """What the review, the actions, the CSPR, the consideration and the wait for the Panel are called."""
        ended, review = self.ended.reference, self.review.reference
        return (
            f"{review}, review",
            f"{ended}, action 1",
            f"{ended}, action 2",
            f"{ended}, cspr",
            f"{self.consideration.put.reference}, consideration",
            f"{ended}, the Panel's answer",
        )


@asynccontextmanager
async def opened_office(client: Client, folder: Path, post: FakePostRoom) -> AsyncIterator[Office]:
    """A review under way, a consideration, and all that a review has led to that has ended."""
    calendar = FolderCalendar(folder)
    waited_for = opening_at(soon(), decision_rules=sample.decision_rules())
    async with (
        played(client, waited_for, post, calendar) as ended,
        played(client, opening_at(soon()), post, calendar) as review,
        considered(client, post, calendar) as consideration,
    ):
        await ended.until("day 11 12:00")
        actions = [
            ImmediateAction(agency="housing", action="Check the lists", due_on=ended.at(day).date())
            for day in ("day 20 12:00", "day 22 12:00")
        ]
        await ended.tell(facts.held(ended.at("day 11 10:00"), *actions), facts.draft())
        await ended.confirmed()
        await ended.tell(facts.decided(Recommendation.CSPR))
        await ended.handle.result()
        cspr = await begun(ended)
        await cspr.tell(told.commission())
        for number in (1, 2):
            follow_up = FollowUps(client).handle(ended.reference, number)
            await ended.clock.move_on(follow_up, SOON)
        yield Office(client, folder, post, ended, cspr, review, consideration)


@pytest.fixture
async def office(own_server: Client, tmp_path: Path, post: FakePostRoom) -> AsyncIterator[Office]:
    """Such an office for one test alone."""
    async with opened_office(own_server, folder_in(tmp_path), post) as opened:
        yield opened


@dataclass(frozen=True)
class Counted:
    """An office once the command was given: the days that became holidays, what it answered, who was told."""

    office: Office
    before: list[date]
    done: dict[str, Replanned]
    told: Counter[str]


@pytest.fixture(scope="module")
async def counted(
    elsewhere: Elsewhere, session_keys: KeyRing, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Counted]:
    """An office in which every process had something due on a day that has become a holiday."""
    folder = folder_in(tmp_path_factory.mktemp("counted"))
    async with opened_office(await elsewhere(session_keys), folder, FakePostRoom()) as office:
        before = await _days(office)
        proclaim(folder, *before)
        done = await office.replanned()
        yield Counted(office, before, done, office.told())


async def _days(office: Office) -> list[date]:
    """The day on which something is due in each process: the last is that of a reminder to the office."""
    put = office.consideration
    dues = [
        office.review.plan["rfi_due"].due,
        (await FollowUps(office.client).standing(office.ended.reference, 1)).due,
        (await FollowUps(office.client).standing(office.ended.reference, 2)).due,
        (await office.cspr.csprs.plans(office.ended.reference))[0].publication_due,
        (await put.considerations.plans(put.put.reference))[0]["sin_due"].due,
        (await office.ended.reviews.standing(office.ended.reference)).next_due,
    ]
    return [london_day(due) for due in dues if due]


async def test_every_process_is_planned_again_and_says_its_old_and_new_dates(counted: Counted) -> None:
    """A review, two actions, a CSPR, a consideration, a wait: each on a day that is now a holiday."""
    office, before, done = counted.office, counted.before, counted.done
    assert sorted(done) == sorted(office.names)
    assert {one.became for one in done.values()} == {"planned again"}
    said = (
        ("Request for Information due: was", "17:00"),
        ("Due date moved: was", "17:00"),
        ("Due date moved: was", "17:00"),
        ("To be published by: was", "17:00"),
        ("SIN due: was", "17:00"),
        ("The office is reminded that the Panel's answer is awaited: was", "09:00"),
    )
    for name, (words, hour), day in zip(office.names, said, before, strict=True):
        assert f"{words} {day:%a %-d %b %Y} {hour}, now " in done[name].says
        assert REASON in done[name].says


async def test_each_of_those_affected_is_told_once_and_nobody_else(counted: Counted) -> None:
    """Agencies that have not returned, the owner of two actions, the CSPR's people, the SQAS Manager."""
    office = counted.office
    leads = [f"lead:{lead}" for lead in sample.LEADS]
    agencies = [f"agency:{agency}" for agency in office.review.opening.ask]
    of_the_review = {f"dates-moved -> {to}" for to in (*agencies, *leads)}
    notified = ("office", "reviewer:reviewer-one", "panel", "ofsted", "secretary-of-state")
    of_the_cspr = {f"cspr-dates-moved -> {to}" for to in (*notified, *leads)}
    others = ["dates-moved -> agency:housing", "dates-moved -> sqas-manager"]
    assert counted.told == Counter([*of_the_review, *of_the_cspr, *others])
    [letter] = [one for one in office.post.letters("dates-moved") if one.key.startswith("follow-up/")]
    assert [line[:8] for line in letter.facts["moved"]] == ["Action 1", "Action 2"]


async def test_a_second_call_leaves_all_alone_and_sends_nothing(counted: Counted) -> None:
    """Safe to repeat."""
    again = await counted.office.replanned()
    assert {one.became for one in again.values()} == {"left alone"}
    assert counted.office.told() == Counter()


async def test_a_holiday_that_moves_no_date_of_anybody_is_told_to_nobody(office: Office) -> None:
    """The days to come are counted on the new calendar all the same, and the office's later reminders."""
    proclaim(office.folder, sample.CALENDAR.nth_working_day((await _days(office))[1], 30))
    done = await office.replanned()
    reminding = done.pop(office.names[-1])
    assert all(one.says.startswith("No date moves") for one in done.values())
    assert "reminders after it. A bank" in reminding.says
    assert office.told() == Counter()


async def test_one_that_fails_is_named_and_the_others_go_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process whose worker is gone is not answered; the reason is said."""
    monkeypatch.setattr("starter.replanning.PATIENCE", timedelta(seconds=3))
    put = office.consideration.put.model_copy(update={"reference": "RR-2026-9100"})
    await Considerations(office.client, "nobody-works-here").open(put)
    proclaim(office.folder, *await _days(office))
    done = await office.replanned()
    failed = [one for one in done.values() if one.failed]
    assert [(one.name, one.became) for one in failed] == [("RR-2026-9100, consideration", "not answered")]
    assert "No worker answered" in failed[0].says
    assert Counter(one.became for one in done.values())["planned again"] == 6


async def test_lateness_is_measured_against_the_first_date(
    own_server: Client, tmp_path: Path, post: FakePostRoom
) -> None:
    """A SIN on the day after the first one is late, though the new date is kept."""
    folder = folder_in(tmp_path)
    async with considered(own_server, post, FolderCalendar(folder)) as case:
        plans, reference = case.considerations.plans, case.put.reference
        proclaim(folder, london_day((await plans(reference))[0]["sin_due"].due))
        [done] = [one async for one in replan_all(own_server, REASON, facts.OFFICE)]
        assert done.became == "planned again"
        plan = (await plans(reference))[-1]
        await case.clock.move_to(case.handle, plan["sin_due"].due - timedelta(hours=2))
        standing = await case.considerations.standing(reference, await case.clock.now(case.handle))
    [sin] = [date for date in standing.dates if date.key == "sin_due"]
    assert (sin.original is not None, sin.state, len(standing.late)) == (True, "missed", 1)
