"""Around the steps: what the envelope says, what may be asked again, what is kept out of sight."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from domain.errors import NotReachable
from domain.tokens import CaseToken, letter_mark
from postbox.house import EXCHANGE_ONLINE, Envelope, Limits
from postbox.reading import read
from postbox.verdicts import SENTENCES, Verdict, Why
from tests.postbox.bad_shapes import with_results
from tests.postbox.clients import Reply, outlook, simple, whole
from tests.postbox.corpus import raw, reading_of
from tests.postbox.pieces import (
    ENVELOPE,
    HOUSE,
    OTHER_KEYS,
    RECEIVED,
    SAID,
    SEEN,
    file_part,
    form,
    letter_id,
    multipart,
    part,
    pdf,
    reply_to,
    token,
)

STRANGE = "<odd@elsewhere.example>"
BARE = replace(Reply(), to="rapid-review@nscp.example", answers="", attached=(pdf(),))


class TestTheEnvelope:
    """What the door knows of a mail counts before what the mail says."""

    def test_the_address_it_was_delivered_to_carries_the_token(self) -> None:
        """Also where no header shows it: a blind copy, or a list."""
        envelope = Envelope(RECEIVED, "reviews@police.example", (reply_to(token()),))
        reading = read(simple(BARE), envelope, HOUSE)
        assert (reading.verdict, reading.reference, reading.serial) == (Verdict.RETURN, "RR-2026-07", 1)

    def test_its_null_path_counts_before_the_headers(self) -> None:
        """An away notice is known by it, whatever Return-Path says."""
        mail = simple(replace(Reply(), subject="Automatic reply: RFI"))
        assert read(mail, Envelope(RECEIVED, ""), HOUSE).verdict is Verdict.AUTOMATIC
        assert read(mail, ENVELOPE, HOUSE).verdict is not Verdict.AUTOMATIC

    def test_it_tells_when_the_mail_was_received(self) -> None:
        """A fact counts from then, and not from when it is read, or from its Date."""
        received = datetime(2026, 12, 17, 16, 59, tzinfo=UTC)
        assert read(simple(Reply()), Envelope(received), HOUSE).received_at == received


class TestTheId:
    """One mail has one id, however often and by whichever door it comes."""

    def test_it_is_of_the_message_id_and_of_what_the_mail_says(self) -> None:
        """By two ways, with other headers: the same. Another mail that borrows the Message-ID has its own."""
        first, other = (outlook(Reply(identifier=STRANGE, text=text)) for text in ("One.", "Another."))
        again = b"Received: from a by b; x\r\n" + first
        readings = [read(mail, ENVELOPE, HOUSE) for mail in (first, again, other)]
        assert len({reading.message for reading in readings}) == 1
        assert readings[0].id == readings[1].id != readings[2].id

    def test_one_message_id_under_two_cases_is_two_mails(self) -> None:
        """Some machines give every mail the same one, and the same words: each case hears of its own."""
        said = part([("Content-Type", "text/plain")], SAID)
        other = token(reference="RR-2026-08")
        elsewhere = Reply(identifier=SEEN, to=reply_to(other), answers=letter_id(other))
        mails = (whole(reply, said) for reply in (Reply(identifier=SEEN), elsewhere))
        here, there = (read(mail, ENVELOPE, HOUSE) for mail in mails)
        assert here.verdict is Verdict.DUPLICATE
        assert there.verdict is Verdict.ACKNOWLEDGEMENT
        assert (there.reference, there.id) == ("RR-2026-08", here.id)

    def test_without_one_it_is_of_the_bytes(self) -> None:
        """And where there are two, since neither is to be trusted."""
        none = simple(Reply(identifier=""))
        two = simple(replace(Reply(), more=(("Message-ID", SEEN),)))
        for mail in (none, two):
            reading = read(mail, ENVELOPE, HOUSE)
            assert reading.id == f"mail-{sha256(mail).hexdigest()[:32]}"
            assert reading.message != read(mail + b"More.", ENVELOPE, HOUSE).message

    def test_one_that_is_not_even_parsed_has_one(self) -> None:
        """Too large, and still told from another."""
        house = replace(HOUSE, limits=Limits(mail=10))
        first, second = (read(b"x" * length, ENVELOPE, house) for length in (11, 12))
        assert first.why is Why.TOO_LARGE
        assert first.id.startswith("mail-")
        assert first.id != second.id


class TestTheToken:
    """Which token counts where there are several."""

    def test_a_newer_one_of_the_same_agency_replaces_an_older(self) -> None:
        """A token given out anew has a higher serial; the case refuses the older."""
        newer = reply_to(CaseToken("RR-2026-07", "police", 2))
        reading = read(simple(replace(Reply(), more=(("Cc", newer),))), ENVELOPE, HOUSE)
        assert (reading.key, reading.serial) == ("police", 2)

    def test_a_letter_of_another_agency_is_not_the_one_answered(self) -> None:
        """The mark is of a letter under the same token."""
        reading = read(simple(Reply(answers=letter_id(token("icb")))), ENVELOPE, HOUSE)
        assert (reading.key, reading.letter_mark) == ("police", None)


class TestOurOwnDomain:
    """The domain of our reply address may be that of a whole council."""

    def test_an_agency_may_have_addresses_in_it(self) -> None:
        """A colleague's return is no letter of our own that came back."""
        ours = HOUSE.partnership.model_copy(update={"reply_domain": "police.example"})
        reading = read(simple(Reply(attached=(form(),))), ENVELOPE, replace(HOUSE, partnership=ours))
        assert reading.verdict is Verdict.RETURN


class TestExchangeOnline:
    """It writes its results above all others, without a name: where the office says so, they count."""

    HOUSE = replace(HOUSE, authserv_ids=frozenset({EXCHANGE_ONLINE}))
    PASSED = "spf=pass smtp.mailfrom=police.example;dmarc=pass action=none header.from=police.example"
    FAILED = "spf=fail smtp.mailfrom=police.example;dmarc=fail action=none header.from=police.example"

    def test_its_results_are_believed(self) -> None:
        """As it writes them."""
        assert read(raw("dmarc-exchange-names-nobody"), ENVELOPE, self.HOUSE).verdict is Verdict.RETURN

    @pytest.mark.parametrize(
        "results",
        [
            (),
            (FAILED, PASSED),
            ("mx.elsewhere.example; dmarc=none", PASSED),
            (f"{EXCHANGE_ONLINE}; dmarc=pass header.from=police.example",),
            ("dmarc=bestguesspass action=none header.from=police.example",),
            ("dmarc=pass action=none header.from=stranger.example",),
        ],
    )
    def test_nothing_else_is(self, results: tuple[str, ...]) -> None:
        """What stands below them, bears a name, is no pass, or is about another domain."""
        reading = read(with_results(*results), ENVELOPE, self.HOUSE)
        assert (reading.verdict, reading.why) == (Verdict.QUARANTINED, Why.NOT_AUTHENTICATED)


class TestTheLetterAnswered:
    """Which letter of ours a mail is about."""

    def test_an_answer_carries_its_mark(self) -> None:
        """So that a case can tell a sign-off request from another letter to the lead."""
        assert reading_of("lead-confirms").letter_mark == letter_mark("sign-off-request/1/police")

    def test_the_newest_counts(self) -> None:
        """References run from the oldest to the newest."""
        older, newer = letter_id(token(), "reminder/1/police"), letter_id(token(), "reminder/2/police")
        reading = read(simple(Reply(answers=f"{older} {newer}")), ENVELOPE, HOUSE)
        assert reading.letter_mark == letter_mark("reminder/2/police")

    def test_a_forged_one_is_passed_over(self) -> None:
        """The newest that we signed counts."""
        signed = letter_id(token(), "reminder/1/police")
        forged = letter_id(token(), "reminder/2/police", OTHER_KEYS)
        reading = read(simple(Reply(answers=f"{signed} {forged}")), ENVELOPE, HOUSE)
        assert reading.letter_mark == letter_mark("reminder/1/police")

    def test_a_report_names_the_letter_if_it_quotes_its_key(self) -> None:
        """A key that does not fit the signed mark is not believed."""
        assert reading_of("dsn-postfix").letter == "request-for-information/police"
        assert reading_of("dsn-exchange").letter is None
        assert reading_of("dsn-letter-that-does-not-fit").letter is None


class TestTheLead:
    """A lead's answer is a comment, whoever writes it for the lead."""

    def test_the_own_address_is_told_from_a_deputys(self) -> None:
        """Where sign-off by mail is allowed, it needs the lead's own."""
        assert reading_of("lead-confirms").own_address
        assert not reading_of("deputy-answers").own_address


class TestTrouble:
    """What goes wrong outside is raised; what is wrong with the mail never is."""

    def test_a_scanner_that_does_not_answer_is_raised(self) -> None:
        """The mail is read again later, and is not a mail without a virus meanwhile."""

        def silent(content: bytes, /) -> bool:
            raise NotReachable(f"the virus scanner does not answer about {len(content)} bytes: start it.")

        with pytest.raises(NotReachable):
            read(simple(Reply(attached=(pdf(),))), ENVELOPE, replace(HOUSE, scan=silent))

    def test_a_scanner_that_gives_no_verdict_lets_nothing_through(self) -> None:
        """A person sees that it could not be checked, not that it could not be read."""
        reading = read(simple(Reply(attached=(pdf(),))), ENVELOPE, replace(HOUSE, scan=lambda _: None))
        assert (reading.verdict, reading.why, reading.contents) == (Verdict.QUARANTINED, Why.UNSCANNED, ())
        assert "could not be checked for viruses" in SENTENCES[Why.UNSCANNED]

    def test_a_house_that_trusts_nobody_says_so_instead_of_blaming_the_sender(self) -> None:
        """No name of our mail server is known: what it said cannot be told from a forgery."""
        reading = read(simple(Reply()), ENVELOPE, replace(HOUSE, authserv_ids=frozenset()))
        assert (reading.verdict, reading.why) == (Verdict.QUARANTINED, Why.NOBODY_TRUSTED)

    def test_without_a_scanner_nothing_is_scanned(self) -> None:
        """A house need not have one."""
        assert read(raw("file-infected"), ENVELOPE, replace(HOUSE, scan=None)).verdict is Verdict.RETURN

    def test_what_breaks_a_step_is_for_a_person(self) -> None:
        """The guard keeps what is known by then."""

        def breaks(text: str, signature: str) -> bool:
            raise ZeroDivisionError(text, signature)

        reading = read(simple(Reply()), ENVELOPE, replace(HOUSE, verify=breaks))
        assert (reading.verdict, reading.why) == (Verdict.QUARANTINED, Why.UNREADABLE)
        assert reading.id


@pytest.mark.parametrize(("kind", "why"), [("text/plain", None), ("application/octet-stream", Why.DAMAGED)])
def test_a_character_set_that_cannot_be_one_breaks_nothing(kind: str, why: Why | None) -> None:
    """Its name has a zero byte, its part eight bits: a text that says nothing, or a file that is damaged."""
    odd = part([("Content-Type", f'{kind}; charset="u\0tf"')], b"\xe9")
    mail = whole(Reply(), multipart("mixed", odd, file_part(form()), boundary="odd"))
    assert read(mail, ENVELOPE, HOUSE).why is why


@pytest.mark.parametrize("gap", ["\t1", "\r\n\t1", " 1", "(ours)", "\t"])
def test_our_servers_own_words_count_however_its_name_ends(gap: str) -> None:
    """A version or a comment may follow the name (RFC 8601, 2.2): that DMARC failed is not passed over."""
    named, mail = f"mx.nscp.example{gap};", simple(Reply())
    failed = f"Authentication-Results: {named} dmarc=fail header.from=police.example\r\n".encode()
    passed = mail.replace(b"mx.nscp.example;", named.encode())
    assert read(passed, ENVELOPE, HOUSE).verdict is Verdict.QUESTION
    assert read(failed + mail, ENVELOPE, HOUSE).why is Why.NOT_AUTHENTICATED


def test_a_reading_shows_nothing_that_was_written() -> None:
    """Its repr may come into a log: no sender, text or content in it."""
    reading = read(simple(Reply(text="Zz-Planted-Marker", attached=(form(),))), ENVELOPE, HOUSE)
    assert reading.text == "Zz-Planted-Marker"
    assert reading.sender == "reviews@police.example"
    assert len(reading.contents[0]) == reading.attachments[0].size
    assert not {"Marker", "reviews@", "PK"} & set(repr(reading).split("'"))
    assert "Marker" not in repr(reading)
    assert "reviews@" not in repr(reading)


def test_a_kind_the_house_does_not_take_is_refused() -> None:
    """The list is the house's own."""
    narrower = replace(HOUSE, media_types=frozenset({"text/plain"}))
    reading = read(simple(Reply(attached=(pdf(),))), ENVELOPE, narrower)
    assert reading.why is Why.KIND_NOT_TAKEN
