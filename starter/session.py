"""What every command shares: its common options, and the connections it opens as it needs them."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

if TYPE_CHECKING:
    from domain.messages import Receipt
    from starter.reviews import Reviews
    from vault.documents import DocumentStore
    from worker.settings import Settings


T = TypeVar("T")

REFERENCE = r"[A-Z]{2,6}-\d{4}-\d{2,4}"
"""The form of a case's reference."""


def _reference(text: str, form: str = REFERENCE) -> str:
    """A case reference as it was meant, in capitals; refused as wrong usage where it is none."""
    if not re.fullmatch(form, text.strip().upper()):
        raise typer.BadParameter("write a case's reference, such as RR-2026-07.")
    return text.strip().upper()


def _of_a_cspr(text: str) -> str:
    """The same for a CSPR: the second of a case has ``/2`` after the reference."""
    return _reference(text, f"{REFERENCE}(/2)?")


Ref = Annotated[
    str, typer.Argument(metavar="REF", parser=_reference, help="The case's reference, such as RR-2026-07.")
]
CsprRef = Annotated[
    str,
    typer.Argument(
        metavar="REF", parser=_of_a_cspr, help="The case's reference; of its second review RR-2026-07/2."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def run(command: Callable[..., Any], *given: object) -> None:
    """Run an asynchronous command to its end."""
    asyncio.run(command(*given))


async def office() -> "tuple[Settings, Reviews, DocumentStore]":
    """The settings, the reviews on the configured server, and the encrypted store.

    Raises:
        NotConfigured, NotSealed, NotReachable: a setting, the key ring or the server is wanting.
    """
    from starter.reviews import Reviews
    from vault.documents import DocumentStore
    from vault.keys import KeyRing
    from worker.connection import connect
    from worker.settings import read_settings

    settings = read_settings()
    client = await connect(settings)
    store = DocumentStore(settings.store_url, KeyRing.read(settings.keyring_path))
    return settings, Reviews(client, settings.task_queue), store


async def answered(asked: Awaitable[T]) -> T | None:
    """What the document store says; None where it does not answer, for a screen that can do without."""
    from domain.errors import NotReachable

    try:
        return await asked
    except NotReachable:
        return None


def print_json(answer: object) -> None:
    """Print an answer as JSON, for another program."""
    import json

    typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def print_receipt(receipt: "Receipt", json: bool) -> None:
    """Print the answer to a command: for a person, or as JSON."""
    from starter.screens import console, receipt_screen

    if json:
        print_json(receipt.model_dump(mode="json"))
    else:
        console().print(receipt_screen(receipt))
