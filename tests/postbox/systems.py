"""How machines write: delivery reports, out of office in their dialects, receipts, sealed mail."""

from collections.abc import Mapping

from tests.postbox.clients import DATE, QUOTED, SUBJECT, Reply, arrived, whole, written
from tests.postbox.pieces import (
    Attached,
    Headers,
    encoded,
    letter_id,
    mail,
    multipart,
    part,
    reply_to,
    text_part,
    token,
)

OURS = letter_id(token())
LETTER = "request-for-information/police"
FAILED: Mapping[str, str] = {
    "Final-Recipient": "rfc822; reviews@police.example",
    "Action": "failed",
    "Status": "5.1.1",
    "Diagnostic-Code": "smtp; 550 5.1.1 User unknown",
}


def original(identifier: str = OURS, letter: str = LETTER) -> Headers:
    """The headers of a letter of ours, as a report gives them back."""
    return [
        ("From", "Northamptonshire SCP <rapid-review@nscp.example>"),
        ("To", "Police Review Desk <reviews@police.example>"),
        ("Reply-To", reply_to(token())),
        ("Subject", SUBJECT),
        ("Message-ID", identifier),
        ("Auto-Submitted", "auto-generated"),
        ("X-Rapid-Review-Letter", letter),
    ]


def report(
    *,
    by: str = "MAILER-DAEMON@mx.police.example",
    said: str = "I am sorry to inform you that your message could not be delivered.",
    fields: Mapping[str, str] = FAILED,
    returned: Headers | None = None,
    only_headers: bool = False,
    more: Headers | None = None,
) -> bytes:
    """A delivery report by the standard, RFC 3464."""
    status = "Reporting-MTA: dns; mx.police.example\n\n" + "".join(f"{k}: {v}\n" for k, v in fields.items())
    kind = "text/rfc822-headers" if only_headers else "message/rfc822"
    given = part(original() if returned is None else returned, b"" if only_headers else QUOTED.encode())
    content = multipart(
        "report",
        text_part(said),
        part([("Content-Type", "message/delivery-status")], status.encode()),
        part([("Content-Type", kind)], given),
        boundary="report-1",
        params=" report-type=delivery-status;",
    )
    reply = Reply(sender="", to="rapid-review@nscp.example")
    headers = [("Return-Path", "<>"), *arrived(reply)[2:], ("From", f"Mail Delivery System <{by}>")]
    headers += [("To", "rapid-review@nscp.example"), ("Subject", "Undelivered Mail Returned to Sender")]
    headers += [("Date", DATE), ("Message-ID", "<report-1@mx.police.example>"), *(more or [])]
    return mail(headers, content)


def plain_report(text: str, *more: tuple[str, str], by: str = "MAILER-DAEMON@mx.police.example") -> bytes:
    """A delivery report in a dialect: nothing but text."""
    headers = [
        ("Return-Path", "<>"),
        ("From", by),
        ("To", "rapid-review@nscp.example"),
        ("Date", DATE),
        *more,
    ]
    return mail([*headers, ("Message-ID", "<report-2@mx.police.example>")], text_part(text, encoding="8bit"))


def quoted_original(identifier: str = OURS) -> str:
    """The headers of a letter of ours, as old systems quote them in their text."""
    return "".join(f"{name}: {value}\n" for name, value in original(identifier))


QMAIL = f"""Hi. This is the qmail-send program at mx.police.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<reviews@police.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

{quoted_original()}"""

EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  reviews@police.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

{quoted_original()}"""


def away(subject: str, text: str, *more: tuple[str, str], answers: str = OURS, path: str = "") -> bytes:
    """An out-of-office notice, with what its system writes about itself."""
    reply = Reply(subject=subject, answers=answers, identifier="<away-1@police.example>")
    return mail([*arrived(reply, path), *written(reply), *more], text_part(text))


EXCHANGE_AWAY = (
    ("Auto-Submitted", "auto-generated"),
    ("X-Auto-Response-Suppress", "All"),
    ("X-MS-Exchange-Inbox-Rules-Loop", "reviews@police.example"),
    ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"),
)
"""What Exchange writes on its automatic replies."""

EXCHANGE_2010_AWAY = EXCHANGE_AWAY[1:3]
"""What it wrote before it knew the standard header."""


def read_receipt() -> bytes:
    """A read receipt, RFC 8098."""
    notice = part(
        [("Content-Type", "message/disposition-notification")],
        f"Final-Recipient: rfc822;reviews@police.example\nOriginal-Message-ID: {OURS}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n".encode(),
    )
    content = multipart(
        "report",
        text_part("Your message was read on 15 December 2026."),
        notice,
        boundary="mdn",
        params=" report-type=disposition-notification;",
    )
    return whole(Reply(subject=f"Read: {SUBJECT}"), content)


def enveloped(kind: str, name: str, smime: str = "enveloped-data") -> bytes:
    """A mail that is nothing but one S/MIME object."""
    content = part(
        [
            ("Content-Type", f'{kind}; smime-type={smime};\n\tname="{name}"'),
            ("Content-Transfer-Encoding", "base64"),
            ("Content-Disposition", f'attachment; filename="{name}"'),
        ],
        b"MIAGCSqGSIb3DQEHA6CAMIACAQAxggEk\n",
    )
    return whole(Reply(), content)


def pgp_mime() -> bytes:
    """A mail encrypted with PGP/MIME, RFC 3156."""
    armour = b"-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000000\n-----END PGP MESSAGE-----\n"
    return whole(
        Reply(),
        multipart(
            "encrypted",
            part([("Content-Type", "application/pgp-encrypted")], b"Version: 1\n"),
            part([("Content-Type", 'application/octet-stream; name="encrypted.asc"')], armour),
            boundary="pgp",
            params=' protocol="application/pgp-encrypted";',
        ),
    )


def cover(html: str, *attached: Attached) -> bytes:
    """The page under which a secure-mail portal hides the true mail."""
    parts = (
        text_part(html, "html"),
        *(encoded(a.kind, a.content, disposition="attachment", name=a.name) for a in attached),
    )
    return whole(Reply(), multipart("mixed", *parts, boundary="cover"))
