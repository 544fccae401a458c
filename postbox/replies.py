"""What a person wrote above the quote, and what kind of words they are."""

import re
import textwrap
from dataclasses import replace
from itertools import takewhile

from lxml import html
from lxml.etree import LxmlError
from mailparser_reply.parser import EmailMessage

from postbox.attachments import is_body
from postbox.house import House
from postbox.message import Mail, Part
from postbox.verdicts import Reading

_LONGEST = 64 * 1024
_LINES, _WIDTH = 150, 300
"""What the search for a quote is given: it takes time by the square of a line's length."""

_QUOTES = (
    "//blockquote",
    "//*[contains(@class, 'gmail_quote')]",
    "//*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::*",
    "//*[@id='divRplyFwdMsg' or @id='mail-editor-reference-message-container']",
    "//*[@id='OLK_SRC_BODY_SECTION' or @id='isForwardContent' or @id='isReplyContent']",
    "//style | //script | //head | //title",
)
"""Where Gmail, Outlook and others keep what they quote, and what is not text at all."""

_BREAKS = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table"}

_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What stands in some pages and may not be written into one. Source: XML 1.0, section 2.2."""

_PART = re.compile(
    r"""(?ix) \b (?:
    part(?:ial|\ return|\ one|\ 1)\b | in\ part\b | so\ far\b | interim\b | incomplete\b
    | not\ (?:yet\ )?complete\b
    | (?:to|will|shall|'ll)\ follow\b | following\ (?:later|shortly|separately)\b | the\ rest\b | remainder\b
    | still\ (?:to\ come|waiting|outstanding)\b | (?:send|have)\ (?:\w+\ ){1,4}later\b
    )"""
)
"""How people say that more is to come."""

_WILL_DO = re.compile(
    r"""(?ix) (?:
    (?:many\ |with\ )? thank(?:s|\ you) | ok(?:ay)? | (?:all\ |duly\ )? noted | received | acknowledged
    | understood | will\ do | on\ it | in\ hand
    | (?:yes,?\ )? (?:we|i) (?:'ll|\ will|\ shall|\ have\ received|\ acknowledge|\ confirm\ receipt)
    ) \b .{0,90}"""
)
"""A whole sentence by which somebody says no more than that it is in hand."""

_GREETING = re.compile(r"(?i)(?:hi|hello|dear|good (?:morning|afternoon|day))\b.{0,40}")
_CLOSING = re.compile(r"(?i)(?:(?:kind|best|warm|many)? ?regards|best wishes|yours|sent from my)\b.*")
_NAME = re.compile(r"(?:[A-Z][\w'.-]*+[ ,]*+){1,4}+")

_ASKS = re.compile(
    r"""(?ix) \? | \b (?: extension | extend | unable | can(?:no|')t | not\ able | query | question | clarif
    | unclear | wrong | attach | enclos | please\ (?:call|ring|confirm|advise|send|resend)
    | let\ (?:me|us)\ know
    | nil\ return | (?:no|nothing|not)\ (?:\w+\ ){0,3}(?:known|record|trace|held) | hold\ (?:no|nothing)
    )"""
)
"""Words that a person should read, whatever else is said; with nothing attached, "attached" is one."""

_SENTENCE_ENDS = re.compile(r"[.!;\n]+")
_FENCE = re.compile(r"(?m)^[ \t]*+(?:[*_=-]{5,}+|-- ?)[ \t]*+$")
"""What signatures and the disclaimers of gateways are set off with."""


def above_the_quote(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with the writer's own text."""
    _ = house
    return replace(so_far, text=own_words(_body(mail)))


def own_words(text: str) -> str:
    """What stands above the first quote, without what is set off as a signature."""
    own = _FENCE.split(text[:_LONGEST], maxsplit=1)[0]
    written = own if own.strip() else text[:_LONGEST]
    lines = [piece for line in written.splitlines() for piece in textwrap.wrap(line, _WIDTH) or [""]]
    read = EmailMessage("\n".join(lines[:_LINES]), languages=["en"], keep_hyphen_lists=True).read()
    first = next((reply for reply in read.replies if reply.full_body), None)
    above = first.full_body if first and not first.headers else ""
    return "\n".join(line for line in above.splitlines() if not line.startswith(">")).strip()


def says_part(text: str) -> bool:
    """Whether somebody says that more is to follow."""
    return bool(_PART.search(text))


def acknowledges(text: str) -> bool:
    """Whether this is a plain "will do": every sentence of it, so that nothing else goes unread."""
    plain = text.replace("\u2019", "'")
    if _ASKS.search(plain):
        return False
    said = [sentence.strip(" ,-\u2013") for sentence in _SENTENCE_ENDS.split(plain)]
    said = [sentence for sentence in said if sentence]
    written = list(takewhile(lambda sentence: not _CLOSING.fullmatch(sentence), said))
    while len(written) > 1 and _NAME.fullmatch(written[-1]) and not _WILL_DO.fullmatch(written[-1]):
        written.pop()
    told = [sentence for sentence in written if not _GREETING.fullmatch(sentence)]
    return bool(told) and all(_WILL_DO.fullmatch(sentence) for sentence in told)


def texts(mail: Mail) -> list[str]:
    """What a mail says, in each form in which it says it: quotes and all, but for those marked in HTML."""
    bodies = [part for part in mail.parts if is_body(part)]
    plain = [mail.text(part)[:_LONGEST] for part in bodies if part.get_content_subtype() != "html"]
    shown = [_shown(mail, [part]) for part in bodies if part.get_content_subtype() == "html"]
    return [text for text in (*plain, *shown) if text.strip()]


def _body(mail: Mail) -> str:
    """The first text of the mail; where it comes only as HTML, what that shows."""
    bodies = [part for part in mail.parts if is_body(part)]
    plain = next((p for p in bodies if p.get_content_subtype() == "plain" and mail.text(p).strip()), None)
    return mail.text(plain) if plain else _shown(mail, bodies)


def _shown(mail: Mail, bodies: list[Part]) -> str:
    written = next((mail.text(p) for p in bodies if p.get_content_subtype() == "html"), "")[:_LONGEST]
    try:
        page = html.document_fromstring(re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", written))
    except (LxmlError, ValueError):
        return ""
    for path in _QUOTES:
        for quoted in (found for found in page.xpath(path) if found.getparent() is not None):
            quoted.drop_tree()
    for element in page.iter(*_BREAKS):
        element.tail = "\n" + _NO_TEXT.sub(" ", element.tail or "")
    return re.sub(r"[ \t\r\xa0]+", " ", page.text_content()).replace("\n ", "\n").strip()
