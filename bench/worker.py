"""A worker with pieces left out, as a process: ``python -m bench.worker [PIECE...]``.

Pieces: ``codec`` leaves payloads open, ``mail`` answers for every letter without writing it, ``documents``
attaches nothing, ``ledger`` keeps the ledger in memory. ``bare`` runs the bare workflow and nothing else.
It is set up by the same variables as ``rapid-review worker``.
"""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

from temporalio import activity
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner

from activities.documents import DocumentDesk, MadeAttachment
from activities.ledger import MailLedger
from activities.mail import SmtpPostRoom
from bench.bare import Bare, nothing
from domain.messages import Delivery, Letter, Post
from domain.partnership import load_partnership
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker import process
from worker.codec import data_converter
from worker.plugin import WORKFLOWS, rapid_review_plugin
from worker.settings import Settings, read_settings
from worker.stopping import until_told_to_stop

OPEN = SimplePlugin(
    "open",
    data_converter=pydantic_data_converter,
    workflows=WORKFLOWS,
    workflow_runner=UnsandboxedWorkflowRunner(),
)
"""Our plugin without its codec."""


def bare_plugin(keyring: KeyRing) -> SimplePlugin:
    """The same as ours, with the bare workflow alone."""
    return SimplePlugin(
        "bare",
        data_converter=data_converter(keyring),
        workflows=[Bare],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )


@activity.defn(name="send_letters")
async def answer_for_all(post: Post) -> tuple[Delivery, ...]:
    """Say of every letter that it was sent."""
    return tuple(Delivery(letter=letter.key, to=letter.to, outcome="sent") for letter in post.letters)


class EmptyDesk(DocumentDesk):
    """Attaches nothing to any letter."""

    async def attachments(self, letter: Letter, post: Post) -> list[MadeAttachment]:  # noqa: ARG002 - as asked for
        """Nothing."""
        return []


def desks(settings: Settings, without: set[str]) -> list[Callable[..., Any]]:
    """The activities, with some pieces left out."""
    smtp = process.smtp_server(settings)
    plans = process.desks(settings, smtp)[:-1]
    if "mail" in without:
        return [*plans, answer_for_all]
    partnership, keyring = load_partnership(settings.partnership), KeyRing.read(settings.keyring_path)
    store = DocumentStore(settings.store_url, keyring)
    desk = EmptyDesk if "documents" in without else DocumentDesk
    kept = DocumentStore("memory://", keyring) if "ledger" in without else store
    post_room = SmtpPostRoom(
        partnership=partnership,
        keyring=keyring,
        documents=desk(partnership, store, keyring),
        ledger=MailLedger(kept),
        server=smtp,
    )
    return [*plans, post_room.send_letters]


async def run(without: set[str]) -> None:
    """Work until told to stop."""
    settings = read_settings()
    keyring = KeyRing.read(settings.keyring_path)
    if "bare" in without:
        plugin, activities = bare_plugin(keyring), [nothing]
    else:
        plugin = OPEN if "codec" in without else rapid_review_plugin(keyring)
        activities = desks(settings, without)
    client = await Client.connect(**ClientConfig.load_client_connect_config(), plugins=[plugin])
    worker = process.worker(client, settings.task_queue, activities)
    async with worker:
        await until_told_to_stop()


if __name__ == "__main__":
    asyncio.run(run(set(sys.argv[1:])))
