"""Whether hooks can be served: each thing they need is tried; what is wanting is named."""

import asyncio
from pathlib import Path

from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import RapidReviewError
from vault.documents import DocumentStore
from vault.keys import KeyRing

WITHIN = 5
"""Seconds in which each thing has to answer."""


async def wanting(client: Client, store: DocumentStore, keyring: Path) -> str:
    """A sentence on what is wanting: Temporal, the key ring or the store; empty where nothing is."""
    try:
        async with asyncio.timeout(WITHIN):
            await client.service_client.check_health()
    except (RPCError, RuntimeError, TimeoutError):
        return "The Temporal server does not answer. Start it, or mend the way to it."
    try:
        KeyRing.read(keyring)
    except RapidReviewError:
        return "The key ring cannot be read. Restore it, and see that its owner alone may read it."
    try:
        async with asyncio.timeout(WITHIN):
            await store.replace("ready", b"", flush=False)
    except (RapidReviewError, TimeoutError):
        return "The document store cannot be written. Check its disk space, permissions or network."
    return ""
