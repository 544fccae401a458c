"""A follow-up that tests share: housing's action, opened Mon 7 Dec 2026, due Wed 30 Dec; no server needed."""

from datetime import UTC, date, datetime, timedelta

from domain.calendar import Calendar
from domain.follow_up.facts import apply, moved, plan_request, planned
from domain.follow_up.letters import letters
from domain.follow_up.messages import (
    CloseAction,
    MoveAction,
    OpenFollowUp,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
)
from domain.follow_up.performing import ended, performed
from domain.follow_up.planning import plan_follow_up
from domain.follow_up.state import FollowUp
from domain.follow_up.steps import next_step
from domain.messages import EDITION, Delivery, FollowUpRules, Letter, Message, TimetableRules
from domain.step import Performance
from domain.timetable import LONDON, london
from tests import sample

OPENED = datetime(2026, 12, 7, 12, 0, tzinfo=LONDON).astimezone(UTC)


def at(text: str) -> datetime:
    """A London moment, written ``2026-12-30 17:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def opening(**changes: object) -> OpenFollowUp:
    """What opens it."""
    given = {
        "reference": sample.REFERENCE,
        "number": 3,
        "kind": "learning_action",
        "area": "northamptonshire",
        "owner": "housing",
        "what": "Brief every team.",
        "due_on": date(2026, 12, 30),
        "particulars": sample.document("f"),
        "rules": FollowUpRules(),
        "hours": TimetableRules(),
        "roster": sample.roster(),
        "opened_by": "Business Officer",
        "edition": EDITION,
    }
    return OpenFollowUp.model_validate({**given, **changes})


def opened(at_: datetime = OPENED, **changes: object) -> FollowUp:
    """The follow-up with its dates planned, and nothing sent yet."""
    follow_up = FollowUp.opened(opening(**changes), at_)
    return planned(follow_up, plan_follow_up(plan_request(follow_up, at_), sample.CALENDAR), at_)


def evidence(**given: object) -> RecordEvidence:
    """The owner shows that it is done."""
    whole = {"id": "mail-1", "evidence": "Four briefings held.", "by": "Housing Manager"}
    return RecordEvidence.model_validate({**whole, **given})


def closing(by: str = "Second Officer") -> CloseAction:
    """Somebody closes it."""
    return CloseAction(by=by)


def move(to: date) -> MoveAction:
    """The date is to be moved."""
    return MoveAction(to=to, reason="The room is taken.", by="Business Officer")


def withdrawal() -> WithdrawAction:
    """It falls away."""
    return WithdrawAction(reason="The case was withdrawn.", by="Business Officer")


def replan() -> ReplanAction:
    """The calendar is to be asked again."""
    return ReplanAction(reason="A bank holiday was proclaimed.", by="Business Officer")


def told(follow_up: FollowUp, fact: Message, now: datetime, calendar: Calendar = sample.CALENDAR) -> FollowUp:
    """The follow-up after a fact, whose new dates the calendar counts if it moves them."""
    follow_up = apply(fact, follow_up, now)
    if isinstance(fact, MoveAction | ReplanAction):
        plan = plan_follow_up(plan_request(follow_up, now, fact), calendar)
        follow_up = moved(follow_up, fact, plan, now)
    return follow_up


class Played:
    """A follow-up carried along as its workflow would, keeping every letter and when it went."""

    def __init__(self, follow_up: FollowUp, refusing: str = "") -> None:
        """Begin with ``follow_up``; the server of the recipient ``refusing`` takes no mail."""
        self.now = follow_up.opened_at
        self.follow_up = follow_up
        self.refusing = refusing
        self.sent: list[tuple[str, Letter]] = []

    def until(self, moment: str) -> "Played":
        """Carry out all that falls due until a London moment."""
        end = at(moment)
        while (step := next_step(self.follow_up, self.now)) and step.due <= end:
            self.now = max(self.now, step.due)
            written = letters(self.follow_up, step, self.now)
            self.sent += [(london(self.now), letter) for letter in written]
            done = Performance(
                step=step, began_at=self.now, letters=written, deliveries=tuple(map(self._delivered, written))
            )
            self.follow_up = ended(performed(self.follow_up, done, self.now), self.now)
        self.now = max(self.now, end)
        return self

    def tell(self, fact: Message, calendar: Calendar = sample.CALENDAR) -> "Played":
        """Bring a fact, and carry out what answers it."""
        self.follow_up = told(self.follow_up, fact, self.now, calendar)
        return self.until((self.now.astimezone(LONDON) + timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S"))

    def mail(self) -> list[tuple[str, str, str]]:
        """When each letter went, from which template, and to whom."""
        return [(when, letter.template, str(letter.to)) for when, letter in self.sent]

    def _delivered(self, letter: Letter) -> Delivery:
        refused = str(letter.to) == self.refusing
        outcome = "refused" if refused else "sent"
        given = {"letter": letter.key, "to": letter.to, "outcome": outcome}
        return Delivery.model_validate({**given, "status": "5.1.1" if refused else ""})
