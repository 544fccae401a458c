"""Playing a scenario: the real workflows on a real server, its clock moved, real mail, real documents."""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    Convert,
    DecideSin,
    LinkDuplicate,
    PutForward,
    RecordNotification,
    RecordSin,
    WithdrawConsideration,
)
from domain.consideration.standing import ConsiderationStanding
from domain.consideration.state import ConsiderationEntry, ConsiderationStage
from domain.errors import NotReadable, Refused
from domain.follow_up.messages import CloseAction, MoveAction, RecordEvidence, WithdrawAction
from domain.messages import (
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Decide,
    DocumentRef,
    GiveView,
    Message,
    OpenReview,
    PanelReplied,
    PlanLearning,
    RecordMeeting,
    Reopen,
    Replan,
    SendAgain,
    SettleMail,
    SignOff,
    SubmitDraft,
    TimetableRules,
    Withdraw,
)
from domain.particulars import AlertFile, RequestFile, read_alert, read_opening, read_request
from domain.partnership import FILE, Partnership, Proclaimed, load_partnership
from domain.record import Entry, Event
from domain.steps import StepKind
from domain.timetable import Timetable, london
from starter.arguments import MEDIA_TYPES, built, plain_text
from starter.clock import ReviewClock
from starter.considerations import UPDATES as CONSIDERED
from starter.considerations import Considerations, alerted, requested
from starter.cspr_rehearsal import CsprRehearsal, Refusal
from starter.csprs import Csprs
from starter.diary import Diary
from starter.embedded import Place, embedded_server
from starter.figures import year_figures
from starter.follow_ups import FollowUps
from starter.mailroom.running import Premises
from starter.replanning import replan_all
from starter.replying import partners
from starter.reviews import UPDATES, Reviews, first_plan, prepared
from starter.scenario import Scenario, Step, moment_of, next_moment
from starter.serving import codec_server
from starter.sheets import figure_sheets, lines_of
from starter.sink import MailSink
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker import process
from worker.settings import Settings
from workflows.follow_up import FollowUpWorkflow
from workflows.rapid_review import RapidReviewWorkflow

FACTS: dict[str, type[Message]] = {
    "return": AgencyReturn,
    "record-return": AgencyReturn,
    "add-agency": AddAgency,
    "book-meeting": BookMeeting,
    "record-meeting": RecordMeeting,
    "submit-draft": SubmitDraft,
    "sign-off": SignOff,
    "decide": Decide,
    "replan": Replan,
    "send-again": SendAgain,
    "settle-mail": SettleMail,
    "view": GiveView,
    "panel-replied": PanelReplied,
    "reopen": Reopen,
    "withdraw": Withdraw,
    "proclaim": Proclaimed,
    "plan-learning": PlanLearning,
    "record-evidence": RecordEvidence,
    "close-action": CloseAction,
    "move-action": MoveAction,
    "withdraw-action": WithdrawAction,
    "consider": Consider,
    "sin-decision": DecideSin,
    "record-sin": RecordSin,
    "record-notification": RecordNotification,
    "convert": Convert,
    "outcome": ChooseOutcomes,
    "link": LinkDuplicate,
    "withdraw-consideration": WithdrawConsideration,
}
"""What a step may do. ``return`` arrives by itself, as a signal; ``proclaim`` writes a bank holiday
into the partnership's folder; all others are the office's commands."""

OF_AN_ACTION = (RecordEvidence, CloseAction, MoveAction, WithdrawAction)
"""What is told to an action, in its review or handed over: the step says its ``number``."""

Noted = Entry | ConsiderationEntry
"""A line of the record of a case, put forward or under review, or of an action."""

Serving = Callable[[Place, KeyRing], AbstractAsyncContextManager[Client]]
"""What gives a client of a server, sealing with a key ring, for as long as a block lasts."""

LONGEST = timedelta(days=60)
"""How far past its last step a review is followed, on its own clock, to see it end."""


class Rehearsal:
    """One scenario being played, in a folder of its own that the next playing of it replaces."""

    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        diary: Diary,
        *,
        ui: bool = False,
        serving: Serving = embedded_server,
    ) -> None:
        """Play ``scenario`` for the settings' partnership, on a server of its own if no other is ``serving``.

        With ``ui`` the Web UI runs beside it.
        """
        home = settings.home / "rehearsals" / scenario.name
        self.scenario, self.diary, self.ui, self._serving = scenario, diary, ui, serving
        self.settings = settings.model_copy(update={"home": home, "keyring": None, "store": None})
        self._heard: dict[int, int] = {}
        self._handed_over: set[int] = set()
        self._ended: set[int] = set()
        self._posted = 0

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[Rehearsal]":
        """Start server, worker and mail sink for as long as the block lasts."""
        shutil.rmtree(self.settings.home, ignore_errors=True)
        keyring = KeyRing.create(self.settings.keyring_path)
        self.store = DocumentStore(self.settings.store_url, keyring)
        if any(step.does == "proclaim" for step in self.scenario.steps):
            own = Path(shutil.copytree(self.settings.partnership, self.settings.home / "partnership"))
            self.settings = self.settings.model_copy(update={"partnership": own})
        self.partnership = self._as_rehearsed(load_partnership(self.settings.partnership))
        async with AsyncExitStack() as stack:
            place = Place(skipping=True)
            if self.ui:
                origins = self.settings.ui_origins
                codec = await stack.enter_async_context(codec_server(self.settings, keyring, origins))
                place = Place(skipping=True, ui_port=8233, codec=codec)
            client = await stack.enter_async_context(self._serving(place, keyring))
            self.sink = await stack.enter_async_context(MailSink(self.settings.home / "mail"))
            desks = process.desks(self.settings, process.sink_server(self.sink.port))
            self.clock = ReviewClock(client)
            self.reviews = Reviews(self.clock.client, self.settings.task_queue)
            self.follow_ups = FollowUps(self.clock.client)
            self.considerations = Considerations(self.clock.client, self.settings.task_queue)
            self.played: Reviews | Considerations = self.reviews
            await stack.enter_async_context(process.worker(client, self.settings.task_queue, desks))
            if any(step.details.get("by_mail") for step in self.scenario.steps):
                premises = Premises(self.settings, client, keyring, self.store, self.partnership)
                self.partners = await stack.enter_async_context(partners(premises))
            yield self

    def _as_rehearsed(self, partnership: Partnership) -> Partnership:
        """The partnership with the days and hours this scenario gives it."""
        rules = {**partnership.timetable.model_dump(), **self.scenario.timetable}
        return partnership.model_copy(update={"timetable": built(TimetableRules, **rules)})

    async def play(self) -> None:
        """Open the review and take every step at its moment, writing the diary.

        Raises:
            Refused: a step was refused that should not have been, or taken that should have been refused.
        """
        self.diary.title(self.scenario.title)
        handle = await self._opened()
        if handle is None:
            return
        plan = await self._planned(handle)
        begun = plan.day0
        for step in self.scenario.review_steps:
            handle = await self._held(handle, moment_of(step.at, plan))
            await self._take(step, plan, handle)
            if review := await self._reviewed(handle):
                handle, plan = review, await self._planned(review)
        await self._until_it_ends(handle)
        now = await self.clock.now(await self._holder(handle))
        self.diary.standing = await self.played.standing(self.reference, now)
        if self.scenario.cspr_steps:
            now = await self._play_cspr()
        if self.scenario.expect.figures:
            told = await year_figures(self.clock.client, begun.year, now)
            self.diary.figures = lines_of(figure_sheets(told))

    async def _play_cspr(self) -> datetime:
        """Go on with the CSPR that the review has started, on its own clock, and say when that stands."""
        cspr = CsprRehearsal(
            self.reference_of_cspr, self.partnership, self.clock, self._document, self._write_of_cspr
        )
        self._heard_of_cspr = 0
        await cspr.play(self.scenario.cspr_steps, follow=self.scenario.follow)
        now = await self.clock.now(cspr.csprs.handle(self.reference_of_cspr))
        self.diary.cspr = await cspr.csprs.standing(self.reference_of_cspr, now)
        return now

    @property
    def reference_of_cspr(self) -> str:
        """What the commands of the CSPR that is played take: of a second review, the reference and ``/2``."""
        return self.reference if self.scenario.review == 1 else f"{self.reference}/{self.scenario.review}"

    async def _write_of_cspr(self, refusal: Refusal | None) -> None:
        entries = (await Csprs(self.clock.client).record(self.reference_of_cspr))[self._heard_of_cspr :]
        self._heard_of_cspr += len(entries)
        self.diary.add(entries, self._new_letters())
        if refusal:
            self.diary.note(*refusal, "yellow")

    async def _opened(self) -> WorkflowHandle[Any, Any] | None:
        """What the scenario's file opens, brought to its first moment; None where it was refused as told."""
        if self.scenario.opening:
            opening, after = await self._opening()
            self.reference = opening.reference
            handle: WorkflowHandle[Any, Any] = await self.reviews.open(
                opening, plan=first_plan(opening.sin, self.partnership), after=after
            )
        else:
            self.played = self.considerations
            try:
                put, after = await self._put_forward()
            except Refused as refusal:
                if not self.scenario.refused or self.scenario.refused not in str(refusal):
                    raise
                self.diary.note(self.clock.wall(), "the office", f"refused: {refusal}", "yellow")
                return None
            if self.scenario.refused:
                raise Refused("It was put forward, and should have been refused.")
            if self.scenario.known:
                path = self.scenario.folder / self.scenario.known
                other = read_alert(
                    path.read_text("utf-8"), path.name, now=self.clock.wall() + timedelta(days=3660)
                )
                known = await alerted(other, self.partnership, self.store, self.clock.wall())
                await self.considerations.open(known, after=after)
            self.reference = put.reference
            handle = await self.considerations.open(put, after=after)
        await self.clock.start(handle, after)
        return handle

    async def _put_forward(self) -> tuple[PutForward, timedelta]:
        """What puts the case forward, as if the local authority became aware on the scenario's first day."""
        wall = self.clock.wall()
        begins = next_moment(self.scenario.begins, wall)
        path, later = self.scenario.opening_path, begins + timedelta(days=3660)
        text = path.read_text("utf-8")
        file = (read_alert if self.scenario.alert else read_request)(text, path.name, now=later)
        moved = _moved(file, begins.date() - (file.aware_on or file.incident_on))
        after = begins - wall + timedelta(seconds=1)
        if isinstance(moved, AlertFile):
            return await alerted(moved, self.partnership, self.store, begins), after
        return await requested(moved, self.partnership, self.store, begins), after

    async def _reviewed(self, handle: WorkflowHandle[Any, Any]) -> WorkflowHandle[Any, Any] | None:
        """The review, once the case put forward has led to one: from then on that is played."""
        if not isinstance(self.played, Considerations):
            return None
        if (await self.played.standing(self.reference)).stage is not ConsiderationStage.REVIEWING:
            return None
        await handle.result()
        await self._move(handle, await self.clock.now(handle))
        self.played, self._heard = self.reviews, {}
        return self.reviews.handle(self.reference)

    async def _opening(self) -> tuple[OpenReview, timedelta]:
        """What opens the review, with the SIN at the scenario's own moment, and how far off that is."""
        wall = self.clock.wall()
        sent = next_moment(self.scenario.begins, wall)
        path = self.scenario.opening_path
        text = plain_text(path)
        given = read_opening(text, path.name, now=sent + timedelta(days=3660))
        days = sent.date() - given.sin.sent_at.date()
        aware = given.sin.aware_on
        sin = given.sin.model_copy(
            update={
                "sent_at": sent,
                "incident_on": given.sin.incident_on + days,
                "aware_on": aware + days if aware else None,
            }
        )
        named = {"reference": self.scenario.reference} if self.scenario.reference else {}
        opening = given.model_copy(update={"sin": sin, **named})
        after = sent - wall + timedelta(seconds=1)
        return await prepared(opening, self.partnership, self.store), after

    async def _planned(self, handle: WorkflowHandle[Any, Any]) -> Timetable:
        """The first plan; a delayed start is not always on its way at the moment it was moved to."""
        plans: tuple[Timetable, ...] = ()
        while not plans:
            await self._move(handle, await self.clock.now(handle) + timedelta(seconds=1))
            plans = await self.played.plans(self.reference)
        return plans[0]

    async def _move(self, handle: WorkflowHandle[Any, Any], to: datetime) -> bool:
        """Move the review's clock, then that of each action it left; write what happened on the way."""
        running = await self.clock.move_to(handle, to)
        entries = self._news(0, await self.played.record(self.reference))
        for number in sorted(self._handed_over - self._ended):
            action = self.follow_ups.handle(self.reference, number)
            if not await self.clock.move_to(action, to):
                self._ended.add(number)
            entries += self._news(number, await action.query(FollowUpWorkflow.record))
        self.diary.add(entries, self._new_letters())
        return running

    async def _holder(self, handle: WorkflowHandle[Any, Any]) -> WorkflowHandle[Any, Any]:
        """Whatever holds the case now: a concluded review is held elsewhere until the Panel has answered."""
        return await self.reviews.held_by(self.reference) if self.played is self.reviews else handle

    async def _held(self, handle: WorkflowHandle[Any, Any], to: datetime) -> WorkflowHandle[Any, Any]:
        """Whatever holds the case at a moment, brought to it."""
        await self._move(handle, to)
        holder = await self._holder(handle)
        if holder.id != handle.id:
            await self._move(holder, to)
        return holder

    def _news(self, number: int, record: Sequence[Noted]) -> list[Noted]:
        """What was added to the record of the review (0) or of an action since it was last read."""
        fresh = record[self._heard.get(number, 0) :]
        self._heard[number] = len(record)
        if number:
            return [e.model_copy(update={"says": f"Action {number}: {e.says}"}) for e in fresh]
        for entry in fresh:
            if entry.event is Event.ACTION_HANDED_OVER:
                self._follow(int(entry.says.split()[1]), record)
        return list(fresh)

    def _follow(self, number: int, record: Sequence[Noted]) -> None:
        """Follow an action by itself from now on: the review's record has told what it brings along."""
        self._handed_over.add(number)
        self._heard[number] = sum(entry.says.startswith(f"Action {number}: ") for entry in record)

    def _new_letters(self) -> list[EmailMessage]:
        """The headers of what was posted since this was last asked."""
        letters = list(self.sink.headers(known=self._posted))
        self._posted += len(letters)
        return letters

    async def _take(self, step: Step, plan: Timetable, handle: WorkflowHandle[Any, Any]) -> None:
        """Do what a step says, and see that it was taken or refused as the scenario expects."""
        number = int(step.details.get("number", 0))
        own = number in self._handed_over - self._ended
        told = self.follow_ups.handle(self.reference, number) if own else handle
        now = await self.clock.now(told)
        try:
            fact = built(_fact_of(step), **await self._fields(step, plan, now))
            if isinstance(fact, Proclaimed):
                self._proclaim(fact)
            elif isinstance(fact, Replan) and step.details.get("all_open"):
                await self._replan_all(fact, now)
            elif isinstance(fact, OF_AN_ACTION):
                await self.follow_ups.tell(self.reference, number, fact)
            elif isinstance(fact, AgencyReturn) and fact.by_mail:
                await self._replied(fact, now)
            elif step.does == "return" and isinstance(fact, AgencyReturn):
                await handle.signal(RapidReviewWorkflow.agency_return_received, fact)
            else:
                await self._tell(fact)
        except (Refused, NotReadable) as refusal:
            if not step.refused or step.refused not in str(refusal):
                raise
            self.diary.note(now, step.who, f"{step.does} refused: {refusal}", "yellow")
        else:
            if step.refused:
                raise Refused(
                    f"{step.at}: {step.does} by {step.who} was taken, and should have been refused."
                )
        await self._move(handle, now + timedelta(seconds=5))

    async def _replied(self, fact: AgencyReturn, now: datetime) -> None:
        """Have an agency answer its Request for Information by a real mail."""
        key = f"{StepKind.REQUEST}/{fact.agency}"
        letter = next(one for one in self.sink.messages() if one["X-Rapid-Review-Letter"] == key)
        sender = self.partnership.agencies[fact.agency].contacts[0].email
        self.partners.at = now
        await self.partners.answer(letter, sender, fact.kind, fact.people_searched)
        self.diary.note(now, fact.agency, "replies by mail, the form attached")

    async def _tell(self, fact: Message) -> None:
        if type(fact) not in (UPDATES if self.played is self.reviews else CONSIDERED):
            raise Refused(f"{self.reference} is not at a stage at which this can be done.")
        await self.played.tell(self.reference, fact)

    async def _replan_all(self, fact: Replan, now: datetime) -> None:
        """Plan all again that is open on this rehearsal's server, and let it be carried out."""
        replanned = [one async for one in replan_all(self.clock.client, fact.reason, fact.by)]
        for one in sorted(replanned, key=lambda one: one.name):
            self.diary.note(now, one.name, f"{one.became}. {one.says}", "yellow" if one.failed else "")

    def _proclaim(self, day: Proclaimed) -> None:
        """Write a bank holiday into this rehearsal's own copy of the partnership's folder."""
        with (self.settings.partnership / FILE).open("a", encoding="utf-8") as folder:
            folder.write(f'\n[[bank_holidays]]\ndate = {day.date}\nname = "{day.name}"\n')

    async def _fields(self, step: Step, plan: Timetable, now: datetime) -> dict[str, object]:
        """The step's details as the fact's fields: moments dated, documents stored, people named."""
        details: dict[str, object] = {key: _dated(value, plan) for key, value in step.details.items()}
        for not_of_the_fact in ("number", "all_open"):
            details.pop(not_of_the_fact, None)
        match step.does:
            case "return" | "record-return":
                document = await self._document(f"Return of {step.who}")
                given = {"id": f"rehearsal/{uuid4()}", "agency": step.who, "received_at": now}
                return {"documents": (document,), **given, **details}
            case "sign-off" | "view" | "consider":
                by = self._answering(step.who, deputy=bool(details.pop("deputy", False)))
                given = {"id": f"rehearsal/{uuid4()}"} if step.does != "consider" else {}
                return {**given, "lead": step.who, "by": by, **details}
            case "record-evidence":
                return {"id": f"rehearsal/{uuid4()}", "by": step.who, **details}
            case "submit-draft":
                return {"document": await self._document(str(details.get("text", now))), "by": step.who}
            case "panel-replied":
                letter = await self._document("The Panel's answer")
                return {"id": f"rehearsal/{uuid4()}", "letter": letter, "received_at": now, **details}
            case _:
                signed = {} if step.does == "proclaim" else {"by": step.who}
                return {**signed, **details}

    def _answering(self, key: str, *, deputy: bool) -> str:
        lead = self.partnership.leads.get(key)
        if lead is None:
            return key
        return lead.deputies[0].name if deputy else lead.name

    async def _document(self, text: str) -> DocumentRef:
        """A real Word document holding one line, stored as the office's are."""
        return await self.store.put(_word(f"{self.reference}: {text}"), MEDIA_TYPES[".docx"])

    async def _until_it_ends(self, handle: WorkflowHandle[Any, Any]) -> None:
        last = await self.clock.now(handle)
        running = await self._move(handle, last + timedelta(hours=1))
        while running and await self.clock.now(handle) < last + LONGEST and self.scenario.follow:
            running = await self._move(handle, await self.clock.now(handle) + timedelta(days=21))
        holder = await self._holder(handle)
        if holder.id != handle.id:
            await self._until_it_ends(holder)

    def farewell(self) -> None:
        """Say how it ended, where the mails and documents are, and how to look at it."""
        stood = self.diary.standing
        self.diary.title("How it ended")
        if isinstance(stood, ConsiderationStanding):
            self.diary.say(f"{stood.reference} is {stood.stage}; outcome: {stood.outcome or 'none yet'}.")
        elif stood:
            sent = (
                f"report sent to the Panel on {london(stood.submitted_at)}"
                if stood.submitted_at
                else "report not sent"
            )
            decided = stood.outcome.words if stood.outcome else "none yet"
            self.diary.say(f"{stood.reference} is {stood.stage}: {sent}; decision: {decided}.")
        if stood:
            self.diary.say(f"Dates missed: {'; '.join(stood.late) or 'none'}.")
        if cspr := self.diary.cspr:
            self.diary.say(f"Its CSPR is {cspr.stage}. Dates missed: {'; '.join(cspr.late) or 'none'}.")
        self.diary.say(f"{self._posted} letters, as mail files: {self.settings.home / 'mail'}")
        self.diary.say(f"Their attachments, as documents to open: {self._unpacked()}")
        if self.ui:
            self.diary.say(
                "Web UI: http://127.0.0.1:8233/namespaces/default/workflows/"
                f"{self.reference} (Ctrl-C ends it)"
            )
        else:
            self.diary.say("To see it in the Temporal Web UI, play it again with --keep.")

    def _unpacked(self) -> Path:
        """The folder into which every distinct attachment was copied; the lists of people stay sealed."""
        folder = self.settings.home / "documents"
        folder.mkdir(mode=0o700, exist_ok=True)
        for letter in self.sink.messages():
            for part in letter.iter_attachments():
                name = re.sub(r"[^A-Za-z0-9.-]", "_", part.get_filename() or "attachment")
                (folder / name).write_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
        return folder


def _moved(file: AlertFile | RequestFile, by: timedelta) -> AlertFile | RequestFile:
    """A file by which a case is put forward, with its dates moved along together."""
    keys = ("incident_on", "incident_until", "aware_on")
    change: dict[str, object] = {key: day + by for key in keys if (day := getattr(file, key))}
    if isinstance(file, RequestFile) and file.countersignature:
        signed = file.countersignature
        dates = {key: getattr(signed, key) + by for key in ("discussed_on", "countersigned_on")}
        change["countersignature"] = signed.model_copy(update=dates)
    return file.model_copy(update=change)


@lru_cache(maxsize=512)
def _word(line: str) -> bytes:
    """A Word document holding one line: the same for the same line, which many scenarios share."""
    from docx import Document

    document, content = Document(), BytesIO()
    document.add_paragraph(line)
    document.save(content)
    return content.getvalue()


def _fact_of(step: Step) -> type[Message]:
    try:
        return FACTS[step.does]
    except KeyError:
        raise NotReadable(
            f"{step.at}: nobody can {step.does!r}. A step does one of: {', '.join(FACTS)}."
        ) from None


def _dated(value: object, plan: Timetable) -> object:
    """A detail with every moment of the review's clock made a real one, however deep it lies."""
    if isinstance(value, str) and re.fullmatch(r"day \d{1,2} \d\d:\d\d", value):
        return moment_of(value, plan)
    if isinstance(value, str) and re.fullmatch(r"day \d{1,2}", value):
        return moment_of(f"{value} 12:00", plan).date()
    if isinstance(value, dict):
        return {key: _dated(inner, plan) for key, inner in value.items()}
    if isinstance(value, list):
        return [_dated(inner, plan) for inner in value]
    return value
