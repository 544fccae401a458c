"""Where a follow-up stands, for a person."""

from datetime import datetime

from pydantic import AwareDatetime

from domain.follow_up.messages import FollowUpKind
from domain.follow_up.state import KINDS, FollowUp, FollowUpStage
from domain.follow_up.steps import next_step
from domain.messages import Message, Reference
from domain.resending import to_mend, unmended
from domain.timetable import london


class UndeliveredLetter(Message):
    """A letter that did not arrive, by its key, and what a person does about it."""

    letter: str
    says: str


class FollowUpStanding(Message):
    """Everything one screen says of an action, as of a moment. ``late_by`` is in working days."""

    reference: Reference
    number: int
    kind: FollowUpKind
    stage: FollowUpStage
    area: str
    owner_key: str
    owner: str
    what: str
    due: AwareDatetime | None
    original: AwareDatetime | None
    late: bool
    late_by: int
    evidence: tuple[str, ...]
    undelivered: tuple[UndeliveredLetter, ...]
    next_step: str
    next_due: AwareDatetime | None


def standing(follow_up: FollowUp, now: datetime) -> FollowUpStanding:
    """Where ``follow_up`` stands at ``now``."""
    step, opening = next_step(follow_up, now), follow_up.opening
    return FollowUpStanding(
        reference=opening.reference,
        number=opening.number,
        kind=opening.kind,
        stage=follow_up.stage,
        area=opening.area,
        owner_key=opening.owner,
        owner=follow_up.owner,
        what=opening.what,
        due=follow_up.due if follow_up.plans else None,
        original=follow_up.original_due if len(follow_up.plans) > 1 else None,
        late=follow_up.late(now),
        late_by=follow_up.late_by(now),
        evidence=tuple(e.given.evidence for e in follow_up.evidence),
        undelivered=tuple(
            UndeliveredLetter(letter=task.key, says=to_mend(task, opening.roster))
            for task in unmended(follow_up.undelivered)
        ),
        next_step=step.says if step else "",
        next_due=step.due if step else None,
    )


def in_markdown(now: FollowUpStanding) -> str:
    """The same for the Temporal Web UI, with plain facts only: the owner's key in place of the name."""
    lines = [
        f"**{now.reference}**, action {now.number} ({KINDS[now.kind]}): {now.stage}",
        "",
        f"Owner: {now.owner_key}",
    ]
    if now.due:
        late = f", late (working days: {now.late_by})" if now.late else ""
        lines.append(f"Due: {london(now.due)}{late}")
    if now.next_due:
        lines.append(f"Next: {now.next_step}, {london(now.next_due)}")
    return "\n\n".join(lines)
