"""Commands about mail that arrived: the quarantine, and the mails kept with a case.

Libraries are imported inside the commands, so that help answers at once.
"""

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.session import Json, Ref, office, print_json, run
from starter.telling import By, Reason

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starter.mailroom.desk import QuarantineDesk
    from starter.mailroom.quarantine import Line

Number = Annotated[str, typer.Argument(help="The mail's number in quarantine, from quarantine list.")]
Out = Annotated[
    Path | None, typer.Option(help="Write the mail, decrypted, to this new file that only you may read.")
]


def quarantine_list(json: Json = False) -> None:
    """List the mails that wait for a person, the oldest first: plain facts alone."""
    run(_list, json)


async def _list(json: bool) -> None:
    async with _desk() as desk:
        lines, damaged = await desk.quarantine.waiting(), await desk.quarantine.damaged()
    if json:
        unopened = [{"number": d.number, "reason": "damaged", "path": d.path} for d in damaged]
        print_json([*(_facts(line) for line in lines), *unopened])
        return
    from starter.quarantine_screens import quarantine_screen
    from starter.screens import console

    console().print(quarantine_screen(lines, damaged))


def quarantine_show(number: Number, out: Out = None, json: Json = False) -> None:
    """Show one mail in quarantine: why it is held, and what can be done about it."""
    run(_show, number, out, json)


async def _show(number: str, out: Path | None, json: bool) -> None:
    from starter.mailroom.answered import letter_answered

    async with _desk() as desk:
        line = await desk.quarantine.line(number)
        settlement = await desk.quarantine.settlement(number)
        letter = await letter_answered(line.read, desk.store)
        if out:
            _write_privately(out, await desk.store.get(line.arrival.mail))
    if json:
        settled = settlement.model_dump(mode="json") if settlement else None
        print_json({**_facts(line), "domain": line.read.domain, "answers": letter, "settled": settled})
        return
    from starter.quarantine_screens import quarantined_screen
    from starter.screens import console

    console().print(quarantined_screen(line, settlement, str(out) if out else "", letter))


def quarantine_file(
    number: Number,
    ref: Ref,
    agency: Annotated[str, typer.Argument(help="The agency's key, such as police.")],
    kind: Annotated[str, typer.Argument(help="complete, partial or nil.")],
    reason: Reason,
    by: By = "",
    searched: Annotated[int, typer.Option(help="For a nil return: how many people were searched for.")] = 0,
) -> None:
    """Record a mail in quarantine as an agency's return, because you know that it is."""
    run(_file, number, ref, {"agency": agency, "kind": kind, "people_searched": searched}, reason, by)


async def _file(number: str, ref: str, given: dict[str, object], reason: str, by: str) -> None:
    async with _desk() as desk:
        typer.echo(await desk.file(number, ref, given, reason=reason, by=by))


def quarantine_release(number: Number, reason: Reason, by: By = "") -> None:
    """Read a mail in quarantine again, now that what held it is mended, and let it have its effect."""
    run(_release, number, reason, by)


async def _release(number: str, reason: str, by: str) -> None:
    async with _desk() as desk:
        typer.echo(await desk.release(number, reason=reason, by=by))


def quarantine_dismiss(number: Number, reason: Reason, by: By = "") -> None:
    """Take a mail off the list that is nothing to any case. It stays in the store."""
    run(_dismiss, number, reason, by)


async def _dismiss(number: str, reason: str, by: str) -> None:
    async with _desk() as desk:
        typer.echo(await desk.dismiss(number, reason=reason, by=by))


def read_mail(
    ref: Ref,
    number: Annotated[int, typer.Argument(help="The mail's number, as `show` gives it.")],
    out: Annotated[
        Path, typer.Option(help="Write the mail, decrypted, to this new file that only you may read.")
    ],
) -> None:
    """Write a mail that is kept with a case to a file, to be opened in a mail program."""
    run(_read, ref, number, out)


async def _read(ref: str, number: int, out: Path) -> None:
    _, reviews, store = await office()
    _write_privately(out, await store.get(await reviews.mail(ref, number)))
    typer.echo(
        f"Mail {number} of {ref} is in {out}. Delete it when you have read it, and say what you did:\n"
        f"  rapid-review settle-mail {ref} {number} --done '...'"
    )


def read_return(
    ref: Ref,
    agency: Annotated[str, typer.Argument(help="The agency's key, such as police.")],
    out: Annotated[Path, typer.Option(help="Write its documents, decrypted, into this new folder.")],
    version: Annotated[int, typer.Option(min=0, help="Which version; the last if not given.")] = 0,
) -> None:
    """Write the documents of an agency's return into a folder, to be opened and read."""
    run(_read_return, ref, agency, out, version)


async def _read_return(ref: str, agency: str, out: Path, version: int) -> None:
    from starter.arguments import ENDINGS

    _, reviews, store = await office()
    documents = await reviews.returned(ref, agency, version)
    _make_privately(out)
    for number, document in enumerate(documents, 1):
        path = out / f"{ref}-{agency}-{number}{ENDINGS.get(document.media_type, '')}"
        _write_privately(path, await store.get(document))
    written = "1 document is" if len(documents) == 1 else f"{len(documents)} documents are"
    typer.echo(f"{written} in {out}. Delete the folder when you have read them.")


@asynccontextmanager
async def _desk() -> "AsyncIterator[QuarantineDesk]":
    from domain.partnership import load_partnership
    from starter.mailroom.desk import QuarantineDesk
    from starter.mailroom.running import Premises
    from vault.keys import KeyRing

    settings, reviews, store = await office()
    keyring = KeyRing.read(settings.keyring_path)
    partnership = load_partnership(settings.partnership)
    yield QuarantineDesk(Premises(settings, reviews.client, keyring, store, partnership), reviews)


def _facts(line: "Line") -> dict[str, object]:
    return {
        "number": line.number,
        "received_at": line.arrival.received_at.isoformat(),
        "reason": line.reason,
        "reference": line.read.reference,
        "party": line.read.key,
        "size": line.arrival.mail.size,
    }


def _write_privately(path: Path, content: bytes) -> None:
    from domain.errors import NotReadable

    try:
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(content)
    except OSError as wrong:
        raise NotReadable(
            f"--out: {path} cannot be written ({wrong.strerror}). Name a new file in a folder of your own."
        ) from None


def _make_privately(folder: Path) -> None:
    from domain.errors import NotReadable

    try:
        folder.mkdir(mode=0o700)
    except OSError as wrong:
        raise NotReadable(
            f"--out: {folder} cannot be made ({wrong.strerror}). Name a new folder in one of your own."
        ) from None


COMMANDS = (read_mail, read_return)
"""The commands of this module about mail that a case has."""

HELD = (quarantine_list, quarantine_show, quarantine_file, quarantine_release, quarantine_dismiss)
"""Those about mail that none has yet: ``quarantine list`` and so on."""
