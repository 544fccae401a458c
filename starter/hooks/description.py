"""The OpenAPI description of the web hooks: for whoever writes the program that sends."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from starter.hooks.deliveries import Accepted
from starter.hooks.hook import Hook
from starter.hooks.signatures import ID, PLAIN, SIGNATURE, TIMESTAMP
from starter.problems import MEDIA_TYPE, Problem

REF = "#/components/schemas/{model}"

BYTES = {"type": "string", "format": "binary"}
"""How OpenAPI describes bytes of no further form."""

INTRODUCTION = "Signed by Standard Webhooks (https://www.standardwebhooks.com). How to: docs/hooks.md."

HEADERS = {
    ID: "The delivery's own id: a new one for each, the same when it is sent again.",
    TIMESTAMP: "When it is sent: seconds since 1970, at most five minutes from now.",
    SIGNATURE: "`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; several parted by spaces.",
}

REFUSALS = {
    400: "The body broke off.",
    401: "The signature does not hold; which part of it is not said.",
    403: "This source may not use this hook, or the office has no sources.",
    408: "The body did not arrive in time.",
    409: "The case cannot take it as it stands, or its reference or id is in use for something else.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "The body cannot be read, or breaks a rule.",
    503: "Not done now: send it again under the same id.",
}


def described(hook: Hook) -> dict[str, Any]:
    """What a hook's route says of itself, beside what it does."""
    form = {"$ref": REF.format(model=hook.form.__name__)} if hook.form else BYTES
    refusal = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
    parameters = [
        {"name": name, "in": "header", "required": True, "description": says, "schema": _schema(name)}
        for name, says in HEADERS.items()
    ]
    body = {"required": True, "content": {hook.media_type: {"schema": form}}}
    return {
        "summary": hook.summary,
        "description": hook.description,
        "operation_id": hook.name,
        "status_code": hook.status,
        "response_model": Accepted,
        "responses": {status: {"description": says, "content": refusal} for status, says in REFUSALS.items()},
        "openapi_extra": {"parameters": parameters, "requestBody": body},
    }


def describe(app: FastAPI, hooks: Iterable[Hook]) -> None:
    """Have the app describe its hooks' forms, which it reads itself, as well as its routes."""
    forms: list[type[BaseModel]] = [Problem, *(hook.form for hook in hooks if hook.form)]

    def openapi() -> dict[str, Any]:
        if not app.openapi_schema:
            whole = get_openapi(
                title=app.title, version=app.version, description=INTRODUCTION, routes=app.routes
            )
            _, defined = models_json_schema([(form, "validation") for form in forms], ref_template=REF)
            whole["components"]["schemas"] |= defined["$defs"]
            app.openapi_schema = whole
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend its description


def _schema(header: str) -> dict[str, str]:
    return {"type": "string", "pattern": f"^{PLAIN[header]}$"}
