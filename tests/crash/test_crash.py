"""The worker is killed at the worst moments, and started again: every letter arrives, none twice unmarked.

See ``docs/decisions/0004-mail-goes-out-effectively-once.md``.
"""

import pytest

from activities.mail import POSSIBLE_DUPLICATE
from domain.record import Event
from domain.tokens import LETTER_KEY
from tests.crash.conftest import Office, Offices
from tests.crash.holding import Moment

AGENCIES = ("childrens-trust", "icb", "police", "hospital", "community-health", "education", "housing", "gp")
LEADS = ("local-authority", "health", "police")
FIRST_LETTERS = {f"request/{key}" for key in AGENCIES} | {f"review-opened/{key}" for key in LEADS}


async def outcome(office: Office) -> str:
    """The review's own line on its last letters."""
    record = await office.reviews.record(office.handle.id)
    return [entry.says for entry in record if entry.event is Event.LETTERS_SENT][-1]


@pytest.mark.parametrize(
    ("moment", "nth", "taken"),
    [
        pytest.param(Moment.MAIL, 1, 0, id="before the first letter"),
        pytest.param(Moment.MAIL, 5, 4, id="before the fifth letter, four on record"),
        pytest.param(Moment.QUIT, 1, 11, id="after the last letter is on record"),
    ],
)
async def test_killed_where_nothing_is_in_doubt(
    offices: Offices, moment: Moment, nth: int, taken: int
) -> None:
    """Before a letter is handed over, and after it is on record: each arrives once, and none is marked."""
    async with offices.open(moment, nth) as office:
        await office.killed_as_held()
        assert len(office.letters) == taken
        await office.worker.start()
        await office.settle()
        assert office.keys == dict.fromkeys(FIRST_LETTERS, 1)
        assert not [letter for letter in office.letters if letter[POSSIBLE_DUPLICATE]]
        assert "11 of 11 letters sent" in await outcome(office)


async def test_killed_between_the_servers_yes_and_the_ledger(offices: Offices) -> None:
    """The one letter in doubt comes twice: under the same Message-ID, the second time marked."""
    async with offices.open(Moment.DATA, 5) as office:
        await office.killed_as_held()
        doubtful = office.letters[-1]
        await office.worker.start()
        await office.settle()
        assert set(office.keys) == FIRST_LETTERS
        again = [letter for letter in office.letters if letter[POSSIBLE_DUPLICATE]]
        assert [letter[LETTER_KEY] for letter in again] == [doubtful[LETTER_KEY]]
        assert [letter["Message-ID"] for letter in again] == [doubtful["Message-ID"]]
        assert len(office.letters) == len(FIRST_LETTERS) + 1
        assert "11 of 11 letters sent" in await outcome(office)


async def test_killed_twice_at_the_same_letter(offices: Offices) -> None:
    """A second cut at the letter in doubt leaves three copies of it, all under one Message-ID."""
    async with offices.open(Moment.DATA, 5) as office:
        await office.killed_as_held()
        office.sink.hold(Moment.DATA, 1)
        await office.worker.start()
        await office.killed_as_held()
        await office.worker.start()
        await office.settle()
        times = office.keys
        copies = [letter for letter in office.letters if times[letter[LETTER_KEY]] > 1]
        assert len({letter["Message-ID"] for letter in copies}) == 1
        assert [letter[POSSIBLE_DUPLICATE] for letter in copies] == [None, "yes", "yes"]
        assert set(office.keys) == FIRST_LETTERS


async def test_a_deadline_passes_while_nobody_works(offices: Offices) -> None:
    """The worker dies on Day 5; the Day 6 reminder falls due without it, and goes out once it is back."""
    async with offices.open() as office:
        await office.settle()
        await office.clock.move_to(office.handle, await office.moment("day 5 17:00"))
        before, due = len(office.letters), await office.moment("day 6 09:00")
        await office.power_cut()
        moving = await office.falls_due(due)
        assert await office.clock.now(office.handle) >= due
        assert len(office.letters) == before
        await office.worker.start()
        await moving
        assert [letter[LETTER_KEY] for letter in office.letters[before:]] == [
            f"reminder/1/{key}" for key in AGENCIES
        ]
