"""How the mail programs and systems of our partners write a reply: their headers, structure and quoting."""

from dataclasses import dataclass, field

from tests.postbox.pieces import (
    OCTETS,
    REFERENCE,
    SERVER,
    Attached,
    Headers,
    encoded,
    file_part,
    letter_id,
    logo,
    mail,
    multipart,
    reply_to,
    text_part,
    token,
)

DATE = "Tue, 15 Dec 2026 10:21:07 +0000"
SUBJECT = f"[SECURE] {REFERENCE}: request for information, due Thu 17 Dec 17:00"
ATTACHED = "Please find attached our completed return.\n\nRegards\nReview Officer"
QUOTED = "Please complete the attached form.\nWill you be able to return it? Call us with any question."
FROM = "reviews@police.example"


@dataclass(frozen=True)
class Reply:
    """What a person at an agency does: presses Reply, writes something, attaches something."""

    text: str = ATTACHED
    attached: tuple[Attached, ...] = ()
    sender: str = FROM
    name: str = "Police Review Desk"
    to: str = field(default_factory=lambda: reply_to(token()))
    answers: str = field(default_factory=lambda: letter_id(token()))
    subject: str = f"RE: {SUBJECT}"
    identifier: str = "<reply-1@mail.police.example>"
    more: tuple[tuple[str, str], ...] = ()

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.sender.rpartition("@")[2]


def results(
    domain: str, dmarc: str = "pass", server: str = SERVER, detail: str = "(p=reject dis=none)"
) -> str:
    """What our own receiving server writes about a mail."""
    return (
        f"{server};\r\n\tspf=pass smtp.mailfrom={domain};\r\n\tdkim=pass header.d={domain};"
        f"\r\n\tdmarc={dmarc} {detail} header.from={domain}"
    )


def arrived(reply: Reply, path: str | None = None) -> Headers:
    """What is written on a mail on its way in, topmost first."""
    return [
        ("Return-Path", f"<{reply.sender if path is None else path}>"),
        ("Authentication-Results", results(reply.domain)),
        ("Received", f"from out.{reply.domain} (out.{reply.domain} [192.0.2.10])\r\n\tby {SERVER}; {DATE}"),
    ]


def written(reply: Reply) -> Headers:
    """The headers any program writes."""
    return [
        ("From", f"{reply.name} <{reply.sender}>"),
        ("To", f"Northamptonshire SCP <{reply.to}>"),
        ("Subject", reply.subject),
        ("Date", DATE),
        *([("Message-ID", reply.identifier)] if reply.identifier else []),
        *([("In-Reply-To", reply.answers), ("References", reply.answers)] if reply.answers else []),
        *reply.more,
    ]


def whole(reply: Reply, content: bytes, *system: tuple[str, str]) -> bytes:
    """A mail as it arrives from a system that writes ``system`` headers of its own."""
    return mail([*arrived(reply), *written(reply), *system], content)


def mixed(content: bytes, attached: tuple[Attached, ...], boundary: str) -> bytes:
    """A content, with files beside it if there are any."""
    return multipart("mixed", content, *map(file_part, attached), boundary=boundary) if attached else content


def alternative(text: str, html: str, boundary: str, charset: str = "utf-8") -> bytes:
    """The same as text and as HTML."""
    return multipart(
        "alternative", text_part(text, charset=charset), text_part(html, "html", charset), boundary=boundary
    )


def paragraphs(text: str) -> str:
    """A text as HTML."""
    return "".join(f'<p class="MsoNormal">{line or "&nbsp;"}</p>' for line in text.split("\n"))


def outlook(reply: Reply, *pictures: Attached) -> bytes:
    """Outlook for Windows behind Exchange: a From block, and signature pictures shown in the HTML."""
    head = f"From: Northamptonshire SCP\nSent: 07 December 2026 15:21\nTo: {FROM}\nSubject: {SUBJECT}"
    text = f"{reply.text}\n\n\n{head}\n\n{QUOTED}\n"
    shown = "".join(f'<img src="cid:{picture.cid}">' for picture in pictures)
    html = (
        "<html><head><style>p.MsoNormal {margin:0cm}</style></head><body>"
        f'{paragraphs(reply.text)}{shown}<div id="divRplyFwdMsg">{head}</div>'
        f"<div>{QUOTED}</div></body></html>"
    )
    content = alternative(text, html, "_000_outlook_")
    if pictures:
        related = (content, *map(file_part, pictures))
        content = multipart(
            "related", *related, boundary="_004_outlook_", params=' type="multipart/alternative";'
        )
    return whole(
        reply,
        mixed(content, reply.attached, "_005_outlook_"),
        ("Thread-Topic", SUBJECT),
        ("Thread-Index", "AdpLq0000000000000000000000000=="),
        ("Accept-Language", "en-GB, en-US"),
        ("X-MS-Has-Attach", "yes" if reply.attached else ""),
        ("X-MS-TNEF-Correlator", ""),
        ("x-ms-exchange-transport-fromentityheader", "Hosted"),
    )


def outlook_web(reply: Reply) -> bytes:
    """Outlook on the web: HTML only, the quote after a div of its own."""
    html = (
        f'<html><body><div class="elementToProof">{reply.text}</div><div id="appendonsend"></div>'
        '<hr><div id="divRplyFwdMsg"><b>From:</b> Northamptonshire SCP</div>'
        f"<div>{QUOTED}</div></body></html>"
    )
    content = text_part(html, "html", "us-ascii")
    return whole(
        reply, mixed(content, reply.attached, "_002_owa_"), ("X-MS-Exchange-MessageSentRepresentingType", "1")
    )


def gmail(reply: Reply) -> bytes:
    """Gmail: a line of attribution, and the quote in a class of its own."""
    said = "On Mon, 7 Dec 2026 at 15:21, Northamptonshire SCP <rapid-review@nscp.example> wrote:"
    quoted = "\n".join(f"> {line}" for line in QUOTED.splitlines())
    html = (
        f'<div dir="ltr">{reply.text}</div><br><div class="gmail_quote"><div class="gmail_attr">{said}</div>'
        f'<blockquote class="gmail_quote">{QUOTED}</blockquote></div>'
    )
    content = alternative(f"{reply.text}\n\n{said}\n\n{quoted}\n", html, "000000000000gmail")
    return whole(reply, mixed(content, reply.attached, "000000000001gmail"), ("X-Gm-Message-State", "AOJu0Y"))


def apple(reply: Reply) -> bytes:
    """Apple Mail: files inline between texts."""
    quoted = "\n".join(f"> {line}" for line in QUOTED.splitlines())
    said = "On 7 Dec 2026, at 15:21, Northamptonshire SCP <rapid-review@nscp.example> wrote:"
    text = text_part(f"{reply.text}\n", charset="us-ascii")
    rest = text_part(f"\n\n{said}\n\n{quoted}\n", charset="us-ascii")
    content = multipart("mixed", text, *map(file_part, reply.attached), rest, boundary="Apple-Mail=_1")
    return whole(reply, content, ("X-Mailer", "Apple Mail (2.3774.500.171.1.1)"))


def thunderbird(reply: Reply) -> bytes:
    """Thunderbird: format=flowed text, signed with two hyphens."""
    quoted = "\n".join(f"> {line}" for line in QUOTED.splitlines())
    text = f"On 07/12/2026 15:21, Northamptonshire SCP wrote:\n{quoted}\n\n"
    content = text_part(f"{reply.text}\n\n{text}-- \nReview Officer\n", encoding="8bit")
    return whole(
        reply, mixed(content, reply.attached, "------------tb"), ("User-Agent", "Mozilla Thunderbird")
    )


def nhsmail(reply: Reply) -> bytes:
    """NHSmail: Exchange with a long disclaimer, and headers of its transport."""
    disclaimer = (
        "\n\n********************************************************************************\n"
        "This message may contain confidential information. If you are not the intended recipient please:\n"
        "i) inform the sender that you have received the message in error before deleting it\n"
    )
    content = text_part(f"{reply.text}\n\n{'_' * 32}\nFrom: NSCP\nSent: 7 December\n\n{QUOTED}{disclaimer}")
    return whole(
        reply,
        mixed(content, reply.attached, "_006_nhs_"),
        ("X-NHS-Classification", "Official"),
        ("X-Auto-Response-Suppress", "OOF"),
        ("X-MS-Exchange-Organization-AuthSource", "mail.trust.example"),
    )


def mimecast(reply: Reply) -> bytes:
    """Through Mimecast: rewritten headers, a footer, and its own results beside ours."""
    text = f"{reply.text}\n\n{'-' * 40}\nThis email has been scanned for viruses and malicious content.\n"
    own = f"relay.mimecast.example; dkim=pass header.d={reply.domain}; dmarc=pass header.from={reply.domain}"
    return whole(
        reply,
        mixed(text_part(text), reply.attached, "MCBoundary=_1"),
        ("Authentication-Results", own),
        ("X-MC-Unique", "aBcDeFgHiJkLmNoPqRsTuV-1"),
        ("X-Mimecast-Spam-Score", "0"),
    )


def phone(reply: Reply) -> bytes:
    """A telephone: short, in base64, with its own signature."""
    content = text_part(f"{reply.text}\n\nSent from my phone\n", encoding="base64")
    return whole(reply, mixed(content, reply.attached, "--_com.android.email_1"))


def simple(reply: Reply) -> bytes:
    """A case system that writes as little as it may."""
    return whole(reply, mixed(text_part(reply.text), reply.attached, "simple"))


def winmail(reply: Reply) -> bytes:
    """Outlook set to Rich Text: everything in one winmail.dat."""
    wrapped = encoded(
        "application/ms-tnef", b"\x78\x9f\x3e\x22\0\0", disposition="attachment", name="winmail.dat"
    )
    return whole(reply, multipart("mixed", text_part(reply.text), wrapped, boundary="tnef"))


def disguised(attached: Attached) -> Attached:
    """A file sent with no more than "some bytes" for its type."""
    return Attached(attached.name, OCTETS, attached.content)


SIGNATURE = logo()
"""The picture under a signature."""
