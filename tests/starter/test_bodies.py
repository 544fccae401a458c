"""Bodies of requests: whole, too large, too slow, broken off."""

import asyncio
from typing import Any

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from starter.bodies import body_of


def request(*messages: dict[str, Any]) -> Request:
    """A request whose body comes in these messages; after the last nothing ever comes."""
    left = list(messages)

    async def receive() -> dict[str, Any]:
        if left:
            return left.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


def piece(body: bytes, *, more: bool = False) -> dict[str, Any]:
    """A piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


async def refusal(of: Request, limit: int = 10) -> HTTPException:
    """Why a body is refused."""
    with pytest.raises(HTTPException) as refused:
        await body_of(of, limit, within=0.05)
    return refused.value


async def test_a_body_in_pieces_is_put_together() -> None:
    """Up to the limit itself."""
    assert await body_of(request(piece(b"12345", more=True), piece(b"67890")), 10) == b"1234567890"


async def test_a_body_past_the_limit_is_not_read_on() -> None:
    """It is refused at the piece that goes past; what would come after it is not waited for."""
    refused = await refusal(request(piece(b"12345", more=True), piece(b"678901", more=True)))
    assert (refused.status_code, "10 bytes" in refused.detail) == (413, True)


async def test_a_body_that_dribbles_is_given_up() -> None:
    """Whoever holds a connection open holds it for so long only."""
    refused = await refusal(request(piece(b"1", more=True)))
    assert (refused.status_code, "0.05 seconds" in refused.detail) == (408, True)


async def test_a_body_that_breaks_off_is_no_fault_of_ours() -> None:
    """The sender has gone; nothing goes to the log."""
    refused = await refusal(request(piece(b"1", more=True), {"type": "http.disconnect"}))
    assert (refused.status_code, "broke off" in refused.detail) == (400, True)
