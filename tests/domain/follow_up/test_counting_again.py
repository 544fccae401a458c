"""Dates that moved with the calendar: one letter tells an owner of all of a case's actions."""

from datetime import date, datetime

import pytest

from domain.calendar import Calendar
from domain.follow_up.counting_again import for_another, with_news
from domain.follow_up.messages import CountedAgain, ReplanAction
from domain.follow_up.state import FollowUp
from tests.domain.follow_up.played import Played, at, closing, evidence, move, opened, told

DUE = date(2026, 12, 30)
PROCLAIMED = Calendar.english(proclaimed={DUE: "A proclaimed day"})
NOW = at("2026-12-15 10:00")


def counted(told_with: int | None = 3) -> ReplanAction:
    """The calendar is asked again, and the owner told in that action's letter."""
    return ReplanAction(reason="A bank holiday was proclaimed.", by="Business Officer", told_with=told_with)


def anothers(number: int = 5, when: datetime = NOW) -> CountedAgain:
    """What the same owner's action of that number has to say."""
    other = told(opened(number=number), counted(3), when, PROCLAIMED)
    news = for_another(other, counted(3))
    assert news
    return news


def played() -> Played:
    """The action whose letter it is, on the morning of the command."""
    return Played(opened()).until("2026-12-15 10:00")


def hearing(follow_up: Played, news: CountedAgain) -> Played:
    """It hears what another action has to say."""
    follow_up.follow_up = with_news(follow_up.follow_up, news, follow_up.now)
    return follow_up


def moved(follow_up: Played) -> list[tuple[str, list[str]]]:
    """When each such letter went, and its lines up to the old date."""
    found = [(when, one.facts["moved"]) for when, one in follow_up.sent if one.template == "dates-moved"]
    return [(when, [line.split(": was")[0] for line in lines]) for when, lines in found]


def test_one_letter_names_every_action_a_little_later() -> None:
    """Each with its old date, its new one and the first; by number, whichever was counted first."""
    follow_up = hearing(played(), anothers()).tell(counted(), PROCLAIMED)
    follow_up = hearing(follow_up, anothers(1)).until("2026-12-15 12:00")
    actions = [f"Action {number} (Learning action)" for number in (1, 3, 5)]
    assert moved(follow_up) == [("Tue 15 Dec 2026 10:10", actions)]
    letter = next(one for _, one in follow_up.sent if one.template == "dates-moved")
    assert (letter.key, str(letter.to)) == ("follow-up/3/counted_again/1/agency/housing", "agency:housing")
    assert letter.facts["moved"][1] == (
        "Action 3 (Learning action): was Wed 30 Dec 2026 17:00, now Thu 31 Dec 2026 17:00; "
        "first due Wed 30 Dec 2026 17:00"
    )


def test_what_comes_after_the_letter_has_one_of_its_own() -> None:
    """Nothing is told twice, and nothing is lost."""
    follow_up = played().tell(counted(), PROCLAIMED).until("2026-12-15 11:00")
    follow_up = hearing(follow_up, anothers()).until("2026-12-15 12:00")
    assert [lines for _, lines in moved(follow_up)] == [
        ["Action 3 (Learning action)"],
        ["Action 5 (Learning action)"],
    ]


def test_of_one_that_moved_twice_the_last_date_is_told() -> None:
    """Two holidays proclaimed within a few minutes."""
    later = anothers().model_copy(update={"due": at("2027-01-04 17:00")})
    follow_up = hearing(hearing(played(), anothers()), later).until("2026-12-15 12:00")
    [(_, letter)] = [sent for sent in follow_up.sent if sent[1].template == "dates-moved"]
    lines = list(letter.facts["moved"])
    assert ["now Mon 4 Jan 2027 17:00;" in line for line in lines] == [True]


def test_an_action_that_has_ended_still_tells_of_the_others() -> None:
    """It ends once the letter has gone; of its own date nothing is left to say."""
    follow_up = played().tell(counted(), PROCLAIMED).tell(evidence()).tell(closing())
    assert follow_up.follow_up.ended_at
    follow_up = hearing(follow_up, anothers())
    assert not follow_up.follow_up.ended_at
    follow_up.until("2026-12-15 12:00")
    assert [lines for _, lines in moved(follow_up)] == [["Action 5 (Learning action)"]]
    assert follow_up.follow_up.ended_at


def test_of_an_action_that_was_moved_by_hand_since_the_older_date_is_not_told() -> None:
    """Its owner has the last date from the letter that went at once."""
    follow_up = played().tell(counted(), PROCLAIMED).tell(move(date(2027, 1, 20))).until("2026-12-15 12:00")
    assert [one.template for _, one in follow_up.sent][-1] == "follow-up-moved"


def test_one_told_with_another_writes_nothing_itself() -> None:
    """What it has to say goes to the other."""
    follow_up = played().tell(counted(1), PROCLAIMED).until("2026-12-15 12:00")
    news = for_another(follow_up.follow_up, counted(1))
    assert news
    assert (news.number, news.was, news.due) == (3, at("2026-12-30 17:00"), at("2026-12-31 17:00"))
    assert not [one for _, one in follow_up.sent if "moved" in one.template]


@pytest.mark.parametrize(
    ("follow_up", "calendar"),
    [
        (opened(due_on=date(2027, 1, 29)), PROCLAIMED),
        (opened().with_(tell_by=at("2026-12-20 09:00")), PROCLAIMED),
    ],
    ids=["its due date stands", "its owner has not heard of it yet"],
)
def test_there_may_be_nothing_to_say(follow_up: FollowUp, calendar: Calendar) -> None:
    """Neither to another action nor in its own letter."""
    after = told(follow_up, counted(1), NOW, calendar)
    assert for_another(after, counted(1)) is None
    assert told(follow_up, counted(3), NOW, calendar).counted_again == ()


def test_a_date_moved_by_agreement_is_told_at_once() -> None:
    """It is no matter of the calendar."""
    follow_up = played().tell(move(date(2027, 1, 20)))
    assert [one.template for _, one in follow_up.sent][-1] == "follow-up-moved"


@pytest.mark.parametrize(("edition", "told_with"), [(2, 1), (2, 3), (3, None)])
def test_before_the_third_edition_each_action_writes_for_itself(edition: int, told_with: int | None) -> None:
    """At once; so does one that is counted again by itself."""
    follow_up = Played(opened(edition=edition)).until("2026-12-15 10:00")
    follow_up.tell(counted(told_with), PROCLAIMED)
    assert follow_up.sent[-1][1].template == "follow-up-moved"
    assert for_another(follow_up.follow_up, counted(told_with)) is None
