"""What a case is told of each kind of mail, and what it does about it."""

from dataclasses import replace

from activities.ledger import MailLedger
from domain.messages import ImmediateAction
from domain.record import Event
from starter.mailroom.journal import Fate
from tests.mailroom.conftest import Office
from tests.mailroom.replies import Reply, bounce, nil, partial, returned
from tests.postbox.pieces import letter_id, pdf
from tests.workflows import facts


async def test_a_return_reaches_its_case_and_is_acknowledged_once(office: Office) -> None:
    """The form counts, its documents are kept, the agency hears of it; the same mail again is nothing."""
    mail = returned(office.reference)
    assert (await office.arrives(mail)).fate is Fate.TOLD
    police = next(a for a in (await office.standing()).agencies if a.key == "police")
    assert (police.state, police.kind, police.versions) == ("returned", "complete", 1)
    assert (await office.arrives(mail)).fate is Fate.TOLD
    again = replace(mail, more=[("X-Way", "another")])
    assert (await office.arrives(again)).fate is Fate.NOTHING
    assert len(await office.entries(Event.RETURN_RECORDED)) == 1
    assert office.post.keys("return-received") == ["return_received/1/police"]
    kept = await office.review.reviews.returned(office.reference, "police")
    contents = [await office.premises.store.get(document) for document in kept]
    assert contents[0] == mail.attached[0].content
    assert contents[1] == b"Please find our return attached."


async def test_nil_and_partial_returns_are_told_apart(office: Office) -> None:
    """A signed nil names how many were searched for; a form nobody signed is partial."""
    await office.arrives(nil(office.reference, "icb"))
    await office.arrives(partial(office.reference, "hospital"))
    kinds = {a.key: a.kind for a in (await office.standing()).agencies if a.kind}
    assert kinds == {"icb": "nil", "hospital": "partial"}


async def test_what_is_no_return_is_kept_for_a_person(office: Office) -> None:
    """A question waits for an answer, until it is said what was done; the agency is still awaited."""
    asked = "Could you tell us which dates you need to know about?"
    await office.arrives(Reply(office.reference, "gp", text=asked))
    standing = await office.standing()
    assert "Read mail 1 from" in standing.todo[0].says
    assert "gp" in {a.key for a in standing.agencies if a.state == "waiting"}
    assert office.post.letters("return-received") == []
    await office.review.tell(facts.mail_settled(1))
    assert "Read mail" not in (await office.standing()).todo[0].says


async def test_automatic_replies_and_will_do_are_noted_and_never_answered(office: Office) -> None:
    """The clock runs on; nothing is to be done, and no letter answers them."""
    away = [("Auto-Submitted", "auto-replied")]
    await office.arrives(Reply(office.reference, "gp", text="I am away.", more=away))
    await office.arrives(Reply(office.reference, "icb", text="Will do, thanks.", number=2))
    noted = (await office.standing()).mail
    assert [line.split(" from ")[0] for line in noted] == ["automatic", "acknowledgement"]
    assert not [t for t in (await office.standing()).todo if "mail" in t.says]
    assert office.post.letters("return-received") == []


async def test_a_leads_mail_never_signs_and_is_answered_once(office: Office) -> None:
    """It is kept for the office, and the lead hears that it does not sign: once for each version."""
    await office.review.tell(facts.draft())
    for number in (1, 2):
        await office.arrives(_confirming(office, number))
    assert await _answer_of_health(office) == "asked"
    assert office.post.keys("how-to-sign") == ["how_to_sign/1/health"]
    by = office.premises.partnership.leads["health"].name
    await office.review.tell(facts.confirmed("health", by=by))
    assert not [t for t in (await office.standing()).todo if "on the report" in t.says]


async def test_a_leads_mail_signs_where_the_partnership_allows_it(office: Office) -> None:
    """The lead's own address and the one sentence; a deputy's mail, or one that says more, is filed."""
    await office.review.tell(facts.draft())
    deputy = office.premises.partnership.leads["health"].deputies[0].email
    async with office.restarted(sign_off_by_mail=True):
        await office.arrives(replace(_confirming(office, 1), sender=deputy))
        await office.arrives(replace(_confirming(office, 2), text="We confirm version 1."))
        conditional = "I confirm version 1.\n\nSubject to paragraph 4 being taken out."
        await office.arrives(replace(_confirming(office, 4), text=conditional))
        assert await _answer_of_health(office) == "asked"
        assert office.post.keys("how-to-sign") == ["how_to_sign/1/health"]
        assert len(await office.entries(Event.MAIL_FILED)) == 3
        await office.arrives(_confirming(office, 3))
    assert await _answer_of_health(office) == "confirm"


async def test_a_bounce_makes_a_task_of_the_letter(office: Office) -> None:
    """By the header it quotes, or by the mark in its Message-ID where it quotes none."""
    await office.arrives(bounce(office.reference, "request/police"))
    assert (await office.standing()).todo[0].about == "request/police"
    await _was_sent(office, Reply(office.reference, "icb"), "request/icb")
    silent = bounce(office.reference, "request/icb", "icb", quoted=False)
    assert (await office.arrives(silent.replace(b"-bounce@", b"-bounce-2@"))).fate is Fate.TOLD
    assert len(await office.entries(Event.LETTER_FAILED)) == 2


async def test_a_bounce_of_a_letter_about_an_action_makes_a_task_of_it(office: Office) -> None:
    """In the review that carries the action; handed over, the action's own workflow is told."""
    due = office.review.at("day 13 12:00").date()
    await office.review.met(ImmediateAction(agency="police", action="Check the records", due_on=due))
    letter = "follow-up/1/opened/agency/police"
    assert (await office.arrives(bounce(office.reference, letter))).fate is Fate.TOLD
    assert letter in [todo.about for todo in (await office.standing()).todo]
    await office.review.settle()
    assert office.post.told("follow-up-undelivered") == ["office"]


async def test_a_document_that_answers_a_letter_about_an_action_is_no_return(office: Office) -> None:
    """It is evidence, and a person reads it; our own form is a return whatever it answers."""
    sent = "follow-up/1/reminder/1/police"
    evidence = Reply(office.reference, letter=sent, attached=(pdf(),), text="The training was held.")
    await _was_sent(office, evidence, sent)
    await office.arrives(evidence)
    assert await office.entries(Event.RETURN_RECORDED) == []
    assert "Read mail 1 from" in (await office.standing()).todo[0].says
    await office.arrives(replace(evidence, number=2, letter="request/police"))
    await office.arrives(replace(returned(office.reference, number=3), letter=sent))
    assert len(await office.entries(Event.RETURN_RECORDED)) == 2


async def _was_sent(office: Office, answer: Reply, letter: str) -> None:
    """Have a letter in the ledger of what went out."""
    ledger = MailLedger(office.premises.store)
    identifier = letter_id(answer.token, letter)
    claim = await ledger.claim(office.reference, letter, identifier, await office.now())
    await ledger.accepted(claim, 250)


def _confirming(office: Office, number: int) -> Reply:
    return Reply(
        office.reference,
        "health",
        "lead",
        number=number,
        text="I confirm version 1.",
        letter="sign_off_request/1/health",
    )


async def _answer_of_health(office: Office) -> str:
    return next(lead.answer for lead in (await office.standing()).leads if lead.key == "health")
