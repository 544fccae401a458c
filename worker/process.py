"""The worker process: runs the workflows and activities of one partnership until it is told to stop."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar import CalendarDesk, FolderCalendar
from activities.documents import DocumentDesk
from activities.ledger import MailLedger
from activities.mail import SmtpPostRoom
from activities.smtp import SmtpServer
from activities.templates import check_templates
from domain.errors import NotConfigured
from domain.partnership import load_partnership
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.connection import connect
from worker.settings import Settings
from worker.stopping import until_told_to_stop

__all__ = ["SmtpServer", "desks", "run", "sink_server", "smtp_server", "worker"]

GRACE = timedelta(seconds=20)
"""How long running activities may finish in when the process is told to stop."""


async def run(settings: Settings) -> None:
    """Work on the configured server until told to stop.

    Raises:
        NotConfigured: no mail server is named, or the partnership's folder is wrong.
        NotSealed, NotReachable: the key ring or the Temporal server is wanting.
    """
    activities = desks(settings, smtp_server(settings))
    await DocumentStore(settings.store_url, KeyRing.read(settings.keyring_path)).prove()
    async with worker(await connect(settings), settings.task_queue, activities):
        await until_told_to_stop()


def smtp_server(settings: Settings) -> SmtpServer:
    """The mail server of the settings.

    Raises:
        NotConfigured: none is named, or it would take mail unencrypted across a network.
    """
    if not settings.mail_port:
        raise NotConfigured(
            "No mail server is configured. Set RAPID_REVIEW_SMTP_HOST and RAPID_REVIEW_SMTP_PORT, or use "
            "`rapid-review up`, which keeps letters on this machine."
        )
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.mail_port,
        username=settings.smtp_username or None,
        password=settings.smtp_password.get_secret_value() or None,
        security=settings.smtp_security,
        ca_file=settings.smtp_ca_file,
    )
    try:
        _ = server.tls
    except (OSError, ssl.SSLError):
        raise NotConfigured(
            "RAPID_REVIEW_SMTP_CA_FILE: there is no readable certificate there. Name a file in PEM form."
        ) from None
    return server


def sink_server(port: int) -> SmtpServer:
    """The embedded mail sink, which listens on this machine alone and so without encryption."""
    return SmtpServer("127.0.0.1", port, security="none")


def desks(settings: Settings, smtp: SmtpServer) -> list[Callable[..., Any]]:
    """The activities, each bound to what it touches.

    Raises:
        NotConfigured: something in the partnership's folder is wrong.
        NotSealed: there is no key ring.
    """
    partnership = load_partnership(settings.partnership)
    check_templates(partnership.folder)
    keyring = KeyRing.read(settings.keyring_path)
    store = DocumentStore(settings.store_url, keyring)
    post_room = SmtpPostRoom(
        partnership=partnership,
        keyring=keyring,
        documents=DocumentDesk(partnership, store, keyring),
        ledger=MailLedger(store),
        server=smtp,
    )
    calendar = CalendarDesk(FolderCalendar(settings.partnership))
    plans: list[Callable[..., Any]] = [
        calendar.plan_dates,
        calendar.plan_follow_up,
        calendar.plan_cspr,
        calendar.plan_consideration,
    ]
    return [*plans, post_room.send_letters]


def worker(client: Client, task_queue: str, activities: list[Callable[..., Any]]) -> Worker:
    """A worker for one partnership; its workflows come with the client's plugin."""
    return Worker(
        client,
        task_queue=task_queue,
        activities=activities,
        max_cached_workflows=2000,
        graceful_shutdown_timeout=GRACE,
    )
