"""Mail that answers a letter of ours and is no return: kept with its case, for a person where one must act.

An automatic reply and a "will do" are noted and nothing more: the clock runs on. A question, a sealed mail
and a lead's answer wait for a person, until it is said what was done, or what they announced is recorded.
"""

from collections.abc import Callable
from datetime import datetime

from domain.case import Case, Filed
from domain.errors import Refused
from domain.messages import MailFiled, MailKind, SettleMail
from domain.record import Event

SAYS = {
    MailKind.AUTOMATIC: "automatic reply noted; the clock runs on.",
    MailKind.ACKNOWLEDGEMENT: "acknowledgement noted. It is no return, and the clock runs on.",
    MailKind.QUESTION: "a mail to be read and answered was filed.",
    MailKind.SEALED: "a sealed mail, to be opened by hand, was filed.",
    MailKind.SIGN_OFF_COMMENT: "a mail on the report was filed. It does not sign.",
}
"""What the record says of each kind."""

NOTED = frozenset({MailKind.AUTOMATIC, MailKind.ACKNOWLEDGEMENT})
"""The kinds about which nobody has to do anything."""


def with_mail(case: Case, fact: MailFiled, at: datetime) -> Case:
    """The case with a mail kept.

    Raises:
        Refused: the case knows no such agency or lead.
    """
    known = case.opening.roster.agencies if fact.role == "agency" else case.opening.roster.leads
    if fact.party not in known:
        raise Refused(
            f"{case.reference} has no {fact.role} with the key {fact.party}, so its mail was not filed."
        )
    name = case.agency_name(fact.party) if fact.role == "agency" else case.lead_title(fact.party)
    filed = Filed(fact=fact, settled=fact.kind in NOTED)
    case = case.with_(mail=(*case.mail, filed))
    return case.noting(at, Event.MAIL_FILED, f"{name}: {SAYS[fact.kind]}")


def with_mail_settled(case: Case, fact: SettleMail, at: datetime) -> Case:
    """The case with one of its mails dealt with by a person.

    Raises:
        Refused: there is no such mail, or nobody has to deal with it any more.
    """
    waiting = {number: filed for number, filed in enumerate(case.mail, 1) if not filed.settled}
    if fact.number not in waiting:
        known = ", ".join(map(str, waiting)) or "none"
        raise Refused(f"No mail {fact.number} of {case.reference} waits for anybody. Waiting: {known}.")
    case = _settled(case, lambda filed: filed is waiting[fact.number])
    return case.noting(at, Event.MAIL_SETTLED, f"Mail {fact.number} dealt with. {fact.done}", fact.by)


def overtaken_by(case: Case, kind: MailKind, party: str) -> Case:
    """The case in which what mails of one kind announced is on record, so that they wait for nobody."""
    return _settled(case, lambda filed: filed.fact.kind is kind and filed.fact.party == party)


def _settled(case: Case, which: Callable[[Filed], bool]) -> Case:
    mail = tuple(f.model_copy(update={"settled": True}) if which(f) else f for f in case.mail)
    return case.with_(mail=mail) if mail != case.mail else case
