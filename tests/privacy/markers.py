"""Marked words: one for every place in which a person could be named, so that each can be looked for.

A marker is a word that occurs nowhere else. Fields of free text are found by asking the models, so a field
that is added tomorrow is marked tomorrow.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel

from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    Convert,
    Countersignature,
    DecideSin,
    LinkDuplicate,
    LocalOutcome,
    Notifier,
    PutForward,
    RecordNotification,
    RecordSin,
    ReplanConsideration,
    WithdrawConsideration,
)
from domain.cspr.messages import (
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
)
from domain.follow_up.messages import (
    CloseAction,
    MoveAction,
    RecordEvidence,
    ReplanAction,
    TellAction,
    WithdrawAction,
)
from domain.messages import (
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Decide,
    DeliveryFailed,
    DocumentRef,
    DuplicateLinked,
    GiveView,
    ImmediateAction,
    MailFiled,
    OpenReview,
    PanelReplied,
    PlanLearning,
    RecordMeeting,
    Reopen,
    Replan,
    ReplanWait,
    SendAgain,
    SettleMail,
    SignOff,
    SubmitDraft,
    Withdraw,
)
from domain.particulars import Child, FamilyMember, Particulars

PREFIX = "Zqxvkjwyp"
"""How every marker begins; the number after it says which it is."""

Model = TypeVar("Model", bound=BaseModel)


class Kind(StrEnum):
    """Where a marked word may go. See docs/decisions/0002-three-classes-of-data.md."""

    NEVER = "never in Temporal"
    SEALED = "sealed in Temporal"
    BOOK = "in the contact book, and on the envelope of a letter"
    SPOKEN = "said in vain: in what was refused, or by a mail server"


PARTICULARS: tuple[type[BaseModel], ...] = (Child, FamilyMember, Particulars)
"""The models of which nothing may come near Temporal."""

CSPR: tuple[type[BaseModel], ...] = (
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
)
"""Those of them that a CSPR is told."""

PUTTING_FORWARD: tuple[type[BaseModel], ...] = (
    ChooseOutcomes,
    Consider,
    Convert,
    Countersignature,
    DecideSin,
    LinkDuplicate,
    LocalOutcome,
    Notifier,
    PutForward,
    RecordNotification,
    RecordSin,
    ReplanConsideration,
    WithdrawConsideration,
)
"""Those that put a case forward, or are told to one that is."""

FACTS: tuple[type[BaseModel], ...] = (
    *CSPR,
    *PUTTING_FORWARD,
    AddAgency,
    AgencyReturn,
    BookMeeting,
    CloseAction,
    Decide,
    DeliveryFailed,
    DocumentRef,
    DuplicateLinked,
    GiveView,
    ImmediateAction,
    MailFiled,
    MoveAction,
    OpenReview,
    PanelReplied,
    PlanLearning,
    RecordEvidence,
    RecordMeeting,
    Reopen,
    Replan,
    ReplanAction,
    ReplanWait,
    SendAgain,
    SettleMail,
    SignOff,
    SubmitDraft,
    TellAction,
    Withdraw,
    WithdrawAction,
)
"""The models that people fill in and that travel through Temporal."""

CODES = {
    "Consider.by",
    "DeliveryFailed.letter",
    "GiveView.by",
    "Replan.extend",
    "SendAgain.letter",
    "SignOff.by",
}
"""Free text in form alone: the keys of our own letters and dates, and a name the contact book has."""

CSPR_DOCUMENTS = ("the terms", "the key lines", "the request", "the CSPR", "the improvements")
"""Those of a CSPR, which go to its reviewer, or to those who must have its report."""

DOCUMENTS = ("an agency's return", "the draft report", "the report", "the Panel's letter", *CSPR_DOCUMENTS)
"""The documents whose text is marked."""

BOOK = ("contact", "role", "address", "telephone")
"""What the contact book says of somebody."""

ROSTER = ("lead", "deputy")
"""Names of the contact book that a case has to know, to see who may sign."""

# The day expected is a Sunday: a CSPR keeps the working days of some years, which are nobody's.
DATES = {
    "Child.date_of_birth": date(2019, 2, 17),
    "Child.expected_delivery_on": date(2029, 3, 18),  # a Sunday: no plan has it among its working days
    "FamilyMember.date_of_birth": date(1987, 10, 23),
}
"""Dates that belong to a person."""


def free_text(model: type[BaseModel]) -> Iterator[str]:
    """The fields of a model into which a person may write anything."""
    for name, form in model.model_json_schema()["properties"].items():
        if any(_anything(choice) for choice in form.get("anyOf", [form])):
            yield name


def _anything(form: dict[str, Any]) -> bool:
    return form.get("type") == "string" and not {"pattern", "format", "enum", "const"} & form.keys()


def _labels() -> Iterator[tuple[str, Kind]]:
    for told in PARTICULARS:
        yield from ((f"{told.__name__}.{name}", Kind.NEVER) for name in free_text(told))
    for fact in FACTS:
        names = [f"{fact.__name__}.{name}" for name in free_text(fact)]
        said = [name for name in names if name not in CODES]
        yield from ((name, Kind.SEALED) for name in said)
        yield from ((f"refused {name}", Kind.SPOKEN) for name in said)
    yield "refused SignOff.by", Kind.SPOKEN
    yield "refused GiveView.by", Kind.SPOKEN
    yield from ((name, Kind.NEVER) for name in DOCUMENTS)
    yield from ((name, Kind.BOOK) for name in BOOK)
    yield from ((name, Kind.SEALED) for name in ROSTER)
    yield from ((name, Kind.SPOKEN) for name in ("a mail server's answer", "a message out of form"))


KINDS = dict(_labels())
"""Every marker by what it marks, and where it may go."""

WORDS = {label: f"{PREFIX}{number:03}" for number, label in enumerate(KINDS)}
"""The marker of each."""

_LABELS = {word: label for label, word in WORDS.items()}


def labels_in(text: str) -> set[str]:
    """What is marked in a text, by label."""
    return {
        _LABELS[PREFIX + number] for number in re.findall(rf"{PREFIX}(\d{{3}})", text, flags=re.IGNORECASE)
    }


def labels_of(*kinds: Kind) -> set[str]:
    """The labels of some kinds."""
    return {label for label, kind in KINDS.items() if kind in kinds}


def marked(model: type[Model], /, *, refused: str = "", **fields: object) -> Model:
    """A model whose fields of free text hold their words, unless given; ``refused`` is put before labels."""
    labels = {name: f"{refused}{model.__name__}.{name}" for name in free_text(model)}
    words = {name: f"{WORDS[label]} in words" for name, label in labels.items() if label in WORDS}
    return model.model_validate({**words, **fields})
