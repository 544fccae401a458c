"""Two thousand mails gone wrong, chosen by hypothesis: none breaks the postbox or is believed without proof.

``make fuzz`` reads a hundred thousand of them.
"""

import time
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postbox.reading import read
from postbox.verdicts import RETURNS, Verdict, Why
from tests.laws import examples
from tests.postbox.corpus import expected, raw
from tests.postbox.fuzz import TOKENS, broken_by
from tests.postbox.mutations import mutated, unproven
from tests.postbox.pieces import ENVELOPE, HOUSE

NAMES = [line.name for line in expected() if len(raw(line.name)) < 60_000]


@settings(max_examples=examples(4000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(NAMES), other=st.sampled_from(NAMES), seed=st.integers(0, 2**32))
def test_a_mail_gone_wrong_is_read_and_never_believed_without_proof(name: str, other: str, seed: int) -> None:
    """It gets a verdict in under two seconds, without the guard's help, and no more than it can prove."""
    mail = mutated(raw(name), raw(other), Random(seed))  # noqa: S311 - to be repeated, not to be secret
    began = time.process_time()
    reading = read(mail, ENVELOPE, HOUSE)
    assert time.process_time() - began < 2
    assert reading.verdict is not Verdict.UNREAD
    assert not unproven(mail, reading, TOKENS)
    assert reading.why is not Why.UNREADABLE or not broken_by(mail)


@settings(max_examples=examples(600), deadline=None)
@given(mail=st.binary(max_size=3000))
def test_any_bytes_get_a_verdict(mail: bytes) -> None:
    """Whatever comes through the door; none of it is a return."""
    reading = read(mail, ENVELOPE, HOUSE)
    assert reading.verdict not in {Verdict.UNREAD, *RETURNS}
