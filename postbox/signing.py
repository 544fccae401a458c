"""Whether a mail confirms a version of a report, and says nothing else at all.

A signature is not to be had from a sentence that goes on. So the whole of what the writer wrote is looked
at, in each form in which it came, and whatever is not plainly a greeting, the sentence, the block of a
signature (after ``-- ``: RFC 3676, section 4.3) or a quote speaks against it.
"""

import re
from dataclasses import replace

from postbox.house import House
from postbox.message import Mail
from postbox.replies import texts
from postbox.verdicts import Reading

_CONFIRMS = re.compile(
    r"""(?x) \s*+
    (?: (?:Hi|Hello|Dear|Good\ (?:morning|afternoon|day))
        (?:\ (?:all|both|[A-Z][\w'.-]{0,30})){0,3} \ ? [,.!]? [ \t]*+ \n \s*+ )?
    I\ confirm\ version\ (\d{1,3})\.? [ \t]* (?: \n | \Z)"""
)
"""The one sentence, word for word, on a line of its own, after a line of greeting or none."""

_SIGNATURE = re.compile(
    r"""(?xm) \s*+ ^--[ \t]?$
    (?: \n (?! [ \t]*> | \*?From: | On\ .*wrote: | _{5} | -----) .{0,200} $ ){0,12}"""
)
"""The block that mail programs add: short, and after their own mark."""

_QUOTED = re.compile(
    r"""(?x) \s*+ (?: On\ (?=[^\n]*(?:\d:\d\d|20\d\d)) [^\n]{1,200} (?:\n[^\n>]{1,200})? wrote:[ \t]*\n )?
    (?: [ \t]*+ (?:>[^\n]*+)? (?:\n | \Z) )++"""
)
"""A quote marked at each of its lines, after the line that says whose and of when."""

_HEADED = re.compile(
    r"""(?xi) \s*+ (?: _{5,}[ \t]*\n | -----\ ?original\ message\ ?-----[ \t]*\n )?
    \*?From:[^\n]*\n (?:\*?(?:Sent|Date):[^\n]*\n) (?:\*?(?:To|Cc):[^\n]*\n)+ \*?Subject:[^\n]*(?:\n|\Z)"""
)
"""The head of a quote as Outlook sets it. What follows is not marked, and is taken for our letter."""


def confirming(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with the version that a lead's mail confirms, where it does nothing else."""
    _ = house
    if so_far.role != "lead" or so_far.attachments:
        return so_far
    versions = {confirmed(text) for text in texts(mail)}
    return replace(so_far, confirms=versions.pop() if len(versions) == 1 else None)


def confirmed(text: str) -> int | None:
    """The version that a whole text confirms; None where it says anything besides."""
    written = text.replace("\r\n", "\n").replace("\xa0", " ")
    sentence = _CONFIRMS.match(written)
    if not sentence:
        return None
    rest = _without(_SIGNATURE, written[sentence.end() :])
    if _HEADED.match(rest):
        return int(sentence[1])
    rest = _without(_SIGNATURE, _without(_QUOTED, rest))
    return None if rest.strip() else int(sentence[1])


def _without(block: re.Pattern[str], text: str) -> str:
    """A text without a block that it begins with."""
    found = block.match(text)
    return text[found.end() :] if found else text
