"""Whose a delivery is: whatever is not signed as it must be reaches nobody, and is told nothing."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from starter.hooks.app import HOOKS, UNSIGNED, hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.hook import Hook
from starter.hooks.signatures import sender
from starter.hooks.sources import HookName, Source, fresh_secret
from tests.laws import examples
from tests.starter.hooks import forms
from tests.starter.hooks.asking import Sender, ask
from tests.starter.hooks.conftest import (
    OLD_SECRET,
    OTHER_SECRET,
    SECRET,
    SOURCES,
    nothing_wanting,
)
from tests.starter.hooks.desks import KeepingDesk
from vault.documents import DocumentStore
from vault.keys import KeyRing

BODY = json.dumps(forms.sin())


async def refused(app: FastAPI, headers: dict[str, str], body: str = BODY) -> tuple[int, str]:
    """The status and sentence with which a SIN so signed is answered."""
    headers = {"content-type": "application/json"} | headers
    answer = await ask(app, "POST", "/hooks/sin", body.encode("utf-8", "surrogateescape"), headers)
    return answer.status, answer.detail


async def test_every_secret_of_a_source_holds(app: FastAPI, desk: KeepingDesk) -> None:
    """Secrets change without a gap: the new one and the old one, until the old one is taken out."""
    for name, secret in (("msg_new", SECRET), ("msg_old", OLD_SECRET)):
        assert (await Sender(app, secret).post("sin", forms.sin(), name)).status == 201
    assert len(desk.deeds) == 2


async def test_a_source_may_use_its_own_hooks_only(app: FastAPI, desk: KeepingDesk) -> None:
    """Well signed, and refused: 403 names the source, which is known by then."""
    for hook in HOOKS:
        answer = await Sender(app, OTHER_SECRET).post(hook.name, forms.RECEIPT, media_type=hook.media_type)
        if hook.name is HookName.DELIVERY:
            assert answer.status == 202
        else:
            assert (answer.status, "mail-provider may not use" in answer.detail) == (403, True)
    assert len(desk.deeds) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_x"},
        {"webhook-id": ""},
        {"webhook-id": "a.b"},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "nan"},
        {"webhook-timestamp": "9" * 12},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,x"},
        {"webhook-signature": "v1,\x80"},
        {"webhook-signature": "v1,AAAA v1a,AAAA"},
        {"webhook-signature": "v1," + base64.b64encode(bytes(32)).decode()},
    ],
    ids=lambda changes: "-".join(f"{k[8:]}={v[:12]!r}" for k, v in changes.items()),
)
async def test_a_wrong_signature_is_refused_alike(
    app: FastAPI, council: Sender, desk: KeepingDesk, changes: dict[str, str]
) -> None:
    """One sentence whatever is wrong, so that nobody learns which part to try next."""
    assert await refused(app, council.signed(BODY) | changes) == (401, UNSIGNED)
    assert desk.deeds == []


async def test_any_missing_header_is_refused_alike(app: FastAPI, council: Sender) -> None:
    """Also all three."""
    signed = council.signed(BODY)
    for name in signed:
        assert await refused(app, {k: v for k, v in signed.items() if k != name}) == (401, UNSIGNED)
    assert await refused(app, {}) == (401, UNSIGNED)


async def test_an_altered_body_is_refused(app: FastAPI, council: Sender, desk: KeepingDesk) -> None:
    """A byte more, a byte less, bytes that are no text."""
    signed = council.signed(BODY)
    for body in (BODY + " ", BODY[:-1], BODY + "\udcff"):
        assert await refused(app, signed, body) == (401, UNSIGNED)
    assert desk.deeds == []


async def test_a_strange_secret_is_refused(app: FastAPI) -> None:
    """Well formed, signed with a secret that nobody has."""
    assert await refused(app, Sender(app, fresh_secret()).signed(BODY)) == (401, UNSIGNED)


@pytest.mark.parametrize(("minutes", "taken"), [(-5.5, False), (-4.5, True), (4.5, True), (5.5, False)])
def test_a_delivery_is_fresh_for_five_minutes(app: FastAPI, minutes: float, *, taken: bool) -> None:
    """Before and after, as clocks differ."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    signed = Sender(app, SECRET).signed(BODY, at=at)
    assert (sender(SOURCES, signed, BODY.encode()) is not None) is taken


async def test_bytes_that_are_no_text_are_signed_as_they_are(app: FastAPI, desk: KeepingDesk) -> None:
    """A mail in another encoding, signed by the specification: HMAC-SHA256 over ``id.timestamp.body``."""
    body = forms.MAIL.encode() + "Grüße".encode("latin-1")
    at = str(int(datetime.now(UTC).timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, hashlib.sha256)).decode()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
    answer = await ask(app, "POST", "/hooks/inbound-mail", body, {"content-type": "message/rfc822"} | headers)
    assert (answer.status, len(desk.deeds)) == (202, 1)


def test_a_source_that_is_taken_out_is_refused(app: FastAPI) -> None:
    """The sources that are named now are all there are."""
    signed = Sender(app, SECRET).signed(BODY)
    assert sender(SOURCES, signed, BODY.encode()) is SOURCES[0]
    assert sender(SOURCES[1:], signed, BODY.encode()) is None
    gone = (Source("council-form", (SecretStr(OLD_SECRET),), frozenset(HookName)),)
    assert sender(gone, signed, BODY.encode()) is None


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook.name)
async def test_a_body_is_read_up_to_its_limit_and_of_its_kind(
    app: FastAPI, council: Sender, hook: Hook
) -> None:
    """One byte past the limit is refused before anything else is looked at; so is another media type."""
    headers = {"content-type": hook.media_type}
    large = await ask(app, "POST", hook.path, b"x" * (hook.limit + 1), headers)
    assert (large.status, str(hook.limit) in large.detail) == (413, True)
    assert (await ask(app, "POST", hook.path, b"x" * hook.limit, headers)).status == 401
    strange = await council.post(hook.name, "{}", media_type="text/plain")
    assert (strange.status, hook.media_type in strange.detail) == (415, True)


class ForbiddenDesk(KeepingDesk):
    """Fails the test as soon as it is asked for anything."""

    def _keep(self, deed: object) -> None:
        pytest.fail(f"An unsigned body reached the office: {type(deed).__name__}")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The web hooks before a desk that nobody may reach."""
    store = DocumentStore(tmp_path_factory.mktemp("guarded").as_uri(), KeyRing.fresh())
    return hooks_app(SOURCES, Answers(store), ForbiddenDesk(), nothing_wanting)


GOOD = [
    BODY.encode(),
    json.dumps(forms.request()).encode(),
    forms.MAIL.encode(),
    json.dumps(forms.PANEL).encode(),
]
HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=40)
SIGNED_BY_NOBODY = st.fixed_dictionaries(
    {},
    optional={
        "webhook-id": HEADER | st.just("msg_1"),
        "webhook-timestamp": HEADER | st.integers(-(10**13), 10**13).map(str) | st.just("now"),
        "webhook-signature": HEADER
        | st.binary(min_size=32, max_size=32).map(lambda raw: "v1," + base64.b64encode(raw).decode()),
    },
)


@settings(max_examples=examples(600), deadline=None)
@given(
    hook=st.sampled_from(HOOKS),
    body=st.binary(max_size=2000) | st.sampled_from(GOOD),
    headers=SIGNED_BY_NOBODY,
    kind=st.sampled_from(["application/json", "message/rfc822"]),
)
async def test_nothing_unsigned_ever_reaches_the_office(
    guarded: FastAPI, hook: Hook, body: bytes, headers: dict[str, str], kind: str
) -> None:
    """Whatever is sent, and however it pretends to be signed: refused with a sentence, never a fault."""
    if headers.get("webhook-timestamp") == "now":
        headers = headers | {"webhook-timestamp": str(int(datetime.now(UTC).timestamp()))}
    answer = await ask(guarded, "POST", hook.path, body, {"content-type": kind} | headers)
    assert answer.status in (401, 413, 415)
    assert answer.detail


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=15), inner, max_size=4),
    max_leaves=15,
)


@st.composite
def nearly_good(draw: st.DrawFn) -> str:
    """A good body with one of its fields replaced or added."""
    body = json.loads(draw(st.sampled_from([GOOD[0], GOOD[1], GOOD[3]])))
    where = draw(st.sampled_from([body, body.get("sin", body), body.get("children", [body])[0]]))
    where[draw(st.sampled_from(sorted(where)) | st.text(max_size=10))] = draw(JSONISH)
    return json.dumps(body)


@settings(max_examples=examples(600), deadline=None)
@given(hook=st.sampled_from(HOOKS), body=nearly_good() | JSONISH.map(json.dumps) | st.text(max_size=500))
async def test_whatever_is_well_signed_is_taken_or_refused_with_a_sentence(hook: Hook, body: str) -> None:
    """A source that sends nonsense: never a fault, never a hang."""
    body = body.encode("utf-8", "replace").decode()
    store = DocumentStore("memory://", KeyRing.fresh())
    app = hooks_app(SOURCES, Answers(store), KeepingDesk(), nothing_wanting)
    answer = await Sender(app, SECRET).post(hook.name, body, media_type=hook.media_type)
    assert answer.status in (hook.status, 422)
    if answer.status == 422:
        assert answer.detail
