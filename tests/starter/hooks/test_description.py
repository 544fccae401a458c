"""The OpenAPI description is what the hooks do: requests made up from it, unsigned and signed."""

import copy
from typing import Any

import requests
import schemathesis
from fastapi import FastAPI
from pydantic import SecretStr
from schemathesis import Config
from schemathesis.openapi import from_dict

from starter.hooks.app import hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.sources import HookName, Source, fresh_secret
from tests.laws import examples, trying_every
from tests.starter.hooks.asking import Sender
from tests.starter.hooks.conftest import nothing_wanting
from tests.starter.hooks.desks import KeepingDesk
from vault.documents import DocumentStore
from vault.keys import KeyRing

SECRET = fresh_secret()
SOURCES = (Source("made-up", (SecretStr(SECRET),), frozenset(HookName)),)
APP: FastAPI = hooks_app(
    SOURCES, Answers(DocumentStore("memory://", KeyRing.fresh())), KeepingDesk(), nothing_wanting
)
SIGNER = Sender(APP, SECRET)

REFUSED = [401, 409, 415, 422]
"""Refusals of what fits the description: it cannot say who signs, nor which dates fit each other."""

MADE_UP = Config.from_dict(
    {
        "generation": {"deterministic": True, "max-examples": examples(60)},
        # One request for each bound of each field: more than a thousand, made up as the tests are collected.
        "phases": {"coverage": {"enabled": trying_every()}},
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]}},
    }
)


@schemathesis.serializer("message/rfc822")
def raw_mail(_context: schemathesis.SerializationContext, value: Any) -> bytes:  # noqa: ANN401 - made up
    """A mail that was made up, as it is."""
    return value if isinstance(value, bytes) else str(value).encode()


class Signed(requests.auth.AuthBase):
    """Signs a request as it leaves, when its body is what it is going to be."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the three headers."""
        body = request.body
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
        request.headers.update(SIGNER.signed(text))
        return request


def without_signatures(described: dict[str, Any]) -> dict[str, Any]:
    """The description without the headers of a signature, which `Signed` adds."""
    plain = copy.deepcopy(described)
    for path in plain["paths"].values():
        for operation in path.values():
            operation.pop("parameters", None)
    return plain


def schema(described: dict[str, Any]) -> Any:  # noqa: ANN401 - the library's own class is not public
    """Requests to the application, made up from a description."""
    loaded = from_dict(described, config=MADE_UP)
    loaded.app = APP
    return loaded


unsigned = schema(APP.openapi())
signed = schema(without_signatures(APP.openapi()))


@unsigned.parametrize()  # type: ignore[untyped-decorator]  # the library's own
def test_nothing_is_found_unsigned(case: schemathesis.Case[Any]) -> None:
    """Every request, with headers made up too, is answered as described."""
    case.call_and_validate()


@signed.parametrize()  # type: ignore[untyped-decorator]  # the library's own
def test_nothing_is_found_signed(case: schemathesis.Case[Any]) -> None:
    """Every body made up from the description, signed, is answered as described."""
    case.call_and_validate(auth=Signed())
