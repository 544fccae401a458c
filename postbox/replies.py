"""What a person wrote above the quote, and what kind of words they are."""

import re
import textwrap
from dataclasses import replace

from lxml import html
from lxml.etree import LxmlError
from mailparser_reply import EmailReplyParser

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
    r"""(?ix) \b (?:
    will\ (?:do|be|send|return|complete|get|make|respond|reply|action) | we'll | i'll
    | shall\ (?:send|return|do) | thank(?:s|\ you)\b | noted\b | received\b | acknowledg | on\ it\b
    | ok(?:ay)?\b | understood\b | in\ hand\b
    )"""
)
_ASKS = re.compile(
    r"""(?ix) \? | \b (?: extension | extend | unable | can(?:no|')t | not\ able | query | question | clarif
    | unclear | which\ child | wrong | please\ (?:call|ring|confirm|advise|send|resend) | let\ (?:me|us)\ know
    | nil\ return | (?:no|nothing|not)\ (?:\w+\ ){0,3}(?:known|record|trace|held) | hold\ (?:no|nothing)
    )"""
)
"""Words after which no reply is a plain acknowledgement, whatever else it says."""


def above_the_quote(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with the writer's own text."""
    _ = house
    return replace(so_far, text=own_words(_body(mail)))


def own_words(text: str) -> str:
    """What stands above the first quote, without signature."""
    lines = [piece for line in text[:_LONGEST].splitlines() for piece in textwrap.wrap(line, _WIDTH) or [""]]
    read = EmailReplyParser(languages=["en"]).read("\n".join(lines[:_LINES]))
    first = next((reply for reply in read.replies if reply.body), None)
    above = first.body if first and not first.headers else ""
    return "\n".join(line for line in above.splitlines() if not line.startswith(">")).strip()


def says_part(text: str) -> bool:
    """Whether somebody says that more is to follow."""
    return bool(_PART.search(text))


def acknowledges(text: str) -> bool:
    """Whether this is a plain "will do", and nothing that a person should read."""
    return bool(_WILL_DO.search(text)) and not _ASKS.search(text)


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
        for quoted in page.xpath(path):
            quoted.drop_tree()
    for element in page.iter(*_BREAKS):
        element.tail = "\n" + (element.tail or "")
    return re.sub(r"[ \t\r\xa0]+", " ", page.text_content()).replace("\n ", "\n").strip()
