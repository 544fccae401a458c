"""The laws of a case put forward: random facts, at advancing times, with bank holidays proclaimed."""

from collections import Counter
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.calendar import Calendar
from domain.consideration.facts import apply, not_taken
from domain.consideration.letters import letters
from domain.consideration.messages import (
    ConsiderationRules,
    Convert,
    LinkDuplicate,
    OutcomeKind,
    RecordNotification,
    ReplanConsideration,
    Route,
    SinAnswer,
    View,
    WithdrawConsideration,
)
from domain.consideration.performing import conclusion, ended, performed
from domain.consideration.planning import plan_consideration
from domain.consideration.plans import converted, plan_request, planned, replanned
from domain.consideration.standing import in_markdown, standing
from domain.consideration.state import Consideration
from domain.consideration.steps import ConsiderationStep, next_step
from domain.errors import Refused
from domain.follow_up.hand_over import outcomes_followed
from domain.messages import Delivery, DeliveryFailed, Letter, Message, SendAgain
from domain.step import Performance
from domain.timetable import LONDON, london_day
from tests.domain import consideration as told
from tests.laws import examples
from tests.sample import CALENDAR, LEADS

OFFICE = "Business Officer"

PROCLAIMED = Calendar.english(
    proclaimed={date(2026, 12, 7): "A proclaimed day", date(2026, 12, 4): "Another proclaimed day"}
)
"""The days on which the SIN and the views of the sample are due are among them."""

MOST = 80
"""More steps than can fall due in any stretch of time here: all of them must be done after fewer."""

KEPT = ("record", "plans", "decisions", "notifications", "conversions", "replans", "told")
"""What is only ever added to."""

FACTS = st.one_of(
    st.builds(told.view, st.sampled_from(LEADS), st.sampled_from([*View])),
    st.builds(told.decided, st.sampled_from([*SinAnswer])),
    st.builds(
        lambda kind, owner: told.chosen(told.outcome(kind, owner)),
        st.sampled_from([*OutcomeKind]),
        st.sampled_from(["police", "health", "nobody"]),
    ),
    st.builds(
        lambda n: DeliveryFailed(
            id=f"bounce-{n}", letter="consideration/sin_request/1/sqas-manager", status="5.1.1"
        ),
        st.integers(0, 2),
    ),
)
"""Facts that need not know the moment at which they come."""


class ConsiderationLaws(RuleBasedStateMachine):
    """One case put forward, told random facts and carried out step by step."""

    @initialize(route=st.sampled_from([*Route]), requires_sin=st.sampled_from([True, True, False]))
    def opens(self, route: Route, *, requires_sin: bool) -> None:
        """An alert or a request."""
        rules = ConsiderationRules(rapid_review_requires_sin=requires_sin)
        self.now, self.calendar = told.moment(0), CALENDAR
        self.posted: list[Letter] = []
        self.carried: Counter[str] = Counter()
        self.case = Consideration.opened(told.put(route=route, rules=rules), self.now)
        plan = plan_consideration(plan_request(self.case, self.now), self.calendar)
        self.case = planned(self.case, plan, self.now)

    def keep(self, after: Consideration) -> None:
        """Hold the next state, as the workflow does: what was on record is still on record."""
        for kept in KEPT:
            known = getattr(self.case, kept)
            assert getattr(after, kept)[: len(known)] == known, kept
        assert self.case.views.items() <= after.views.items()
        assert self.case.done <= after.done
        for once in ("sin", "chosen", "link", "withdrawal", "determined_at"):
            assert getattr(self.case, once) in (None, getattr(after, once)), once
        self.case = after

    def tell(self, fact: Message) -> None:
        """Bring a fact; what is refused is noted and changes nothing else."""
        try:
            self.keep(apply(fact, self.case, self.now))
        except Refused as why:
            self.keep(not_taken(self.case, why, self.now))

    @rule(fact=FACTS)
    def hears(self, fact: Message) -> None:
        """A fact arrives."""
        self.tell(fact)

    @rule(ago=st.integers(-1, 48), a_sin=st.booleans())
    def is_submitted(self, ago: int, *, a_sin: bool) -> None:
        """A SIN, or a notification without a review, went hours ago, or is said to be going to."""
        at = self.now - timedelta(hours=ago)
        noted = RecordNotification(notification_reference="N-1", sent_at=at, by=OFFICE)
        self.tell(told.sin(at) if a_sin else noted)

    @rule(view=st.sampled_from([*View]))
    def leads_answer(self, view: View) -> None:
        """Every lead gives a view."""
        for lead in LEADS:
            self.tell(told.view(lead, view))

    @rule(really=st.sampled_from([*[False] * 8, True]), links=st.booleans())
    def is_ended(self, *, really: bool, links: bool) -> None:
        """Now and then, it is withdrawn or linked."""
        if really:
            link = LinkDuplicate(to="RR-2026-01", reason="The same incident", by=OFFICE)
            self.time_passes(1, refuse=12)
            self.tell(link if links else WithdrawConsideration(reason="A mistake", by=OFFICE))
            self.time_passes(1, refuse=12)

    @rule(ago=st.integers(0, 10))
    def is_converted(self, ago: int) -> None:
        """The local authority became aware of more, as the workflow's command takes it."""
        aware_on = london_day(self.now) - timedelta(days=ago)
        fact = Convert(aware_on=aware_on, reason="The post-mortem", by=OFFICE)
        try:
            apply(fact, self.case, self.now)
            plan = plan_consideration(plan_request(self.case, self.now, fact), self.calendar)
            self.keep(converted(self.case, fact, plan, self.now))
        except Refused as why:
            self.keep(not_taken(self.case, why, self.now))

    @rule()
    def a_bank_holiday_is_proclaimed(self) -> None:
        """From now on the calendar has two more; the case is planned again, as by the command."""
        self.calendar = PROCLAIMED
        fact = ReplanConsideration(reason="A bank holiday was proclaimed.", by=OFFICE)
        try:
            apply(fact, self.case, self.now)
            plan = plan_consideration(plan_request(self.case, self.now, fact), self.calendar)
            self.keep(replanned(self.case, fact, plan, self.now))
        except Refused as why:
            self.keep(not_taken(self.case, why, self.now))

    @rule(choice=st.data())
    def sends_again(self, choice: st.DataObject) -> None:
        """The office asks for a letter to be sent again."""
        keys = [task.key for task in self.case.undelivered] or ["reminder/1"]
        self.tell(SendAgain(letter=choice.draw(st.sampled_from(keys)), by=OFFICE))

    @rule(hours=st.sampled_from([1, 24, 24 * 7, 24 * 40]), refuse=st.integers(0, 12))
    def time_passes(self, hours: int, refuse: int) -> None:
        """The worker is up: every step is carried out at its own moment."""
        until = self.now + timedelta(hours=hours)
        for _ in range(MOST):
            step = next_step(self.case)
            if step is None or step.due > until:
                break
            self.now = max(self.now, step.due)
            self.carry_out(step, refuse)
        else:
            raise AssertionError(f"The steps up to {until} never end: {step}.")
        self.now = until

    @rule(days=st.integers(1, 6))
    def the_worker_is_down(self, days: int) -> None:
        """Nothing is carried out; facts may still come."""
        self.now += timedelta(days=days, hours=3)

    def carry_out(self, step: ConsiderationStep, refuse: int) -> None:
        """Carry out one step as the workflow does; none is done twice."""
        self.carried[step.key] += 1
        assert self.carried[step.key] == 1 or step.kind == "resending", step.key
        written = letters(self.case, step, self.now)
        self.posted += written
        deliveries = tuple(
            Delivery(letter=w.key, to=w.to, outcome="refused" if n == refuse else "sent", status="5.1.1")
            for n, w in enumerate(written)
        )
        done = Performance[ConsiderationStep](
            step=step, began_at=self.now, letters=written, deliveries=deliveries
        )
        self.keep(performed(self.case, done, self.now))

    @invariant()
    def no_letter_goes_twice_and_none_to_the_panel(self) -> None:
        """No SIN means no notice to the Panel or to Ofsted; a SIN is submitted by a person."""
        counts = Counter(letter.key for letter in self.posted)
        assert [key for key, count in counts.items() if count > 1] == []
        assert not {"panel", "ofsted"} & {str(letter.to) for letter in self.posted}

    @invariant()
    def every_date_is_a_working_day(self) -> None:
        """Of every plan, by the calendar on which it was made."""
        for plan in self.case.plans:
            calendar = CALENDAR if plan.calendar == CALENDAR.version else PROCLAIMED
            assert all(calendar.is_working_day(london_day(m.due)) for m in plan.milestones)

    @invariant()
    def what_is_to_come_keeps_to_working_hours(self) -> None:
        """Whatever waits for a date leaves at nine on a working day."""
        step = next_step(self.case)
        if step and step.due > self.now:
            due: datetime = step.due.astimezone(LONDON)
            assert self.case.timetable.is_working_day(due.date()), step
            assert f"{due:%H:%M}" == "09:00", step

    @invariant()
    def lateness_is_against_the_first_date_of_the_round(self) -> None:
        """A re-plan forgives nothing; a conversion begins a new round."""
        firsts = [p for n, p in enumerate(self.case.plans, 1) if n not in self.case.replans]
        for breach in self.case.overdue(self.now):
            assert breach.due in {plan[breach.milestone].due for plan in firsts}

    @invariant()
    def what_has_ended_is_accounted_for(self) -> None:
        """A review, local outcomes each of them followed, a link or a withdrawal; everyone told."""
        if not ended(self.case):
            return
        end, followed = conclusion(self.case), list(outcomes_followed(self.case))
        assert end.review or end.linked_to or end.outcomes or self.case.withdrawal
        assert len(followed) == len(self.case.outcomes_to_follow)
        if not end.review:
            told_of_it = {letter.to for letter in self.posted if letter.template == "consideration-ended"}
            assert {*self.case.told} <= told_of_it

    @invariant()
    def it_can_be_shown(self) -> None:
        """At any moment, in words."""
        assert in_markdown(standing(self.case, self.now)).startswith("**")


TestConsiderationLaws = ConsiderationLaws.TestCase
TestConsiderationLaws.settings = settings(
    max_examples=examples(80),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
