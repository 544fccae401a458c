"""Every case of a namespace, a row for each, from what visibility lists: no workflow is asked.

A case may be several workflows: put forward, reviewed, waiting for the Panel, a CSPR, and an action or two.
They are folded into one row, whatever the route by which the case came.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from pydantic import AwareDatetime
from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus

from domain.awaiting import of_actions
from domain.case import Stage
from domain.consideration.state import ConsiderationStage
from domain.cspr.state import CsprStage
from domain.errors import Mistyped
from domain.follow_up.state import FollowUpStage
from domain.messages import Message
from workflows import attributes as known

NEVER = datetime.max.replace(tzinfo=UTC)
"""Where a case without a date stands in the list: last."""

PROCESSES = {
    "CsprWorkflow": "cspr",
    "PanelAnswerWorkflow": "panel",
    "RapidReviewWorkflow": "review",
    "ConsiderationWorkflow": "consideration",
    "FollowUpWorkflow": "action",
}
"""What each type of workflow carries of a case; the first that runs says at which stage the case is."""

EVERY = " OR ".join(f"WorkflowType = '{kind}'" for kind in PROCESSES)
"""The query of visibility that finds them all."""

STAGES = sorted({str(stage) for stage in chain(ConsiderationStage, Stage, CsprStage)})
"""The stages at which a case can be."""


class CaseRow(Message):
    """One case as the lists show it: plain facts.

    ``next_due`` is the first date by which any of ``awaited`` is due. ``awaited``, ``late`` and ``actions``
    hold entries of `domain.awaiting`; what is late is so as of the case's last event. ``running`` says
    whether anything of the case goes on.
    """

    reference: str
    area: str
    process: str
    stage: str
    next_due: AwareDatetime | None
    awaited: tuple[str, ...]
    late: tuple[str, ...]
    report_due: AwareDatetime | None
    outcome: str
    actions: tuple[str, ...]
    running: bool

    def overdue(self, now: datetime) -> bool:
        """Whether something is late, or a date has passed since the case was last heard of."""
        return bool(self.late) or (self.next_due is not None and self.next_due < now)


@dataclass(frozen=True)
class Part:
    """One workflow of a case, as visibility lists it."""

    reference: str
    process: str
    running: bool
    started: datetime
    stage: str
    next_due: datetime | None
    awaited: tuple[str, ...]
    late: tuple[str, ...]
    report_due: datetime | None
    outcome: str
    area: str


async def every_case(client: Client, *, closed: bool = False) -> list[CaseRow]:
    """A row for each case that goes on, and for the closed ones too if asked, the next date first."""
    latest: dict[str, Part] = {}
    async for run in client.list_workflows(EVERY):
        part = _part(run)
        if run.id not in latest or latest[run.id].started < part.started:
            latest[run.id] = part
    cases: dict[str, list[Part]] = {}
    for part in latest.values():
        cases.setdefault(part.reference, []).append(part)
    rows = [folded(parts) for parts in cases.values()]
    return sorted((row for row in rows if closed or row.running), key=_soonest_first)


def _soonest_first(row: CaseRow) -> tuple[datetime, datetime, str]:
    return row.next_due or NEVER, row.report_due or NEVER, row.reference


def _part(run: WorkflowExecution) -> Part:
    shown = run.typed_search_attributes
    running, process = run.status is WorkflowExecutionStatus.RUNNING, PROCESSES[run.workflow_type]
    stage = shown.get(known.STAGE) or "opening"
    followed = process == "action" and stage != FollowUpStage.OPEN
    return Part(
        reference=run.id.split("/")[0],
        process=process,
        running=running,
        started=run.start_time,
        stage=stage,
        next_due=shown.get(known.NEXT_DUE_AT) if running and not followed else None,
        awaited=tuple(shown.get(known.AWAITED) or ()) if running else (),
        late=tuple(shown.get(known.LATE) or ()) if running else (),
        report_due=shown.get(known.DAY_15_AT),
        outcome=shown.get(known.OUTCOME) or "open",
        area=shown.get(known.AREA) or "",
    )


def folded(parts: Iterable[Part]) -> CaseRow:
    """The row of a case, from all that is known of its workflows."""
    order = list(PROCESSES.values())
    ranked = sorted(parts, key=lambda part: order.index(part.process))
    whole = [part for part in ranked if part.process != "action"] or ranked
    leading = next((part for part in whole if part.running), whole[0])
    decided = next((part for part in whole if part.process != "cspr"), leading)
    awaited = _once(part.awaited for part in ranked)
    return CaseRow(
        reference=leading.reference,
        area=leading.area,
        process=leading.process,
        stage=leading.stage,
        next_due=min((part.next_due for part in ranked if part.next_due), default=None),
        awaited=awaited,
        late=_once(part.late for part in ranked),
        report_due=leading.report_due if leading.process == "review" else None,
        outcome=decided.outcome,
        actions=of_actions(awaited),
        running=any(part.running for part in ranked),
    )


def _once(entries: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(entries)))


def chosen(
    rows: Iterable[CaseRow], now: datetime, *, stage: str = "", area: str = "", overdue: bool = False
) -> list[CaseRow]:
    """The rows at a stage, of an area, or with something overdue, as asked.

    Raises:
        Mistyped: no case can be at that stage.
    """
    if stage and stage not in STAGES:
        raise Mistyped(f"--stage: no case is ever at the stage {stage}. The stages: {', '.join(STAGES)}.")
    return [
        row
        for row in rows
        if stage in ("", row.stage) and area in ("", row.area) and (not overdue or row.overdue(now))
    ]
