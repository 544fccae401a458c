"""Opening what is sealed, with the keys of the marked review: to see that the words sought were there."""

import json
from base64 import b64decode
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

from msoffcrypto.format.ooxml import OOXMLFile
from temporalio.api.common.v1 import Payload

from tests.privacy.review import REFERENCE
from tests.privacy.searching import files, layers
from vault.documents import DocumentStore
from vault.keys import KeyRing
from vault.passwords import people_password
from worker.codec import SealedPayloads
from worker.settings import Settings


def letters(played: Path) -> list[EmailMessage]:
    """Every letter that went out."""
    read = [message_from_bytes(path.read_bytes(), policy=default) for path in files(played / "mail")]
    return [letter for letter in read if isinstance(letter, EmailMessage)]


def parts(letter: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """The parts of a letter as their sender wrote them: a file's name, or the media type of a body."""
    for part in letter.walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield part.get_filename() or part.get_content_type(), content


def unlocked(played: Path, content: bytes, reference: str = REFERENCE) -> bytes:
    """A Word file of a case without its password, everything packed in it unpacked."""
    file, plain = OOXMLFile(BytesIO(content)), BytesIO()
    file.load_key(password=people_password(_keyring(played), reference))
    file.decrypt(plain)
    return b"\n".join(layers(plain.getvalue()))


async def opened_history(played: Path) -> str:
    """Every payload of the histories of the case and of its actions, opened."""
    kept = sorted((played / "told").glob("[aw]*-the-*/*history.json"))
    histories = [json.loads(path.read_text("utf-8")) for path in kept]
    assert [history for history in histories if "nextPageToken" in history] == []
    payloads = await SealedPayloads(_keyring(played)).decode(list(_payloads(histories)))
    return "\n".join(payload.data.decode() for payload in payloads)


def handlers_played(played: Path) -> set[tuple[str, str]]:
    """What the workflows were started with or told, by their type and the handler's name; ``run`` starts."""
    return {
        (kind, name)
        for path in files(played / "told")
        if path.name.endswith("history.json")
        for kind, name in _taken(json.loads(path.read_text("utf-8"))["history"]["events"])
    }


def _taken(events: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    kind = events[0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
    yield kind, "run"
    for event in events:
        if signalled := event.get("workflowExecutionSignaledEventAttributes"):
            yield kind, signalled["signalName"]
        if accepted := event.get("workflowExecutionUpdateAcceptedEventAttributes"):
            yield kind, accepted["acceptedRequest"]["input"]["name"]


def _payloads(value: object) -> Iterator[Payload]:
    match value:
        case {"metadata": {"encoding": str()} as metadata, "data": str(data)}:
            read = {key: b64decode(encoded) for key, encoded in metadata.items()}
            yield Payload(metadata=read, data=b64decode(data))
        case dict():
            for inner in value.values():
                yield from _payloads(inner)
        case list():
            for inner in value:
                yield from _payloads(inner)


async def opened_store(played: Path) -> str:
    """Everything in the encrypted store, opened and unpacked."""
    store = DocumentStore(Settings(home=played / "office").store_url, _keyring(played))
    kept = [await store.read(path) for path in [*await store.list("documents"), *await store.list("ledger")]]
    return b"\n".join(layer for content in kept for layer in layers(content or b"")).decode("latin-1")


def _keyring(played: Path) -> KeyRing:
    return KeyRing.read(Settings(home=played / "office").keyring_path)
