"""The laws of a CSPR: random facts, at advancing times, with letters refused and bank holidays proclaimed."""

from collections import Counter
from datetime import date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.calendar import Calendar
from domain.cspr.facts import apply, not_taken
from domain.cspr.letters import letters
from domain.cspr.messages import CsprReplan, LearningKind
from domain.cspr.performing import ended, ending, performed
from domain.cspr.planning import plan_cspr
from domain.cspr.plans import plan_request, replanned
from domain.cspr.standing import in_markdown, standing
from domain.cspr.state import Cspr
from domain.cspr.steps import CsprStep, next_step
from domain.errors import Refused
from domain.messages import Delivery, Letter, Message, SendAgain
from domain.step import Performance
from domain.timetable import LONDON, london_day
from tests import cspr_sample as told
from tests.laws import examples
from tests.sample import CALENDAR, LEADS

PROCLAIMED = Calendar.english(
    proclaimed={date(2027, 6, 18): "A proclaimed day", date(2027, 3, 10): "Another proclaimed day"}
)
"""The six-month date of the sample is one of them."""

MOST = 200
"""More steps than can fall due in any stretch of time here: all of them must be done after fewer."""

KEPT = ("record", "plans", "commissions", "terms", "monitorings", "requests", "drafts", "signatures")
"""What is only ever added to."""

HOLDS = st.sampled_from(["criminal", "coroner"])

FACTS = st.one_of(
    st.builds(
        lambda who: told.commission(reviewer=who, reason="As agreed"), st.sampled_from(["one-a", "two-b"])
    ),
    st.just(told.terms()),
    st.builds(lambda good: told.monitor(good_quality=good), st.booleans()),
    st.builds(told.draft, st.sampled_from("abcd")),
    st.builds(
        lambda lead, version: told.confirmed(lead, version, id=f"{lead}/{version}"),
        st.sampled_from(LEADS),
        st.integers(1, 3),
    ),
    st.builds(told.lift, HOLDS),
    st.just(told.send()),
)
"""Facts that need not know the moment at which they come."""


class CsprLaws(RuleBasedStateMachine):
    """One CSPR, told random facts and carried out step by step; each law is an invariant or an assert."""

    @initialize(kind=st.sampled_from([LearningKind.CSPR, LearningKind.CSPR, LearningKind.OTHER]))
    def opens(self, kind: LearningKind) -> None:
        """The leads have decided on a review."""
        self.cspr, self.now = told.cspr(kind=kind), told.DECIDED
        self.calendar = CALENDAR
        self.posted: list[Letter] = []
        self.carried: Counter[str] = Counter()

    def keep(self, after: Cspr) -> None:
        """Hold the next state, as the workflow does: what was on record is still on record."""
        before, after = self.cspr, ended(after, self.now)
        for kept in (
            "record",
            "plans",
            "commissions",
            "terms",
            "monitorings",
            "requests",
            "drafts",
            "signatures",
        ):
            known = getattr(before, kept)
            assert getattr(after, kept)[: len(known)] == known, kept
        assert [hold.fact for hold in after.holds[: len(before.holds)]] == [
            hold.fact for hold in before.holds
        ]
        assert before.publication in (None, after.publication)
        assert before.withdrawal in (None, after.withdrawal)
        assert {*before.told} <= {*after.told}
        assert before.done <= after.done
        if after.publication and not before.publication:
            self.is_published_rightly(before, after)
        self.cspr = after

    def is_published_rightly(self, before: Cspr, after: Cspr) -> None:
        """Never while on hold, and never before the full report's working days have passed."""
        assert after.publication
        assert not before.held
        assert before.signed
        assert before.sent_at
        sent, on = london_day(before.sent_at), after.publication.fact.published_on
        days = [sent + timedelta(days=n) for n in range(1, (on - sent).days + 1)]
        assert len([day for day in days if self.counted(day)]) >= before.opening.rules.panel_days

    def counted(self, day: date) -> bool:
        """Whether a day is a working day under the calendar in force for the review."""
        return (CALENDAR if self.cspr.dates.calendar == CALENDAR.version else PROCLAIMED).is_working_day(day)

    def tell(self, fact: Message) -> None:
        """Bring a fact; what is refused is noted and changes nothing else."""
        try:
            self.keep(apply(fact, self.cspr, self.now))
        except Refused as why:
            self.keep(not_taken(self.cspr, why, self.now))

    @rule(fact=FACTS)
    def hears(self, fact: Message) -> None:
        """A fact arrives."""
        self.tell(fact)

    @rule(days=st.integers(1, 60), proceedings=HOLDS)
    def is_held(self, days: int, proceedings: str) -> None:
        """Publication is held."""
        self.tell(told.hold(self.some_day(days), proceedings))

    @rule(days=st.integers(1, 60))
    def asks_the_reviewer(self, days: int) -> None:
        """A request in writing."""
        self.tell(told.request(self.some_day(days)))

    @rule(ago=st.integers(-1, 20))
    def is_published(self, ago: int) -> None:
        """It is said to have been published some days ago, or to come."""
        self.tell(told.published(london_day(self.now) - timedelta(days=ago)))

    @rule(leads=st.lists(st.sampled_from(LEADS), min_size=1, unique=True))
    def leads_confirm(self, leads: list[str]) -> None:
        """Leads confirm the current version, one of them or all."""
        for lead in leads:
            version = len(self.cspr.drafts) or 1
            self.tell(told.confirmed(lead, version, id=f"{lead}/{version}/{self.now}"))

    @rule(working_days=st.sampled_from([6, 7]), lifts=st.sampled_from([True, True, False]))
    def comes_to_be_published(self, working_days: int, *, lifts: bool) -> None:
        """All that leads to the full report, one after another; and so many days later its publication."""
        for proceedings in self.cspr.held if lifts else ():
            self.tell(told.lift(proceedings))
        self.tell(told.commission(reviewer=f"reviewer-{len(self.cspr.commissions)}", reason="As agreed"))
        self.tell(told.draft("abcdef"[len(self.cspr.drafts) % 6]))
        self.leads_confirm([*LEADS])
        self.tell(told.send())
        sent = london_day(self.now)
        on = self.cspr.dates.working_day_after(sent, working_days)
        self.time_passes((on - sent).days, refuse=40)
        self.tell(told.published(london_day(self.now)))

    @rule(really=st.sampled_from([*[False] * 8, True]))
    def is_withdrawn(self, *, really: bool) -> None:
        """Now and then, it is ended before publication."""
        if really:
            self.time_passes(1, refuse=40)
            self.tell(told.withdrawal())
            self.time_passes(1, refuse=40)

    @rule(days=st.integers(1, 300))
    def is_extended(self, days: int) -> None:
        """An extension is granted, or asked for a day that it cannot be."""
        self.replans(told.extension(self.some_day(days)))

    @rule()
    def a_bank_holiday_is_proclaimed(self) -> None:
        """From now on the calendar has two more."""
        self.calendar = PROCLAIMED
        self.replans(told.replan())

    def replans(self, fact: CsprReplan) -> None:
        """Plan again, as the workflow's command does."""
        try:
            apply(fact, self.cspr, self.now)
            dates = plan_cspr(plan_request(self.cspr, self.now, fact), self.calendar)
            self.keep(replanned(self.cspr, fact, dates, self.now))
        except Refused as why:
            self.keep(not_taken(self.cspr, why, self.now))

    def some_day(self, days: int) -> date:
        """A working day to come, or the day itself where that is none."""
        return self.cspr.dates.working_day_from(london_day(self.now) + timedelta(days=days))

    @rule(choice=st.data())
    def sends_again(self, choice: st.DataObject) -> None:
        """The office asks for a letter to be sent again."""
        keys = [task.key for task in self.cspr.undelivered] or ["cspr/terms/1"]
        self.tell(SendAgain(letter=choice.draw(st.sampled_from(keys)), by=told.OFFICE))

    @rule(days=st.sampled_from([1, 7, 30, 200]), refuse=st.integers(0, 40))
    def time_passes(self, days: int, refuse: int) -> None:
        """The worker is up: every step is carried out at its own moment."""
        until = self.now + timedelta(days=days)
        for _ in range(MOST):
            step = next_step(self.cspr, self.now)
            if step is None or step.due > until:
                break
            self.now = max(self.now, step.due)
            self.carry_out(step, refuse)
        else:
            raise AssertionError(f"The steps up to {until} never end: {step}.")
        self.now = until

    @rule(days=st.integers(1, 20))
    def the_worker_is_down(self, days: int) -> None:
        """Nothing is carried out; facts may still come."""
        self.now += timedelta(days=days, hours=3)

    def carry_out(self, step: CsprStep, refuse: int) -> None:
        """Carry out one step as the workflow does; none is done twice, and notices keep to working hours."""
        self.carried[step.key] += 1
        assert self.carried[step.key] == 1 or step.kind == "resending", step.key
        written = letters(self.cspr, step, self.now)
        self.posted += written
        deliveries = tuple(
            Delivery(letter=w.key, to=w.to, outcome="refused" if n == refuse else "sent", status="5.1.1")
            for n, w in enumerate(written)
        )
        done = Performance[CsprStep](step=step, began_at=self.now, letters=written, deliveries=deliveries)
        self.keep(performed(self.cspr, done, self.now))

    @invariant()
    def no_letter_goes_twice(self) -> None:
        """But for one that is sent again, at the office's word."""
        counts = Counter(letter.key for letter in self.posted if not letter.key.endswith("/again"))
        assert [key for key, count in counts.items() if count > 1] == []

    @invariant()
    def every_date_is_a_working_day(self) -> None:
        """Of every plan, by the calendar on which it was made; and of whatever counts on it."""
        for plan in self.cspr.plans:
            calendar = CALENDAR if plan.calendar == CALENDAR.version else PROCLAIMED
            assert calendar.is_working_day(london_day(plan.publication_due))
        for day in (self.cspr.may_publish_on, self.cspr.available_until):
            assert day is None or self.counted(day)

    @invariant()
    def notices_keep_to_working_hours(self) -> None:
        """Whatever waits for a date leaves at nine or later on a working day."""
        step = next_step(self.cspr, self.now)
        if step and step.due > self.now:
            due: datetime = step.due.astimezone(LONDON)
            assert self.counted(due.date()), step
            assert "09:00" <= f"{due:%H:%M}" <= "17:00", step

    @invariant()
    def lateness_is_against_the_first_date(self) -> None:
        """Whatever was granted since."""
        assert {b.due for b in self.cspr.late(self.now)} <= {self.cspr.plans[0].publication_due}

    @invariant()
    def what_has_ended_is_accounted_for(self) -> None:
        """Published and kept available, approved where that is all, or withdrawn with everyone told."""
        cspr = self.cspr
        if not cspr.ended_at:
            return
        assert next_step(cspr, self.now) is None
        end = ending(cspr)
        finished = cspr.signed if cspr.opening.kind is LearningKind.OTHER else end.published_on
        assert end.withdrawn or finished
        if end.withdrawn:
            withdrawn = {letter.to for letter in self.posted if letter.template == "cspr-withdrawn"}
            assert {*cspr.told} <= withdrawn

    @invariant()
    def it_can_be_shown(self) -> None:
        """At any moment, in words."""
        assert in_markdown(standing(self.cspr, self.now)).startswith("**")


TestCsprLaws = CsprLaws.TestCase
TestCsprLaws.settings = settings(
    max_examples=examples(80),
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
