"""The writer's own words: what stands above the quote, and whether they are a plain "will do"."""

import pytest

from postbox.replies import acknowledges, own_words, says_part
from tests.postbox.corpus import reading_of

QUOTE = "> Please complete the form.\n> Can you return it?"


@pytest.mark.parametrize(
    "below",
    [
        f"On Mon, 7 Dec 2026 at 15:21, NSCP <rapid-review@nscp.example> wrote:\n\n{QUOTE}",
        "From: NSCP\nSent: 07 December 2026 15:21\nTo: Desk\nSubject: RFI\n\nCan you return it?",
        f"-----Original Message-----\nFrom: NSCP\n\n{QUOTE}",
        "________________________________\nFrom: NSCP\nSent: 7 December\nTo: x\n\nCan you return it?",
        QUOTE,
        "",
    ],
)
def test_a_quote_is_left_out(below: str) -> None:
    """As each program writes it."""
    assert own_words(f"Thanks, will do.\n\n{below}") == "Thanks, will do."


def test_an_answer_below_the_quote_is_read() -> None:
    """Where people write below."""
    assert own_words(f"{QUOTE}\n\nWill do.") == "Will do."


@pytest.mark.parametrize(
    "client", ["outlook", "outlook-web", "gmail", "apple", "phone", "nhsmail", "mimecast"]
)
def test_no_client_s_quote_comes_through(client: str) -> None:
    """The corpus quotes our question in each; it is not the writer's."""
    assert "Will you be able" not in reading_of(f"will-do-{client}").text


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("Will do.", True),
        ("Thank you, received.", True),
        ("We'll return it by Friday.", True),
        ("Noted with thanks", True),
        ("Dear colleague,\n\nThank you, noted.\n\nKind regards\nReview Officer\nHead of many things", True),
        ("Thanks\nReview Officer", True),
        ("Thank you. The family moved in spring.", False),
        ("OK.\n\nThank you, but which child is meant?", False),
        ("Thanks, see attached.", False),
        ("Thanks:\n- what about the hospital?", False),
        ("The child will be moved tomorrow.", False),
        ("Thanks. Which child is meant?", False),
        ("Thank you. We need an extension.", False),
        ("Thanks, nothing known to us.", False),
        ("Thanks, we hold no records.", False),
        ("This is our nil return, thank you.", False),
        ("I will be unable to do this.", False),
        ("The family moved in spring.", False),
        ("", False),
    ],
)
def test_only_a_plain_will_do_is_an_acknowledgement(words: str, *, plain: bool) -> None:
    """Whatever a person should read is a question: it stands before a person, and nothing is lost."""
    assert acknowledges(words) is plain


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("This is a partial return.", True),
        ("The chronology is to follow.", True),
        ("We will send the rest on Monday.", True),
        ("Interim return attached", True),
        ("It is not yet complete.", True),
        ("Our completed return is attached.", False),
        ("Our part-time nurse signed it.", False),
    ],
)
def test_people_say_that_more_is_to_come(words: str, *, part: bool) -> None:
    """A return is partial where the words beside it say so."""
    assert says_part(words) is part
