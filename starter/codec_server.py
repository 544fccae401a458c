"""The codec server: lets Temporal's Web UI and command line show sealed payloads to the office.

It speaks Temporal's codec protocol (https://docs.temporal.io/codec-server): ``POST /encode`` and
``POST /decode``, each taking and answering the JSON form of ``temporal.api.common.v1.Payloads``. It opens
anything sealed under the key ring for whoever reaches it, so serve it on 127.0.0.1 only, or behind a
sign-in. Refusals are problem details (RFC 9457) that never repeat what was sent.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from domain.errors import NotReadable, RapidReviewError
from starter.bodies import body_of
from starter.problems import tell_problems
from vault.keys import KeyRing
from worker.codec import SealedPayloads

UI_ORIGINS = ("http://127.0.0.1:8233", "http://localhost:8233")
"""Where Temporal's development server shows its Web UI."""

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes: as large as a message to Temporal may be."""

Turn = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]


def codec_app(keyring: KeyRing, ui_origins: Sequence[str] = UI_ORIGINS) -> FastAPI:
    """The codec server for ``keyring``; of web pages, only those of ``ui_origins`` may use it.

    Answers 400 to a body or payload that does not open, 403 to another page, 413 past `BODY_LIMIT`.
    """
    app = FastAPI(title="Rapid Review codec server", docs_url=None, redoc_url=None)
    codec = SealedPayloads(keyring)

    @app.post("/encode")
    async def encode(request: Request) -> Response:
        """Seal payloads."""
        return await _turned(request, codec.encode, ui_origins)

    @app.post("/decode")
    async def decode(request: Request) -> Response:
        """Open payloads."""
        return await _turned(request, codec.decode, ui_origins)

    tell_problems(app, {RapidReviewError: HTTPStatus.BAD_REQUEST})
    app.add_middleware(
        CORSMiddleware,
        allow_origins=list(ui_origins),
        allow_credentials=True,
        allow_methods=["POST"],
        allow_headers=["Authorization", "Content-Type", "X-Namespace"],
    )
    return app


async def _turned(request: Request, turn: Turn, ui_origins: Sequence[str]) -> Response:
    # CORS only keeps a page from reading the answer; a page of a re-bound name is not even asked.
    origin = request.headers.get("origin")
    if origin is not None and origin not in ui_origins:
        raise HTTPException(
            HTTPStatus.FORBIDDEN,
            "This page may not use the codec server: open the Web UI, or start the server with its address.",
        )
    payloads = _payloads(await body_of(request, BODY_LIMIT))
    turned = Payloads(payloads=await turn(payloads.payloads))
    return Response(json_format.MessageToJson(turned), media_type="application/json")


def _payloads(body: bytes) -> Payloads:
    """The payloads in a JSON body; the parser's own error is dropped, for it quotes what it read."""
    # An empty list would pass for an empty message, which the protocol does not know.
    with suppress(json_format.ParseError, ValueError, RecursionError):
        if isinstance(content := json.loads(body), dict):
            return json_format.ParseDict(content, Payloads())
    raise NotReadable(
        "The body is not the JSON of Temporal payloads: "
        'send {"payloads": [{"metadata": {"encoding": "<base64>"}, "data": "<base64>"}]}.',
    )
