"""What holds of every follow-up, whatever is told of it and whenever."""

from contextlib import suppress
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Refused
from domain.messages import FollowUpRules, Message
from domain.timetable import LONDON, london_day
from tests.domain.follow_up.played import Played, closing, evidence, move, opened, replan, withdrawal
from tests.laws import examples
from tests.sample import CALENDAR

days = st.dates(date(2026, 12, 1), date(2027, 4, 30))
told: st.SearchStrategy[Message] = st.one_of(
    st.builds(lambda n: evidence(id=f"mail-{n}"), st.integers(1, 3)),
    st.builds(closing, st.sampled_from(["Housing Manager", "Second Officer"])),
    st.builds(move, days),
    st.just(withdrawal()),
    st.just(replan()),
)
stories = st.lists(st.tuples(st.integers(1, 30), told), max_size=7)


def played(due_on: date, story: list[tuple[int, Message]], *, told: bool) -> Played:
    """A follow-up to which each fact comes days after the one before; a refusal changes nothing."""
    rules = FollowUpRules(escalation_after=3, digest_every=4)
    follow_up = Played(opened(due_on=due_on, told=told, rules=rules))
    for days_later, fact in story:
        moment = follow_up.now.astimezone(LONDON) + timedelta(days=days_later)
        follow_up.until(f"{moment:%Y-%m-%d %H:%M:%S}")
        before = len(follow_up.follow_up.record)
        with suppress(Refused):
            follow_up.tell(fact)
        assert len(follow_up.follow_up.record) >= before
    return follow_up


@settings(max_examples=examples(120), deadline=None)
@given(due_on=days, story=stories, already=st.booleans())
def test_the_laws_of_a_follow_up(due_on: date, story: list[tuple[int, Message]], *, already: bool) -> None:
    """Due on working days; no letter twice; nobody chased after evidence; closed by another; then ended."""
    seen = played(due_on, story, told=already)
    follow_up = seen.follow_up
    assert all(CALENDAR.is_working_day(london_day(plan.due)) for plan in follow_up.plans)
    keys = [letter.key for _, letter in seen.sent]
    assert len(keys) == len(set(keys))
    templates = [letter.template for _, letter in seen.sent]
    if "follow-up-evidence" in templates:
        after = templates[templates.index("follow-up-evidence") :]
        assert {"follow-up-reminder", "follow-up-overdue", "follow-up-late"} & set(after) == set()
    if follow_up.closed:
        assert follow_up.closed.by not in {e.given.by for e in follow_up.evidence}
        assert follow_up.evidence
    assert (follow_up.settled_at is None) == (follow_up.ended_at is None)
    assert follow_up.original_due == follow_up.plans[0].due
