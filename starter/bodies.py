"""Bodies of requests, read as they stream in and never past a limit."""

import asyncio
from http import HTTPStatus

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

WITHIN = 60
"""Seconds in which a body has to have arrived."""


async def body_of(request: Request, limit: int, *, within: float = WITHIN) -> bytes:
    """The body of a request, at most ``limit`` bytes.

    Raises:
        HTTPException: 413 where it is larger, 408 where it does not come ``within`` so many seconds, 400
            where it breaks off.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(within):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limit:
                    raise HTTPException(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                        f"The body is larger than {limit} bytes. Send less at a time.",
                    )
    except TimeoutError:
        raise HTTPException(
            HTTPStatus.REQUEST_TIMEOUT, f"The body did not arrive in {within:g} seconds. Send it again."
        ) from None
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body broke off. Send it again.") from None
    return bytes(body)
