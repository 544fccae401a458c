"""What each web hook takes, what it hands to the office, and what it refuses."""

import asyncio
import base64
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from domain.errors import NotReachable, Refused
from domain.particulars import OpeningFile, RequestFile
from starter.hooks.app import AT_ONCE, HOOKS, hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.hook import Hook, LetterReturned
from starter.hooks.sources import HookName
from tests import sample
from tests.starter.hooks import forms
from tests.starter.hooks.asking import Answer, Sender, ask
from tests.starter.hooks.conftest import OTHER_SECRET, SECRET, SOURCES, nothing_wanting
from tests.starter.hooks.desks import BusyDesk, KeepingDesk, TakenMail, ToldCase
from vault.documents import DocumentStore

BODIES: dict[HookName, Any] = {
    HookName.SIN: forms.sin(),
    HookName.REQUEST: forms.request(),
    HookName.INBOUND_MAIL: forms.MAIL,
    HookName.PANEL_REPLY: forms.PANEL,
    HookName.DELIVERY: forms.RECEIPT,
}

every_hook = pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)


async def sent(council: Sender, hook: Hook, name: str = "") -> Answer:
    """A good delivery to a hook."""
    return await council.post(hook.name, BODIES[hook.name], name, hook.media_type)


@every_hook
async def test_a_good_delivery_is_taken(council: Sender, desk: KeepingDesk, hook: Hook) -> None:
    """One deed, and an answer with the status that the description promises."""
    answer = await sent(council, hook)
    assert (answer.status, answer.headers["content-type"]) == (hook.status, "application/json")
    assert len(desk.deeds) == 1


@every_hook
async def test_the_same_delivery_twice_is_done_once_and_answered_alike(
    council: Sender, desk: KeepingDesk, hook: Hook
) -> None:
    """Sent again under its id, with a new timestamp: nothing more is done."""
    first, again = await sent(council, hook, "msg_a"), await sent(council, hook, "msg_a")
    assert (again.status, again.body, len(desk.deeds)) == (first.status, first.body, 1)


async def test_a_sin_says_what_the_example_says(council: Sender, desk: KeepingDesk) -> None:
    """Every field of the file arrives; the answer names the case."""
    answer = await council.post("sin", forms.sin("RR-2026-31"))
    assert answer.json["reference"] == "RR-2026-31"
    (opening,) = desk.deeds
    assert isinstance(opening, OpeningFile)
    assert (opening.sin.reference, opening.ask, len(opening.children)) == ("SIN-2026-0113", None, 2)
    assert opening.children[1].expected_delivery_on


async def test_a_request_says_what_the_example_says(council: Sender, desk: KeepingDesk) -> None:
    """Every field of the file arrives; the answer says that it is no way to refer a child at risk."""
    answer = await council.post("request-for-consideration", forms.request())
    assert "not a way to refer a child at risk" in answer.json["accepted"]
    (request,) = desk.deeds
    assert isinstance(request, RequestFile)
    assert (request.agency, request.other_agencies) == ("education", ("police", "icb"))


async def test_the_panels_letter_is_kept_and_its_answer_told(council: Sender, desk: KeepingDesk) -> None:
    """The letter goes to the store; the case hears of a reference to it alone."""
    letter = {"media_type": "application/pdf", "content": base64.b64encode(b"%PDF-1.7 letter").decode()}
    answer = await council.post("panel-reply", {**forms.PANEL, "agrees": False, "letter": letter})
    assert answer.status == 202
    kept, told = desk.deeds
    assert kept == (b"%PDF-1.7 letter", "application/pdf")
    assert isinstance(told, ToldCase)
    assert (told.reference, told.fact.agrees, told.fact.letter) == ("RR-2026-07", False, sample.document())


async def test_a_mail_arrives_as_it_was_with_its_envelope(council: Sender, desk: KeepingDesk) -> None:
    """The lines of the envelope are taken off; not a byte of the message changes."""
    await council.post("inbound-mail", forms.MAIL, media_type="message/rfc822")
    (mail,) = desk.deeds
    assert isinstance(mail, TakenMail)
    assert mail.raw == forms.MAIL.encode().partition(b"partnership.example\r\n")[2]
    assert (mail.mail_from, mail.rcpt_to) == ("someone@police.example", ("rfi@partnership.example",))


async def test_a_large_mail_is_held_twice_at_most(council: Sender) -> None:
    """As its body is put together, and as its envelope is taken off; here its pieces are held as well."""
    mail = forms.MAIL + "x" * 2**24 + "\r\n"
    tracemalloc.start()
    try:
        await council.post("inbound-mail", mail, media_type="message/rfc822")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (3 + 2) * 2**24


async def test_a_report_has_no_sender_and_a_mail_may_have_many_recipients(
    council: Sender, desk: KeepingDesk
) -> None:
    """``Return-Path: <>``, two recipients, lines ended as on Unix."""
    body = (
        "Return-Path: <>\nDelivered-To: <rfi@one.example>\ndelivered-to: rfi@two.example\nSubject: x\n\nx\n"
    )
    await council.post("inbound-mail", body, media_type="message/rfc822")
    (mail,) = desk.deeds
    assert isinstance(mail, TakenMail)
    assert (mail.raw, mail.mail_from) == (b"Subject: x\n\nx\n", "")
    assert mail.rcpt_to == ("rfi@one.example", "rfi@two.example")


async def test_a_letter_that_failed_is_told_with_its_code(council: Sender, desk: KeepingDesk) -> None:
    """The fact is known by a mark of ours, whatever the sender calls the delivery."""
    await council.post("delivery", forms.RECEIPT, "some-name")
    (returned,) = desk.deeds
    assert isinstance(returned, LetterReturned)
    assert (returned.message_id, returned.status) == ("<someone@elsewhere.example>", "5.1.1")
    assert "some-name" not in returned.id


@pytest.mark.parametrize("outcome", ["delivered", "delayed"])
async def test_a_letter_that_did_not_fail_needs_nothing(
    council: Sender, desk: KeepingDesk, outcome: str
) -> None:
    """Providers tell of every letter; only those that failed matter."""
    answer = await council.post("delivery", {"message_id": "<a@b.example>", "outcome": outcome})
    assert (answer.status, desk.deeds) == (202, [])


TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
WRONG: list[tuple[str, object, str]] = [
    ("sin", "", "body: this is not JSON"),
    ("sin", "[" * 100_000, "body: this is not JSON"),
    ("sin", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "body: this is not JSON"),
    ("sin", [], "body: this is not in the form expected"),
    ("sin", {**forms.sin(), "marker": "Marker"}, "body: there is a field in it that is not known here"),
    ("sin", {**forms.sin(), "children": [{"marker": 1}]}, "body: children[1].pseudonym: this is missing"),
    ("sin", forms.sin(opened_by=7), "body: opened_by: this is not in the form expected"),
    ("sin", forms.sin(ask=["police", "police"]), "body: ask: an agency is listed twice"),
    (
        "sin",
        forms.sin(children=[{"pseudonym": "Child A", "name": "Marker"}]),
        "give one of date_of_birth and",
    ),
    (
        "sin",
        forms.sin(circumstances="Marker\x0bMarker"),
        "body: circumstances: this holds a hidden character",
    ),
    ("sin", {**forms.sin(), "sin": {**forms.sin()["sin"], "sent_at": TOMORROW}}, "has not come yet"),
    (
        "sin",
        {**forms.sin(), "sin": {**forms.sin()["sin"], "sent_at": "2026-12-07T15:20:00"}},
        "body: sin.sent_at: this is not in the form expected",
    ),
    (
        "sin",
        {
            **forms.sin(),
            "sin": {
                **forms.sin()["sin"],
                "sent_at": "2020-12-07T15:20:00Z",
                "incident_on": "2020-12-01",
                "aware_on": "2020-12-02",
            },
        },
        "more than 60 days ago",
    ),
    ("request-for-consideration", {**forms.request(), "incident_on": TOMORROW[:10]}, "has not come yet"),
    ("request-for-consideration", {**forms.request(), "looked_after": "Marker"}, "not known here"),
    ("panel-reply", {**forms.PANEL, "received_at": TOMORROW}, "has not come yet"),
    ("panel-reply", {**forms.PANEL, "received_at": "0001-01-01T00:00:00Z"}, "more than a year ago"),
    ("panel-reply", {**forms.PANEL, "agrees": "yes"}, "body: agrees: this is not in the form expected"),
    ("delivery", {"message_id": "<a@b.example>", "outcome": "failed"}, "give the status code"),
    ("delivery", {**forms.RECEIPT, "status": "250"}, "body: status: this is not in the form expected"),
    ("inbound-mail", "Subject: Marker\r\n\r\nMarker", "write the envelope before the message"),
    ("inbound-mail", forms.MAIL.partition("From:")[0], "no message after the envelope"),
]


@pytest.mark.parametrize(
    ("hook", "body", "says"), WRONG, ids=[f"{h}-{n}" for n, (h, _, _) in enumerate(WRONG)]
)
async def test_what_cannot_be_read_is_refused_whole(
    council: Sender, desk: KeepingDesk, hook: str, body: object, says: str
) -> None:
    """A sentence that says where; nothing done, nothing repeated, and the id is free for the next try."""
    kind = "message/rfc822" if hook == "inbound-mail" else "application/json"
    refused = await council.post(hook, body, "msg_b", kind)
    assert (refused.status, desk.deeds) == (422, [])
    assert says in refused.detail
    assert "marker" not in refused.detail.lower()
    mended = await council.post(hook, BODIES[HookName(hook)], "msg_b", kind)
    assert mended.status in (201, 202)


async def test_an_id_used_for_something_else_is_refused(council: Sender, desk: KeepingDesk) -> None:
    """The first stands; an id means one thing, at one hook."""
    await council.post("sin", forms.sin(), "msg_c")
    other = await council.post("sin", forms.sin("RR-2026-32"), "msg_c")
    elsewhere = await council.post("panel-reply", forms.PANEL, "msg_c")
    assert (other.status, elsewhere.status, len(desk.deeds)) == (409, 409, 1)
    assert "id of its own" in other.detail


async def test_one_body_at_two_hooks_is_two_deliveries(council: Sender, desk: KeepingDesk) -> None:
    """Under one id the second is something else, though every byte is the same."""
    await council.post("sin", forms.sin(), "msg_h")
    elsewhere = await council.post("request-for-consideration", forms.sin(), "msg_h")
    assert (elsewhere.status, len(desk.deeds)) == (409, 1)


async def test_a_delivery_is_answered_the_same_long_after(
    council: Sender, desk: KeepingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its SIN has become too old to open a review."""
    first = await council.post("sin", forms.sin(), "msg_i")
    monkeypatch.setattr("domain.particulars.LONG_AGO", timedelta(0))
    assert (await council.post("sin", forms.sin(), "msg_i")).body == first.body
    assert len(desk.deeds) == 1


async def test_two_sources_may_choose_the_same_id(app: FastAPI, council: Sender, desk: KeepingDesk) -> None:
    """An id is its sender's own."""
    provider = Sender(app, OTHER_SECRET)
    assert (await council.post("delivery", forms.RECEIPT, "msg_d")).status == 202
    assert (await provider.post("delivery", {**forms.RECEIPT, "status": "5.7.1"}, "msg_d")).status == 202
    assert len(desk.deeds) == 2


async def test_what_the_case_cannot_take_is_said_and_may_be_tried_again(
    council: Sender, desk: KeepingDesk
) -> None:
    """A refusal is not remembered: the same delivery is done once the case can take it."""
    desk.trouble = Refused("RR-2026-07 is already in use.")
    refused = await council.post("sin", forms.sin(), "msg_e")
    assert (refused.status, refused.detail) == (409, "RR-2026-07 is already in use.")
    desk.trouble = None
    assert (await council.post("sin", forms.sin(), "msg_e")).status == 201


async def test_what_the_office_cannot_do_now_is_to_be_sent_again(council: Sender, desk: KeepingDesk) -> None:
    """503 with when to try again; where things are in the office is not said."""
    desk.trouble = NotReachable("The store at /srv/somewhere does not answer.")
    later = await council.post("sin", forms.sin(), "msg_f")
    assert (later.status, later.headers["retry-after"]) == (503, "60")
    assert "/srv" not in later.detail
    desk.trouble = None
    assert (await council.post("sin", forms.sin(), "msg_f")).status == 201


async def test_a_fault_of_ours_says_nothing_of_itself(council: Sender, desk: KeepingDesk) -> None:
    """500 is a sentence too; the fault itself goes to the server's log."""
    desk.deeds = None  # type: ignore[assignment]  # what breaks it
    failed = await council.post("sin", forms.sin())
    assert (failed.status, "Send it again" in failed.detail) == (500, True)


async def test_without_sources_every_hook_is_refused(desk: KeepingDesk, store: DocumentStore) -> None:
    """And says what the office has to do."""
    app = hooks_app((), Answers(store), desk, nothing_wanting)
    for hook in HOOKS:
        refused = await Sender(app, OTHER_SECRET).post(hook.name, {}, media_type=hook.media_type)
        assert (refused.status, "hook-secret" in refused.detail) == (403, True)


async def test_health_and_readiness(desk: KeepingDesk, store: DocumentStore) -> None:
    """Alive whatever is wanting; ready only where nothing is."""

    async def no_server() -> str:
        return "The Temporal server does not answer."

    app = hooks_app((), Answers(store), desk, no_server)
    assert (await ask(app, "GET", "/health")).json == {"alive": True}
    unready = await ask(app, "GET", "/ready")
    assert (unready.status, unready.detail) == (503, "The Temporal server does not answer.")
    ready = hooks_app((), Answers(store), desk, nothing_wanting)
    assert (await ask(ready, "GET", "/ready")).status == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/hooks/sin", 405), ("POST", "/elsewhere", 404), ("POST", "/hooks/sin/", 404)],
)
async def test_other_requests_are_refused_in_the_same_form(
    app: FastAPI, method: str, path: str, status: int
) -> None:
    """Problem details for every refusal, with a sentence; nobody is sent on to another address."""
    refused = await ask(app, method, path)
    assert refused.status == status
    assert refused.detail.endswith("See /openapi.json.")


async def _busy(desk: BusyDesk) -> None:
    """Wait until as many deliveries are under way as may be."""
    while len(desk.deeds) < AT_ONCE:  # noqa: ASYNC110 - others go on meanwhile, and nothing tells of it
        await asyncio.sleep(0)


async def test_so_many_deliveries_are_taken_at_once_and_the_others_wait_their_turn(
    store: DocumentStore,
) -> None:
    """A burst is neither refused nor held in memory all at once; that the program lives is said meanwhile."""
    desk = BusyDesk()
    council = Sender(hooks_app(SOURCES, Answers(store), desk, nothing_wanting), SECRET)
    burst = [asyncio.create_task(council.post("delivery", forms.RECEIPT)) for _ in range(AT_ONCE + 4)]
    async with asyncio.timeout(10):
        await _busy(desk)
        assert (await ask(council.app, "GET", "/health")).status == 200
        assert len(desk.deeds) == AT_ONCE
        desk.free.set()
        assert {answer.status for answer in await asyncio.gather(*burst)} == {202}


async def test_who_gets_no_turn_is_to_send_again(
    store: DocumentStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the form of every refusal, and nothing of it is done."""
    monkeypatch.setattr("starter.hooks.app.TURN_WITHIN", 0.05)
    desk = BusyDesk()
    council = Sender(hooks_app(SOURCES, Answers(store), desk, nothing_wanting), SECRET)
    before = [asyncio.create_task(council.post("delivery", forms.RECEIPT)) for _ in range(AT_ONCE)]
    async with asyncio.timeout(10):
        await _busy(desk)
        refused = await council.post("delivery", forms.RECEIPT)
        assert (refused.status, refused.headers["retry-after"]) == (503, "60")
        assert refused.detail.endswith("under the same webhook-id.")
        desk.free.set()
        await asyncio.gather(*before)
    assert len(desk.deeds) == AT_ONCE
