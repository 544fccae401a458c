"""Signing a report: its versions, every strategic lead's answer to each, and who may answer for a lead.

A Rapid Review and a CSPR are signed by the same rule: every lead confirms the current version; an
amendment asks for a new one, of which every lead is asked again; nobody answers twice for one partner.
"""

from abc import abstractmethod
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import AwareDatetime

from domain.errors import Refused
from domain.messages import Answer, DocumentRef, Message, RosterLead, SignOff
from domain.timetable import london


class Draft(Message):
    """One version of the report, numbered from 1."""

    version: int
    document: DocumentRef
    submitted_at: AwareDatetime


class Signature(Message):
    """A lead's answer as taken: by whom, for whom, and when it was received."""

    answer: SignOff
    by_deputy: bool
    received_at: AwareDatetime


class Signed(Message):
    """Whatever has a report that every strategic lead must confirm."""

    drafts: tuple[Draft, ...] = ()
    signatures: tuple[Signature, ...] = ()

    @property
    @abstractmethod
    def reference(self) -> str:
        """The neutral reference of the case."""

    @property
    @abstractmethod
    def leads(self) -> dict[str, RosterLead]:
        """The strategic leads who must sign."""

    @property
    def draft(self) -> Draft | None:
        """The version of the report now before the leads, if any."""
        return self.drafts[-1] if self.drafts else None

    @property
    def answers(self) -> dict[str, Signature]:
        """The answers to the current version, by lead."""
        version = self.draft.version if self.draft else 0
        return {s.answer.lead: s for s in self.signatures if s.answer.version == version}

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The leads who have not answered the current version, in the partnership's order."""
        return tuple(lead for lead in self.leads if lead not in self.answers)

    @property
    def amended(self) -> bool:
        """Whether a lead has asked for an amendment of the current version."""
        return any(s.answer.answer is Answer.AMEND for s in self.answers.values())

    @property
    def signed(self) -> bool:
        """Whether every strategic lead has confirmed the current version."""
        return bool(self.drafts) and not self.unanswered and not self.amended

    def lead_title(self, key: str) -> str:
        """Whose lead it is: ``Health (Integrated Care Board)``."""
        return self.leads[key].title


S = TypeVar("S", bound=Signed)


def answered(signed: S, fact: SignOff, received: datetime) -> tuple[S, str]:
    """The same with one more answer, and how it reads in the record.

    Raises:
        Refused: the answer is not a lead's, not of the current version, or the partner's second.
    """
    lead = answering_for(signed, fact.lead, fact.by)
    _answerable(signed, fact)
    signature = Signature(answer=fact, by_deputy=fact.by != lead.name, received_at=received)
    deputy = ", answered by a deputy for the lead" if signature.by_deputy else ""
    what = "confirmed" if fact.answer is Answer.CONFIRM else "asked to amend"
    note = f" {fact.note}" if fact.note else ""
    says = f"{lead.title} {what} version {fact.version}{deputy}.{note}"
    return signed.model_copy(update={"signatures": (*signed.signatures, signature)}), says


def answering_for(signed: Signed, key: str, by: str) -> RosterLead:
    """The lead of that key, for whom the person of that name may answer.

    Raises:
        Refused: there is no such lead, or it is neither the lead nor a named deputy.
    """
    lead = signed.leads.get(key)
    if lead is None:
        raise Refused(
            f"No strategic lead has the key {key}. Leads of {signed.reference}: {', '.join(signed.leads)}."
        )
    if by != lead.name and by not in lead.deputies:
        raise Refused(
            f"Only the lead or a named deputy may answer for {lead.title}. "
            "Give the name exactly as the partnership's folder had it when the case opened."
        )
    return lead


def _answerable(signed: S, fact: SignOff) -> None:
    if not signed.draft:
        raise Refused(f"No draft of {signed.reference} is before the leads yet.")
    if fact.version < signed.draft.version:
        raise Refused(
            f"Version {fact.version} was replaced by version {signed.draft.version}. "
            "Read that one and answer it."
        )
    if fact.version > signed.draft.version:
        raise Refused(f"There is no version {fact.version} yet; the current one is {signed.draft.version}.")
    if fact.lead in signed.answers:
        raise Refused(
            f"{signed.lead_title(fact.lead)} has already answered version {fact.version}. "
            "Nobody answers twice for one partner; a new version would ask again."
        )
    if fact.answer is Answer.AMEND and not fact.note:
        raise Refused("To amend, say in a note what is to change.")


def received_at(received: datetime | None, at: datetime) -> datetime:
    """When a fact counts from: when it was received, which is never after it is recorded."""
    if received and received > at + timedelta(minutes=5):
        raise Refused(f"It cannot have been received at {london(received)}, which has not come yet.")
    return received or at
