"""Commands that open a case and ask how it stands.

Libraries are imported inside the commands, so that help answers at once.
"""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.session import Json, Ref, answered, office, print_json, run

if TYPE_CHECKING:
    from rich.text import Text

    from domain.timetable import Timetable
    from starter.reviews import Reviews
    from vault.documents import DocumentStore
    from worker.settings import Settings


def timetable(
    sin: Annotated[
        str,
        typer.Option(
            help="When the SIN went to the Panel: 2026-12-18T15:20 (London time), or the day alone."
        ),
    ],
    aware: Annotated[str, typer.Option(help="The day the local authority became aware: 2026-12-14.")] = "",
    incident: Annotated[str, typer.Option(help="The day of the incident, if it matters to you.")] = "",
    json: Json = False,
) -> None:
    """Print the whole timetable that a SIN sets going. Needs no server."""
    from domain.calendar import Calendar
    from domain.errors import Mistyped
    from domain.messages import PlanDates, SeriousIncidentNotification
    from domain.partnership import load_partnership
    from domain.planning import plan
    from domain.timetable import LONDON, london
    from starter.arguments import day, moment, typed
    from worker.settings import read_settings

    partnership = load_partnership(read_settings().partnership)
    sent = moment(f"{sin}T12:00" if re.fullmatch(r"\d{4}-\d\d-\d\d", sin) else sin, "--sin")
    sent_on = sent.astimezone(LONDON).date()
    for name, day_given in (("--incident", incident), ("--aware", aware)):
        if day_given and day(day_given, name) > sent_on:
            raise Mistyped(f"{name}: {day_given} is after the SIN was sent. Check both dates.")
    notification = typed(
        SeriousIncidentNotification,
        reference="SIN-0",
        sent_at=sent,
        incident_on=day(incident, "--incident") if incident else day(aware, "--aware") if aware else sent_on,
        aware_on=day(aware, "--aware") if aware else None,
    )
    request = PlanDates(sin=notification, rules=partnership.timetable, as_of=sent)
    planned = plan(request, Calendar.of(partnership))
    if not aware and not incident:
        planned = _without_sin_due(planned)
    if json:
        dumped = planned.model_dump(mode="json")["milestones"]
        print_json([{**d, "london": london(m.due)} for d, m in zip(dumped, planned.milestones, strict=True)])
        return
    from starter.screens import console, timetable_screen

    console().print(timetable_screen(planned))


def _without_sin_due(planned: "Timetable") -> "Timetable":
    """The timetable where neither date is given from which the SIN's own due date could be counted."""
    kept = tuple(m for m in planned.milestones if m.key != "sin_due")
    warnings = tuple(w for w in planned.warnings if "SIN" not in w)
    ask = "The SIN's own due date is left out: give --aware, or --incident, to see it."
    return planned.model_copy(update={"milestones": kept, "warnings": (*warnings, ask)})


def open_(
    file: Annotated[Path, typer.Argument(help="The opening file; see examples/sin.toml.")], json: Json = False
) -> None:
    """Open a Rapid Review from a SIN: every agency is asked at once."""
    run(_open, file, json)


async def _open(file: Path, json: bool) -> None:
    from datetime import UTC, datetime

    from domain.particulars import check_recent, read_opening
    from domain.partnership import load_partnership
    from starter.arguments import file_named, plain_text
    from starter.considerations import not_being_considered
    from starter.reviews import first_plan, prepared

    text = plain_text(file)
    opening = read_opening(text, file.name, now=datetime.now(UTC))
    check_recent(opening, file.name, now=datetime.now(UTC))
    settings, reviews, store = await office()
    await reviews.free(opening.reference)
    await not_being_considered(reviews.client, opening.reference)
    partnership = load_partnership(settings.partnership)
    plan = first_plan(opening.sin, partnership)
    with file_named(file.name):
        wanted = await prepared(opening, partnership, store)
    await reviews.open(wanted, plan=plan)
    await _until_asked(reviews, opening.reference)
    await _show(opening.reference, record=False, json=json)


async def _until_asked(reviews: "Reviews", reference: str) -> None:
    """Give the first letters a few seconds to leave, so that what is shown next is not already old."""
    for _ in range(50):
        standing = await reviews.standing(reference)
        if standing.agencies and all(agency.state != "being asked" for agency in standing.agencies):
            return
        await asyncio.sleep(0.2)


def show(
    ref: Ref,
    record: Annotated[bool, typer.Option("--record", help="The whole record instead.")] = False,
    json: Json = False,
) -> None:
    """Show where a case stands, what is late, what is due, and what to type next."""
    run(_show, ref, record, json)


async def _show(ref: str, record: bool, json: bool) -> None:
    from datetime import UTC, datetime

    from domain.consideration.state import ConsiderationEntry
    from domain.record import Entry
    from starter.considerations import Considerations
    from starter.screens import consideration_screen, console, record_screen, standing_screen

    settings, reviews, store = await office()
    considerations = Considerations(reviews.client, reviews.task_queue)
    put_forward = await considerations.exists(ref)
    reviewed = await reviews.exists(ref)
    if record:
        entries: list[Entry | ConsiderationEntry] = []
        entries += await considerations.record(ref) if put_forward else ()
        entries += await reviews.record(ref) if reviewed or not put_forward else ()
        if json:
            print_json([entry.model_dump(mode="json") for entry in entries])
        else:
            console().print(record_screen(entries))
        return
    if put_forward and not reviewed:
        considered = await considerations.standing(ref, datetime.now(UTC))
        if json:
            print_json(considered.model_dump(mode="json"))
        else:
            console().print(consideration_screen(considered, await _held(ref, settings, store)))
        return
    standing = await reviews.standing(ref, datetime.now(UTC))
    if json:
        print_json(standing.model_dump(mode="json"))
        return
    troubles, held = await reviews.troubles(ref), await _held(ref, settings, store)
    console().print(standing_screen(standing, troubles, held))


async def _held(ref: str, settings: "Settings", store: "DocumentStore") -> "list[Text]":
    """The tasks about mail of a case that waits in quarantine."""
    from domain.partnership import load_partnership
    from starter.mailroom.quarantine import Quarantine
    from starter.quarantine_screens import held_tasks

    waiting = await answered(Quarantine(store).waiting())
    if waiting == []:
        return []
    return held_tasks(waiting, ref, load_partnership(settings.partnership).roster())


def why(
    ref: Ref,
    milestone: Annotated[
        str, typer.Argument(help="A date's key, such as rfi_due. `timetable` lists them all.")
    ],
    json: Json = False,
) -> None:
    """Explain a date of a case: how it was counted, and how it moved."""
    run(_why, ref, milestone, json)


async def _why(ref: str, milestone: str, json: bool) -> None:
    from domain.errors import NotReadable
    from domain.timetable import london

    _, reviews, _ = await office()
    plans = await reviews.plans(ref)
    known = [m.key for m in plans[0].milestones] if plans else []
    if milestone not in known:
        raise NotReadable(f"{ref} has no date with the key {milestone}. It has: {', '.join(known)}.")
    if json:
        print_json([_as_planned(plan, milestone) for plan in plans])
        return
    for number, plan in enumerate(plans):
        m = plan[milestone]
        name = "Original" if number == 0 else f"Re-plan {number}"
        typer.echo(f"{name}: {london(m.due)}. {m.explanation} (calendar: {plan.calendar})")


def _as_planned(plan: "Timetable", milestone: str) -> dict[str, object]:
    """One date of a plan as data, with the calendar it was counted on."""
    dumped = plan.model_dump(mode="json")
    found = next(m for m in dumped["milestones"] if m["key"] == milestone)
    return {**found, "calendar": plan.calendar}


def password(ref: Ref) -> None:
    """Print the password of a case's sealed attachments, to be given by telephone only."""
    run(_password, ref)


async def _password(ref: str) -> None:
    from vault.keys import KeyRing
    from vault.passwords import people_password

    settings, reviews, _ = await office()
    await reviews.known(ref)
    typer.echo(people_password(KeyRing.read(settings.keyring_path), ref))


COMMANDS = (timetable, open_, show, why, password)
"""The commands of this module, in the order in which an office needs them."""
