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
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.documents import DocumentDesk, MadeAttachment
from activities.ledger import MailLedger
from activities.mail import SmtpPostRoom
from bench.bare import Bare, nothing
from domain.messages import Delivery, Letter, Post
from domain.partnership import load_partnership
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker import process
from worker.plugin import WORKFLOWS, rapid_review_plugin
from worker.settings import Settings, read_settings

OPEN = SimplePlugin(
    "open",
    data_converter=pydantic_data_converter,
    workflows=WORKFLOWS,
    workflow_runner=UnsandboxedWorkflowRunner(),
)
"""Our plugin without its codec."""


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
    plan_dates = process.desks(settings, smtp)[0]
    if "mail" in without:
        return [plan_dates, answer_for_all]
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
    return [plan_dates, post_room.send_letters]


async def run(without: set[str]) -> None:
    """Work until told to stop."""
    settings = read_settings()
    where = ClientConfig.load_client_connect_config()
    if "bare" in without:
        client = await Client.connect(**where)
        worker = Worker(client, task_queue=settings.task_queue, workflows=[Bare], activities=[nothing])
    else:
        keyring = KeyRing.read(settings.keyring_path)
        plugin = OPEN if "codec" in without else rapid_review_plugin(keyring)
        client = await Client.connect(**where, plugins=[plugin])
        worker = process.worker(client, settings.task_queue, desks(settings, without))
    async with worker:
        await process.until_told_to_stop()


if __name__ == "__main__":
    asyncio.run(run(set(sys.argv[1:])))
