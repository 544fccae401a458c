"""The codec server, served on loopback and asked over HTTP as the Web UI and the command line ask it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from http.client import HTTPConnection

import pytest
import uvicorn
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from starter.codec_server import BODY_LIMIT, UI_ORIGINS, codec_app
from vault.keys import KeyRing
from worker.codec import SealedPayloads

RING = KeyRing.fresh()
PLAIN = Payloads(payloads=[Payload(metadata={"encoding": b"json/plain"}, data=b'"marker-reason"'), Payload()])
UI = {"Origin": UI_ORIGINS[0], "X-Namespace": "default", "Content-Type": "application/json"}

Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """The port of a running codec server; it listens before it is asked, so nobody waits for it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(codec_app(RING), lifespan="off", ws="none", log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield listening.getsockname()[1]
        server.should_exit = True
        await serving


async def ask(
    port: int, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """One request: status, headers by lower-case name, body."""

    def asked() -> Answer:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    return await asyncio.to_thread(asked)


def detail(answer: Answer) -> str:
    """The sentence of a refusal, which must be problem details with the status of the answer."""
    status, headers, body = answer
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == status
    return str(problem["detail"])


async def sealed(keyring: KeyRing) -> bytes:
    """`PLAIN` as the server would keep it, in JSON."""
    payloads = Payloads(payloads=await SealedPayloads(keyring).encode(PLAIN.payloads))
    return json_format.MessageToJson(payloads).encode()


async def test_what_it_encodes_it_decodes(port: int) -> None:
    """Out and back over HTTP; nothing plain in between."""
    status, headers, encoded = await ask(
        port, "POST", "/encode", json_format.MessageToJson(PLAIN).encode(), UI
    )
    assert (status, headers["content-type"]) == (200, "application/json")
    between = json_format.Parse(encoded, Payloads())
    assert [payload.metadata["encoding"] for payload in between.payloads] == [b"binary/encrypted"] * 2
    assert b"marker" not in between.SerializeToString()
    status, _, decoded = await ask(port, "POST", "/decode", encoded, UI)
    assert (status, json_format.Parse(decoded, Payloads())) == (200, PLAIN)


async def test_it_opens_what_a_worker_sealed(port: int) -> None:
    """The command line sends no Origin."""
    status, _, decoded = await ask(port, "POST", "/decode", await sealed(RING))
    assert (status, json_format.Parse(decoded, Payloads())) == (200, PLAIN)


@pytest.mark.parametrize("origin", UI_ORIGINS)
async def test_the_web_ui_may_ask(port: int, origin: str) -> None:
    """The browser's preliminary question is answered yes, with the headers and credentials the UI uses."""
    asking = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
    }
    status, headers, _ = await ask(port, "OPTIONS", "/decode", headers=asking)
    assert (status, headers["access-control-allow-origin"]) == (200, origin)
    assert headers["access-control-allow-credentials"] == "true"
    allowed = headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("authorization", "content-type", "x-namespace"))
    _, headers, _ = await ask(port, "POST", "/decode", await sealed(RING), {**UI, "Origin": origin})
    assert headers["access-control-allow-origin"] == origin


async def test_no_other_page_may_ask(port: int) -> None:
    """Neither the preliminary question nor the request itself of a strange page is granted."""
    strange = {**UI, "Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}
    status, headers, _ = await ask(port, "OPTIONS", "/decode", headers=strange)
    assert status == 400
    assert "access-control-allow-origin" not in headers
    refused = await ask(port, "POST", "/decode", await sealed(RING), strange)
    assert (refused[0], "may not use the codec server" in detail(refused)) == (403, True)
    assert "access-control-allow-origin" not in refused[1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"marker",
        b"[]",
        b'{"marker": 1}',
        b'{"payloads": [{"data": "marker!"}]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
async def test_a_bad_body_is_refused_without_repeating_it(port: int, body: bytes) -> None:
    """The sentence shows the form that would do."""
    refused = await ask(port, "POST", "/decode", body, UI)
    assert refused[0] == 400
    assert "not the JSON of Temporal payloads" in detail(refused)
    assert "marker" not in detail(refused)


async def test_a_payload_that_does_not_open_is_refused(port: int) -> None:
    """The sentence names the key to look for, and nothing of the content."""
    body = await sealed(RING.rotated())
    refused = await ask(port, "POST", "/decode", body, UI)
    assert refused[0] == 400
    assert "sealed under key k2" in detail(refused)
    assert json.loads(body)["payloads"][0]["data"][:16] not in detail(refused)


async def test_a_body_too_large_is_refused(port: int) -> None:
    """One byte past the limit; the limit itself is only a bad body."""
    refused = await ask(port, "POST", "/decode", b"x" * (BODY_LIMIT + 1), UI)
    assert (refused[0], str(BODY_LIMIT) in detail(refused)) == (413, True)
    assert (await ask(port, "POST", "/decode", b"x" * BODY_LIMIT, UI))[0] == 400
