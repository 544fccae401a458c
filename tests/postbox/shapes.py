"""The corpus, shape by shape. ``python -m tests.postbox.shapes`` writes it again, where a shape was added.

What each must be read as is in ``expected.csv``, written by hand; the tests read the files, never this.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from tests.postbox import clients as by
from tests.postbox import systems as machine
from tests.postbox.bad_shapes import BROKEN, FILES, FORGED
from tests.postbox.clients import ATTACHED, SIGNATURE, Reply, disguised
from tests.postbox.pieces import (
    COMPLETE,
    DOMAIN,
    EVENTS,
    NIL,
    SEARCHED,
    SIGNED,
    Attached,
    blank,
    drawn,
    encoded,
    form,
    letter_id,
    logo,
    multipart,
    nil,
    pdf,
    png,
    reply_to,
    text_part,
    token,
)

CORPUS = Path(__file__).parent / "corpus"
Shapes = Mapping[str, Callable[[], bytes]]

DONE = Reply(attached=(form(),))
PRINTED = Reply(attached=(pdf(),))
WORDS = Reply()
LEAD = Reply(
    text="I confirm version 1.",
    sender="strategic-lead@police.example",
    name="Police Lead",
    to=reply_to(token(role="lead")),
    answers=letter_id(token(role="lead"), "sign-off-request/1/police"),
)
BANNER = Attached("image002.png", "image/png", drawn(900, 200), "inline", "banner@mail")
"""The picture of a whole line under a signature."""
PAGE = Attached("IMG_0042.png", "image/png", drawn(1700, 2200), "inline", "page@mail")
"""A page of the form, photographed with a telephone that puts it into the text."""

GENERATED = (("Auto-Submitted", "auto-generated"),)
"""How the case system of an agency marks what people send by it."""


def says(text: str) -> Reply:
    """A reply with nothing attached."""
    return replace(WORDS, text=text)


RETURNS: Shapes = {
    "outlook-return": lambda: by.outlook(DONE),
    "outlook-return-with-signature": lambda: by.outlook(DONE, SIGNATURE),
    "outlook-web-return": lambda: by.outlook_web(DONE),
    "gmail-return": lambda: by.gmail(DONE),
    "apple-return-inline": lambda: by.apple(
        replace(PRINTED, attached=(replace(pdf(), disposition="inline"),))
    ),
    "apple-return-form": lambda: by.apple(DONE),
    "thunderbird-return": lambda: by.thunderbird(PRINTED),
    "nhsmail-return": lambda: by.nhsmail(DONE),
    "mimecast-return": lambda: by.mimecast(PRINTED),
    "phone-return-of-scan": lambda: by.phone(
        replace(DONE, attached=(Attached("scan.png", "image/png", png(24)),))
    ),
    "return-of-coarse-scan": lambda: by.simple(
        replace(DONE, attached=(replace(PAGE, disposition="attachment", cid=""),))
    ),
    "return-with-photograph-in-the-text": lambda: by.apple(replace(DONE, attached=(form(), PAGE))),
    "return-with-banner": lambda: by.outlook(DONE, BANNER),
    "return-of-two-files": lambda: by.outlook(replace(DONE, attached=(form(), pdf()))),
    "return-sent-as-octets": lambda: by.simple(replace(DONE, attached=(disguised(form()),))),
    "return-by-representative": lambda: by.outlook(replace(PRINTED, sender="llr@police.example")),
    "return-by-token-in-references": lambda: by.outlook(replace(PRINTED, to="rapid-review@nscp.example")),
    "return-to-address-alone": lambda: by.gmail(replace(PRINTED, answers="")),
    "return-to-capitals": lambda: by.outlook(replace(PRINTED, to=reply_to(token()).upper())),
    "return-without-message-id": lambda: by.simple(replace(PRINTED, identifier="")),
    "return-marked-by-a-person": lambda: by.simple(replace(PRINTED, more=(("Auto-Submitted", "no"),))),
    "return-suppressing-answers": lambda: by.outlook(
        replace(PRINTED, more=(("X-Auto-Response-Suppress", "All"),))
    ),
    "return-of-open-document": lambda: by.thunderbird(
        replace(DONE, attached=(FILES_TAKEN["open-document"],))
    ),
    "return-of-rich-text": lambda: by.simple(replace(DONE, attached=(FILES_TAKEN["rich-text"],))),
    "return-of-plain-text": lambda: by.simple(replace(DONE, attached=(FILES_TAKEN["plain-text"],))),
    "return-in-latin-1": lambda: by.whole(
        PRINTED,
        by.mixed(text_part("Voilà: our return, 3½ pages.", charset="iso-8859-1"), (pdf(),), "latin"),
    ),
    "return-with-business-card": lambda: by.outlook(
        replace(PRINTED, attached=(pdf(), Attached("officer.vcf", "text/vcard", b"BEGIN:VCARD\nEND:VCARD\n")))
    ),
    "return-clear-signed": lambda: by.whole(
        PRINTED,
        multipart(
            "signed",
            by.mixed(text_part(ATTACHED), (pdf(),), "within"),
            encoded("application/pkcs7-signature", b"0\x80", disposition="attachment", name="smime.p7s"),
            boundary="signed",
            params=' protocol="application/pkcs7-signature";',
        ),
    ),
    "return-through-a-list": lambda: by.simple(
        replace(PRINTED, more=(("List-Id", "<reviews.police.example>"), ("Precedence", "list")))
    ),
    "return-with-old-references": lambda: by.outlook(
        replace(
            PRINTED,
            to="rapid-review@nscp.example",
            answers=f"<older@police.example>\r\n\t<other@police.example>\r\n\t{letter_id(token())}",
        )
    ),
}

PARTIAL_AND_NIL: Shapes = {
    "nil-by-outlook": lambda: by.outlook(replace(DONE, attached=(nil(),))),
    "nil-by-gmail": lambda: by.gmail(replace(DONE, attached=(nil(),), text="Nil return attached.")),
    "nil-by-nhsmail": lambda: by.nhsmail(replace(DONE, attached=(nil(),))),
    "nil-beside-blank-form": lambda: by.outlook(replace(DONE, attached=(blank(), nil()))),
    "nil-unsigned": lambda: by.outlook(replace(DONE, attached=(form({**NIL, "author": "A"}, SEARCHED),))),
    "nil-naming-nobody": lambda: by.outlook(replace(DONE, attached=(form({**SIGNED, **NIL}, {}),))),
    "nil-that-contradicts": lambda: by.outlook(
        replace(DONE, attached=(form({**SIGNED, **NIL}, {**SEARCHED, **EVENTS}),))
    ),
    "form-not-signed": lambda: by.outlook(
        replace(DONE, attached=(form({**COMPLETE, "author": "Officer"}, {**SEARCHED, **EVENTS}),))
    ),
    "form-without-events": lambda: by.gmail(
        replace(DONE, attached=(form({**SIGNED, **COMPLETE}, SEARCHED),))
    ),
    "form-without-choice": lambda: by.outlook(
        replace(DONE, attached=(form(SIGNED, {**SEARCHED, **EVENTS}),))
    ),
    "form-with-more-to-follow": lambda: by.outlook(
        replace(DONE, text="Form attached. The hospital chronology is to follow next week.")
    ),
    "pdf-said-to-be-part": lambda: by.outlook(replace(PRINTED, text="This is a partial return for now.")),
    "pdf-interim-outlook-web": lambda: by.outlook_web(replace(PRINTED, text="Interim return attached.")),
}

WORDS_ALONE: Shapes = {
    "will-do-outlook": lambda: by.outlook(says("Thanks, will do.")),
    "will-do-outlook-with-logo": lambda: by.outlook(says("Noted, thank you."), SIGNATURE),
    "will-do-outlook-web": lambda: by.outlook_web(says("Received, we will return it by the date.")),
    "will-do-gmail": lambda: by.gmail(says("Understood, thank you.")),
    "will-do-apple": lambda: by.apple(says("Will do.")),
    "will-do-phone": lambda: by.phone(says("OK thanks")),
    "will-do-nhsmail": lambda: by.nhsmail(says("Acknowledged, with thanks.")),
    "will-do-mimecast": lambda: by.mimecast(says("We'll complete this in time.")),
    "will-do-with-blank-form": lambda: by.outlook(replace(WORDS, text="Will do.", attached=(blank(),))),
    "will-do-with-loose-logo": lambda: by.simple(
        replace(WORDS, text="Thank you, noted.", attached=(logo("attachment", ""),))
    ),
    "will-do-with-exchange-leftover": lambda: by.simple(
        replace(WORDS, text="Will do.", attached=(Attached("ATT00001.txt", "text/plain", b"Disclaimer\n"),))
    ),
    "meeting-accepted": lambda: by.whole(
        says("Thank you, I will be there."),
        multipart(
            "alternative",
            text_part("Thank you, I will be there."),
            encoded("text/calendar", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n"),
            boundary="cal",
        ),
    ),
    "will-do-with-banner": lambda: by.outlook(says("Thanks, will do."), BANNER),
    "will-do-with-loose-banner": lambda: by.simple(
        replace(
            WORDS, text="Thank you, noted.", attached=(replace(BANNER, disposition="attachment", cid=""),)
        )
    ),
    "will-do-above-a-photograph": lambda: by.outlook(says("Thanks, will do."), PAGE),
    "will-do-above-a-heavy-picture": lambda: by.apple(
        replace(WORDS, text="Will do.", attached=(replace(PAGE, content=png(64)),))
    ),
    "pages-photographed-into-the-text": lambda: by.apple(
        replace(WORDS, text="Our return.", attached=(PAGE, replace(PAGE, content=drawn(1700, 2201))))
    ),
    "question-outlook": lambda: by.outlook(says("Thank you. Which systems should we search?")),
    "question-gmail": lambda: by.gmail(says("We will need an extension until Friday.")),
    "question-apple": lambda: by.apple(says("I am unable to open the list, please resend.")),
    "question-nothing-held-in-words": lambda: by.outlook(says("Thanks. We hold nothing on this family.")),
    "question-empty": lambda: by.outlook(says("")),
    "question-below-the-quote": lambda: by.whole(WORDS, text_part("> Please reply.\n> Thanks\n\nSee below.")),
    "question-with-facts": lambda: by.thunderbird(says("The family moved in spring.")),
}

LEADS: Shapes = {
    "lead-confirms": lambda: by.outlook(LEAD),
    "lead-confirms-from-phone": lambda: by.phone(LEAD),
    "lead-confirms-by-gmail": lambda: by.gmail(LEAD),
    "lead-confirms-with-a-signature": lambda: by.thunderbird(
        replace(LEAD, text="Dear all,\n\nI confirm version 1.\n\n-- \nPolice Lead\nPolice Service")
    ),
    "lead-confirms-but": lambda: by.outlook(
        replace(LEAD, text="I confirm version 1.\n\nSubject to paragraph 4 being taken out.")
    ),
    "lead-confirms-except-below-a-line": lambda: by.simple(
        replace(LEAD, text="I confirm version 1\n__________\nexcept for the recommendation")
    ),
    "lead-confirms-with-a-file": lambda: by.outlook(replace(LEAD, attached=(pdf(),))),
    "lead-sends-amendments": lambda: by.outlook(replace(LEAD, text="See my changes.", attached=(pdf(),))),
    "deputy-answers": lambda: by.outlook(replace(LEAD, sender="deputy-one@police.example")),
    "partner-answers": lambda: by.outlook(
        replace(
            WORDS,
            text="Thank you, noted.",
            sender="chief-constable@police.example",
            to="business-office@nscp.example",
            answers=letter_id(token(role="partner"), "disagreement/police"),
        )
    ),
    "panel-answers": lambda: by.outlook(
        replace(
            WORDS,
            text="We have received the report.",
            sender="reports@national-panel.example",
            to="business-office@nscp.example",
            answers=letter_id(token("panel", "office"), "submission/panel"),
        )
    ),
}

REPORTS: Shapes = {
    "dsn-postfix": lambda: machine.report(more=[("Auto-Submitted", "auto-replied")]),
    "dsn-from-our-own-server": lambda: machine.report(
        by=f"MAILER-DAEMON@{DOMAIN}", more=[("Auto-Submitted", "auto-replied")]
    ),
    "dsn-postfix-headers-only": lambda: machine.report(only_headers=True),
    "dsn-exchange": lambda: machine.report(
        by="postmaster@police.example",
        said="Delivery has failed to these recipients or groups:",
        fields={**machine.FAILED, "Status": "5.1.10", "Action": "failed"},
        more=[("X-MS-Exchange-Message-Is-Ndr", ""), ("In-Reply-To", machine.OURS)],
        returned=[("From", "Microsoft Outlook")],
    ),
    "dsn-google": lambda: machine.report(
        by="mailer-daemon@googlemail.example",
        said="** Address not found **\n\nYour message wasn't delivered.",
        fields={**machine.FAILED, "Status": "5.1.1", "Remote-MTA": "dns; mx.police.example"},
        more=[("X-Failed-Recipients", "reviews@police.example"), ("Auto-Submitted", "auto-replied")],
    ),
    "dsn-mailbox-full": lambda: machine.report(fields={**machine.FAILED, "Status": "5.2.2"}),
    "dsn-given-up": lambda: machine.report(fields={**machine.FAILED, "Status": "4.4.7"}),
    "dsn-without-status": lambda: machine.report(
        fields={"Final-Recipient": "rfc822; reviews@police.example", "Action": "failed"}
    ),
    "dsn-qmail": lambda: machine.plain_report(machine.QMAIL, ("Subject", "failure notice")),
    "dsn-exim": lambda: machine.plain_report(
        machine.EXIM, ("X-Failed-Recipients", "reviews@police.example"), ("Subject", "Mail delivery failed")
    ),
    "dsn-delayed": lambda: machine.report(fields={**machine.FAILED, "Action": "delayed", "Status": "4.4.1"}),
    "dsn-delivered": lambda: machine.report(
        fields={**machine.FAILED, "Action": "delivered", "Status": "2.0.0"}
    ),
    "dsn-relayed": lambda: machine.report(fields={**machine.FAILED, "Action": "relayed", "Status": "2.0.0"}),
    "dsn-of-somebody-elses-mail": lambda: machine.report(returned=[("Message-ID", "<1@elsewhere.example>")]),
    "dsn-without-original": lambda: machine.report(returned=[("Subject", "A letter")]),
    "dsn-forged-signature": lambda: machine.report(returned=machine.original(FORGED["id"])),
    "dsn-qmail-unsigned": lambda: machine.plain_report(machine.QMAIL.replace(machine.OURS, "<1@x.example>")),
    "dsn-letter-that-does-not-fit": lambda: machine.report(
        returned=machine.original(letter="reminder/1/police")
    ),
    "dsn-wrapped-in-list-footer": lambda: machine.report(more=[("List-Id", "<office.nscp.example>")]),
}

AUTOMATIC: Shapes = {
    "away-exchange": lambda: machine.away("Automatic reply: RFI", "I am away.", *machine.EXCHANGE_AWAY),
    "away-exchange-2010": lambda: machine.away(
        "Out of Office: RFI", "I am away.", *machine.EXCHANGE_2010_AWAY, path="reviews@police.example"
    ),
    "away-exchange-german": lambda: machine.away(
        "Automatische Antwort: RFI", "Ich bin nicht im Haus.", *machine.EXCHANGE_AWAY
    ),
    "away-german-by-null-path": lambda: machine.away("Abwesenheitsnotiz: RFI", "Bis Montag."),
    "away-french-by-null-path": lambda: machine.away(
        "=?utf-8?Q?R=C3=A9ponse_automatique_=3A_RFI?=", "Je suis absent."
    ),
    "away-spanish-by-null-path": lambda: machine.away(
        "=?utf-8?B?UmVzcHVlc3RhIGF1dG9tw6F0aWNh?=: RFI", "Estoy fuera."
    ),
    "away-polish-by-null-path": lambda: machine.away(
        "=?utf-8?Q?Odpowied=C5=BA_automatyczna=3A_RFI?=", "Jestem poza biurem."
    ),
    "away-welsh-by-null-path": lambda: machine.away("Ymateb awtomatig: RFI", "Rwyf i ffwrdd."),
    "away-italian-bulk": lambda: machine.away(
        "Risposta automatica: RFI", "Sono fuori.", ("Precedence", "bulk"), path="reviews@police.example"
    ),
    "away-gmail": lambda: machine.away(
        "Out of office Re: RFI",
        "I am away.",
        ("Precedence", "bulk"),
        ("X-Autoreply", "yes"),
        ("Auto-Submitted", "auto-replied"),
        path="reviews@police.example",
    ),
    "away-vacation-program": lambda: machine.away(
        "away from my mail",
        "I am away.",
        ("Auto-Submitted", "auto-replied (vacation)"),
        ("Precedence", "junk"),
    ),
    "away-sieve": lambda: machine.away(
        "Auto: RFI", "I am away.", ("Auto-Submitted", 'auto-replied; owner-email="reviews@police.example"')
    ),
    "away-old-header": lambda: machine.away("Re: RFI", "I am away.", ("Precedence", "auto_reply")),
    "away-without-token": lambda: machine.away(
        "Automatic reply: RFI", "I am away.", *machine.EXCHANGE_AWAY, answers="<1@elsewhere.example>"
    ).replace(reply_to(token()).encode(), b"rapid-review@nscp.example"),
    "automatic-with-a-return": lambda: by.outlook(replace(DONE, more=GENERATED)),
    "automatic-with-a-sealed-file": lambda: by.outlook(
        replace(DONE, attached=(pdf(b"1 0 obj<</Encrypt 2 0 R>>endobj\n"),), more=GENERATED)
    ),
    "automatic-with-a-blank-form": lambda: by.outlook(replace(DONE, attached=(blank(),), more=GENERATED)),
    "automatic-with-a-logo": lambda: by.outlook(replace(WORDS, more=GENERATED), SIGNATURE),
    "automatic-with-a-return-but-no-token": lambda: by.outlook(
        replace(DONE, to="rapid-review@nscp.example", answers="", more=GENERATED)
    ),
    "automatic-return-from-a-stranger": lambda: by.outlook(
        replace(DONE, sender="someone@stranger.example", more=GENERATED)
    ),
    "ticket-opened": lambda: machine.away(
        "[#1234] We have received your request", "A ticket was opened.", ("Auto-Submitted", "auto-generated")
    ),
    "read-receipt": machine.read_receipt,
    "dialect-subject-by-a-person": lambda: by.outlook(
        replace(PRINTED, subject="Automatic reply: no, it is me. Our return")
    ),
    "null-path-alone": lambda: by.simple(PRINTED).replace(
        b"Return-Path: <reviews@police.example>", b"Return-Path: <>"
    ),
}

SEALED: Shapes = {
    "sealed-egress": lambda: machine.cover(
        '<p>You have received a secure message.</p><a href="https://switch.egress.com/ui/read">Read it</a>'
    ),
    "sealed-not-but-a-footer": lambda: by.outlook(
        replace(DONE, text="Our return.\n\nSecure mail: https://switch.egress.com/ui/learn")
    ),
    "sealed-egress-package": lambda: machine.cover(
        "<p>Secure email</p>", Attached("message.switch", "application/x-switch-package", b"\x01\x02")
    ),
    "sealed-microsoft-portal": lambda: machine.cover(
        '<a href="https://outlook.office365.com/Encryption/retrieve.ashx?x=1">Read the message</a>'
    ),
    "sealed-microsoft-rpmsg": lambda: machine.cover(
        "<p>This message is protected.</p>",
        Attached(
            "message_v4.rpmsg", "application/x-microsoft-rpmsg-message", b"\x76\xe8\x04\x60\xc4\x11\xe3\x86"
        ),
    ),
    "sealed-smime": lambda: machine.enveloped("application/pkcs7-mime", "smime.p7m"),
    "sealed-smime-opaque-signed": lambda: machine.enveloped(
        "application/x-pkcs7-mime", "smime.p7m", "signed-data"
    ),
    "sealed-smime-as-octets": lambda: machine.enveloped("application/octet-stream", "smime.p7m"),
    "sealed-pgp-mime": machine.pgp_mime,
    "sealed-pgp-inline": lambda: by.simple(
        says("-----BEGIN PGP MESSAGE-----\n\nhQEMA000\n-----END PGP MESSAGE-----")
    ),
    "sealed-winmail": lambda: by.winmail(Reply()),
    "sealed-from-a-stranger": lambda: machine.cover(
        '<a href="https://switch.egress.com/ui/read">Read it</a>'
    ).replace(b"Desk <reviews@police.example>", b"Desk <reviews@stranger.example>"),
}

FILES_TAKEN: Mapping[str, Attached] = {
    "open-document": Attached(
        "return.odt", "application/vnd.oasis.opendocument.text", FILES["open-document"]
    ),
    "rich-text": Attached("return.rtf", "application/rtf", b"{\\rtf1\\ansi Our return.}"),
    "plain-text": Attached("return.txt", "text/plain", b"Our return, in plain words.\n"),
}
SHAPES: Shapes = {
    **RETURNS,
    **PARTIAL_AND_NIL,
    **WORDS_ALONE,
    **LEADS,
    **REPORTS,
    **AUTOMATIC,
    **SEALED,
    **BROKEN,
}


def main() -> None:
    """Write every shape to its file."""
    CORPUS.mkdir(exist_ok=True)
    for name, shape in SHAPES.items():
        (CORPUS / f"{name}.eml").write_bytes(shape())


if __name__ == "__main__":
    main()
