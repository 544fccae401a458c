"""Commands that tell a case what has happened: one for each update, in the order of the process.

Libraries are imported inside the commands, so that help answers at once.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer

from starter.session import Json, Ref, office, print_json, print_receipt, run

if TYPE_CHECKING:
    from domain.messages import DocumentRef, Message
    from starter.replanning import Replanned

By = Annotated[str, typer.Option(envvar="RAPID_REVIEW_BY", help="Who records this: your name.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence.")]
Files = Annotated[list[Path] | None, typer.Option("--file", help="A document; may be given several times.")]


def record_return(
    ref: Ref,
    agency: Annotated[str, typer.Argument(help="The agency's key, such as police.")],
    kind: Annotated[str, typer.Option(help="complete, partial or nil.")],
    by: By = "",
    file: Files = None,
    searched: Annotated[
        int, typer.Option(help="For a nil return: how many people it says were searched for.")
    ] = 0,
    received: Annotated[
        str, typer.Option(help="When it arrived, if not now: 2026-12-17T16:40, London.")
    ] = "",
    json: Json = False,
) -> None:
    """Record what an agency sent back."""
    from domain.messages import AgencyReturn
    from starter.arguments import document, moment

    def fact(documents: tuple["DocumentRef", ...]) -> dict[str, object]:
        return {
            "id": f"office/{uuid4()}",
            "agency": agency,
            "kind": kind,
            "received_at": moment(received, "--received") if received else None,
            "people_searched": searched,
            "documents": documents,
            "recorded_by": by,
        }

    run(_tell_with_files, ref, AgencyReturn, fact, list(map(document, file or [])), json)


def add_agency(
    ref: Ref,
    agency: Annotated[str, typer.Argument(help="The agency's key in the partnership's folder.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Ask one more agency; it gets its own due date and Day 15 does not move."""
    from domain.messages import AddAgency

    tell_review(ref, AddAgency, json, agency=agency, reason=reason, by=by)


def book_meeting(
    ref: Ref,
    at: Annotated[str, typer.Option(help="When it starts: 2026-12-22T10:00, London time.")],
    place: Annotated[str, typer.Option(help="Where, or by which link.")],
    minutes: Annotated[int, typer.Option(help="How long.")] = 120,
    by: By = "",
    json: Json = False,
) -> None:
    """Book the meeting, or move it by booking again; invitations go out at once."""
    from domain.messages import BookMeeting
    from starter.arguments import moment

    tell_review(ref, BookMeeting, json, starts_at=moment(at, "--at"), minutes=minutes, place=place, by=by)


def record_meeting(
    ref: Ref,
    held: Annotated[str, typer.Option(help="When it was held: 2026-12-22T10:00, London time.")],
    attended: Annotated[str, typer.Option(help="Keys of agencies and leads who came: police,icb,health")],
    recommendation: Annotated[str, typer.Option(help="cspr, no_cspr or other_review.")],
    reason: Reason,
    action: Annotated[
        list[str] | None, typer.Option(help="An immediate action: 'police | 2026-12-30 | what'. Repeatable.")
    ] = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Record the meeting: who came, what it recommends, what is to be done at once."""
    from domain.messages import RecordMeeting
    from starter.arguments import action as read_action
    from starter.arguments import moment

    tell_review(
        ref,
        RecordMeeting,
        json,
        held_at=moment(held, "--held"),
        attended=tuple(key.strip() for key in attended.split(",") if key.strip()),
        recommendation=recommendation,
        reason=reason,
        immediate_actions=tuple(read_action(text) for text in action or []),
        by=by,
    )


def submit_draft(
    ref: Ref,
    file: Annotated[Path, typer.Argument(help="The draft report, a Word document.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Put a version of the draft report before the strategic leads."""
    from domain.messages import SubmitDraft
    from starter.arguments import media_type, report

    draft = (report(file), media_type(file))

    def fact(documents: tuple["DocumentRef", ...]) -> dict[str, object]:
        return {"document": documents[0], "by": by}

    run(_tell_with_files, ref, SubmitDraft, fact, [draft], json)


def sign_off(
    ref: Ref,
    lead: Annotated[str, typer.Argument(help="The lead's key, such as health.")],
    version: Annotated[int, typer.Option(help="The version they read.")],
    as_: Annotated[str, typer.Option("--as", help="The name of the lead or deputy who answers.")],
    confirm: Annotated[bool, typer.Option("--confirm", help="They confirm this version.")] = False,
    amend: Annotated[str, typer.Option(help="They ask to amend it: what is to change.")] = "",
    json: Json = False,
) -> None:
    """Record a strategic lead's answer to a version of the report."""
    from domain.errors import Mistyped
    from domain.messages import Answer, SignOff

    if confirm == bool(amend):
        raise Mistyped("Say one of --confirm and --amend 'what is to change'.")
    answer = Answer.CONFIRM if confirm else Answer.AMEND
    tell_review(
        ref,
        SignOff,
        json,
        id=f"office/{uuid4()}",
        lead=lead,
        by=as_,
        version=version,
        answer=answer,
        note=amend or None,
    )


def decide(
    ref: Ref,
    outcome: Annotated[str, typer.Argument(help="cspr, no_cspr or other_review.")],
    reason: Reason,
    by: By = "",
    json: Json = False,
) -> None:
    """Record what the leads decided on a Child Safeguarding Practice Review."""
    from domain.messages import Decide

    tell_review(ref, Decide, json, outcome=outcome, reason=reason, by=by)


def view(
    ref: Ref,
    lead: Annotated[str, typer.Argument(help="The lead's key, such as health.")],
    outcome: Annotated[str, typer.Argument(metavar="VIEW", help="cspr, no_cspr or other_review.")],
    reason: Annotated[list[str], typer.Option(help="Against each criterion: 'themes | why'. Repeatable.")],
    as_: Annotated[str, typer.Option("--as", help="The name of the lead or deputy whose view it is.")],
    json: Json = False,
) -> None:
    """Record a lead's view on a Child Safeguarding Practice Review, with a reason against each criterion."""
    from domain.messages import GiveView
    from starter.arguments import reason as read_reason

    reasons = dict(read_reason(text) for text in reason)
    tell_review(ref, GiveView, json, id=f"office/{uuid4()}", lead=lead, by=as_, view=outcome, reasons=reasons)


def panel_replied(
    ref: Ref,
    agrees: Annotated[bool, typer.Option("--agrees/--disagrees", help="With the decision on a CSPR.")],
    file: Files = None,
    received: Annotated[str, typer.Option(help="When it came, if not now: 2027-01-12T10:00, London.")] = "",
    json: Json = False,
) -> None:
    """Record the Panel's answer; where it disagrees the leads reconsider, and both decisions stand."""
    from domain.messages import PanelReplied
    from starter.arguments import document, moment

    def fact(documents: tuple["DocumentRef", ...]) -> dict[str, object]:
        return {
            "id": f"office/{uuid4()}",
            "agrees": agrees,
            "letter": documents[0] if documents else None,
            "received_at": moment(received, "--received") if received else None,
        }

    run(_tell_with_files, ref, PanelReplied, fact, list(map(document, file or []))[:1], json)


def reopen(ref: Ref, reason: Reason, by: By = "", json: Json = False) -> None:
    """Reopen the report for a return that came after its draft; a new version is then asked for."""
    from domain.messages import Reopen

    tell_review(ref, Reopen, json, reason=reason, by=by)


def withdraw(ref: Ref, reason: Reason, by: By = "", json: Json = False) -> None:
    """Withdraw a case: its clock stops, everyone who was told is told, its record stays."""
    from domain.messages import Withdraw

    tell_review(ref, Withdraw, json, reason=reason, by=by)


def replan(
    reason: Reason,
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="The case; or --all-open.")] = "",
    all_open: Annotated[
        bool, typer.Option("--all-open", help="Every open case, on the new calendar.")
    ] = False,
    sin_sent: Annotated[str, typer.Option(help="Correct Day 0: when the SIN really went.")] = "",
    extend: Annotated[str, typer.Option(help="Extend one date: its key.")] = "",
    to: Annotated[str, typer.Option(help="The working day to extend it to.")] = "",
    granted_by: Annotated[str, typer.Option(help="Who granted the extension.")] = "",
    by: By = "",
    json: Json = False,
) -> None:
    """Plan the dates again: on the calendar as it now is, from a corrected Day 0, or with an extension."""
    from domain.errors import Mistyped
    from domain.messages import Replan
    from starter.arguments import day, moment, typed

    if all_open == bool(ref) or (all_open and (sin_sent or extend or to or granted_by)):
        raise Mistyped("Name one case, or say --all-open with --reason and --by alone.")
    if all_open:
        fact = typed(Replan, reason=reason, by=by)
        run(_replan_all, fact.reason, fact.by, json)
        return
    tell_review(
        ref,
        Replan,
        json,
        reason=reason,
        by=by,
        sin_sent_at=moment(sin_sent, "--sin-sent") if sin_sent else None,
        extend=extend or None,
        to=day(to, "--to") if to else None,
        granted_by=granted_by or None,
    )


def send_again(
    ref: Ref,
    letter: Annotated[str, typer.Argument(help="The letter's key, as `show` names it.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Send a refused letter again, once its address is mended in the contact book."""
    from domain.consideration.steps import PREFIX
    from domain.follow_up.letters import about_an_action
    from domain.messages import SendAgain

    if about_an_action(letter):
        from starter.arguments import built
        from starter.following import tell_of_letter

        tell_of_letter(ref, built(SendAgain, letter=letter, by=by), json)
        return
    if letter.startswith(f"{PREFIX}/"):
        from starter.putting_forward import tell_consideration

        tell_consideration(ref, SendAgain, json, letter=letter, by=by)
        return
    tell_review(ref, SendAgain, json, letter=letter, by=by)


def settle_mail(
    ref: Ref,
    number: Annotated[int, typer.Argument(help="The mail's number, as `show` gives it.")],
    done: Annotated[str, typer.Option(help="What was done about it, in a sentence.")],
    by: By = "",
    json: Json = False,
) -> None:
    """Say what was done about a mail that is kept with a case."""
    from domain.messages import SettleMail

    tell_review(ref, SettleMail, json, number=number, done=done, by=by)


def tell_review(ref: str, model: "type[Message]", json: bool, /, **fields: object) -> None:
    """Bring a fact to a review, and print the receipt."""
    from starter.arguments import typed

    run(_told, ref, typed(model, **fields), json)


async def _told(ref: str, fact: "Message", json: bool) -> None:
    _, reviews, _ = await office()
    receipt = await reviews.tell(ref, fact)
    print_receipt(receipt, json)


async def _replan_all(reason: str, by: str, json: bool) -> None:
    from domain.calendar import Calendar
    from domain.partnership import load_partnership
    from starter.replanning import replan_all
    from starter.screens import console, replanned_screen

    settings, reviews, _ = await office()
    calendar = Calendar.of(load_partnership(settings.partnership)).version
    done = []
    async for one in replan_all(reviews.client, reason, by):
        done.append(one)
        if not json:
            console().print(f"{one.name}: {one.became}. {one.says}")
    if json:
        print_json([one.model_dump(mode="json") for one in done])
    else:
        console().print(replanned_screen(done, calendar))
    _say_which_failed(done)


def _say_which_failed(done: "list[Replanned]") -> None:
    from domain.errors import Refused

    if failed := [f"{one.name}: {one.says}" for one in done if one.failed]:
        raise Refused("These were not planned again; give the same command again. " + " ".join(failed))


async def _tell_with_files(
    ref: str,
    model: "type[Message]",
    fact: "Callable[[tuple[DocumentRef, ...]], dict[str, object]]",
    files: "list[tuple[bytes, str]]",
    json: bool,
) -> None:
    """Store documents, each with its media type, and bring the fact that is made of where they are."""
    from starter.arguments import typed

    _, _, store = await office()
    documents = tuple([await store.put(content, kind) for content, kind in files])
    await _told(ref, typed(model, **fact(documents)), json)


COMMANDS = (
    record_return,
    add_agency,
    book_meeting,
    record_meeting,
    submit_draft,
    sign_off,
    view,
    decide,
    panel_replied,
    reopen,
    withdraw,
    settle_mail,
    replan,
    send_again,
)
"""The commands of this module, in the order of the process."""
