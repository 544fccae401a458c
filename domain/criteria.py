"""Whether what happened to a child must be notified: a pure decision, with its reasons in words.

It advises the SQAS Strategic Manager, who decides. Sources: Children Act 2004, section 16C(1); Working
Together to Safeguard Children 2023, chapter 5; the guide, "Serious Incident Notifications". What may not
be said of a child in Temporal is the input and the sentences; the verdict alone is a plain fact.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from pydantic import Field

from domain.messages import Message

ADULT = 18
"""The age at which a person is no longer a child. Source: Children Act 2004, section 65(1)."""

CARE_LEAVERS_TO = 24
"""The last age, in years, at which a care leaver's death is notified."""


class Harm(StrEnum):
    """What happened. Serious harm that has healed is serious harm."""

    DIED = "died"
    SERIOUSLY_HARMED = "seriously_harmed"
    NEITHER = "neither"


class Suspicion(StrEnum):
    """What is thought of abuse or neglect."""

    KNOWN = "known"
    SUSPECTED = "suspected"
    NOT_SUSPECTED = "not_suspected"


class Circumstances(Message):
    """What the criteria ask of one child. ``age`` is in whole years when it happened, None if not known.

    ``unborn`` is a child not born when it happened and not born alive since. ``recovered`` says that the
    harm has healed, which is asked only so that it can be answered.
    """

    harm: Harm
    abuse_or_neglect: Suspicion
    age: int | None = Field(default=None, ge=0, le=130)
    looked_after: bool = False
    care_leaver: bool = False
    unborn: bool = False
    recovered: bool = False


class Verdict(StrEnum):
    """What the criteria say, from the least to the most."""

    NOT_NOTIFIABLE = "not_notifiable"
    NOTIFICATION = "notification"
    SIN = "sin"


VERDICTS = {
    Verdict.SIN: "It is notifiable as a SIN, and a Rapid Review follows.",
    Verdict.NOTIFICATION: "It is notified without a Rapid Review.",
    Verdict.NOT_NOTIFIABLE: "It is not notifiable.",
}
"""Each verdict in a sentence that says nothing of any child."""


class Judgement(Message):
    """A verdict and the sentences that lead to it, each about one criterion."""

    verdict: Verdict
    reasons: tuple[str, ...]


def judge(child: Circumstances) -> Judgement:
    """What the criteria say of one child."""
    return Judgement(verdict=_verdict(child), reasons=tuple(_reasons(child)))


def judge_all(children: Iterable[Circumstances]) -> Judgement:
    """What they say of an incident: it is as notifiable as its most notifiable child."""
    judged = [judge(child) for child in children]
    order = list(Verdict)
    verdict = max((j.verdict for j in judged), key=order.index, default=Verdict.NOT_NOTIFIABLE)
    return Judgement(verdict=verdict, reasons=tuple(dict.fromkeys(r for j in judged for r in j.reasons)))


def _is_child(child: Circumstances) -> bool:
    return not child.unborn and (child.age is None or child.age < ADULT)


def _is_care_leaver(child: Circumstances) -> bool:
    return child.care_leaver and child.age is not None and ADULT <= child.age <= CARE_LEAVERS_TO


def _suspected(child: Circumstances) -> bool:
    return child.abuse_or_neglect is not Suspicion.NOT_SUSPECTED


def _verdict(child: Circumstances) -> Verdict:
    if _is_child(child) and child.harm is not Harm.NEITHER and _suspected(child):
        return Verdict.SIN
    in_care = (_is_child(child) and child.looked_after) or _is_care_leaver(child)
    return Verdict.NOTIFICATION if child.harm is Harm.DIED and in_care else Verdict.NOT_NOTIFIABLE


def _reasons(child: Circumstances) -> Iterator[str]:
    yield _who(child)
    yield from _harmed(child)
    yield {
        Suspicion.KNOWN: "Abuse or neglect is known.",
        Suspicion.SUSPECTED: "Abuse or neglect is suspected; suspicion is enough.",
        Suspicion.NOT_SUSPECTED: "Abuse or neglect is neither known nor suspected.",
    }[child.abuse_or_neglect]
    yield from _cared_for(child)


def _who(child: Circumstances) -> str:
    if child.unborn:
        return (
            "The child was not born. Harm before birth counts when the child is born alive; "
            "until then there is no notification."
        )
    if child.age is None:
        return "The age is not known, so the person is taken to be a child until it is."
    if child.age < ADULT:
        return f"The person was under {ADULT}, and so a child."
    return f"The person was {ADULT} or older, and so not a child."


def _harmed(child: Circumstances) -> Iterator[str]:
    yield {
        Harm.DIED: "The person died.",
        Harm.SERIOUSLY_HARMED: "The person was seriously harmed.",
        Harm.NEITHER: "The person neither died nor was seriously harmed.",
    }[child.harm]
    if child.recovered and child.harm is Harm.SERIOUSLY_HARMED:
        yield "Recovery does not undo serious harm."


def _cared_for(child: Circumstances) -> Iterator[str]:
    if child.looked_after and _is_child(child):
        yield "The child was looked after: a death is notified in all cases."
    if child.care_leaver:
        yield (
            f"The person was a care leaver of {CARE_LEAVERS_TO} or younger: a death is notified in all cases."
            if _is_care_leaver(child)
            else f"A care leaver's death is notified from {ADULT} to {CARE_LEAVERS_TO}."
        )
