"""Commands about actions: planning the learning, and following each action to its end.

Libraries are imported inside the commands, so that help answers at once.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from starter.session import Json, Ref, office, print_json, print_receipt, run
from starter.telling import By, Reason, tell_review

if TYPE_CHECKING:
    from domain.messages import Message, SendAgain
    from starter.follow_ups import FollowUps

Number = Annotated[int, typer.Argument(help="The action's number, as `actions` lists it.")]


def plan_learning(
    ref: Ref,
    owner: Annotated[str, typer.Option(help="The key of the agency or lead whose action it is.")],
    due: Annotated[str, typer.Option(help="The day it is due: 2027-03-31.")],
    what: Annotated[str, typer.Option(help="What is to be done; name no child and no family.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Plan how learning is spread: one action, followed up from now on, after the review too."""
    from domain.messages import PlanLearning
    from starter.arguments import day

    tell_review(ref, PlanLearning, json, owner=owner, due_on=day(due, "--due"), what=what, by=by)


def actions(
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="One case's reference; all without.")] = "",
    closed: Annotated[bool, typer.Option("--all", help="Closed and withdrawn actions too.")] = False,
    json: Json = False,
) -> None:
    """List the actions being followed up, in open reviews and after them, the first due first."""
    run(_actions, ref, closed, json)


async def _actions(ref: str, closed: bool, json: bool) -> None:
    from starter.screens import actions_screen, console

    rows = await (await _follow_ups()).listed(ref or None, closed=closed)
    if json:
        print_json([row.model_dump(mode="json") for row in rows])
    else:
        console().print(actions_screen(rows))


def show_action(
    ref: Ref,
    number: Number,
    record: Annotated[bool, typer.Option("--record", help="The whole record instead.")] = False,
    json: Json = False,
) -> None:
    """Show one action: what is to be done, by whom and when, its evidence, and what comes next."""
    run(_show_action, ref, number, record, json)


async def _show_action(ref: str, number: int, record: bool, json: bool) -> None:
    from datetime import UTC, datetime

    from starter.screens import action_screen, console, record_screen

    follow_ups = await _follow_ups()
    if record:
        entries = await follow_ups.record(ref, number)
        if json:
            print_json([entry.model_dump(mode="json") for entry in entries])
        else:
            console().print(record_screen(entries))
        return
    standing = await follow_ups.standing(ref, number, datetime.now(UTC))
    if json:
        print_json(standing.model_dump(mode="json"))
    else:
        console().print(action_screen(standing))


def record_evidence(
    ref: Ref,
    number: Number,
    evidence: Annotated[str, typer.Option(help="What shows that it is done; name no child.")],
    by: Annotated[str, typer.Option(help="Who gave the evidence.")],
    file: Annotated[
        list[Path] | None, typer.Option("--file", help="A document; may be given several times.")
    ] = None,
    received: Annotated[
        str, typer.Option(help="When it arrived, if not now: 2026-12-17T16:40, London.")
    ] = "",
    json: Json = False,
) -> None:
    """Record what an owner gives to show that an action is done."""
    run(_record_evidence, ref, number, evidence, by, file or [], received, json)


async def _record_evidence(
    ref: str, number: int, evidence: str, by: str, files: list[Path], received: str, json: bool
) -> None:
    from domain.follow_up.messages import RecordEvidence
    from starter.arguments import document, moment, typed

    plain = list(map(document, files))
    given = {"id": f"office/{uuid4()}", "evidence": evidence, "by": by}
    when = moment(received, "--received") if received else None
    _, _, store = await office()
    documents = tuple([await store.put(content, kind) for content, kind in plain])
    fact = typed(RecordEvidence, **given, documents=documents, received_at=when)
    await _tell(ref, number, fact, json)


def close_action(
    ref: Ref,
    number: Number,
    by: By = "",
    note: Annotated[str, typer.Option(help="What you saw, if it is worth noting.")] = "",
    json: Json = False,
) -> None:
    """Close an action with its evidence: by somebody else than its owner and who gave the evidence."""
    from domain.follow_up.messages import CloseAction
    from starter.arguments import typed

    run(_tell, ref, number, typed(CloseAction, by=by, note=note or None), json)


def move_action(
    ref: Ref,
    number: Number,
    to: Annotated[str, typer.Option(help="The new day: 2027-03-31.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Move an action's due date; the original is kept, and lateness counts from it."""
    from domain.follow_up.messages import MoveAction
    from starter.arguments import day, typed

    run(_tell, ref, number, typed(MoveAction, to=day(to, "--to"), reason=reason, by=by), json)


def withdraw_action(ref: Ref, number: Number, reason: Reason, by: By = "", json: Json = False) -> None:
    """Withdraw an action that falls away, most often with its case."""
    from domain.follow_up.messages import WithdrawAction
    from starter.arguments import typed

    run(_tell, ref, number, typed(WithdrawAction, reason=reason, by=by), json)


def tell_of_letter(ref: str, fact: "SendAgain", json: bool) -> None:
    """Have a letter about an action sent again, wherever the action is followed."""
    from domain.follow_up.letters import action_of

    run(_tell, ref, action_of(fact.letter), fact, json)


async def _tell(ref: str, number: int, fact: "Message", json: bool) -> None:
    receipt = await (await _follow_ups()).tell(ref, number, fact)
    print_receipt(receipt, json)


async def _follow_ups() -> "FollowUps":
    from starter.follow_ups import FollowUps

    _, reviews, _ = await office()
    return FollowUps(reviews.client)


COMMANDS = (
    plan_learning,
    actions,
    show_action,
    record_evidence,
    close_action,
    move_action,
    withdraw_action,
)
"""The commands of this module, in the order of the process."""
