"""The office behind the hooks, on a real server: the cases they open and the facts they bring."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count

import pytest
from fastapi import FastAPI
from temporalio.client import Client

from activities.ledger import MailLedger
from domain.consideration.messages import PutForward
from domain.errors import Refused
from domain.messages import EDITION, OpenReview, PanelReplied, Recipient, RecipientKind
from domain.partnership import load_partnership
from domain.record import Event
from domain.tokens import PURPOSE, CaseToken, message_id
from starter.considerations import Considerations
from starter.hooks.app import hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.desk import HookDesk
from starter.hooks.hook import LetterReturned
from starter.mailroom.journal import Journal
from starter.reviews import Reviews, started_with
from tests.starter.hooks import forms
from tests.starter.hooks.asking import Sender
from tests.starter.hooks.conftest import SECRET, SOURCES, nothing_wanting
from tests.starter.hooks.desks import JournalledMail
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import PROJECT

FOLDER = PROJECT / "partnerships" / "northamptonshire"
_numbers = count(100)


def reference() -> str:
    """A reference that no other test uses."""
    return f"HK-2026-{next(_numbers)}"


@pytest.fixture
def ring() -> KeyRing:
    """The key ring of the office."""
    return KeyRing.fresh()


@pytest.fixture
def kept(tmp_path_factory: pytest.TempPathFactory, ring: KeyRing) -> DocumentStore:
    """The store of the office."""
    return DocumentStore(tmp_path_factory.mktemp("office").as_uri(), ring)


@pytest.fixture
def office(server: Client, kept: DocumentStore, ring: KeyRing) -> HookDesk:
    """The real desk; no worker runs, which a hook does not need."""
    reviews = Reviews(server, "hooks-without-a-worker")
    return HookDesk(reviews, kept, ring, lambda: load_partnership(FOLDER), JournalledMail(Journal(kept)))


@pytest.fixture
def sending(office: HookDesk, kept: DocumentStore) -> Sender:
    """A source whose deliveries reach the real desk."""
    app: FastAPI = hooks_app(SOURCES, Answers(kept), office, nothing_wanting)
    return Sender(app, SECRET)


async def test_a_sin_opens_one_review_with_its_people_in_the_store_alone(
    sending: Sender, office: HookDesk, kept: DocumentStore
) -> None:
    """Twice under one id, once more under another: one review, one answer."""
    body = forms.sin(reference())
    answers = [await sending.post("sin", body, name) for name in ("msg_a", "msg_a", "msg_b")]
    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    reviews = office.reviews
    opened = await started_with(reviews.client, reviews.handle(body["reference"]), OpenReview)
    assert b"Example Child" in await kept.get(opened.particulars)
    assert "Example Child" not in opened.model_dump_json()
    assert opened.sin.reference == body["sin"]["reference"]


async def test_a_reference_in_use_for_something_else_is_refused(sending: Sender, office: HookDesk) -> None:
    """By another SIN, or by other words of what happened: the review that is open stays as it was."""
    body = forms.sin(reference())
    await sending.post("sin", body)
    before = await started_with(office.reviews.client, office.reviews.handle(body["reference"]), OpenReview)
    for other in (
        {**body, "sin": {**body["sin"], "reference": "SIN-2026-0114"}},
        {**body, "circumstances": "Something else happened."},
    ):
        refused = await sending.post("sin", other)
        assert (refused.status, "already in use" in refused.detail) == (409, True)
    handle = office.reviews.handle(body["reference"])
    assert await started_with(office.reviews.client, handle, OpenReview) == before


async def test_an_agency_that_nobody_knows_is_refused_before_anything_is_kept(
    sending: Sender, office: HookDesk
) -> None:
    """The sentence names the agencies there are."""
    body = forms.sin(reference(), ask=["police", "coastguard"])
    refused = await sending.post("sin", body)
    assert (refused.status, "It has: " in refused.detail) == (422, True)
    assert not await office.reviews.exists(body["reference"])


async def test_a_request_puts_one_case_forward(sending: Sender, office: HookDesk) -> None:
    """Twice under different ids: one case, one answer; other words under its reference are refused."""
    body = forms.request(reference())
    first, again = [await sending.post("request-for-consideration", body) for _ in range(2)]
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    other = await sending.post("request-for-consideration", {**body, "media_interest": "A great deal."})
    assert (other.status, "already in use" in other.detail) == (409, True)
    considerations = Considerations(office.reviews.client, office.reviews.task_queue)
    put = await started_with(office.reviews.client, considerations.handle(body["reference"]), PutForward)
    assert (put.agency, put.edition) == ("education", EDITION)


async def test_a_request_under_the_reference_of_a_review_is_refused(sending: Sender) -> None:
    """A review was opened under it, and was never put forward."""
    name = reference()
    await sending.post("sin", forms.sin(name))
    refused = await sending.post("request-for-consideration", forms.request(name))
    assert (refused.status, "already in use" in refused.detail) == (409, True)


async def test_a_sin_of_a_case_put_forward_is_recorded_there(sending: Sender, office: HookDesk) -> None:
    """Its review opens from there, by itself; a second one beside it would leave that one stuck."""
    name = reference()
    await sending.post("request-for-consideration", forms.request(name))
    refused = await sending.post("sin", forms.sin(name))
    assert (refused.status, "record-sin" in refused.detail) == (409, True)
    assert not await office.reviews.exists(name)


async def test_a_request_that_is_not_countersigned_is_refused(sending: Sender, office: HookDesk) -> None:
    """As the command refuses it, in the same words."""
    body = forms.request(reference())
    del body["countersignature"]
    refused = await sending.post("request-for-consideration", body)
    assert (refused.status, "countersign" in refused.detail) == (409, True)
    considerations = Considerations(office.reviews.client, office.reviews.task_queue)
    assert not await considerations.exists(body["reference"])


@pytest.mark.parametrize("hook", ["sin", "request-for-consideration"])
async def test_an_incident_before_any_calendar_is_refused(sending: Sender, hook: str) -> None:
    """The year 1, where the incident is what the dates are counted from: a sentence, and no case."""
    body = forms.sin(reference()) if hook == "sin" else forms.request(reference())
    told = body["sin"] if hook == "sin" else body
    told |= {"incident_on": "0001-01-01", "aware_on": None}
    refused = await sending.post(hook, body)
    assert (refused.status, bool(refused.detail)) == (422, True)


async def test_a_mail_is_in_the_journal_with_its_envelope(sending: Sender, kept: DocumentStore) -> None:
    """Sealed, for the mail room to read; brought again under another id it is the same mail."""
    for _ in range(2):
        answer = await sending.post("inbound-mail", forms.MAIL, media_type="message/rfc822")
        assert answer.status == 202
    journal = Journal(kept)
    (entry,) = await journal.unfinished()
    arrival = await journal.arrival(entry)
    assert arrival.mail_from == "someone@police.example"
    assert b"The form is attached." in await kept.get(arrival.mail)
    assert "police" not in f"{entry}{await kept.list('documents')}"


@pytest.fixture
async def review(server: Client) -> AsyncIterator[PlayedReview]:
    """A review just opened, with a worker."""
    async with played(server, opening_at(soon()), FakePostRoom()) as going:
        yield going


def at_the_desk(review: PlayedReview, office: HookDesk) -> HookDesk:
    """The desk, asked about that review."""
    return HookDesk(review.reviews, office.store, office.keyring, office.partnership, office.mail)


async def returned(office: HookDesk, name: str, letter: str, ring: KeyRing) -> LetterReturned:
    """A letter that went out, and came back."""
    token = CaseToken.of(name, Recipient(kind=RecipientKind.AGENCY, key="police"))
    under = message_id(token, letter, ring.sign(PURPOSE, token.text), "partnership.example")
    ledger = MailLedger(office.store)
    await ledger.accepted(await ledger.claim(name, letter, under, datetime.now(UTC)), 250)
    return LetterReturned("hooks/a-form/1", under.upper().strip("<>"), "5.1.1", datetime.now(UTC))


async def test_a_letter_that_came_back_becomes_a_task(
    review: PlayedReview, office: HookDesk, ring: KeyRing
) -> None:
    """Found by our own signed Message-ID, whatever its case; told twice it is one line of the record."""
    desk = at_the_desk(review, office)
    back = await returned(desk, review.reference, "request/police", ring)
    assert await desk.letter_returned(back) == review.reference
    await desk.letter_returned(back)
    await review.settle()
    (failed,) = await review.entries(Event.LETTER_FAILED)
    assert "request/police" in failed.says


async def test_a_message_id_that_is_not_ours_tells_nobody(
    review: PlayedReview, office: HookDesk, ring: KeyRing
) -> None:
    """Somebody else's, one signed by another ring though the ledger has it, one of a letter never sent."""
    desk = at_the_desk(review, office)
    token = CaseToken.of(review.reference, Recipient(kind=RecipientKind.AGENCY, key="police"))
    forged = message_id(token, "request/police", KeyRing.fresh().sign(PURPOSE, token.text), "a.example")
    unsent = message_id(token, "request/police", ring.sign(PURPOSE, token.text), "a.example")
    await MailLedger(desk.store).claim(review.reference, "request/gp", forged, datetime.now(UTC))
    for strange in ("<a@b.example>", forged, unsent):
        with pytest.raises(Refused, match="not of one of our letters"):
            await desk.letter_returned(LetterReturned("x", strange, "5.1.1", datetime.now(UTC)))
    await review.settle()
    assert await review.entries(Event.LETTER_FAILED) == []


@pytest.mark.parametrize(
    "letter",
    [
        "request/police",
        "cspr/opened/office",
        "consideration/views/office",
        "follow-up/1/opened/agency/police",
    ],
)
async def test_a_letter_of_a_case_that_has_gone_is_refused(
    office: HookDesk, ring: KeyRing, letter: str
) -> None:
    """Whichever part of the process wrote it."""
    with pytest.raises(Refused, match="RR-2026-78"):
        await office.letter_returned(await returned(office, "RR-2026-78", letter, ring))


async def test_the_panels_answer_reaches_the_case(review: PlayedReview, office: HookDesk) -> None:
    """Before the report has gone it cannot be taken, and the record says so: nothing is lost."""
    desk = at_the_desk(review, office)
    await desk.panel_replied(review.reference, PanelReplied(id="hooks/a-form/2", agrees=True))
    await review.settle()
    (noted,) = await review.entries(Event.FACT_NOT_TAKEN)
    assert "Panel" in noted.says or "report" in noted.says


async def test_the_panels_answer_on_no_case_is_refused(office: HookDesk) -> None:
    """The sentence says how to see the cases there are."""
    with pytest.raises(Refused, match="RR-2026-79"):
        await office.panel_replied("RR-2026-79", PanelReplied(id="x", agrees=True))
