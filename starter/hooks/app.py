"""The web hooks as an application: every hook signed, every delivery taken once, every refusal a sentence."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.errors import (
    NotCovered,
    NotReadable,
    RapidReviewError,
    Refused,
)
from starter.bodies import body_of
from starter.hooks.deliveries import Answers, Delivery
from starter.hooks.delivery import DELIVERY
from starter.hooks.description import describe, described
from starter.hooks.hook import Desk, Hook
from starter.hooks.inbound_mail import INBOUND_MAIL
from starter.hooks.panel_reply import PANEL_REPLY
from starter.hooks.request_for_consideration import REQUEST
from starter.hooks.signatures import ID, sender
from starter.hooks.sin import SIN
from starter.hooks.sources import Source
from starter.problems import problem, tell_problems

HOOKS = (SIN, REQUEST, INBOUND_MAIL, PANEL_REPLY, DELIVERY)
"""Every web hook."""

AT_ONCE = 16
"""How many deliveries are taken at the same time, each of which may hold a whole mail in memory."""

TURN_WITHIN = 25
"""Seconds in which a delivery gets its turn, or is answered as not done."""

DEED_WITHIN = 25
"""Seconds in which a delivery is done, or answered as not done."""

STATUSES: dict[type[Exception], HTTPStatus] = {
    NotReadable: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotCovered: HTTPStatus.UNPROCESSABLE_ENTITY,
    Refused: HTTPStatus.CONFLICT,
}
"""What the sender can mend, and is told in the error's own sentence."""

UNSIGNED = (
    "The signature does not hold. Sign webhook-id, webhook-timestamp and the body with your secret, "
    "within the last five minutes: see docs/hooks.md."
)
NO_SOURCES = "This office takes no web hooks: it has named no source. `rapid-review hook-secret` says how."
NOT_DONE = "The office could not do this now. Send it again in a minute, under the same webhook-id."

log = logging.getLogger(__name__)

Readiness = Callable[[], Awaitable[str]]
"""Says what is wanting before hooks can be served; empty where nothing is."""


def hooks_app(sources: tuple[Source, ...], answers: Answers, desk: Desk, wanting: Readiness) -> FastAPI:
    """The application that takes ``HOOKS`` from ``sources`` for ``desk``."""
    app = FastAPI(title="Rapid Review web hooks", version="1", docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    turns = asyncio.Semaphore(AT_ONCE)
    describe(app, HOOKS)
    tell_problems(app, STATUSES)
    for kind in (RapidReviewError, TimeoutError):
        app.add_exception_handler(kind, _not_done)
    app.add_exception_handler(Exception, _failed)

    async def taken(hook: Hook, request: Request) -> Response:
        async with _in_turn(turns):
            delivery, body = await _delivery(hook, request, sources)
            async with asyncio.timeout(DEED_WITHIN):
                accepted = await answers.given(delivery)
                if accepted is None:  # and what cannot be read leaves nothing behind
                    deed = hook.read(delivery, body)
                    del body  # a mail is large, and its deed holds all that it needs
                    accepted = await answers.once(delivery, partial(deed, desk))
        return JSONResponse(accepted.model_dump(exclude_none=True), status_code=hook.status)

    for hook in HOOKS:
        app.add_api_route(hook.path, partial(taken, hook), methods=["POST"], **described(hook))

    @app.get("/health", summary="Whether the program lives")
    async def health() -> dict[str, bool]:
        """Answers as long as it does."""
        return {"alive": True}

    @app.get("/ready", summary="Whether hooks can be served", response_model=dict[str, bool])
    async def ready() -> Response:
        """Answers 503 with a sentence where Temporal, the key ring or the store is wanting."""
        if missing := await wanting():
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, missing)
        return JSONResponse({"ready": True})

    return app


@asynccontextmanager
async def _in_turn(turns: asyncio.Semaphore) -> AsyncIterator[None]:
    """Wait, with nothing of the body in memory yet; TimeoutError where no turn comes `TURN_WITHIN`."""
    async with asyncio.timeout(TURN_WITHIN):
        await turns.acquire()
    try:
        yield
    finally:
        turns.release()


async def _delivery(hook: Hook, request: Request, sources: tuple[Source, ...]) -> tuple[Delivery, bytes]:
    """The delivery that came, and its body, once it is known who sent it and that the source may."""
    if not sources:
        raise HTTPException(HTTPStatus.FORBIDDEN, NO_SOURCES)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != hook.media_type:
        raise HTTPException(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Send the body as {hook.media_type}, and say so in Content-Type.",
        )
    body = await body_of(request, hook.limit)
    source = sender(sources, request.headers, body)
    if source is None:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, UNSIGNED, {"WWW-Authenticate": "Webhook"})
    if hook.name not in source.hooks:
        raise HTTPException(
            HTTPStatus.FORBIDDEN, f"{source.name} may not use {hook.path}. Ask the office to allow it."
        )
    return Delivery.of(source, hook.name, request.headers[ID], body, datetime.now(UTC)), body


async def _not_done(_request: Request, error: Exception) -> Response:
    """What the sender cannot mend: `/ready` says what is wanting."""
    kind = type(error).__name__
    log.error("A web hook was not done: %s. See what /ready says.", kind)
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, NOT_DONE, {"Retry-After": "60"})


async def _failed(_request: Request, _error: Exception) -> Response:
    """A fault of ours, which the server writes to its log."""
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, NOT_DONE)
