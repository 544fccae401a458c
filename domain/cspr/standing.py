"""Where a CSPR stands, for a person: its stage, its six-month date, what is held, what to do next."""

from collections.abc import Iterator
from datetime import date, datetime

from pydantic import AwareDatetime

from domain.cspr.messages import LearningKind
from domain.cspr.state import Cspr, CsprStage
from domain.cspr.steps import next_step
from domain.messages import Message, Reference
from domain.resending import to_mend
from domain.timetable import london


class CsprTodo(Message):
    """One thing for the office to do: what, in a sentence, and the command for it."""

    says: str
    command: str


class CsprStanding(Message):
    """Everything one screen says of a CSPR; ``called`` is what its commands take in place of REF."""

    reference: Reference
    called: str
    kind: LearningKind
    as_of: AwareDatetime
    stage: CsprStage
    decided_at: AwareDatetime
    publication_due: AwareDatetime | None
    original_due: AwareDatetime | None
    explanation: str
    late: tuple[str, ...]
    holds: tuple[str, ...]
    reviewer: str
    version: int
    leads: dict[str, str]
    sent_at: AwareDatetime | None
    may_publish_on: date | None
    published_on: date | None
    available_until: date | None
    next_step: str
    next_due: AwareDatetime | None
    todo: tuple[CsprTodo, ...]


def standing(cspr: Cspr, now: datetime) -> CsprStanding:
    """How a CSPR stands as of ``now``."""
    step = next_step(cspr, now)
    planned = cspr.dates if cspr.publishes and cspr.plans else None
    return CsprStanding(
        reference=cspr.reference,
        called=cspr.opening.called,
        kind=cspr.opening.kind,
        as_of=now,
        stage=cspr.stage,
        decided_at=cspr.opening.decided_at,
        publication_due=planned.publication_due if planned else None,
        original_due=_original(cspr),
        explanation=planned.explanation if planned else "",
        late=tuple(f"CSPR published {london(b.due)}" for b in cspr.late(now)),
        holds=tuple(
            f"{kind} proceedings, review {hold.fact.review_on:%a %-d %b %Y}"
            for kind, hold in cspr.held.items()
        ),
        reviewer=cspr.commission.fact.name if cspr.commission else "",
        version=len(cspr.drafts),
        leads={cspr.lead_title(key): _answer(cspr, key) for key in cspr.leads} if cspr.drafts else {},
        sent_at=cspr.sent_at,
        may_publish_on=cspr.may_publish_on if cspr.plans else None,
        published_on=cspr.publication.fact.published_on if cspr.publication else None,
        available_until=cspr.available_until,
        next_step=step.says if step else "",
        next_due=step.due if step else None,
        todo=tuple(_todo(cspr)),
    )


def _original(cspr: Cspr) -> datetime | None:
    """The date as first planned, where another has taken its place."""
    moved = cspr.publishes and cspr.plans and cspr.original_due != cspr.dates.publication_due
    return cspr.original_due if moved else None


def _answer(cspr: Cspr, key: str) -> str:
    signature = cspr.answers.get(key)
    if not signature:
        return "asked"
    return f"{signature.answer.answer}{', by a deputy' if signature.by_deputy else ''}"


def _todo(cspr: Cspr) -> Iterator[CsprTodo]:
    for task in cspr.undelivered:
        if not task.settled and not task.again_at and not cspr.withdrawal:
            yield CsprTodo(says=to_mend(task, cspr.roster), command=f"cspr-send-again REF {task.key}")
    for kind, hold in cspr.held.items() if not cspr.withdrawal else ():
        says = f"Review the hold for {kind} proceedings by {hold.fact.review_on:%a %-d %b %Y}."
        yield CsprTodo(says=says, command=f"cspr-lift-hold REF {kind} --reason '...'")
    if cspr.ended_at or cspr.publication or cspr.withdrawal:
        return
    says, command = _AT[cspr.stage]
    if command and (cspr.publishes or cspr.stage is not CsprStage.APPROVED):
        yield CsprTodo(says=says, command=f"{command}")


_AT = {
    CsprStage.OPENING: ("Wait a moment: the dates are being planned.", ""),
    CsprStage.COMMISSIONING: ("Commission a reviewer.", "cspr-commission REF REVIEWER --no-conflict"),
    CsprStage.SCOPING: (
        "Agree the terms of reference and the key lines of enquiry.",
        "cspr-terms REF terms.docx lines.docx",
    ),
    CsprStage.REVIEWING: (
        "Monitor time and quality; put the report before the leads when it is there.",
        "cspr-draft REF report.docx",
    ),
    CsprStage.SIGNING: (
        "Leads are still to answer.",
        "cspr-sign-off REF LEAD --version N --confirm --as 'their name'",
    ),
    CsprStage.AMENDING: (
        "A lead asked to amend it: submit the next version.",
        "cspr-draft REF report.docx",
    ),
    CsprStage.APPROVED: ("Send the full report to the Panel and the Secretary of State.", "cspr-send REF"),
    CsprStage.SENT: (
        "Publish, when it is allowed, and record it.",
        "cspr-publish REF --on DATE",
    ),
}
"""What is to be done at each stage, and the command for it."""


def in_markdown(now: CsprStanding) -> str:
    """The same for the Temporal Web UI; nobody is named."""
    lines = [f"**{now.reference}**: {now.kind}, {now.stage}", ""]
    if now.publication_due:
        first = f" (first {london(now.original_due)})" if now.original_due else ""
        lines += [f"Publication due {london(now.publication_due)}{first}: {now.explanation}", ""]
    lines += [f"- late: {late}" for late in now.late]
    lines += [f"- on hold: {hold}" for hold in now.holds]
    if now.next_due:
        lines += ["", f"Next: {now.next_step}, {london(now.next_due)}"]
    return "\n".join(lines)
