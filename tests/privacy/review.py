"""A whole review with every field marked, played in a process of its own so that all it prints can be read.

``python -m tests.privacy.review FOLDER`` leaves in that folder: ``temporal.db`` (the server's database) and
``running`` (the same while it ran), ``told`` (what the server tells anybody who asks), ``overview`` (every
form of it), ``office`` (key ring and encrypted store) and ``mail`` (every letter). Everything logged, down to
the engine's own debugging, goes to standard error.
"""

import asyncio
import logging
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from docx import Document
from google.protobuf.json_format import MessageToJson
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from activities.smtp import SmtpServer
from domain.cspr.messages import (
    Concern,
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
    OpenCspr,
    Proceedings,
    cspr_id,
)
from domain.errors import Refused
from domain.follow_up.messages import (
    CloseAction,
    CountedAgain,
    FollowUpKind,
    MoveAction,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
    workflow_id,
)
from domain.messages import (
    EDITION,
    AddAgency,
    Answer,
    Concluded,
    Decide,
    DocumentRef,
    Message,
    OpenReview,
    PassedOn,
    Recommendation,
    Reopen,
    Replan,
    ReplanWait,
    SendAgain,
    SeriousIncidentNotification,
    SubmitDraft,
    Withdraw,
)
from domain.particulars import MEDIA_TYPE
from domain.partnership import Partnership, load_partnership
from starter.arguments import MEDIA_TYPES
from starter.clock import ReviewClock
from starter.csprs import Csprs
from starter.embedded import Place, embedded_server
from starter.figures import year_figures
from starter.follow_ups import FollowUps
from starter.listing import every_case
from starter.reviews import Reviews, started_with
from starter.sheets import as_csv, as_page, case_sheet, figure_sheets
from starter.sink import MailSink
from tests.privacy.disclosures import OF_AN_ACTION, told_by
from tests.privacy.facts import Facts, particulars, signed, vain
from tests.privacy.folder import marked_folder
from tests.privacy.markers import WORDS, marked
from tests.privacy.putting_forward import LINKED, NO_SIN_IN_IT, WITHDRAWN, MarkedConsiderations
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker import process
from worker.settings import Settings
from workflows.consideration import consideration_id
from workflows.cspr import CsprWorkflow
from workflows.follow_up import FollowUpWorkflow
from workflows.panel_answer import panel_workflow_id
from workflows.rapid_review import RapidReviewWorkflow

REFERENCE = "RR-2026-77"
ASKED = ("police", "hospital", "housing", "early-years")

OTHERS = (
    workflow_id(REFERENCE, 1),
    workflow_id(REFERENCE, 2),
    cspr_id(REFERENCE),
    cspr_id(f"{REFERENCE}/2"),
    *map(consideration_id, (REFERENCE, NO_SIN_IN_IT, WITHDRAWN, LINKED)),
    workflow_id(NO_SIN_IN_IT, 1),
)
"""The workflows beside the review and the wait for the Panel: what is asked of each is the same."""


class FussySink(MailSink):
    """A mail sink that will not take letters for the hospital until its address is ``mended``."""

    mended = False

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls it by
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse the hospital, quoting its address as mail servers do."""
        del server, session, options
        if "hospital" in address and not self.mended:
            said = WORDS["a mail server's answer"]
            return f"550 5.1.1 <{address}> {said}"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"


@dataclass
class MarkedReview:
    """The review as it is played: its office in ``folder``, and everything it needs."""

    folder: Path
    partnership: Partnership
    store: DocumentStore
    clock: ReviewClock
    sink: FussySink
    facts: Facts = field(init=False)
    handle: "WorkflowHandle[RapidReviewWorkflow, Concluded]" = field(init=False)

    @property
    def reviews(self) -> Reviews:
        """The reviews of the server."""
        return Reviews(self.clock.client, "marked")

    async def play(self) -> None:
        """The whole review, from the SIN to the Panel, with everything that can go wrong on the way."""
        await self.open()
        await self.tell_out_of_form()
        await self.book_without_mail()
        await self.gather()
        await self.meet_and_draft()
        await self.sign_and_conclude()
        await self.follow_up()
        await self.withdraw()
        await self.conduct_the_cspr()
        await self.withdraw_a_second_cspr()
        opened_with = await self.store.put(particulars().model_dump_json().encode(), MEDIA_TYPE)
        today = datetime.now(UTC).date()
        beside = MarkedConsiderations(self.clock, self.partnership, opened_with, today)
        await beside.play(REFERENCE)

    async def open(self) -> None:
        """The SIN of a minute ago; the hospital's letter is refused."""
        now = datetime.now(UTC)
        plain = particulars().model_dump_json().encode()
        opening = marked(
            OpenReview,
            reference=REFERENCE,
            area="northamptonshire",
            sin=SeriousIncidentNotification(
                reference="SIN-77", sent_at=now - timedelta(minutes=1), incident_on=now.date()
            ),
            ask=ASKED,
            particulars=await self.store.put(plain, MEDIA_TYPE),
            rules=self.partnership.timetable,
            roster=self.partnership.roster(),
            decision_rules=self.partnership.decision_rules(),
            edition=EDITION,
        )
        self.handle = await self.reviews.open(opening)
        await self.pass_time()
        plan = (await self.reviews.plans(REFERENCE))[0]
        names = {key: lead.name for key, lead in self.partnership.leads.items()}
        kind = f"application/{WORDS['DocumentRef.media_type']}"
        returned = await self.store.put(WORDS["an agency's return"].encode(), kind)
        self.facts = Facts(plan, names, returned)

    async def tell_out_of_form(self) -> None:
        """Messages that are not what they should be, from a program that is not ours."""
        word = WORDS["a message out of form"]
        wrong = {"id": 1, "agency": word, "kind": word, "people_searched": word, "by": {"name": word}}
        await self.handle.signal("agency_return_received", wrong)
        await self.handle.signal("sign_off_received", word)
        await self.pass_time()
        for name in ("book_meeting", "replan", "record_return"):
            try:
                await self.handle.execute_update(name, wrong)
            except Exception:  # noqa: BLE001, S112 - whatever it is, only what was kept of it matters
                continue
            raise AssertionError(name)

    async def book_without_mail(self) -> None:
        """The meeting is booked while the mail server is down, and invitations go when it is back."""
        await self.sink.stop()
        await self.reviews.tell(REFERENCE, self.facts.booking())
        while not await self.failing():
            continue
        await self.ask_the_server("without-mail")
        await self.sink.start()
        await self.pass_time()

    async def failing(self) -> bool:
        """Whether an activity has been tried and has failed."""
        pending = (await self.handle.describe()).raw_description.pending_activities
        return any(activity.HasField("last_failure") for activity in pending)

    async def gather(self) -> None:
        """Returns come in, one more agency is asked, and every refusal there is at that stage is met."""
        await self.move("day 2 10:00")
        await self.handle.signal(RapidReviewWorkflow.agency_return_received, self.facts.a_return("police"))
        await self.tell(marked(AddAgency, agency="gp"))
        for fact in self.facts.refused_before_the_meeting(await self.clock.now(self.handle)):
            await self.refuse(fact)
        self.sink.mended = True
        await self.tell(marked(SendAgain, letter="request/hospital"))
        failed = self.facts.came_back("review-opened/health")
        await self.handle.signal(RapidReviewWorkflow.delivery_failed, failed)
        await self.handle.signal(RapidReviewWorkflow.panel_replied, self.facts.panel(self.facts.returned))
        await self.pass_time()
        filed, settled = self.facts.mail(self.facts.returned, await self.clock.now(self.handle))
        await self.handle.signal(RapidReviewWorkflow.mail_filed, filed)
        await self.pass_time()
        await self.tell(settled)

    async def meet_and_draft(self) -> None:
        """The meeting, an extension, a first version that a lead amends, and a return that comes late."""
        await self.move("day 11 13:00")
        await self.tell(self.facts.meeting())
        await self.tell(self.facts.learning())
        moved = marked(MoveAction, to=self.facts.at("day 65 12:00").date())
        await FollowUps(self.clock.client).tell(REFERENCE, 2, moved)
        await self.pass_time()
        extended = self.facts.at("day 17 12:00").date()
        await self.tell(marked(Replan, extend="panel_submission_due", to=extended))
        await self.tell(marked(SubmitDraft, document=await self.report("the draft report")))
        await self.tell(signed(self.facts.names["health"], "health", answer=Answer.AMEND))
        await self.tell(self.facts.a_return("housing"))
        await self.tell(marked(Reopen))
        await self.refuse(vain(Reopen))
        police = self.partnership.leads["police"].deputies[0].name
        await self.refuse(self.facts.view("scouts", police))
        somebody = WORDS["refused GiveView.by"]
        await self.refuse(self.facts.view("police", somebody))
        await self.tell(self.facts.view("police", police))

    async def sign_and_conclude(self) -> None:
        """A second version, every refusal there is at that stage, every lead, the Panel, the decision."""
        report = await self.report("the report")
        await self.tell(marked(SubmitDraft, document=report))
        deputy = self.partnership.leads["health"].deputies[0].name
        await self.tell(signed(deputy, "health", 2))
        for fact in self.facts.refused_while_signing(report):
            await self.refuse(fact)
        police = signed(self.facts.names["police"], "police", 2)
        await self.handle.signal(RapidReviewWorkflow.sign_off_received, police)
        await self.refuse(self.facts.refused_signature(lead="health", by=deputy))
        await self.tell(signed(self.facts.names["local-authority"], "local-authority", 2))
        letter = await self.store.put(WORDS["the Panel's letter"].encode(), "text/plain")
        answer = self.facts.panel(letter).model_copy(update={"id": f"{WORDS['PanelReplied.id']}/2"})
        await self.refuse(self.facts.refused_signature())
        await self.tell(marked(Decide, outcome=Recommendation.CSPR))
        await self.handle.result()
        self.handle = await self.reviews.held_by(REFERENCE)
        answer = answer.model_copy(update={"agrees": False})
        await self.handle.signal(RapidReviewWorkflow.panel_replied, answer)
        await self.handle.signal(RapidReviewWorkflow.duplicate_linked, self.facts.duplicate())
        late = PassedOn(fact=self.facts.duplicate(), at=await self.clock.now(self.handle))
        await self.handle.signal("told_before", late)
        with suppress(WorkflowUpdateFailedError):  # no day of it moves
            await self.handle.execute_update("replan", marked(ReplanWait))
        await self.pass_time()

    async def withdraw(self) -> None:
        """The case is withdrawn while its Panel is awaited, and takes no more."""
        await self.tell(marked(Withdraw))
        await self.handle.result()
        await self.refuse(vain(Withdraw))
        await self.refuse(self.facts.refused_signature())

    async def follow_up(self) -> None:
        """The actions go on by themselves: shown, refused, moved, closed by another, withdrawn."""
        follow_ups = FollowUps(self.clock.client)
        handles = [follow_ups.handle(REFERENCE, number) for number in (1, 2)]
        for handle in handles:
            await self.clock.move_on(handle, timedelta(seconds=5))
        given = marked(RecordEvidence, documents=(self.facts.returned,))
        await follow_ups.tell(REFERENCE, 1, given)
        refused = [*self.facts.refused_of_an_action(await self.clock.now(handles[0])), marked(ReplanAction)]
        for fact in refused:
            try:
                await follow_ups.tell(REFERENCE, 1, fact)
            except Refused:
                continue
            raise AssertionError(f"{type(fact).__name__} was taken, and should have been refused")
        of, due = FollowUpKind.IMMEDIATE_ACTION, self.facts.at("day 60 17:00")
        moved = CountedAgain(
            number=2, kind=of, was=due, due=due, original=due, at=await self.clock.now(handles[0])
        )
        await handles[0].signal(FollowUpWorkflow.counted_again, moved)
        await follow_ups.tell(REFERENCE, 1, marked(CloseAction))
        await self.clock.move_to(handles[0], moved.at + timedelta(minutes=15))
        await follow_ups.tell(REFERENCE, 2, marked(MoveAction, to=self.facts.at("day 70 12:00").date()))
        await self.clock.move_to(handles[1], self.facts.at("day 66 12:00"))
        await follow_ups.tell(REFERENCE, 2, marked(WithdrawAction))
        for handle in handles:
            await handle.result()

    async def conduct_the_cspr(self) -> None:
        """Everything a CSPR is told, from its commission to its publication, and some of it in vain."""
        handle = self.csprs.handle(REFERENCE)
        now = await self.clock.now(handle)
        day = self.facts.at("day 40 12:00").date()
        terms, lines = await self.report("the terms"), await self.report("the key lines")
        await self.tell_cspr(marked(CsprCommission, reviewer="reviewer-one", no_conflict=True))
        await self.refuse_cspr(vain(CsprCommission, reviewer="reviewer-one", no_conflict=True))
        await self.tell_cspr(marked(CsprTerms, terms=terms, key_lines=lines))
        await self.tell_cspr(marked(CsprMonitor, on_time=False, good_quality=False))
        asked = await self.report("the request")
        await self.tell_cspr(marked(CsprRequest, about=Concern.TIME, document=asked, answer_by=day))
        await self.tell_cspr(marked(CsprDraft, document=await self.report("the CSPR")))
        await self.refuse_cspr(vain(CsprSend))
        for lead, name in self.facts.names.items():
            await self.tell_cspr(signed(name, lead).model_copy(update={"id": f"cspr/{lead}"}))
        await self.tell_cspr(marked(CsprHold, proceedings=Proceedings.CRIMINAL, review_on=day))
        await self.tell_cspr(marked(CsprLiftHold, proceedings=Proceedings.CRIMINAL))
        extended = self.facts.at("day 42 12:00").date() + timedelta(days=200)
        working = (await self.csprs.plans(REFERENCE))[0].working_day_from(extended)
        await self.tell_cspr(marked(CsprReplan, extend_to=working))
        await self.refuse_cspr(vain(CsprReplan, extend_to=working))
        await self.tell_cspr(marked(CsprSend))
        await self.refuse_cspr(vain(CsprPublish, published_on=now.date()))
        await self.clock.move_to(handle, now + timedelta(days=40))
        found = await self.report("the improvements")
        published_on = (now + timedelta(days=38)).date()
        await self.tell_cspr(marked(CsprPublish, published_on=published_on, improvements=found))

    async def withdraw_a_second_cspr(self) -> None:
        """Another review beside it, as one that is decided anew starts it, is withdrawn."""
        handle = self.csprs.handle(REFERENCE)
        first = await started_with(self.clock.client, handle, OpenCspr)
        second = first.model_copy(update={"number": 2})
        await self.clock.client.start_workflow(
            CsprWorkflow.run, second, id=second.workflow_id, task_queue="marked"
        )
        await self.tell_cspr(marked(CsprWithdraw), second.called)

    @property
    def csprs(self) -> Csprs:
        """The CSPRs of the server."""
        return Csprs(self.clock.client)

    async def tell_cspr(self, fact: Message, called: str = REFERENCE) -> None:
        """Bring a fact that the CSPR takes, and let what answers it be carried out."""
        handle = self.csprs.handle(called)
        await self.clock.move_on(handle, timedelta(seconds=5))
        await self.csprs.tell(called, fact)
        await self.clock.move_on(handle, timedelta(seconds=5))

    async def refuse_cspr(self, fact: Message) -> None:
        """Bring a fact that the CSPR refuses."""
        try:
            await self.csprs.tell(REFERENCE, fact)
        except Refused:
            return
        raise AssertionError(f"{type(fact).__name__} was taken, and should have been refused")

    async def report(self, label: str) -> DocumentRef:
        """A version of the report, a Word document, stored."""
        document, content = Document(), BytesIO()
        document.add_paragraph(WORDS[label])
        document.save(content)
        return await self.store.put(content.getvalue(), MEDIA_TYPES[".docx"])

    async def tell(self, fact: Message) -> None:
        """Bring a fact that is taken."""
        await self.reviews.tell(REFERENCE, fact)
        await self.pass_time()

    async def refuse(self, fact: Message) -> None:
        """Bring a fact that is refused."""
        try:
            await self.reviews.tell(REFERENCE, fact)
        except Refused:
            return
        raise AssertionError(f"{type(fact).__name__} was taken, and should have been refused")

    async def pass_time(self) -> None:
        """Let what is due now be done."""
        await self.clock.move_on(self.handle, timedelta(seconds=5))

    async def move(self, moment: str) -> None:
        """Move the review's clock to a moment such as ``day 2 10:00``."""
        await self.clock.move_to(self.handle, self.facts.at(moment))

    async def ask_the_server(self, when: str, of: str = REFERENCE) -> None:
        """Keep everything the server tells of the case, and its database as it is while it runs."""
        told = self.folder / "told" / when
        told.mkdir(parents=True)
        async for name, message in told_by(self.clock.client, of):
            (told / f"{name}.pb").write_bytes(message.SerializeToString())
            (told / f"{name}.json").write_text(MessageToJson(message), encoding="utf-8")
        for identity in OTHERS if when == "at-the-end" else ():
            what = identity.replace("/", "-")
            async for name, message in told_by(self.clock.client, identity, OF_AN_ACTION):
                (told / f"{what}-{name}.pb").write_bytes(message.SerializeToString())
                (told / f"{what}-{name}.json").write_text(MessageToJson(message), encoding="utf-8")
        await self.print_the_overview(self.folder / "overview" / when)
        running = self.folder / "running" / when
        running.mkdir(parents=True)
        for file in self.folder.glob("temporal.db*"):
            shutil.copy(file, running / file.name)

    async def print_the_overview(self, into: Path) -> None:
        """Every form of the overview with the year's figures, as an office would pass it on."""
        client, now = self.clock.client, datetime.now(UTC)
        rows, year = await every_case(client, closed=True), await year_figures(client, now.year, now)
        sheets = [case_sheet(rows), *figure_sheets(year)]
        forms = {
            "overview.csv": as_csv(sheets),
            "overview.html": as_page(sheets, now, "Open cases."),
            "cases.json": "\n".join(row.model_dump_json() for row in rows),
            "figures.json": year.model_dump_json(),
        }
        _kept(into, forms)


def _kept(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")


async def main(folder: Path) -> None:
    """Play the marked review in a folder."""
    settings = Settings(
        home=folder / "office", partnership=marked_folder(folder / "partnership"), task_queue="marked"
    )
    keyring = KeyRing.create(settings.keyring_path)
    place = Place(database=folder / "temporal.db", skipping=True)
    async with embedded_server(place, keyring) as client, FussySink(folder / "mail") as sink:
        await _play(folder, settings, client, sink, keyring)


async def _play(folder: Path, settings: Settings, client: Client, sink: FussySink, keyring: KeyRing) -> None:
    server = SmtpServer("127.0.0.1", sink.port, security="none", retry_after=timedelta(milliseconds=100))
    desks = process.desks(settings, server)
    review = MarkedReview(
        folder=folder,
        partnership=load_partnership(settings.partnership),
        store=DocumentStore(settings.store_url, keyring),
        clock=ReviewClock(client),
        sink=sink,
    )
    async with process.worker(client, settings.task_queue, desks):
        await review.play()
        await review.ask_the_server("at-the-end")
        await review.ask_the_server("while-the-panel-was-awaited", panel_workflow_id(REFERENCE))


class Everything(logging.Formatter):
    """Writes a record's message, its traceback, and everything that was put beside them."""

    def format(self, record: logging.LogRecord) -> str:
        """The record and all its attributes."""
        return f"{super().format(record)} {vars(record)!r}"


def log_everything() -> None:
    """Log all there is to log, ours and the engine's, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Everything())
    handler.addFilter(lambda record: not record.name.startswith("mail."))  # the sink's, which receives
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])
    everything = TelemetryFilter(core_level="DEBUG", other_level="INFO")
    Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=LoggingConfig(filter=everything))))


if __name__ == "__main__":
    log_everything()
    asyncio.run(main(Path(sys.argv[1])))
