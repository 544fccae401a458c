"""A letter about an action that came back: a task for the office, and what sending it again writes."""

import pytest

from domain.errors import Refused
from domain.follow_up.awaiting import follow_up_awaits
from domain.follow_up.facts import apply
from domain.follow_up.standing import standing
from domain.messages import DeliveryFailed, SendAgain
from domain.record import Event
from tests.domain.follow_up.played import Played, at, closing, evidence, opened

REMINDER = "follow-up/3/reminder/2026-12-29/agency/housing"
OPENED = "follow-up/3/opened/agency/housing"


def came_back(letter: str, number: int = 1) -> DeliveryFailed:
    """The receiving server says days later that there is no such mailbox."""
    return DeliveryFailed(id=f"bounce-{number}", letter=letter, status="5.1.1")


def again(letter: str) -> SendAgain:
    """The office has mended the address."""
    return SendAgain(letter=letter, by="Business Officer")


def reminded() -> Played:
    """The action opened, and its owner reminded."""
    return Played(opened()).until("2026-12-29 12:00")


@pytest.mark.parametrize(
    "letter",
    [
        OPENED,
        REMINDER,
        f"{REMINDER}/again/again",
        "follow-up/3/overdue/2026-12-31/representative/housing",
        "follow-up/3/escalation/2027-01-07/lead/local-authority",
        "follow-up/3/evidence/1/office",
    ],
)
def test_every_letter_that_comes_back_is_put_before_the_office(letter: str) -> None:
    """It waits on the screen of the action; of all but the office's own mail the office is written to."""
    played = reminded().tell(came_back(letter))
    [task] = standing(played.follow_up, played.now).undelivered
    assert task.letter == letter
    told = [key for _, one in played.sent if (key := one.facts.get("letter"))]
    assert told == ([] if letter.endswith("office") else [letter])


def test_the_lists_name_what_the_office_has_to_mend() -> None:
    """Beside what is awaited of the owner."""
    played = reminded().tell(came_back(REMINDER))
    assert [str(one) for one in follow_up_awaits(played.follow_up)] == ["action/3/housing", "delivery/office"]


@pytest.mark.parametrize(
    "letter",
    [
        "follow-up/2/opened/agency/housing",
        "follow-up/3/opened/agency/police",
        "follow-up/3/reminded/2026-12-29/agency/housing",
        "request/housing",
        "follow-up/3",
        "follow-up/3/undelivered/follow-up/3/opened/agency/housing/office",
        "follow-up/3/counted_again/1/agency/housing",
    ],
)
def test_what_is_no_letter_of_the_action_is_refused(letter: str) -> None:
    """Another action's, another owner's, another step's, another process's, one of nothing."""
    with pytest.raises(Refused, match="none can have come back"):
        apply(came_back(letter), opened(), at("2026-12-15 10:00"))


def test_told_twice_it_is_one_task() -> None:
    """The same report again changes nothing; another about the same letter is on record alone."""
    played = reminded().tell(came_back(REMINDER))
    assert apply(came_back(REMINDER), played.follow_up, played.now) is played.follow_up
    played = played.tell(came_back(REMINDER, 2))
    assert len(played.follow_up.undelivered) == 1
    assert played.follow_up.record[-1].says.endswith("It is a task already.")


def test_it_is_written_again_as_things_stand() -> None:
    """Under its own key, which says so; then nothing waits for the office."""
    played = reminded().tell(came_back(REMINDER)).tell(again(REMINDER))
    when, letter = played.sent[-1]
    assert (letter.key, letter.template) == (f"{REMINDER}/again", "follow-up-reminder")
    assert letter.facts["due"] == "Wed 30 Dec 2026 17:00"
    assert not standing(played.follow_up, played.now).undelivered
    with pytest.raises(Refused, match="Waiting: none"):
        apply(again(REMINDER), played.follow_up, played.now)
    assert len([1 for _, one in played.sent if one.key == letter.key]) == 1, when


def test_one_refused_again_is_a_task_again() -> None:
    """The address was not mended after all."""
    played = reminded().tell(came_back(REMINDER))
    played.refusing = "agency:housing"
    played.tell(again(REMINDER))
    assert [one.letter for one in standing(played.follow_up, played.now).undelivered] == [f"{REMINDER}/again"]


def test_what_has_been_overtaken_is_not_sent_again() -> None:
    """The owner has shown that it is done: nobody is reminded."""
    played = reminded().tell(came_back(REMINDER)).tell(evidence())
    before = len(played.sent)
    played.tell(again(REMINDER))
    assert len(played.sent) == before
    retried = [entry for entry in played.follow_up.record if entry.event is Event.LETTER_RETRIED]
    assert retried[0].says.endswith("what it said has been overtaken.")


def test_word_that_comes_as_the_action_ends_is_still_told() -> None:
    """The action is closed and everybody told, but the office not of the letter that came back."""
    played = reminded().tell(evidence()).tell(closing())
    assert played.follow_up.ended_at
    played.tell(came_back("follow-up/3/closed/agency/housing"))
    assert played.sent[-1][1].template == "follow-up-undelivered"
    assert played.follow_up.ended_at
