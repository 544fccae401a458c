"""What is written, to whom, at each step of a follow-up. What is to be done is in the sealed attachment."""

import re
from datetime import datetime

from domain.errors import Refused
from domain.follow_up.counting_again import news_to_tell
from domain.follow_up.state import KINDS, FollowUp, FollowUpStage
from domain.follow_up.steps import FollowUpStep, FollowUpStepKind
from domain.messages import Attachment, ImmediateAction, Letter, Recipient, RecipientKind
from domain.recipients import OFFICE, agency, lead
from domain.resending import facts_of, first_key
from domain.timetable import london, london_day

OFFICE_LETTERS = {
    FollowUpStepKind.ESCALATION: "follow-up-waiting",
    FollowUpStepKind.DIGEST: "follow-up-waiting",
    FollowUpStepKind.EVIDENCE: "follow-up-evidence",
}
"""What the office is written at a step."""

OWNER_LETTERS = {
    FollowUpStepKind.OPENED: "follow-up-opened",
    FollowUpStepKind.REMINDER: "follow-up-reminder",
    FollowUpStepKind.OVERDUE: "follow-up-overdue",
    FollowUpStepKind.MOVED: "follow-up-moved",
    FollowUpStepKind.CLOSED: "follow-up-closed",
    FollowUpStepKind.WITHDRAWN: "follow-up-withdrawn",
}
"""What the owner is written at a step."""

WITH_THE_WORDING = ("follow-up-opened", "follow-up-reminder", "follow-up-overdue")
"""The letters that carry what is to be done, sealed."""

UNTIL_SHOWN = frozenset(
    {
        *(FollowUpStepKind.OPENED, FollowUpStepKind.MOVED, FollowUpStepKind.REMINDER),
        *(FollowUpStepKind.OVERDUE, FollowUpStepKind.ESCALATION),
    }
)
"""The steps whose letters ask for what shows that the action is done."""


def letters(follow_up: FollowUp, step: FollowUpStep, now: datetime) -> tuple[Letter, ...]:
    """The letters of a step as the follow-up stands at ``now``."""
    if step.kind is FollowUpStepKind.UNDELIVERED:
        return (_undelivered(follow_up, step),)
    if step.kind is FollowUpStepKind.COUNTED_AGAIN:
        return _counted_again(follow_up, step)
    if step.kind is FollowUpStepKind.RESENDING:
        again = written_again(follow_up, step.about, now)
        return (again,) if again else ()
    written = [
        _to_owner(follow_up, step, OWNER_LETTERS[step.kind]) if step.kind in OWNER_LETTERS else None,
        _escalated(follow_up, step, now),
        _to_office(follow_up, step, now) if step.kind in OFFICE_LETTERS else None,
    ]
    return tuple(letter for letter in written if letter)


def owner(follow_up: FollowUp) -> Recipient:
    """The recipient the owner's letters go to."""
    key = follow_up.opening.owner
    return agency(key) if follow_up.owned_by_agency else lead(key)


def responsible(follow_up: FollowUp) -> Recipient:
    """Who hears that the owner is late: an agency's LLR representative, a lead's safeguarding partner."""
    kind = RecipientKind.REPRESENTATIVE if follow_up.owned_by_agency else RecipientKind.PARTNER
    return Recipient(kind=kind, key=follow_up.opening.owner)


def strategic_lead(follow_up: FollowUp) -> Recipient:
    """Whom an action escalates to: the agency's strategic lead, or the lead's own partner."""
    opening = follow_up.opening
    if follow_up.owned_by_agency:
        return lead(opening.roster.agencies[opening.owner].lead)
    return responsible(follow_up)


def _facts(follow_up: FollowUp) -> dict[str, str | list[str]]:
    return {
        "agency": follow_up.owner,
        "number": str(follow_up.opening.number),
        "kind": KINDS[follow_up.opening.kind],
    }


def _dated(follow_up: FollowUp) -> dict[str, str | list[str]]:
    return {**_facts(follow_up), "due": london(follow_up.due)}


def _key(follow_up: FollowUp, step: FollowUpStep, to: Recipient) -> str:
    whom = f"{to.kind}/{to.key}" if to.key else str(to.kind)
    return f"follow-up/{follow_up.opening.number}/{step.key}/{whom}"


def _to_owner(follow_up: FollowUp, step: FollowUpStep, template: str) -> Letter:
    to, wording = owner(follow_up), template in WITH_THE_WORDING
    settled = step.kind in (FollowUpStepKind.CLOSED, FollowUpStepKind.WITHDRAWN)
    facts = _facts(follow_up) if settled else _dated(follow_up)
    if step.kind is FollowUpStepKind.MOVED:
        facts["original"] = london(follow_up.original_due)
    return Letter(
        key=_key(follow_up, step, to),
        template=template,
        to=to,
        facts=facts,
        attach=(Attachment.ACTIONS,) if wording else (),
        actions=(worded(follow_up),) if wording else (),
    )


def _counted_again(follow_up: FollowUp, step: FollowUpStep) -> tuple[Letter, ...]:
    """Every date of the owner's that moved with the calendar, in the same words as a case's own dates."""
    to, moved = owner(follow_up), news_to_tell(follow_up, int(step.about))
    key = _key(follow_up, step, to)
    return (Letter(key=key, template="dates-moved", to=to, facts={"moved": moved}),) if moved else ()


def worded(follow_up: FollowUp) -> ImmediateAction:
    """What is to be done, by whom and by when, as it is sealed into a letter."""
    opening = follow_up.opening
    return ImmediateAction(agency=opening.owner, action=opening.what, due_on=london_day(follow_up.due))


def _escalated(follow_up: FollowUp, step: FollowUpStep, now: datetime) -> Letter | None:
    """That an action is late, to those who answer for its owner."""
    if step.kind is FollowUpStepKind.OVERDUE:
        to, template = responsible(follow_up), "follow-up-late"
    elif step.kind is FollowUpStepKind.ESCALATION:
        to, template = strategic_lead(follow_up), "follow-up-escalation"
    else:
        return None
    facts = {**_dated(follow_up), "late_by": follow_up.lateness(now) or "no working day"}
    return Letter(key=_key(follow_up, step, to), template=template, to=to, facts=facts)


def _to_office(follow_up: FollowUp, step: FollowUpStep, now: datetime) -> Letter:
    facts = _dated(follow_up)
    template = OFFICE_LETTERS[step.kind]
    if template == "follow-up-waiting":
        shown = follow_up.stage is FollowUpStage.EVIDENCED
        facts["state"] = (
            "there is evidence, and nobody has closed it" if shown else "nothing shows that it is done"
        )
        facts["late_by"] = follow_up.lateness(now) or "no working day"
    return Letter(key=_key(follow_up, step, OFFICE), template=template, to=OFFICE, facts=facts)


def _undelivered(follow_up: FollowUp, step: FollowUpStep) -> Letter:
    task = next(task for task in follow_up.undelivered if task.key == step.about)
    opening = follow_up.opening
    facts = facts_of(task, opening.roster) | {"number": str(opening.number)}
    return Letter(key=_key(follow_up, step, OFFICE), template="follow-up-undelivered", to=OFFICE, facts=facts)


PREFIX = "follow-up"
"""What the key of every letter about an action begins with."""


def about_an_action(letter: str) -> bool:
    """Whether a letter, by its key, is about an action."""
    return letter.startswith(f"{PREFIX}/")


def action_of(letter: str) -> int:
    """The number of the action that a letter is about, by its key; 0 where that has none."""
    number = letter.split("/")[1]
    return int(number) if number.isdigit() else 0


_KEY = re.compile(r"follow-up/(\d+)/(\w+)(?:/(.+))?/(?:(office)|([a-z-]+)/([a-z][a-z0-9-]*))")
"""The key of a follow-up's letter: action, kind of step, what it is about, and whom it is for."""


def addressed(follow_up: FollowUp, key: str) -> tuple[FollowUpStepKind, str, Recipient]:
    """What a letter's key says of it: the kind of step, what that is about, and whom it is for.

    Raises:
        Refused: no letter of this follow-up has such a key.
    """
    found = _KEY.fullmatch(first_key(key))
    number, kind, about, office, whom, party = found.groups("") if found else ("",) * 6
    parties = (owner(follow_up), responsible(follow_up), strategic_lead(follow_up), OFFICE)
    to = {str(one): one for one in parties}.get(office or f"{whom}:{party}")
    ours = kind in (*FollowUpStepKind,) and number == str(follow_up.opening.number)
    if not to or not ours or not _known(follow_up, FollowUpStepKind(kind), about):
        raise Refused(f"No letter of {follow_up.name} has the key {key}, so none can have come back.")
    return FollowUpStepKind(kind), about, to


def _known(follow_up: FollowUp, kind: FollowUpStepKind, about: str) -> bool:
    """Whether there is what a letter is about, where that is a thing of the follow-up and no day."""
    if kind is FollowUpStepKind.COUNTED_AGAIN:
        return about in map(str, range(1, len(follow_up.counted_again) + 1))
    return kind is not FollowUpStepKind.UNDELIVERED or about in {t.key for t in follow_up.undelivered}


def written_again(follow_up: FollowUp, key: str, now: datetime) -> Letter | None:
    """A letter that did not arrive, as it reads now; None where what it said has been overtaken."""
    kind, about, to = addressed(follow_up, key)
    if _overtaken(follow_up, kind):
        return None
    step = FollowUpStep(kind=kind, due=now, about=about)
    anew = (letter for letter in letters(follow_up, step, now) if letter.to == to)
    return next((letter.model_copy(update={"key": f"{key}/again"}) for letter in anew), None)


def _overtaken(follow_up: FollowUp, kind: FollowUpStepKind) -> bool:
    """Whether an action has been shown, or has ended, since a letter about it went."""
    if follow_up.settled_at:
        return kind not in (FollowUpStepKind.CLOSED, FollowUpStepKind.WITHDRAWN)
    return bool(follow_up.evidence) and kind in UNTIL_SHOWN
