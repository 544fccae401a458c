"""Refusals over HTTP: problem details (RFC 9457), one sentence each, that never repeat what was sent."""

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"

SENTENCES = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address. See /openapi.json.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address is asked in another way. See /openapi.json.",
}
"""What is said where the framework itself refuses, which has no sentence."""

Statuses = Mapping[type[Exception], HTTPStatus]
"""With which status an error is answered; the nearest class of its own decides."""


class Problem(BaseModel):
    """A refusal as it is answered: ``detail`` is the sentence for a person."""

    title: str
    status: int
    detail: str


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer that refuses."""
    told = Problem(title=status.phrase, status=status, detail=detail)
    return JSONResponse(told.model_dump(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def tell_problems(app: FastAPI, statuses: Statuses) -> None:
    """Have an app answer its own refusals, and these errors, as problem details."""

    async def told(_request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException):
            refused = HTTPStatus(error.status_code)
            return problem(refused, SENTENCES.get(refused, error.detail), error.headers)
        status = next(statuses[kind] for kind in type(error).__mro__ if kind in statuses)
        return problem(status, str(error))

    kinds: list[type[Exception]] = [HTTPException, *statuses]
    for kind in kinds:
        app.add_exception_handler(kind, told)
