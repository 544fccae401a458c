"""Commands that tell a case's CSPR what has happened, and show it: one for each update, in process order.

Libraries are imported inside the commands, so that help answers at once.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from starter.session import CsprRef as Ref
from starter.session import Json, office, print_json, print_receipt, run
from starter.telling import By, Reason

if TYPE_CHECKING:
    from domain.messages import Message

File = Annotated[Path, typer.Argument(help="The document.")]
Held = Annotated[str, typer.Argument(help="The proceedings: criminal or coroner.")]


def cspr_commission(
    ref: Ref,
    reviewer: Annotated[str, typer.Argument(help="The reviewer's key in the partnership's folder.")],
    no_conflict: Annotated[
        bool,
        typer.Option("--no-conflict", help="The reviewer declared no conflict of interest."),
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, where this replaces another reviewer.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Commission a reviewer; the Panel, Ofsted and the Department are told at once."""
    from domain.cspr.messages import CsprCommission
    from domain.partnership import load_partnership
    from worker.settings import read_settings

    name = load_partnership(read_settings().partnership).reviewer(reviewer).name
    given = {"reviewer": reviewer, "name": name, "no_conflict": no_conflict, "reason": reason or None}
    run(_tell, ref, CsprCommission, {**given, "by": by}, {}, json)


def cspr_terms(
    ref: Ref,
    terms: Annotated[Path, typer.Argument(help="The terms of reference.")],
    lines: Annotated[Path, typer.Argument(help="The key lines of enquiry.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Record the terms of reference and key lines of enquiry; they go to the reviewer."""
    from domain.cspr.messages import CsprTerms

    run(_tell, ref, CsprTerms, {"by": by}, {"terms": terms, "key_lines": lines}, json)


def cspr_monitor(
    ref: Ref,
    reason: Reason,
    late: Annotated[bool, typer.Option("--late", help="It is not on time.")] = False,
    poor: Annotated[bool, typer.Option("--poor", help="Its quality does not satisfy.")] = False,
    by: By = "",
    json: Json = False,
) -> None:
    """Record a look at the review's time and quality; both satisfy unless you say otherwise."""
    from domain.cspr.messages import CsprMonitor

    given = {"on_time": not late, "good_quality": not poor, "reason": reason, "by": by}
    run(_tell, ref, CsprMonitor, given, {}, json)


def cspr_request(
    ref: Ref,
    file: File,
    about: Annotated[str, typer.Option(help="time or quality.")],
    answer_by: Annotated[str, typer.Option(help="The working day by which to answer: 2027-03-01.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Send the reviewer a request in writing, about time or quality."""
    from domain.cspr.messages import CsprRequest
    from starter.arguments import day

    given = {"about": about, "answer_by": day(answer_by, "--answer-by"), "reason": reason, "by": by}
    run(_tell, ref, CsprRequest, given, {"document": file}, json)


def cspr_draft(ref: Ref, file: File, by: By = "", json: Json = False) -> None:
    """Put a version of the CSPR's report before every strategic lead."""
    from domain.cspr.messages import CsprDraft

    run(_tell, ref, CsprDraft, {"by": by}, {"document": file}, json)


def cspr_sign_off(
    ref: Ref,
    lead: Annotated[str, typer.Argument(help="The lead's key, such as health.")],
    version: Annotated[int, typer.Option(help="Which version of the report is answered.")],
    as_: Annotated[str, typer.Option("--as", help="The name of the lead or deputy who answers.")],
    confirm: Annotated[bool, typer.Option("--confirm", help="Confirm this version.")] = False,
    amend: Annotated[str, typer.Option(help="Amend it: what is to change.")] = "",
    json: Json = False,
) -> None:
    """Record a lead's answer, or a deputy's for the lead, on the CSPR's report."""
    from domain.errors import Mistyped
    from domain.messages import SignOff

    if confirm == bool(amend):
        raise Mistyped("Say one of --confirm and --amend 'what is to change'.")
    given = {"id": f"office/{uuid4()}", "lead": lead, "by": as_, "version": version}
    answer = {"answer": "confirm" if confirm else "amend", "note": amend or None}
    run(_tell, ref, SignOff, {**given, **answer}, {}, json)


def cspr_hold(
    ref: Ref,
    proceedings: Held,
    review: Annotated[str, typer.Option(help="The working day on which to review the hold: 2027-03-01.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Hold publication, or give a hold a new review date; the six-month date stands."""
    from domain.cspr.messages import CsprHold
    from starter.arguments import day

    given = {"proceedings": proceedings, "review_on": day(review, "--review"), "reason": reason, "by": by}
    run(_tell, ref, CsprHold, given, {}, json)


def cspr_lift_hold(ref: Ref, proceedings: Held, reason: Reason, by: By = "", json: Json = False) -> None:
    """Lift a hold on publication."""
    from domain.cspr.messages import CsprLiftHold

    run(_tell, ref, CsprLiftHold, {"proceedings": proceedings, "reason": reason, "by": by}, {}, json)


def cspr_send(ref: Ref, by: By = "", json: Json = False) -> None:
    """Send the approved report in full to the Panel and the Secretary of State."""
    from domain.cspr.messages import CsprSend

    run(_tell, ref, CsprSend, {"by": by}, {}, json)


def cspr_publish(
    ref: Ref,
    on: Annotated[str, typer.Option(help="The day on which it was published: 2027-06-01.")],
    improvements: Annotated[
        Path | None,
        typer.Option(help="Where the report is not published: the improvements found."),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why the report is not published.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Record the publication: of the report, or of the improvements found in its place."""
    from domain.cspr.messages import CsprPublish
    from starter.arguments import day

    given = {"published_on": day(on, "--on"), "reason": reason or None, "by": by}
    files = {"improvements": improvements} if improvements else {}
    run(_tell, ref, CsprPublish, given, files, json)


def cspr_replan(
    ref: Ref,
    reason: Reason,
    to: Annotated[str, typer.Option(help="Extend publication to this working day: 2027-09-01.")] = "",
    granted_by: Annotated[str, typer.Option(help="Who granted the extension.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Plan the CSPR's dates again: on the calendar as it now is, or with an extension; the original stays."""
    from domain.cspr.messages import CsprReplan
    from starter.arguments import day

    given = {"extend_to": day(to, "--to") if to else None, "granted_by": granted_by or None}
    run(_tell, ref, CsprReplan, {"reason": reason, **given, "by": by}, {}, json)


def cspr_withdraw(ref: Ref, reason: Reason, by: By = "", json: Json = False) -> None:
    """Withdraw a CSPR before publication: everyone who was told is told, its record stays."""
    from domain.cspr.messages import CsprWithdraw

    run(_tell, ref, CsprWithdraw, {"reason": reason, "by": by}, {}, json)


def cspr_send_again(
    ref: Ref,
    letter: Annotated[str, typer.Argument(help="The letter's key, as `cspr-show` names it.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Send a refused letter of the CSPR again, once its address is mended in the contact book."""
    from domain.messages import SendAgain

    run(_tell, ref, SendAgain, {"letter": letter, "by": by}, {}, json)


def cspr_show(
    ref: Ref,
    record: Annotated[bool, typer.Option("--record", help="The whole record instead.")] = False,
    json: Json = False,
) -> None:
    """Show where a case's CSPR stands: its six-month date, holds, what is due, and what to type next."""
    run(_show, ref, record, json)


async def _show(ref: str, record: bool, json: bool) -> None:
    from datetime import UTC, datetime

    from starter.cspr_screen import cspr_screen
    from starter.csprs import Csprs
    from starter.screens import console, record_screen

    _, reviews, _ = await office()
    csprs = Csprs(reviews.client)
    if record:
        entries = await csprs.record(ref)
        if json:
            print_json([entry.model_dump(mode="json") for entry in entries])
        else:
            console().print(record_screen(entries))
        return
    standing = await csprs.standing(ref, datetime.now(UTC))
    if json:
        print_json(standing.model_dump(mode="json"))
    else:
        console().print(cspr_screen(standing))


async def _tell(
    ref: str, model: "type[Message]", given: Mapping[str, object], files: Mapping[str, Path], json: bool
) -> None:
    """Store the documents, bring the fact, and print the receipt."""
    from starter.arguments import contents, media_type, typed
    from starter.csprs import Csprs

    plain = {name: (contents(file), media_type(file)) for name, file in files.items()}
    _, reviews, store = await office()
    documents = {name: await store.put(content, kind) for name, (content, kind) in plain.items()}
    receipt = await Csprs(reviews.client).tell(ref, typed(model, **given, **documents))
    print_receipt(receipt, json)


COMMANDS = (
    cspr_commission,
    cspr_terms,
    cspr_monitor,
    cspr_request,
    cspr_draft,
    cspr_sign_off,
    cspr_hold,
    cspr_lift_hold,
    cspr_send,
    cspr_publish,
    cspr_replan,
    cspr_withdraw,
    cspr_send_again,
    cspr_show,
)
"""The commands of this module, in the order of the process."""
