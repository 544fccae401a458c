"""The mail room against a real server on loopback, with STARTTLS and a password."""

import asyncio
import os
from datetime import timedelta
from email import message_from_bytes
from email.policy import EmailPolicy, default
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationErrorCategory
from temporalio.testing import ActivityEnvironment

from activities.documents import DocumentDesk, MadeAttachment
from activities.ledger import MailLedger
from activities.mail import (
    POSSIBLE_DUPLICATE,
    SmtpPostRoom,
    Stationery,
    _on_the_wire,
)
from activities.smtp import SmtpServer
from domain.messages import Delivery, DocumentRef, Letter, Post, Recipient, RecipientKind
from domain.partnership import Partnership
from domain.tokens import LETTER_KEY, PURPOSE, CaseToken, letter_mark, parse, parse_message_id
from tests.activities.conftest import AS_OF, ScriptedServer, post, reminder, send, trouble
from vault.documents import DocumentStore
from vault.keys import KeyRing

POLICE, HOUSING = reminder("police"), reminder("housing")
BOTH = post(POLICE, HOUSING)
NO_SUCH = "550 5.1.1 <{0}> there is no such person"


def outcomes(deliveries: tuple[Delivery, ...]) -> list[tuple[str, str]]:
    """What became of each letter, and the status of a refusal."""
    return [(delivery.outcome, delivery.status) for delivery in deliveries]


class TestLetters:
    """What a letter looks like as it arrives."""

    async def test_letter_goes_encrypted_to_the_contact_book_and_nobody_else(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """One message, to all of the agency's contacts, over TLS and after logging in."""
        assert outcomes(await send(room, post(POLICE))) == [("sent", "")]
        everyone = ["police-one@agency.example", "police-two@agency.example"]
        assert mail_server.recipients == [everyone]
        assert [a.addr_spec for a in mail_server.messages[0]["To"].addresses] == everyone
        assert mail_server.encrypted == [True]
        assert mail_server.heard["AUTH"] == 1

    async def test_addresses_in_facts_receive_nothing(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """A letter names a kind and a key; no text in it can add an address."""
        stray = {**HOUSING.facts, "agency": "x@stray.example\r\nBcc: y@stray.example"}
        await send(room, post(HOUSING.model_copy(update={"facts": stray})))
        [message] = mail_server.messages
        assert mail_server.recipients == [["housing@agency.example"]]
        assert message["Bcc"] is None

    async def test_subject_begins_with_the_mark_gateways_look_for(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """The prefix is ours, the rest the partnership's."""
        await send(room, post(POLICE))
        subject = mail_server.messages[0]["Subject"]
        assert subject == "[SECURE] RR-2026-07: reminder 1, due Thu 17 Dec 2026 17:00"

    @pytest.mark.parametrize("name", ["Zoë, of Sure Start", 'The "Old" Vicarage', "Long " * 60 + "Name"])
    async def test_headers_are_read_as_they_were_meant(
        self, name: str, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """Accents, quotation marks, commas and length are encoded, quoted and folded as they must be."""
        stationery = room._stationery
        stationery._partnership = stationery._partnership.model_copy(update={"name": name.strip()})
        await send(room, post(POLICE.model_copy(update={"facts": {**POLICE.facts, "due": "après-midi"}})))
        [message] = mail_server.messages
        [sender] = message["From"].addresses
        assert (sender.display_name, sender.addr_spec) == (name.strip(), stationery._partnership.mail_from)
        assert message["Subject"] == "[SECURE] RR-2026-07: reminder 1, due après-midi"
        assert mail_server.taken[0].isascii()

    async def test_headers_ask_for_no_automatic_answer_but_for_non_delivery_reports(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """RFC 3834 and Exchange's own header; a bounce must still come back."""
        await send(room, post(POLICE))
        [message] = mail_server.messages
        assert message["Auto-Submitted"] == "auto-generated"
        suppressed = message["X-Auto-Response-Suppress"].split(", ")
        assert "OOF" in suppressed
        assert not {"NDR", "All"} & set(suppressed)
        assert message[LETTER_KEY] == "reminder/1/police"
        assert message[POSSIBLE_DUPLICATE] is None

    async def test_date_is_the_moment_it_is_written_for(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """Not the machine's clock: a rehearsal's letters bear the rehearsal's dates."""
        await send(room, post(POLICE))
        assert parsedate_to_datetime(mail_server.messages[0]["Date"]) == AS_OF

    async def test_a_letter_is_written_as_the_library_writes_it(
        self, partnership: Partnership, keyring: KeyRing, store: DocumentStore
    ) -> None:
        """Only sooner; and read back, its HTML and a file longer than a line are as they were."""
        file = await store.put(bytes(range(256)) * 9, "application/pdf")
        letter = POLICE.model_copy(
            update={"facts": {**POLICE.facts, "agency": "\u00e9" * 200}, "documents": (file,)}
        )
        stationery = Stationery(partnership, keyring, DocumentDesk(partnership, store, keyring))
        written = await stationery.write(letter, post(letter))
        by_the_library = EmailPolicy(linesep="\n", cte_type="7bit", max_line_length=200)
        assert _on_the_wire(written) == written.as_bytes(policy=by_the_library)
        read = message_from_bytes(_on_the_wire(written), policy=default)
        html = read.get_body(("html",))
        assert html
        assert "\u00e9" * 200 in html.get_content()
        assert [part.get_content() for part in read.iter_attachments()] == [bytes(range(256)) * 9]

    async def test_no_fact_can_end_a_line_or_the_letter_by_itself(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """RFC 5321, section 2.3.8: CR and LF stand together only; a dot alone comes out as it went in."""
        odd = "one\rtwo\n.\r\n.\r\n..three\n\rfour\x0b\x85\u2028 = \t\nfive \n."
        await send(room, post(POLICE.model_copy(update={"facts": {**POLICE.facts, "agency": odd}})))
        [raw], [message] = mail_server.taken, mail_server.messages
        assert not {13, 10} & set(raw.replace(b"\r\n", b""))
        text = message.get_body(("plain",))
        assert text
        said = text.get_content().partition(": due")[0]
        assert said.splitlines() == odd.replace("\r\n", "\n").replace("\r", "\n").splitlines()

    async def test_both_bodies_say_the_same_and_html_is_escaped(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """Plain text first; a fact cannot become markup."""
        await send(
            room, post(POLICE.model_copy(update={"facts": {**POLICE.facts, "agency": "A & <b>B</b>"}}))
        )
        [message] = mail_server.messages
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        assert text
        assert html
        assert text.get_content().startswith("A & <b>B</b>: due Thu 17 Dec 2026 17:00. Telephone Desk office")
        assert "A &amp; &lt;b&gt;B&lt;/b&gt;" in html.get_content()

    @pytest.mark.parametrize("kind", ["agency", "representative", "lead"])
    async def test_reply_address_verifies(
        self, kind: str, room: SmtpPostRoom, mail_server: ScriptedServer, keyring: KeyRing
    ) -> None:
        """Who may answer gets a reply address whose token we signed, and the same in the Message-ID."""
        letter = reminder("police", RecipientKind(kind))
        await send(room, post(letter))
        [message] = mail_server.messages
        [reply_to] = message["Reply-To"].addresses
        token, signature = parse(reply_to.username)
        assert token == CaseToken.of("RR-2026-07", letter.to)
        assert keyring.verify(PURPOSE, token.text, signature)
        assert reply_to.domain == "replies.partnership.example"
        assert parse_message_id(message["Message-ID"]) == (token, signature, letter_mark(letter.key))

    @pytest.mark.parametrize("kind", ["office", "panel", "ofsted", "partner"])
    async def test_others_answer_to_the_office(
        self, kind: str, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """No token goes to those whose answers no machine takes."""
        await send(room, post(reminder("police", RecipientKind(kind))))
        assert mail_server.messages[0]["Reply-To"] == "office@agency.example"

    async def test_stored_document_is_attached_unchanged(
        self, room: SmtpPostRoom, mail_server: ScriptedServer, store: DocumentStore
    ) -> None:
        """The report arrives byte for byte, under a name that names nobody."""
        report = await store.put(b"PK\x03\x04 report \r\n.\r\n of Child A", "application/pdf")
        await send(room, post(POLICE.model_copy(update={"documents": (report,)})))
        [attached] = mail_server.messages[0].iter_attachments()
        assert attached.get_content() == b"PK\x03\x04 report \r\n.\r\n of Child A"
        assert attached.get_content_type() == "application/pdf"
        assert "RR-2026-07" in str(attached.get_filename())

    async def test_a_report_to_several_is_fetched_once_a_step_and_not_kept(
        self, room: SmtpPostRoom, mail_server: ScriptedServer, store: DocumentStore
    ) -> None:
        """A step's letters share it; a large one does not stay in memory until the next."""
        report = await store.put(b"PK report", "application/pdf")
        shelf = Fetching(store)
        room._documents._store = shelf
        for number in (1, 2):
            asked = [reminder(agency, number=number) for agency in ("police", "housing")]
            await send(room, post(*(a.model_copy(update={"documents": (report,)}) for a in asked)))
            assert shelf.fetched == [report] * number
        attached = [part.get_content() for m in mail_server.messages for part in m.iter_attachments()]
        assert attached == [b"PK report"] * 4

    async def test_invitation_says_its_method(
        self, partnership: Partnership, keyring: KeyRing, store: DocumentStore
    ) -> None:
        """Mail programs offer a meeting for the calendar only where Content-Type says REQUEST (RFC 6047)."""
        written = await Stationery(partnership, keyring, Inviting(partnership, store, keyring)).write(
            POLICE, post(POLICE)
        )
        [attached] = written.iter_attachments()
        assert attached.get_content_type() == "text/calendar"
        assert attached.get_param("method") == "REQUEST"

    async def test_letter_written_again_has_the_same_message_id(
        self, partnership: Partnership, keyring: KeyRing, store: DocumentStore
    ) -> None:
        """Message-ID depends on case, recipient and key: not on the moment or the facts."""
        stationery = Stationery(partnership, keyring, DocumentDesk(partnership, store, keyring))
        later = post(POLICE.model_copy(update={"facts": {**POLICE.facts, "due": "Fri 18 Dec 2026 17:00"}}))
        later = later.model_copy(update={"as_of": AS_OF + timedelta(days=1)})
        first, second = [await stationery.write(p.letters[0], p) for p in (post(POLICE), later)]
        assert first["Message-ID"] == second["Message-ID"]
        other = await stationery.write(reminder("police", number=2), post(POLICE))
        assert other["Message-ID"] != first["Message-ID"]

    @pytest.mark.parametrize("times", [1, 60])
    async def test_every_line_is_seven_bit_and_short(
        self, times: int, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """RFC 5321: nothing a server would have to rewrite, even with accents and long lines."""
        long = {**POLICE.facts, "agency": "é " * times}
        await send(room, post(POLICE.model_copy(update={"facts": long})))
        [raw] = mail_server.taken
        assert raw.isascii()
        assert max(map(len, raw.split(b"\r\n"))) <= 998

    @pytest.mark.parametrize(
        ("file", "text", "says"),
        [
            ("subject.txt", "{{ reference }}:\n{{ due }}", "must be one line"),
            ("body.txt", "{{ undue }}", "'undue' is undefined"),
            ("body.html", "{% if %}", "Expected an expression"),
        ],
    )
    async def test_wrong_template_is_said_and_stops_no_other_letter(
        self, file: str, text: str, says: str, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """The sentence names letter, case and template; the other letters go."""
        template = room._partnership.folder / "mail" / "broken"
        template.mkdir()
        for name in ("subject.txt", "body.txt", "body.html"):
            (template / name).write_text("{{ reference }}", encoding="utf-8")
        (template / file).write_text(text, encoding="utf-8")
        error = await trouble(room, post(POLICE.model_copy(update={"template": "broken"}), HOUSING))
        assert error.type == "LetterNotWritten"
        assert "reminder/1/police of RR-2026-07 was not written from broken: " in error.message
        assert says in error.message
        assert mail_server.recipients == [["housing@agency.example"]]

    async def test_recipient_missing_from_the_contact_book_is_said(self, room: SmtpPostRoom) -> None:
        """An agency removed from the folder while its case runs is named by its key."""
        stranger = POLICE.model_copy(update={"to": Recipient(kind=RecipientKind.AGENCY, key="probation")})
        error = await trouble(room, post(stranger))
        assert error.type == "LetterNotWritten"
        assert "agency:probation" in error.message


class Fetching(DocumentStore):
    """Another store, which notes what is fetched from it."""

    def __init__(self, store: DocumentStore) -> None:
        """Fetch from ``store``."""
        self._whole, self.fetched = store, list[DocumentRef]()

    async def get(self, ref: DocumentRef) -> bytes:
        """Note it and fetch it."""
        self.fetched.append(ref)
        return await self._whole.get(ref)


class Inviting(DocumentDesk):
    """A desk that attaches the same invitation to everything."""

    async def attachments(self, letter: Letter, post: Post) -> list[MadeAttachment]:  # noqa: ARG002 - the desk's own signature
        """One invitation."""
        return [MadeAttachment("meeting.ics", "text/calendar", b"BEGIN:VCALENDAR", {"method": "REQUEST"})]


class TestOnce:
    """No letter goes twice unmarked, and none is lost."""

    async def test_batch_uses_one_connection(self, room: SmtpPostRoom, mail_server: ScriptedServer) -> None:
        """Twelve letters, one login."""
        batch = post(*(reminder("police", number=n) for n in range(1, 13)))
        assert outcomes(await send(room, batch)) == [("sent", "")] * 12
        assert mail_server.heard["AUTH"] == 1

    async def test_a_slow_server_is_not_taken_for_a_dead_worker(
        self, room: SmtpPostRoom, mail_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """While a server ponders one letter the activity goes on beating."""
        monkeypatch.setattr("activities.mail._HEARTBEAT_SECONDS", 0.001)
        environment, beats, enough = ActivityEnvironment(), list[object](), asyncio.Event()
        mail_server.ponders = enough

        def beat(*details: object) -> None:
            beats.append(details)
            if len(beats) == 5:
                enough.set()

        environment.on_heartbeat = beat
        await environment.run(room.send_letters, post(POLICE))
        assert len(beats) >= 5

    async def test_batch_is_answered_for_only_once_it_is_on_the_disk(
        self,
        partnership: Partnership,
        keyring: KeyRing,
        smtp: SmtpServer,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """A claim before its letter is handed over; the acceptances of a batch together, at its end."""
        flushed, fsync = set[int](), os.fsync

        def seen(descriptor: int) -> None:
            flushed.add(os.fstat(descriptor).st_ino)
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", seen)
        store = DocumentStore((tmp_path / "store").as_uri(), keyring)
        room = SmtpPostRoom(
            partnership=partnership,
            keyring=keyring,
            documents=DocumentDesk(partnership, store, keyring),
            ledger=MailLedger(store),
            server=smtp,
        )
        await send(room, BOTH)
        records = list((tmp_path / "store").rglob("*.*"))
        assert sorted(path.suffix for path in records) == [".accepted", ".accepted", ".claimed", ".claimed"]
        assert {path.stat().st_ino for path in records} <= flushed

    async def test_retried_activity_sends_nothing_twice(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """Nor does it so much as call the server."""
        await send(room, BOTH)
        assert outcomes(await send(room, BOTH)) == [("already_sent", "")] * 2
        assert len(mail_server.taken) == 2
        assert mail_server.heard["AUTH"] == 1

    async def test_interrupted_letter_goes_again_marked_under_the_same_message_id(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """The server took it, the answer was lost: missing it would be worse than a marked second copy."""
        mail_server.on_data = ["hang up"]
        error = await trouble(room, post(POLICE))
        assert (error.type, error.category) == ("MailServerHungUp", ApplicationErrorCategory.BENIGN)
        assert outcomes(await send(room, post(POLICE))) == [("sent", "")]
        first, second = mail_server.messages
        assert first["Message-ID"] == second["Message-ID"]
        assert (first[POSSIBLE_DUPLICATE], second[POSSIBLE_DUPLICATE]) == (None, "yes")
        assert outcomes(await send(room, post(POLICE))) == [("already_sent", "")]

    async def test_interrupted_letter_keeps_its_message_id_when_keys_are_rotated(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """The ledger remembers it: a new active key would make another."""
        mail_server.on_data = ["hang up"]
        await trouble(room, post(POLICE))
        room._stationery._keyring = room._stationery._keyring.rotated()
        await send(room, BOTH)
        first, second, other = (m["Message-ID"] for m in mail_server.messages)
        assert first == second
        assert (".k1." in second, ".k2." in other) == (True, True)

    async def test_line_lost_in_one_letter_does_not_stop_the_next(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """A new line is opened for it."""
        mail_server.on_data = ["hang up"]
        await trouble(room, BOTH)
        assert mail_server.recipients[1:] == [["housing@agency.example"]]

    async def test_line_lost_before_data_leaves_no_doubt(
        self, room: SmtpPostRoom, mail_server: ScriptedServer, ledger: MailLedger
    ) -> None:
        """Nothing is claimed until every recipient has been answered for."""
        mail_server.on_rcpt = {"housing@agency.example": "421 4.3.2 closing"}
        await trouble(room, post(HOUSING))
        assert await ledger.entries("RR-2026-07") == ()
        mail_server.on_rcpt = {}
        await send(room, post(HOUSING))
        assert mail_server.messages[0][POSSIBLE_DUPLICATE] is None

    async def test_ledger_records_what_the_archive_needs(
        self, room: SmtpPostRoom, ledger: MailLedger, mail_server: ScriptedServer
    ) -> None:
        """Message-ID, moment, reply code and attempts; no address."""
        await send(room, post(POLICE))
        [entry] = await ledger.entries("RR-2026-07")
        assert (entry.state, entry.code, entry.attempts, entry.as_of) == ("accepted", 250, 1, AS_OF)
        assert entry.message_id == mail_server.messages[0]["Message-ID"]
        assert "agency.example" not in entry.model_dump_json()


class TestRefusals:
    """A 5xx is a task for a person; a 4xx waits; neither holds up the other letters."""

    async def test_refused_recipient_is_reported_and_not_tried_again(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """The status of the refusal comes back with the delivery, then and at every retry."""
        mail_server.on_rcpt = {"housing@agency.example": NO_SUCH.format("housing@agency.example")}
        expected = [("refused", "5.1.1"), ("sent", "")]
        assert outcomes(await send(room, post(HOUSING, POLICE))) == expected
        mail_server.on_rcpt = {}
        assert outcomes(await send(room, post(HOUSING, POLICE))) == [expected[0], ("already_sent", "")]
        assert len(mail_server.taken) == 1

    async def test_letter_refused_as_a_whole_is_reported(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """A refusal after DATA, of a server that gives no enhanced status."""
        mail_server.on_data = ["552 too large"]
        assert outcomes(await send(room, BOTH)) == [("refused", "5.0.0"), ("sent", "")]

    @pytest.mark.parametrize("answer", [NO_SUCH.format("police-one"), "452 4.2.2 mailbox full"])
    async def test_letter_goes_to_whom_the_server_takes_and_is_reported(
        self, answer: str, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """One contact refused, for now or for ever: the others have it, and a person looks into it."""
        mail_server.on_rcpt = {"police-one@agency.example": answer}
        status = answer.split()[1]
        assert outcomes(await send(room, post(POLICE))) == [("refused", status)]
        assert outcomes(await send(room, post(POLICE))) == [("refused", status)]
        assert mail_server.recipients == [["police-two@agency.example"]]

    @pytest.mark.parametrize("where", ["on_mail", "on_data", "on_rcpt"])
    async def test_busy_server_is_tried_again_and_the_others_go(
        self, where: str, room: SmtpPostRoom, mail_server: ScriptedServer, smtp: SmtpServer
    ) -> None:
        """Benign, with a delay; the retry sends what waited, unmarked, and nothing else."""
        script: object = (
            {"housing@agency.example": "451 4.7.1 later"} if where == "on_rcpt" else ["451 4.7.1 later"]
        )
        setattr(mail_server, where, script)
        error = await trouble(room, post(HOUSING, POLICE))
        assert (error.type, error.category) == ("MailServerBusy", ApplicationErrorCategory.BENIGN)
        assert error.next_retry_delay == smtp.retry_after
        assert not error.non_retryable
        assert len(mail_server.taken) == 1
        mail_server.on_rcpt = {}
        assert outcomes(await send(room, post(HOUSING, POLICE))) == [("sent", ""), ("already_sent", "")]
        assert [m[POSSIBLE_DUPLICATE] for m in mail_server.messages] == [None, None]

    async def test_sender_refused_is_for_the_operator(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """Our own address is wrong, so no letter is at fault and none is given up."""
        mail_server.on_mail = ["553 5.7.1 sender not yours"]
        error = await trouble(room, BOTH)
        assert (error.type, error.category) == ("MailServerRefusedUs", ApplicationErrorCategory.UNSPECIFIED)
        assert outcomes(await send(room, BOTH)) == [("sent", ""), ("sent", "")]

    @pytest.mark.parametrize("where", ["on_mail", "on_data", "on_rcpt"])
    async def test_failure_in_history_holds_no_address(
        self, where: str, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """What a server says quotes the recipient; what we write into history does not."""
        later = "451 4.7.1 <housing@agency.example> later"
        setattr(mail_server, where, {"housing@agency.example": later} if where == "on_rcpt" else [later])
        error = await trouble(room, post(HOUSING))
        failure = Failure()
        await DataConverter.default.encode_failure(error, failure)
        assert "agency.example" not in str(failure)
        assert "451" in failure.message

    async def test_gravest_trouble_is_the_one_raised(
        self, room: SmtpPostRoom, mail_server: ScriptedServer
    ) -> None:
        """A busy server and a wrong template: the one that needs a person is told."""
        mail_server.on_rcpt = {"housing@agency.example": "451 4.7.1 later"}
        wrong = POLICE.model_copy(update={"facts": {}})
        assert (await trouble(room, post(HOUSING, wrong))).type == "LetterNotWritten"
