"""Mail that is no return: what is kept, who has to act on it, and what settles it."""

import pytest

from domain.errors import Refused
from domain.facts import apply
from domain.messages import MailFiled, MailKind, SettleMail
from domain.record import Event
from domain.standing import standing
from domain.steps import StepKind, _open_steps
from tests.domain.arrived import filed
from tests.domain.test_facts import DRAFTED, WHO, after, drafted, returned, signed
from tests.sample import at, case

WAITING = [MailKind.QUESTION, MailKind.SEALED]
NOTED = [MailKind.AUTOMATIC, MailKind.ACKNOWLEDGEMENT]
SETTLED = SettleMail(number=1, done="Answered by telephone", by=WHO)


@pytest.mark.parametrize("kind", NOTED)
def test_what_needs_nobody_is_noted(kind: MailKind) -> None:
    """It is on the screen, once for each agency, and nothing is to be done about it."""
    kept = after(("day 1 10:00", filed(kind)), ("day 2 10:00", filed(kind, id="mail-2")))
    now = standing(kept, at("day 2 11:00"))
    assert now.mail == (f"{kind} from The police agency, Wed 9 Dec 2026 10:00",)
    assert [todo for todo in now.todo if "mail" in todo.says] == []
    assert kept.outstanding == case().outstanding


@pytest.mark.parametrize("kind", WAITING)
def test_what_waits_for_a_person_is_a_task_until_it_is_said_what_was_done(kind: MailKind) -> None:
    """By its number; it cannot be settled twice."""
    kept = after(("day 1 10:00", filed(kind)))
    assert [t.about for t in standing(kept, at("day 1 11:00")).todo if "mail" in t.says] == ["1"]
    settled = apply(SETTLED, kept, at("day 1 12:00"))
    assert settled.record[-1].event is Event.MAIL_SETTLED
    assert [t for t in standing(settled, at("day 1 13:00")).todo if "mail" in t.says] == []
    with pytest.raises(Refused, match="Waiting: none"):
        apply(SETTLED, settled, at("day 1 13:00"))


def test_the_same_mail_is_kept_once() -> None:
    """By its own id."""
    kept = after(("day 1 10:00", filed(MailKind.QUESTION)))
    assert apply(filed(MailKind.QUESTION), kept, at("day 2 10:00")) is kept


def test_the_return_that_a_sealed_mail_held_settles_it() -> None:
    """Recorded by a person; another mail of the same agency does not open it."""
    kept = after(("day 1 10:00", filed(MailKind.SEALED)))
    by_mail = apply(returned(id="mail-2", by_mail=True), kept, at("day 1 11:00"))
    assert not by_mail.mail[0].settled
    assert apply(returned(id="office-1"), kept, at("day 1 11:00")).mail[0].settled


def test_a_leads_sign_off_settles_what_the_lead_wrote() -> None:
    """Once it is recorded, nobody has to read the mail for it."""
    wrote = filed(MailKind.SIGN_OFF_COMMENT, role="lead", party="health")
    kept = after(("day 13 11:00", wrote), start=DRAFTED)
    assert not kept.mail[0].settled
    assert after(("day 13 12:00", signed("health")), start=kept).mail[0].settled


def test_a_lead_who_writes_before_there_is_a_report_is_to_be_answered() -> None:
    """There is nothing yet to sign, and nobody is told of signing."""
    wrote = filed(MailKind.SIGN_OFF_COMMENT, role="lead", party="health")
    early, on_it = after(("day 2 10:00", wrote)), after(("day 13 11:00", wrote), start=DRAFTED)
    (asks,) = [todo.says for todo in standing(early, at("day 2 11:00")).todo if "mail" in todo.says]
    assert asks.startswith("Read mail 1 from ")
    assert asks.endswith(" and answer it.")
    assert any("signs nothing" in todo.says for todo in standing(on_it, at("day 13 12:00")).todo)


@pytest.mark.parametrize(("role", "party"), [("agency", "nobody"), ("lead", "hospital")])
def test_a_mail_of_nobody_we_know_is_refused(role: str, party: str) -> None:
    """The key is of no agency or lead of the case."""
    with pytest.raises(Refused, match="was not filed"):
        apply(filed(MailKind.QUESTION, role=role, party=party), case(), at("day 1 10:00"))


def test_a_filed_mail_holds_no_words() -> None:
    """Ids, keys, a kind, a moment and where the mail lies: nothing of what it says."""
    assert {*MailFiled.model_fields} == {"id", "kind", "role", "party", "document", "received_at"}


def test_a_leads_mail_on_one_version_is_not_answered_about_the_next() -> None:
    """Whoever wrote about version 1 is asked about version 2 as everybody is."""
    wrote = filed(MailKind.SIGN_OFF_COMMENT, role="lead", party="health", received_at=at("day 13 11:00"))
    kept = after(("day 13 11:00", wrote), ("day 13 12:00", drafted("b")), start=DRAFTED)
    assert [step.key for step in _open_steps(kept) if step.kind is StepKind.HOW_TO_SIGN] == []
