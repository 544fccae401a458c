"""What confirms a version: the one sentence, and nothing else that a person wrote."""

import time

import pytest

from postbox.signing import confirmed
from tests.postbox.corpus import reading_of

HEAD = (
    "From: NSCP\nSent: 07 December 2026 15:21\nTo: Lead\nSubject: RR-2026-07: please sign\n\nPlease answer."
)
QUOTE = "> Please answer.\n>\n> The office"


@pytest.mark.parametrize(
    "text",
    [
        "I confirm version 2",
        "I confirm version 2.",
        "\r\n  I confirm version 2.  \r\n\r\n",
        "Dear Business Office,\n\nI confirm version 2.",
        "Hello\nI confirm version 2.",
        "Good morning all,\nI confirm version 2.",
        "I confirm version 2.\n\n-- \nPolice Lead\nPolice Service\n01604 000000",
        "I confirm version 2.\n--\nPolice Lead",
        f"I confirm version 2.\n\n{QUOTE}",
        f"I confirm version 2.\n\nOn Mon, 7 Dec 2026 at 15:21, NSCP <a@nscp.example> wrote:\n{QUOTE}\n\n",
        f"I confirm version 2.\n\nOn Mon, 7 Dec 2026 at 15:21,\nNSCP wrote:\n\n{QUOTE}",
        f"I confirm version 2.\n\n{HEAD}",
        f"I confirm version 2.\n\n________________________________\n{HEAD}",
        f"I confirm version 2.\n\n-----Original Message-----\n{HEAD}",
        f"I confirm version 2.\n\n-- \nPolice Lead\n\n{HEAD}",
        f"I confirm version 2.\n\n-- \nPolice Lead\n\n{QUOTE}",
        f"I confirm version 2.\n\n{QUOTE}\n\n-- \nPolice Lead",
    ],
)
def test_the_sentence_alone_confirms(text: str) -> None:
    """With a greeting, a signature and a quote as programs set them, or without."""
    assert confirmed(text) == 2


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We confirm version 2.",
        "i confirm version 2.",
        "I confirm version two.",
        "I do not confirm version 2.",
        "I confirm version 2 but not paragraph 4.",
        "I confirm version 2, subject to paragraph 4.",
        "I confirm version 2. Except for the last line.",
        "I confirm version 2.\n\nBut see my changes to paragraph 4.",
        "I confirm version 2.\n\nThanks",
        "Thank you for this.\nI confirm version 2.",
        "Dear all, subject to paragraph 4\nI confirm version 2.",
        "Hi except paragraph four\nI confirm version 2.",
        "I confirm version 2.\nI confirm version 3.",
        "I confirm version 2.\n__________\nsubject to paragraph 4",
        "I confirm version 2.\n-----\nonly if paragraph 4 goes",
        "I confirm version 2.\n\nPolice Lead",
        "I confirm version 2.\n\nFrom: my side only if paragraph 4 goes",
        "I confirm version 2.\n\nOn the understanding that paragraph 4 goes",
        f"I confirm version 2.\n\nOn the understanding that paragraph 4 goes, I wrote:\nnot so\n{QUOTE}",
        f"I confirm version 2.\n\n{QUOTE}\n\nExcept paragraph 4.",
        f"I confirm version 2.\n\n> Please answer.\nExcept paragraph 4.\n{QUOTE}",
        f"I confirm version 2.\n\n{QUOTE}\n\n-- \nPolice Lead\n" + "but " * 60,
        f"{QUOTE}\n\nI confirm version 2.",
        f"> I confirm version 2.\n{QUOTE}",
        "I confirm version 2.\n\n-- \n" + "A line\n" * 20,
        "I confirm version 2.\n\n-- \n" + "but " * 60,
    ],
)
def test_whatever_else_is_written_confirms_nothing(text: str) -> None:
    """A condition, a thought, a name without its mark, words within or below the quote: a person reads it."""
    assert confirmed(text) is None


@pytest.mark.parametrize("filler", ["\n", " ", "> \n", "-- \n", "_____\n", "On 20 2026\n", "From:\n"])
@pytest.mark.parametrize("start", ["", "Hi", "Dear all, ", "I confirm version 2.\n"])
def test_no_text_takes_long(start: str, filler: str) -> None:
    """As long a text as is ever looked at, of what each pattern waits for."""
    began = time.perf_counter()
    confirmed(start + filler * (64 * 1024 // len(filler)) + "x")
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("lead-confirms", 1),
        ("lead-confirms-by-gmail", 1),
        ("lead-confirms-with-a-signature", 1),
        ("deputy-answers", 1),
        ("lead-confirms-from-phone", None),
        ("lead-confirms-but", None),
        ("lead-confirms-except-below-a-line", None),
        ("lead-confirms-with-a-file", None),
        ("lead-sends-amendments", None),
        ("panel-answers", None),
    ],
)
def test_a_whole_mail_confirms_as_its_text_does(name: str, version: int | None) -> None:
    """In every form in which it says it, with nothing attached; whether it may is decided elsewhere."""
    assert reading_of(name).confirms == version
