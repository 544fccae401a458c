"""The laws of a case: random facts, in random order, at advancing times, with letters refused at random.

Time passes in hours or days, with the office's worker up or down. Whatever is due is carried out as the
workflow does it, and now and then a fact arrives while a step's letters are on their way.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.actions import action
from domain.calendar import Calendar
from domain.case import Case
from domain.errors import Refused
from domain.facts import apply, not_taken
from domain.follow_up.facts import plan_request as follow_up_request
from domain.follow_up.facts import planned as planned_again
from domain.follow_up.hand_over import handed_over, noted, opening_of
from domain.follow_up.messages import TellAction
from domain.follow_up.planning import plan_follow_up
from domain.follow_up.state import FollowUp
from domain.letters import letters
from domain.messages import (
    EDITION,
    Attachment,
    BookMeeting,
    DecisionRules,
    Delivery,
    DeliveryFailed,
    DuplicateLinked,
    FollowUpRules,
    Letter,
    MailKind,
    Message,
    PanelReplied,
    PlanLearning,
    RecipientKind,
    Replan,
    SendAgain,
    SettleMail,
    TimetableRules,
)
from domain.performing import concluded, conclusion, performed
from domain.planning import DEADLINES, plan
from domain.plans import plan_request, planned, replanned
from domain.standing import standing
from domain.step import Performance
from domain.steps import NOTICES, ReviewStep, next_step
from domain.timetable import LONDON, Timetable
from tests.domain.arrived import filed
from tests.domain.follow_up.played import Played, closing, evidence, move
from tests.domain.follow_up.played import withdrawal as withdrawal_of_action
from tests.domain.test_deciding import viewed
from tests.domain.test_facts import (
    WHO,
    added,
    decided,
    drafted,
    held,
    reopening,
    returned,
    signed,
    withdrawal,
)
from tests.laws import examples
from tests.sample import AGENCIES, CALENDAR, LEADS, decision_rules, opening, sin, timetable

AT_ONCE = 40
"""More steps than can fall due at one moment: all of them must be done after fewer."""

CHASING_OWNERS = ("follow-up-reminder", "follow-up-overdue", "follow-up-late", "follow-up-escalation")
"""The templates that chase the owner of an action, or who answers for it."""

TOLD_OF_AN_END = (
    *("withdrawn", "undelivered"),
    *("follow-up-withdrawn", "follow-up-closed", "follow-up-undelivered"),
)
"""What may still be written once a case is withdrawn."""

CHASING = ("reminder", "overdue", "overdue-representative")
"""The templates that chase one agency."""

PROCLAIMED = Calendar.english(proclaimed={date(2026, 12, 16): "A proclaimed day"})

RULES = st.sampled_from(
    [
        TimetableRules(),
        TimetableRules(sin_day_is=1, rfi_due_hour="12:00"),
        TimetableRules(rfi_reminders=(), added_agency_days=1, decision_nudge_every=1),
        TimetableRules(rfi_overdue=9, rfi_escalation=9, send_hour="10:30", due_hour="16:00"),
    ]
)

OPENED = st.sampled_from(
    [
        datetime(2026, 12, 7, 15, 20, tzinfo=UTC),
        datetime(2026, 12, 12, 23, 50, tzinfo=UTC),
        datetime(2026, 12, 18, 15, 20, tzinfo=UTC),
        datetime(2027, 3, 22, 8, 0, tzinfo=UTC),
    ]
)

EDITIONS = range(1, EDITION + 1)
"""Every edition of the rules that an open case may have."""

ANYBODY = st.sampled_from((*AGENCIES, "voluntary-sector"))
MINUTES = st.sampled_from([0, 1, 60, 60 * 8, 60 * 24, 60 * 24 * 3])

ACTION_FACTS: st.SearchStrategy[Message] = st.one_of(
    st.builds(lambda n: evidence(id=f"mail-{n}"), st.integers(1, 2)),
    st.builds(closing, st.sampled_from(["Housing Manager", "Second Officer"])),
    st.builds(lambda n: move(date(2026, 12, 20) + timedelta(days=n)), st.integers(0, 40)),
    st.just(withdrawal_of_action()),
)

FACTS = st.one_of(
    st.builds(
        lambda n, fact: TellAction.model_validate({"number": n, "fact": fact}),
        st.integers(1, 4),
        ACTION_FACTS,
    ),
    st.builds(
        lambda agency, kind, n: returned(
            id=f"mail/{n}", agency=agency, kind=kind, people_searched=n % 2, by_mail=n % 3 == 0
        ),
        ANYBODY,
        st.sampled_from(["complete", "nil", "partial"]),
        st.integers(0, 40),
    ),
    st.builds(lambda agency: added(agency=agency), ANYBODY),
    st.builds(drafted, st.sampled_from("abcdef")),
    st.builds(
        lambda lead, version, by, amends: signed(
            lead,
            version,
            by=f"{by} {lead}",
            id=f"{by}/{lead}/{version}/{amends}",
            answer="amend" if amends else "confirm",
            note="Say more." if amends else None,
        ),
        st.sampled_from(LEADS),
        st.integers(1, 3),
        st.sampled_from(["Lead", "Deputy"]),
        st.sampled_from([False, False, False, True]),
    ),
    st.builds(
        lambda outcome, by, reason: decided(outcome=outcome, by=by, reason=reason),
        st.sampled_from(["cspr", "no_cspr"]),
        st.sampled_from([WHO, "Partner health"]),
        st.sampled_from(["Nothing is left.", "Something is left.", "The Panel is right."]),
    ),
    st.builds(
        lambda lead, view, reason: viewed(
            lead, view, id=f"{lead}/{view}/{reason}", reasons={"improvements": reason, "themes": reason}
        ),
        st.sampled_from(LEADS),
        st.sampled_from(["cspr", "no_cspr"]),
        st.sampled_from(["None.", "Some.", "Many."]),
    ),
    st.builds(lambda kind, n: filed(kind, id=f"mail/{n}"), st.sampled_from(MailKind), st.integers(0, 10)),
    st.builds(
        lambda lead, n: filed(MailKind.SIGN_OFF_COMMENT, id=f"lead/{n}", role="lead", party=lead),
        st.sampled_from(LEADS),
        st.integers(0, 10),
    ),
    st.builds(lambda n: SettleMail(number=n, done="Answered by telephone", by=WHO), st.integers(1, 4)),
    st.just(reopening()),
    st.builds(
        lambda n: DuplicateLinked(reference=f"RR-2026-{n}", reason="The same incident.", by=WHO),
        st.integers(50, 52),
    ),
    st.builds(
        lambda n, agrees: PanelReplied(id=f"panel/{n}", agrees=agrees), st.integers(0, 2), st.booleans()
    ),
)
"""Facts that need not know the moment at which they come."""


class ReviewLaws(RuleBasedStateMachine):
    """One review, told random facts and carried out step by step; each law is an invariant or an assert."""

    @initialize(
        rules=RULES,
        deciding=st.sampled_from([DecisionRules(), decision_rules()]),
        edition=st.sampled_from(EDITIONS),
        sent=OPENED,
        late=st.sampled_from([1, 1, 60 * 24 * 8]),
    )
    def opens(
        self, rules: TimetableRules, deciding: DecisionRules, sent: datetime, late: int, edition: int
    ) -> None:
        """A review opens, a minute after its SIN or eight days late."""
        given = sin(sent_at=sent, incident_on=date(2026, 12, 2), aware_on=date(2026, 12, 3))
        following = FollowUpRules(reminders=(3, 1), escalation_after=2, digest_every=3)
        review = opening(
            rules=rules, sin=given, decision_rules=deciding, follow_up=following, edition=edition
        )
        self.now = sent + timedelta(minutes=late)
        self.case = planned(Case.opened(review, self.now), timetable(review), self.now)
        self.posted: list[Letter] = []

    def keep(self, after: Case) -> None:
        """Hold the next state of the case, as the workflow does: what was on record is still on record."""
        after = concluded(after, self.now)
        assert after.record[: len(self.case.record)] == self.case.record
        assert after.plans[: len(self.case.plans)] == self.case.plans
        assert after.signatures[: len(self.case.signatures)] == self.case.signatures
        assert after.drafts[: len(self.case.drafts)] == self.case.drafts
        assert after.views[: len(self.case.views)] == self.case.views
        assert [mail.fact for mail in after.mail][: len(self.case.mail)] == [m.fact for m in self.case.mail]
        assert after.decisions[: len(self.case.decisions)] == self.case.decisions
        assert after.duplicates[: len(self.case.duplicates)] == self.case.duplicates
        assert len(set(after.duplicates)) == len(after.duplicates)
        assert {f.opening.number for f in self.case.follow_ups} <= {
            f.opening.number for f in after.follow_ups
        }
        assert after.panel_answers[: len(self.case.panel_answers)] == self.case.panel_answers
        if self.case.disagreeing and after.decisions != self.case.decisions:
            assert after.decisions[-1].by == "Partner health"
        for key, request in self.case.requests.items():
            now = after.requests[key]
            assert now.returns[: len(request.returns)] == request.returns
            assert (now.first_due, now.added_at) == (request.first_due, request.added_at)
        self.case = after

    def tell(self, fact: Message) -> None:
        """Bring a fact, twice: the answer is the same both times, and the given case is as it was."""
        before = self.case.model_dump_json()
        once, twice = self.tried(fact), self.tried(fact)
        assert once == twice
        assert self.case.model_dump_json() == before
        self.keep(not_taken(self.case, once, self.now) if isinstance(once, Refused) else once)

    def tried(self, fact: Message) -> "Case | Refusal":
        """The case after a fact, or why it was refused."""
        try:
            return apply(fact, self.case, self.now)
        except Refused as why:
            return Refusal(str(why))

    @rule(fact=FACTS)
    def hears(self, fact: Message) -> None:
        """A fact arrives."""
        self.tell(fact)

    @rule(fact=FACTS, ago=MINUTES)
    def hears_late(self, fact: Message, ago: int) -> None:
        """A fact arrives that was received some while ago."""
        known = "received_at" in type(fact).model_fields
        self.tell(
            fact.model_copy(update={"received_at": self.now - timedelta(minutes=ago)}) if known else fact
        )

    @rule(ahead=st.integers(-1, 24 * 20))
    def books_a_meeting(self, ahead: int) -> None:
        """The meeting is booked, or moved."""
        starts = self.now + timedelta(hours=ahead)
        self.tell(BookMeeting(starts_at=starts, place="Room 1", by=WHO))

    @rule(
        ago=MINUTES,
        recommendation=st.sampled_from(["cspr", "no_cspr"]),
        ahead=st.lists(st.integers(0, 12), min_size=1, max_size=2),
    )
    def records_the_meeting(self, ago: int, recommendation: str, ahead: list[int]) -> None:
        """The meeting was held a while ago; it agreed actions due some days after it was recorded."""
        actions = [
            {
                "agency": owner,
                "action": "Tell every desk.",
                "due_on": (self.now + timedelta(days=days)).date(),
            }
            for owner, days in zip(("police", "health"), ahead, strict=False)
        ]
        at = self.now - timedelta(minutes=ago)
        self.tell(held(held_at=at, recommendation=recommendation, immediate_actions=actions))

    @rule(owner=st.sampled_from(["gp", "health"]), days=st.sampled_from([1, 5, 20, 400]))
    def plans_learning(self, owner: str, days: int) -> None:
        """An item of how the learning is spread."""
        due_on = (self.now + timedelta(days=days)).date()
        self.tell(PlanLearning(owner=owner, due_on=due_on, what="Brief all.", by=WHO))

    @precondition(lambda self: self.case.follow_ups)
    @rule(choice=st.data(), fact=ACTION_FACTS)
    def tells_an_action(self, choice: st.DataObject, fact: Message) -> None:
        """Something is told of one of its actions."""
        action = choice.draw(st.sampled_from(self.case.follow_ups))
        self.tell(TellAction.model_validate({"number": action.opening.number, "fact": fact}))

    @rule(agency=ANYBODY, kind=st.sampled_from(["complete", "partial"]), ago=MINUTES)
    def an_agency_returns(self, agency: str, kind: str, ago: int) -> None:
        """A return comes in, received a while ago; one not asked before is asked first."""
        if agency not in self.case.requests:
            self.tell(added(agency=agency))
        received = self.now - timedelta(minutes=ago)
        self.tell(returned(id=f"mail/{agency}/{self.now}", agency=agency, kind=kind, received_at=received))

    @rule(letter=st.sampled_from("abcdef"))
    def a_draft_is_submitted(self, letter: str) -> None:
        """A version of the report is put before the leads."""
        self.tell(drafted(letter))

    @rule(returns=st.booleans(), reopens=st.booleans())
    def the_report_is_put_before_the_leads(self, *, returns: bool, reopens: bool) -> None:
        """After the meeting, and asked about; then perhaps a late return, for which it is reopened."""
        if not self.case.held:
            self.records_the_meeting(0, "no_cspr", [])
        self.tell(drafted(f"{len(self.case.drafts) % 10}"))
        if returns:
            self.catches_up(0)
            self.an_agency_returns("police", "complete", 0)
        if reopens:
            self.tell(reopening())

    @rule(lead=st.sampled_from(LEADS), note=st.sampled_from(["Say more.", "Say less."]))
    def a_lead_amends(self, lead: str, note: str) -> None:
        """A lead asks for another version."""
        version = len(self.case.drafts) or 1
        self.tell(signed(lead, version, id=f"answer/{lead}/{version}/{self.now}", answer="amend", note=note))

    @rule(really=st.sampled_from([*[False] * 30, True]))
    def is_withdrawn(self, *, really: bool) -> None:
        """Now and then, the case turns out not to meet the criteria."""
        if really:
            self.tell(withdrawal())

    @rule(views=st.lists(st.sampled_from(["cspr", "no_cspr"]), min_size=3, max_size=3))
    def leads_give_views(self, views: list[str]) -> None:
        """Each lead who has not given one."""
        for lead, view in zip(LEADS, views, strict=True):
            reasons = dict.fromkeys(("improvements", "themes"), f"As of {self.now}.")
            self.tell(viewed(lead, view, id=f"{lead}/{self.now}", reasons=reasons))

    @rule(leads=st.lists(st.sampled_from(LEADS), min_size=1, unique=True))
    def leads_confirm(self, leads: list[str]) -> None:
        """Leads answer the current version, one of them or all."""
        version = len(self.case.drafts) or 1
        for lead in leads:
            self.tell(signed(lead, version, id=f"answer/{lead}/{version}/{self.now}", note="Thank you."))

    @rule(extend=st.sampled_from(DEADLINES), days=st.integers(1, 12))
    def extends(self, extend: str, days: int) -> None:
        """An extension is granted."""
        to = self.case.timetable.working_day_after(self.now.astimezone(LONDON).date(), days)
        self.replans(Replan(reason="It was granted.", by=WHO, extend=extend, to=to, granted_by="The Panel"))

    @rule(days=st.integers(-2, 4))
    def corrects_day_0(self, days: int) -> None:
        """The SIN went on another day."""
        sent = self.case.opening.sin.sent_at + timedelta(days=days)
        self.replans(Replan(reason="The portal says so.", by=WHO, sin_sent_at=sent))

    @rule()
    def counts_again(self) -> None:
        """A bank holiday was proclaimed."""
        self.replans(Replan(reason="A bank holiday was proclaimed.", by=WHO), PROCLAIMED)

    def replans(self, fact: Replan, calendar: Calendar = CALENDAR) -> None:
        """Plan again, as the workflow's command does."""
        try:
            apply(fact, self.case, self.now)
            anew = plan(plan_request(self.case, fact, self.now), calendar)
            self.keep(replanned(self.case, fact, anew, self.now))
        except Refused as why:
            self.keep(not_taken(self.case, why, self.now))

    @precondition(lambda self: self.posted)
    @rule(choice=st.data(), n=st.integers(0, 2))
    def a_letter_comes_back(self, choice: st.DataObject, n: int) -> None:
        """One of the letters sent is returned: it is a task for whom it was for."""
        letter = choice.draw(st.sampled_from(self.posted))
        before = len(self.case.undelivered)
        self.tell(DeliveryFailed(id=f"{n}/{letter.key}", letter=letter.key, status="5.1.1"))
        assert all(task.to == letter.to for task in self.case.undelivered[before:])

    @precondition(lambda self: self.case.undelivered)
    @rule(choice=st.data())
    def sends_again(self, choice: st.DataObject) -> None:
        """The office asks for a letter to be sent again."""
        task = choice.draw(st.sampled_from(self.case.undelivered))
        self.tell(SendAgain(letter=task.key, by=WHO))

    @rule(minutes=st.sampled_from([1, 60 * 5, 60 * 24, 60 * 24 * 3, 60 * 24 * 7]), refuse=st.integers(0, 40))
    def time_passes(self, minutes: int, refuse: int) -> None:
        """The worker is up: every step is carried out at its own moment."""
        until = self.now + timedelta(minutes=minutes)
        for _ in range(AT_ONCE * 3):
            step = next_step(self.case, self.now)
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

    @rule(refuse=st.integers(0, 40))
    def catches_up(self, refuse: int) -> None:
        """The worker is back: whatever is due now comes to an end."""
        for _ in range(AT_ONCE):
            step = next_step(self.case, self.now)
            if step is None or step.due > self.now:
                return
            self.carry_out(step, refuse)
        raise AssertionError(f"The steps due at {self.now} never end: {step}.")

    @rule(fact=FACTS, refuse=st.integers(0, 40))
    def hears_while_letters_are_on_their_way(self, fact: Message, refuse: int) -> None:
        """A fact is taken between the writing of a step's letters and the record of their sending."""
        step = next_step(self.case, self.now)
        if step and step.due <= self.now:
            self.carry_out(step, refuse, meanwhile=fact)

    def carry_out(self, step: ReviewStep, refuse: int, meanwhile: Message | None = None) -> None:
        """Carry out one step as the workflow does, and look at every letter it writes."""
        began, written = self.now, letters(self.case, step, self.now)
        assert written == letters(self.case, step, self.now)
        for letter in written:
            self.look_at(letter, step)
            self.look_at_what_is_asked(letter)
        self.posted += written
        if meanwhile:
            self.now += timedelta(seconds=20)
            self.tell(meanwhile)
        deliveries = tuple(_delivery(letter, refuse) for letter in written)
        done = Performance(step=step, began_at=began, letters=written, deliveries=deliveries)
        self.keep(performed(self.case, done, self.now))
        assert meanwhile or next_step(self.case, self.now) != step

    def look_at(self, letter: Letter, step: ReviewStep) -> None:
        """The laws of a letter: to whom never, and when."""
        key, kind = letter.to.key or "", letter.to.kind
        if self.case.withdrawn:
            assert letter.template in TOLD_OF_AN_END
        if letter.key.startswith("follow-up/"):
            self.look_at_action(letter, action(self.case, int(letter.key.split("/")[1])))
        if letter.template in CHASING:
            assert key in self.case.outstanding
            assert self.case.requests[key].asked_at
        if step.kind in NOTICES:
            assert self.case.sending_from(self.now) == self.now
        if letter.template == "withdrawn" and kind in (RecipientKind.PANEL, RecipientKind.OFSTED):
            assert self.case.submitted_at
        elif kind in (RecipientKind.PANEL, RecipientKind.OFSTED):
            assert self.case.signed
            assert letter.documents == (self.case.drafts[-1].document,)
        if letter.invitation and self.case.meeting:
            assert letter.invitation.sequence == self.case.meeting.sequence
        if Attachment.SUBJECTS in letter.attach:
            assert kind is RecipientKind.AGENCY

    def look_at_action(self, letter: Letter, about: FollowUp) -> None:
        """Chased is only who knows of the action, has shown nothing yet, and in working hours."""
        if letter.template in CHASING_OWNERS:
            assert not about.evidence
            assert not about.settled_at
            assert self.case.sending_from(self.now) == self.now
        if letter.template in (*CHASING_OWNERS, "follow-up-withdrawn", "follow-up-moved"):
            told = [sealed.agency for one in self.posted for sealed in one.actions]
            assert about.evidence or about.opening.owner in told

    def look_at_what_is_asked(self, letter: Letter) -> None:
        """The laws of what a lead is asked: to sign what is to be signed, and for a view that is wanted."""
        key, version = letter.to.key or "", letter.facts.get("version")
        second = self.case.opening.edition > 1
        if letter.template == "sign-off-request":
            assert version == str(len(self.case.drafts))
            assert key in self.case.unanswered
            assert not second or len(self.case.drafts) not in self.case.reopened
            assert second or not letter.facts["criteria"]
        if letter.template == "report-reopened":
            assert second
            assert f"sign_off_request/{version}" in self.case.done
        if letter.template == "view-request" or (version and letter.facts.get("criteria")):
            assert self.case.undecided
            assert key not in self.case.current_views

    @invariant()
    def nobody_is_asked_for_a_view_by_two_letters_on_one_occasion(self) -> None:
        """With the report or by itself, since the second edition."""
        if self.case.opening.edition > 1:
            alone = {one.to.key for one in self.posted if one.key.startswith("view_request/1/")}
            first = [one for one in self.posted if one.key.startswith("sign_off_request/1/")]
            assert not alone & {one.to.key for one in first if one.facts["criteria"]}

    @invariant()
    def no_letter_is_written_twice(self) -> None:
        """Every key is new: a letter of a known key would never leave."""
        assert [key for key, n in Counter(one.key for one in self.posted).items() if n > 1] == []

    @invariant()
    def every_date_is_on_a_working_day_at_its_hour(self) -> None:
        """Deadlines end a working day, notices and chasers leave in the morning, whatever was re-planned."""
        rules = self.case.opening.rules
        for plan_made in self.case.plans:
            for m in plan_made.milestones:
                hour = rules.rfi_due_hour if m.key == "rfi_due" else rules.due_hour
                if m.key not in ("sin_sent", "sin_due"):
                    assert _stands(m.due, plan_made) == (hour if m.kind == "deadline" else rules.send_hour)
        for follow_up in self.case.follow_ups:
            if follow_up.due < self.now + timedelta(days=60):
                assert _stands(follow_up.due) == rules.due_hour
        for request in self.case.requests.values():
            assert _stands(request.due) in (rules.rfi_due_hour, rules.due_hour)
            assert {_stands(chase.due) for chase in request.chases} <= {rules.send_hour}

    @invariant()
    def nobody_answers_twice_for_one_partner(self) -> None:
        """One answer for each lead and version, by lead or deputy."""
        given = Counter((s.answer.lead, s.answer.version) for s in self.case.signatures)
        assert set(given.values()) <= {1}

    @invariant()
    def a_missed_date_is_on_record_once(self) -> None:
        """Each breach is of one date, and of one agency where it is an agency's."""
        assert len({(b.milestone, b.agency) for b in self.case.breaches}) == len(self.case.breaches)

    @invariant()
    def what_is_late_is_late(self) -> None:
        """Every agency shown late has not returned, or returned late, against its first date."""
        for breach in self.case.overdue(self.now):
            if breach.agency:
                request = self.case.requests[breach.agency]
                assert breach.due == request.first_due < self.now
                assert not request.returns or any(r.late for r in request.returns)

    @invariant()
    def a_review_that_ended_was_submitted_and_decided(self) -> None:
        """And waits for nothing more."""
        if self.case.concluded_at:
            assert self.case.withdrawn or (self.case.submitted_at and self.case.decision)
            assert conclusion(self.case).versions == len(self.case.drafts)
            told = not self.case.withdrawn or "withdrawal" in self.case.done
            assert self.case.awaiting_panel or not told or next_step(self.case, self.now) is None
        if self.case.submitted_at:
            assert self.case.signed

    @invariant()
    def it_can_always_be_said_how_it_stands(self) -> None:
        """The screen is never wanting, and what lies ahead lies ahead."""
        shown = standing(self.case, self.now)
        assert shown.reference == self.case.reference
        assert len(shown.agencies) == len(self.case.requests)

    def teardown(self) -> None:
        """At last everybody answers and every letter is taken: the review comes to its end."""
        if not hasattr(self, "case"):
            return
        self.catches_up(0)
        if not self.case.withdrawn:
            self.is_finished()
        assert self.case.concluded_at, standing(self.case, self.now).todo
        if self.case.awaiting_panel:
            self.tell(PanelReplied(id="at last", agrees=True))
        self.catches_up(0)
        self.hands_over()
        assert next_step(self.case, self.now) is None
        self.no_letter_is_written_twice()

    def hands_over(self) -> None:
        """Every action is accounted for: closed or withdrawn, or followed by itself, on the calendar."""
        handed = handed_over(self.case, self.now)
        carried = [f for f in handed if isinstance(f, FollowUp)]
        assert len(handed) == len(carried) or not self.case.follows_actions
        numbers = {opening_of(h).number for h in handed} | {
            f.opening.number for f in self.case.follow_ups if f.ended_at
        }
        assert numbers == {*range(1, len(self.case.actions) + len(self.case.learning) + 1)} or (
            self.case.withdrawn and not self.case.follows_actions
        )
        for each in handed:
            self.case = noted(self.case, each, self.now)
        for follow_up in carried:
            self.goes_on(follow_up)

    def goes_on(self, before: FollowUp) -> None:
        """A follow-up with what its case knew of it, for a year from now."""
        dates = plan_follow_up(follow_up_request(before, self.now), CALENDAR)
        played = Played(planned_again(before, dates, self.now))
        played.now = self.now
        played.until(f"{self.now.astimezone(LONDON) + timedelta(days=366):%Y-%m-%d %H:%M:%S}")
        assert played.follow_up.record[: len(before.record)] == before.record
        assert played.follow_up.evidence == before.evidence
        assert before.plans[0].due == played.follow_up.original_due
        self.posted += [letter for _, letter in played.sent]

    def is_finished(self) -> None:
        """Everybody answers, and the Panel takes the report."""
        if not self.case.held:
            self.records_the_meeting(0, "no_cspr", [1, 9])
        if not self.case.drafts or self.case.being_revised:
            last = self.case.drafts[-1].document.sha256[0] if self.case.drafts else ""
            self.tell(drafted("8" if last == "9" else "9"))
        self.catches_up(0)
        self.leads_confirm([*LEADS])
        self.catches_up(0)
        for task in self.case.undelivered:
            self.tell(SendAgain(letter=task.key, by=WHO))
        self.catches_up(0)
        if self.case.undecided:
            self.tell(decided(by="Partner health", reason=f"Decided at last, {self.now}."))
        self.catches_up(0)


class Refusal(Refused):
    """Why a fact was refused: two of the same words are the same."""

    def __eq__(self, other: object) -> bool:
        """Whether another says the same."""
        return isinstance(other, Refusal) and str(other) == str(self)

    def __hash__(self) -> int:
        """By what it says."""
        return hash(str(self))


def _delivery(letter: Letter, refuse: int) -> Delivery:
    """What became of a letter: about one in ten is refused where ``refuse`` is not 0."""
    refused = refuse and (sum(letter.key.encode()) + refuse) % 10 == 0
    outcome: dict[str, Any] = {"outcome": "refused", "status": "5.1.1"} if refused else {"outcome": "sent"}
    return Delivery.model_validate({"letter": letter.key, "to": letter.to, **outcome})


def _stands(instant: datetime, plan_made: Timetable | None = None) -> str:
    """The London hour of an instant on a working day; empty where the day is none."""
    local = instant.astimezone(LONDON)
    working = plan_made.is_working_day(local.date()) if plan_made else CALENDAR.is_working_day(local.date())
    return f"{local:%H:%M}" if working else ""


TestReviewLaws = ReviewLaws.TestCase
TestReviewLaws.settings = settings(
    max_examples=examples(80),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
