"""Commands for a case before there is a review: put forward, considered, decided, ended locally.

Libraries are imported inside the commands, so that help answers at once.
"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from starter.session import Json, Ref, print_json, print_receipt, run
from starter.telling import By, Reason

if TYPE_CHECKING:
    from domain.consideration.messages import PutForward
    from domain.consideration.standing import ConsiderationStanding
    from domain.criteria import Judgement
    from domain.messages import Message
    from starter.considerations import Considerations
    from vault.documents import DocumentStore
    from worker.settings import Settings

Sent = Annotated[str, typer.Option(help="When it was submitted: 2026-12-07T15:20, London time.")]


def alert(
    file: Annotated[Path, typer.Argument(help="The alert; see examples/alert.toml.")], json: Json = False
) -> None:
    """Put a case forward by a Senior Leadership Alert: the SQAS Strategic Manager is asked at once."""
    run(_alert, file, json)


async def _alert(file: Path, json: bool) -> None:
    from domain.particulars import read_alert
    from domain.partnership import load_partnership
    from starter.arguments import contents, file_named
    from starter.considerations import alerted, judged

    now = datetime.now(UTC)
    given = read_alert(contents(file).decode("utf-8", errors="replace"), file.name, now=now)
    settings, considerations, store = await considering()
    with file_named(file.name):
        put = await alerted(given, load_partnership(settings.partnership), store, now)
    await _opened(considerations, put, judged(given), json)


def request(
    file: Annotated[Path, typer.Argument(help="The request; see examples/request.toml.")], json: Json = False
) -> None:
    """Put a case forward by a Request for Consideration. It is not a way to refer a child at risk."""
    run(_request, file, json)


async def _request(file: Path, json: bool) -> None:
    from domain.consideration.countersigning import NO_REFERRAL
    from domain.particulars import read_request
    from domain.partnership import load_partnership
    from starter.arguments import contents, file_named
    from starter.considerations import judged, requested

    now = datetime.now(UTC)
    given = read_request(contents(file).decode("utf-8", errors="replace"), file.name, now=now)
    settings, considerations, store = await considering()
    with file_named(file.name):
        put = await requested(given, load_partnership(settings.partnership), store, now)
    await _opened(considerations, put, judged(given), json, NO_REFERRAL)


async def _opened(
    considerations: "Considerations", put: "PutForward", judgement: "Judgement", json: bool, *notes: str
) -> None:
    from domain.criteria import VERDICTS
    from starter.screens import consideration_screen, console

    await considerations.open(put)
    standing = await _settled(considerations, put.reference)
    if json:
        print_json(standing.model_dump(mode="json"))
        return
    for line in (*notes, f"The criteria say: {VERDICTS[judgement.verdict]}", *judgement.reasons):
        console().print(line)
    console().print(consideration_screen(standing))


async def _settled(considerations: "Considerations", reference: str) -> "ConsiderationStanding":
    """Where it stands once the first letters have left, for which they are given a few seconds."""
    for _ in range(50):
        standing = await considerations.standing(reference)
        if standing.dates and not standing.in_hand:
            break
        await asyncio.sleep(0.2)
    return standing


def consider(
    ref: Ref,
    lead: Annotated[str, typer.Argument(help="The lead's key, such as health.")],
    view: Annotated[str, typer.Argument(help="may_meet or does_not.")],
    reason: Reason,
    as_: Annotated[str, typer.Option("--as", help="The name of the lead or deputy who answers.")],
    json: Json = False,
) -> None:
    """Record a strategic lead's view of a request. One "may meet" asks for the SIN decision."""
    from domain.consideration.messages import Consider

    tell_consideration(ref, Consider, json, lead=lead, view=view, reason=reason, by=as_)


def sin_decision(
    ref: Ref,
    answer: Annotated[str, typer.Argument(help="yes, no, or notify (a notification without a review).")],
    reason: Reason,
    by: Annotated[str, typer.Option(help="The SQAS Strategic Manager or deputy, by name.")],
    json: Json = False,
) -> None:
    """Record whether the SQAS Strategic Manager agrees that it is a SIN."""
    from domain.consideration.messages import DecideSin

    tell_consideration(ref, DecideSin, json, answer=answer, reason=reason, by=by)


def record_sin(
    ref: Ref,
    sin_reference: Annotated[str, typer.Option(help="The portal's reference, such as SIN-2026-0113.")],
    sent: Sent,
    by: By = "",
    json: Json = False,
) -> None:
    """Record the SIN as submitted on the national portal: the Rapid Review opens, Day 0 is its day."""
    from domain.consideration.messages import RecordSin
    from starter.arguments import moment

    tell_consideration(
        ref, RecordSin, json, sin_reference=sin_reference, sent_at=moment(sent, "--sent"), by=by
    )


def record_notification(
    ref: Ref,
    reference: Annotated[str, typer.Option(help="The portal's reference of the notification.")],
    sent: Sent,
    by: By = "",
    json: Json = False,
) -> None:
    """Record a notification without a review as submitted on the national portal."""
    from domain.consideration.messages import RecordNotification
    from starter.arguments import moment

    sent_at = moment(sent, "--sent")
    tell_consideration(
        ref, RecordNotification, json, notification_reference=reference, sent_at=sent_at, by=by
    )


def convert(
    ref: Ref,
    aware: Annotated[str, typer.Option(help="The day on which abuse or neglect was first suspected.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Decide again on a notification without a review, its five working days counted from a new day."""
    from domain.consideration.messages import Convert
    from starter.arguments import day

    tell_consideration(ref, Convert, json, aware_on=day(aware, "--aware"), reason=reason, by=by)


def outcome(
    ref: Ref,
    reason: Reason,
    outcome: Annotated[
        list[str],
        typer.Option(
            help="no_further_action; or 'live_case_actions | police | 2027-01-29 | what', and likewise "
            "agency_review, working_group, learning_event. Repeatable."
        ),
    ],
    by: By = "",
    json: Json = False,
) -> None:
    """Record the local outcomes where there is no SIN; neither the Panel nor Ofsted is told."""
    from domain.consideration.messages import ChooseOutcomes
    from starter.arguments import local_outcome

    chosen = tuple(local_outcome(text) for text in outcome)
    tell_consideration(ref, ChooseOutcomes, json, outcomes=chosen, reason=reason, by=by)


def link(
    ref: Ref,
    to: Annotated[str, typer.Option(help="The reference under which the incident is known already.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Link a second alert or request to the case of the same incident; nothing is opened twice."""
    from domain.consideration.messages import LinkDuplicate

    tell_consideration(ref, LinkDuplicate, json, to=to, reason=reason, by=by)


def withdraw_consideration(ref: Ref, reason: Reason, by: By = "", json: Json = False) -> None:
    """Withdraw a case put forward, before there is a review; everyone who was told is told."""
    from domain.consideration.messages import WithdrawConsideration

    tell_consideration(ref, WithdrawConsideration, json, reason=reason, by=by)


async def considering() -> "tuple[Settings, Considerations, DocumentStore]":
    """The settings, the considerations on the configured server, and the encrypted store."""
    from starter.considerations import Considerations
    from starter.session import office

    settings, reviews, store = await office()
    return settings, Considerations(reviews.client, reviews.task_queue), store


def tell_consideration(ref: str, model: "type[Message]", json: bool, /, **fields: object) -> None:
    """Bring a fact to a consideration, and print the receipt."""
    from starter.arguments import typed

    run(_told, ref, typed(model, **fields), json)


async def _told(ref: str, fact: "Message", json: bool) -> None:
    _, considerations, _ = await considering()
    receipt = await considerations.tell(ref, fact)
    print_receipt(receipt, json)


COMMANDS = (
    alert,
    request,
    consider,
    sin_decision,
    record_sin,
    record_notification,
    convert,
    outcome,
    link,
    withdraw_consideration,
)
"""The commands of this module, in the order of the process."""
