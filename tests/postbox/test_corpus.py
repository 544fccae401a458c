"""Every mail of the corpus is read as the table beside it says, and never as more than it can prove."""

import re
from collections.abc import Callable

import pytest

from postbox.message import Mail
from postbox.reading import STEPS, read
from postbox.verdicts import FROM_A_KNOWN_SENDER, SENTENCES, Reading, Seal, Verdict, Why
from tests.postbox.corpus import FOLDER, Expected, as_expected, expected, named, raw, reading_of
from tests.postbox.pieces import ENVELOPE, HOUSE
from tests.postbox.shapes import SHAPES

_BASE64 = re.compile(rb"\r\n\r\n(?:[A-Za-z0-9+/=]+\r\n)+")
_ADDRESS_DOMAIN = re.compile(r"[\w.+-]@([\w-]+(?:\.[\w-]+)+)")


@pytest.mark.parametrize("line", expected(), ids=lambda line: line.name)
def test_a_mail_is_read_as_the_table_says(line: Expected) -> None:
    """The verdict, its reason, whose it is, and what counts as attached."""
    assert as_expected(line.name, reading_of(line.name)) == line


def test_the_corpus_is_whole() -> None:
    """At least 120 mails, each with its file, its line and its shape."""
    names = [line.name for line in expected()]
    assert len(names) == len(set(names)) >= 120
    assert set(names) == {file.stem for file in FOLDER.glob("*.eml")} == set(SHAPES)


def test_every_verdict_and_reason_stands_in_the_corpus() -> None:
    """Each is met at least once, but for those that lie in the house and not in the mail."""
    lines = expected()
    assert {line.verdict for line in lines} == set(Verdict) - {Verdict.UNREAD}
    elsewhere = {Why.TOO_LARGE, Why.NOBODY_TRUSTED, Why.UNSCANNED}
    assert {line.because for line in lines} >= {*Why, *Seal} - elsewhere


def test_every_reason_has_its_sentence() -> None:
    """And each sentence ends as one."""
    assert SENTENCES.keys() == set(Why)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())


@pytest.mark.parametrize("name", SHAPES)
def test_the_corpus_can_be_made_again(name: str) -> None:
    """A file is what its shape makes; what is packed may differ between machines, and is left out."""
    assert _BASE64.sub(b"", raw(name)) == _BASE64.sub(b"", SHAPES[name]())


def test_the_corpus_holds_made_up_addresses_only() -> None:
    """All of them are under .example."""
    texts = (raw(line.name).replace(b"=\r\n", b"").decode("ascii", "ignore").lower() for line in expected())
    domains = {found for text in texts for found in _ADDRESS_DOMAIN.findall(text)}
    assert [domain for domain in domains if not domain.endswith(".example")] == []


def altered_results(mail: bytes) -> bytes:
    """The mail without any word of our own server's on who sent it."""
    return mail.replace(b"Authentication-Results: mx.nscp.example", b"X-Results: mx.nscp.example")


def altered_signature(mail: bytes) -> bytes:
    """The mail with tokens that nobody signed."""
    return re.sub(rb"(?i)k1\.[a-z2-7]{16}", b"k1.aaaaaaaaaaaaaaaa", mail)


def altered_sender(mail: bytes) -> bytes:
    """The mail from another address of the same domain, which nobody listed."""
    return re.sub(rb"(?m)^(From:(?:\r\n)?[^<]*<)[\w.-]+@", rb"\1nobody-listed@", mail, count=1)


ALTERED = {
    altered_results: Why.NOT_AUTHENTICATED,
    altered_signature: Why.TOKEN_FORGED,
    altered_sender: Why.SENDER_UNKNOWN,
}


@pytest.mark.parametrize("name", named(FROM_A_KNOWN_SENDER))
@pytest.mark.parametrize(
    ("alter", "why"), ALTERED.items(), ids=lambda value: getattr(value, "__name__", value)
)
def test_nothing_passes_without_token_sender_and_dmarc(
    name: str, alter: Callable[[bytes], bytes], why: Why
) -> None:
    """Take one of the three from any mail that a case would hear of, and it is quarantined for that."""
    altered = read(alter(raw(name)), ENVELOPE, HOUSE)
    assert (altered.verdict, altered.why) == (Verdict.QUARANTINED, why)


@pytest.mark.parametrize("name", named(frozenset({Verdict.DELIVERY_REPORT})))
def test_a_report_without_our_signature_changes_no_case(name: str) -> None:
    """Anybody may say that a mail did not arrive; only a signed Message-ID shows that it was ours."""
    altered = read(altered_signature(raw(name)), ENVELOPE, HOUSE)
    assert (altered.verdict, altered.why, altered.reference) == (
        Verdict.QUARANTINED,
        Why.BOUNCE_UNSIGNED,
        None,
    )


def test_no_step_breaks_on_the_corpus() -> None:
    """The guard around the steps is for what nobody thought of: none of these mails needs it."""
    for line in expected():
        mail, so_far = Mail(raw(line.name), ENVELOPE), Reading(ENVELOPE.received_at, "", 0)
        for step in STEPS:
            so_far = step(mail, so_far, HOUSE)
            if so_far.verdict is not Verdict.UNREAD:
                break
