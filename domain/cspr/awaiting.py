"""What a CSPR, or another learning review, waits for people to do, in the words of `domain.awaiting`."""

from collections.abc import Iterator

from domain.awaiting import OFFICE, REVIEWER, Awaited, What, mending
from domain.cspr.state import Cspr, CsprStage

_AT = {
    CsprStage.COMMISSIONING: (What.COMMISSION, OFFICE),
    CsprStage.SCOPING: (What.TERMS, OFFICE),
    CsprStage.REVIEWING: (What.REPORT, REVIEWER),
    CsprStage.AMENDING: (What.REPORT, REVIEWER),
    CsprStage.APPROVED: (What.FULL_REPORT, OFFICE),
    CsprStage.SENT: (What.PUBLICATION, OFFICE),
}
"""What is awaited at each stage, and from whom; while it is being signed, from the leads."""


def cspr_awaits(cspr: Cspr) -> tuple[Awaited, ...]:
    """What is awaited; all of it is due by the six-month date, where the report has to be published."""
    if not cspr.plans or cspr.ended_at:
        return ()
    return (*_of_the_stage(cspr), *_of_the_holds(cspr), *mending(cspr.undelivered))


def _of_the_stage(cspr: Cspr) -> Iterator[Awaited]:
    due = cspr.dates.publication_due if cspr.publishes else None
    if cspr.stage is CsprStage.SIGNING:
        yield from (Awaited(what=What.SIGN_OFF, who=lead, due=due) for lead in cspr.unanswered)
    elif cspr.stage in _AT and (cspr.publishes or cspr.stage is not CsprStage.APPROVED):
        what, who = _AT[cspr.stage]
        yield Awaited(what=what, who=who, due=due)


def _of_the_holds(cspr: Cspr) -> Iterator[Awaited]:
    if cspr.held and not cspr.publication:
        first = min(hold.fact.review_on for hold in cspr.held.values())
        yield Awaited(what=What.HOLD_REVIEW, who=OFFICE, due=cspr.morning(first))
