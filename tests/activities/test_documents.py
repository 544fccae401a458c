"""The document desk: what agencies open, read as they would read it, and what must never be readable."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.document import Document as Word
from docx.oxml.ns import qn
from icalendar import Calendar
from msoffcrypto.exceptions import InvalidKeyError
from msoffcrypto.format.ooxml import OOXMLFile

from activities.documents import CACHED_LISTS, DOCX, DocumentDesk, MadeAttachment, WordTemplate
from domain.errors import NotConfigured, NotReadable, Refused
from domain.messages import (
    Attachment,
    DocumentRef,
    ImmediateAction,
    Invitation,
    Letter,
    Post,
    Recipient,
    RecipientKind,
)
from domain.particulars import MEDIA_TYPE, Child, FamilyMember, Particulars
from domain.partnership import Agency, Contact, Lead, Partnership, SqasManager
from vault.documents import DocumentStore
from vault.keys import KeyRing
from vault.passwords import people_password

FOLDER = Path(__file__).parents[2] / "partnerships" / "northamptonshire"
AS_OF = datetime(2026, 12, 7, 15, 20, tzinfo=UTC)
DUE = "Thu 17 Dec 2026 17:00"
MARKER = "Zz-Planted-Marker"
"""Stands in every field of the particulars: where it can be read, a person could be."""

QUESTIONS = (
    "Agency, author and senior sign-off",
    "Known or not known, and who was searched for",
    "Involvement by person",
    "Key events",
    "Assessments and plans",
    "The child's voice",
    "Ethnicity, culture and disability",
    "Good practice",
    "Concerns about our own practice",
    "Concerns about joint working",
    "Immediate actions taken or needed",
    "Single-agency learning",
    "Other agencies known to be involved",
    "Parallel processes",
    "Other children at risk",
    "View on the criteria for a Child Safeguarding Practice Review",
)


def contact(desk: str) -> Contact:
    """An entry of the contact book under ``.example``."""
    return Contact(name=f"{desk} desk", email=f"{desk}@partners.example", phone="01000 000000")


def agency(name: str, delivery: str) -> Agency:
    """An agency of the health lead."""
    return Agency.model_validate(
        {
            "name": name,
            "sector": "example",
            "lead": "health",
            "delivery": delivery,
            "contacts": (contact("one"), contact("two")),
            "representative": contact("llr"),
        }
    )


PARTNERSHIP = Partnership(
    key="northamptonshire",
    name="Example Partnership",
    area="northamptonshire",
    mail_from="reviews@partnership.example",
    reply_domain="replies.partnership.example",
    office=contact("office"),
    panel=contact("panel"),
    ofsted=contact("ofsted"),
    secretary_of_state=contact("secretary-of-state"),
    sqas_manager=SqasManager(name="SQAS Manager", email="sqas@police.example", agency="police"),
    leads={
        "health": Lead(
            title="Health",
            name="Health Lead",
            email="lead@health.example",
            deputies=(contact("deputy"),),
            partner=contact("partner"),
        )
    },
    agencies={
        "police": agency("Police & Co <Northants>", "encrypted_attachment"),
        "gp": agency("General Practice", "by_telephone"),
    },
    folder=FOLDER,
)

PARTICULARS = Particulars(
    children=(
        Child(
            pseudonym="Child A",
            name=f"Example Child {MARKER}",
            date_of_birth=date(2021, 3, 14),
            ethnicity=f"Ethnicity {MARKER}",
            legal_status=f"Status {MARKER}",
            plan_status=f"Plan {MARKER}",
            residence=f"1 Example Street {MARKER}",
        ),
        Child(pseudonym="Child B", name=f"Example Sibling {MARKER}", expected_delivery_on=date(2027, 2, 1)),
    ),
    family=(
        FamilyMember(
            name=f"Example Parent {MARKER}", relationship="Parent & <carer>", date_of_birth=date(1994, 7, 30)
        ),
        FamilyMember(name=f"Example Relative {MARKER}", relationship="Grandparent"),
    ),
    circumstances=f"Circumstances {MARKER}",
    immediate_safeguarding=f"Safeguarding {MARKER}",
)


def to(key: str) -> Recipient:
    """An agency as the one a letter is for."""
    return Recipient(kind=RecipientKind.AGENCY, key=key)


def request(key: str, *attach: Attachment) -> Letter:
    """The letter that asks an agency for information."""
    return Letter(
        key=f"request/{key}",
        template="request-for-information",
        to=to(key),
        facts={"agency": PARTNERSHIP.agencies[key].name, "due": DUE},
        attach=attach,
    )


@pytest.fixture
def keyring() -> KeyRing:
    """A fresh ring."""
    return KeyRing.fresh()


@pytest.fixture
def store(keyring: KeyRing) -> DocumentStore:
    """A real store, in memory."""
    return DocumentStore("memory://", keyring)


@pytest.fixture
def desk(store: DocumentStore, keyring: KeyRing) -> DocumentDesk:
    """The desk, over the shipped templates."""
    return DocumentDesk(PARTNERSHIP, store, keyring)


@pytest.fixture
async def post(store: DocumentStore) -> Post:
    """A batch of a case whose particulars are in the store."""
    ref = await store.put(PARTICULARS.model_dump_json().encode(), MEDIA_TYPE)
    return Post(reference="RR-2026-07", as_of=AS_OF, particulars=ref, letters=())


def opened(content: bytes, password: str) -> bytes:
    """The plain Word file, as an agency opens it with the password it was told."""
    file, plain = OOXMLFile(io.BytesIO(content)), io.BytesIO()
    file.load_key(password=password, verify_password=True)
    file.decrypt(plain, verify_integrity=True)
    return plain.getvalue()


def word(content: bytes) -> Word:
    """A Word file, read."""
    return Document(io.BytesIO(content))


def text_of(content: bytes) -> str:
    """Everything an agency can read in a Word file's body, content controls included, a line each."""
    paragraphs = word(content).element.body.iter(qn("w:p"))
    return "\n".join("".join(t.text or "" for t in p.iter(qn("w:t"))) for p in paragraphs)


def parts_of(content: bytes) -> str:
    """Every part of a Word file as text, its properties, header and footer too."""
    with ZipFile(io.BytesIO(content)) as package:
        return "\n".join(package.read(name).decode(errors="replace") for name in package.namelist())


def table(document: Word, tag: str) -> list[list[str]]:
    """The rows of the table whose caption is ``tag``."""
    for found in document.tables:
        caption = found._tbl.tblPr.find(qn("w:tblCaption"))
        if caption is not None and caption.get(qn("w:val")) == tag:
            return [[cell.text for cell in row.cells] for row in found.rows]
    raise AssertionError(f"no table {tag}")


async def one(desk: DocumentDesk, letter: Letter, post: Post) -> MadeAttachment:
    """The one attachment of a letter."""
    (made,) = await desk.attachments(letter, post)
    return made


@pytest.fixture
async def form(desk: DocumentDesk, post: Post) -> MadeAttachment:
    """The form the police receive."""
    return await one(desk, request("police", Attachment.REQUEST_FORM), post)


def test_the_form_has_a_neutral_name_and_is_a_word_file(form: MadeAttachment) -> None:
    """The file is named by reference and agency key only."""
    assert form.name == "RR-2026-07-police-request-for-information.docx"
    assert form.media_type == DOCX


def test_the_form_says_whose_it_is_when_it_is_due_and_how_it_returns(form: MadeAttachment) -> None:
    """What is known is already written, with awkward characters as they are."""
    text = text_of(form.content)
    for told in ("RR-2026-07", "Police & Co <Northants>", DUE, "office@partners.example", "01000 000000"):
        assert told in text
    assert "Reply to the e-mail" in text
    assert "RR-2026-07" in word(form.content).sections[0].header.paragraphs[0].text
    assert "Example Partnership" in word(form.content).sections[0].footer.paragraphs[0].text


def test_the_form_asks_all_that_an_agency_returns_in_order(form: MadeAttachment) -> None:
    """Every heading of "What an agency returns" is there, numbered from one."""
    headings = [p.text for p in word(form.content).paragraphs if p.style and p.style.name == "Heading 2"]
    assert headings[2:] == [f"{n}. {question}" for n, question in enumerate(QUESTIONS, 1)]


def test_key_events_have_blank_rows_under_the_chronologys_columns(form: MadeAttachment) -> None:
    """Date, time, source, event, response, comment; and rows to write in."""
    heads, *blank = table(word(form.content), "key_events")
    assert heads == ["Date", "Time", "Source", "Event", "Response", "Comment"]
    assert len(blank) >= 10
    assert not any("".join(row) for row in blank)


def test_a_program_can_find_every_answer_by_a_tag_used_once(form: MadeAttachment) -> None:
    """Content controls carry unique tags, so that a returned form can be read by a program."""
    tags = [tag.get(qn("w:val")) for tag in word(form.content).element.body.iter(qn("w:tag"))]
    assert len(tags) == len(set(tags))
    assert {"reference", "agency", "author", "senior_sign_off", "known", "childs_voice", "cspr_view"} <= set(
        tags
    )


def test_the_form_holds_no_mark_left_unfilled_and_no_makers_name(form: MadeAttachment) -> None:
    """No brace of the template and no author other than the partnership is left in any part."""
    assert "{{" not in parts_of(form.content)
    properties = word(form.content).core_properties
    assert (properties.author, properties.last_modified_by) == ("Example Partnership", "")
    assert properties.title == "RR-2026-07: Request for Information"


async def test_the_same_letter_makes_the_same_form(
    desk: DocumentDesk, post: Post, form: MadeAttachment
) -> None:
    """A letter made again, by another desk, carries the same bytes."""
    again = await one(desk, request("police", Attachment.REQUEST_FORM), post)
    assert again.content == form.content


async def test_a_form_without_a_due_date_is_refused(desk: DocumentDesk, post: Post) -> None:
    """A form never goes out that does not say when it is due."""
    letter = request("police", Attachment.REQUEST_FORM).model_copy(update={"facts": {"agency": "Police"}})
    with pytest.raises(Refused, match=r"request/police of RR-2026-07 does not say: due\."):
        await desk.attachments(letter, post)


async def test_the_list_of_people_opens_with_the_cases_password(
    desk: DocumentDesk, post: Post, keyring: KeyRing
) -> None:
    """An agency reads whom to search for, with dates of birth and where the children live."""
    made = await one(desk, request("police", Attachment.SUBJECTS), post)
    plain = word(opened(made.content, people_password(keyring, "RR-2026-07")))
    assert made.name == "RR-2026-07-people-to-search-for.docx"
    assert table(plain, "children")[1:] == [
        ["Child A", f"Example Child {MARKER}", "14 March 2021", f"1 Example Street {MARKER}"],
        ["Child B", f"Example Sibling {MARKER}", "Expected 1 February 2027", "Not known"],
    ]
    assert table(plain, "family")[1:] == [
        [f"Example Parent {MARKER}", "Parent & <carer>", "30 July 1994"],
        [f"Example Relative {MARKER}", "Grandparent", "Not known"],
    ]


async def test_the_list_says_no_more_than_a_search_needs(
    desk: DocumentDesk, post: Post, keyring: KeyRing
) -> None:
    """Ethnicity, legal status, plan and what happened stay with the office."""
    made = await one(desk, request("police", Attachment.SUBJECTS), post)
    readable = parts_of(opened(made.content, people_password(keyring, "RR-2026-07")))
    for kept in ("Ethnicity", "Status", "Plan", "Circumstances", "Safeguarding"):
        assert f"{kept} {MARKER}" not in readable


@pytest.mark.parametrize("attach", [Attachment.SUBJECTS, Attachment.ACTIONS])
async def test_another_cases_password_opens_nothing(
    desk: DocumentDesk, post: Post, keyring: KeyRing, attach: Attachment
) -> None:
    """The password of one case is of no use on another."""
    made = await one(desk, ACTION_LETTER.model_copy(update={"attach": (attach,)}), post)
    with pytest.raises(InvalidKeyError):
        opened(made.content, people_password(keyring, "RR-2026-08"))


async def test_one_encryption_serves_every_agency_of_a_case(desk: DocumentDesk, post: Post) -> None:
    """The list is the same for all, and is encrypted once while its letters go out."""
    first = await one(desk, request("police", Attachment.SUBJECTS), post)
    second = await one(desk, request("police", Attachment.SUBJECTS), post)
    assert second.content is first.content


async def test_corrected_particulars_make_a_new_list(
    desk: DocumentDesk, post: Post, store: DocumentStore
) -> None:
    """A list kept ready is never sent in place of a corrected one."""
    first = await one(desk, request("police", Attachment.SUBJECTS), post)
    ref = await store.put(
        PARTICULARS.model_copy(update={"family": ()}).model_dump_json().encode(), MEDIA_TYPE
    )
    corrected = post.model_copy(update={"particulars": ref})
    second = await one(desk, request("police", Attachment.SUBJECTS), corrected)
    assert second.content != first.content


async def test_only_so_many_lists_are_kept(
    desk: DocumentDesk, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long-lived desk does not gather the lists of every case it ever served."""

    def unchanged(plain: bytes, _password: str) -> bytes:
        return plain

    monkeypatch.setattr("activities.documents.encrypted", unchanged)
    for number in range(CACHED_LISTS + 5):
        other = post.model_copy(update={"reference": f"RR-2026-{number:02}"})
        await desk.attachments(request("police", Attachment.SUBJECTS), other)
    assert len(desk._lists) == CACHED_LISTS


async def test_an_agency_told_by_telephone_gets_no_list(desk: DocumentDesk, post: Post) -> None:
    """It gets the form alone."""
    made = await desk.attachments(request("gp", Attachment.REQUEST_FORM, Attachment.SUBJECTS), post)
    assert [a.name for a in made] == ["RR-2026-07-gp-request-for-information.docx"]


@pytest.mark.parametrize(
    "recipient",
    [Recipient(kind=RecipientKind.OFFICE), Recipient(kind=RecipientKind.LEAD, key="health"), to("fire")],
)
async def test_a_list_is_made_for_known_agencies_only(
    desk: DocumentDesk, post: Post, recipient: Recipient
) -> None:
    """No list of people is made for anyone but an agency of the folder."""
    letter = request("police", Attachment.SUBJECTS).model_copy(update={"to": recipient})
    with pytest.raises(Refused, match="is not an agency"):
        await desk.attachments(letter, post)


async def test_missing_particulars_are_told_of_without_a_name(desk: DocumentDesk, post: Post) -> None:
    """A store that lacks the particulars stops the letter; an empty list never goes out."""
    lost = post.model_copy(
        update={"particulars": DocumentRef(sha256="0" * 64, size=3, media_type=MEDIA_TYPE)}
    )
    with pytest.raises(NotReadable):
        await desk.attachments(request("police", Attachment.SUBJECTS), lost)


ACTION_LETTER = Letter(
    key="submission/actions/police",
    template="immediate-actions",
    to=to("police"),
    facts={"agency": "Police", "count": "1", "due": "Wed 6 Jan 2027"},
    attach=(Attachment.ACTIONS,),
    actions=(
        ImmediateAction(
            agency="police", action=f"First line {MARKER}\nand & second", due_on=date(2027, 1, 6)
        ),
        ImmediateAction(agency="gp", action="Somebody else's action", due_on=date(2027, 1, 7)),
    ),
)


async def test_immediate_actions_are_the_agencys_own_and_encrypted(
    desk: DocumentDesk, post: Post, keyring: KeyRing
) -> None:
    """Each agency reads its own actions, line by line, with the case's password."""
    made = await one(desk, ACTION_LETTER, post)
    plain = word(opened(made.content, people_password(keyring, "RR-2026-07")))
    assert made.name == "RR-2026-07-police-immediate-actions.docx"
    assert table(plain, "actions")[1:] == [[f"First line {MARKER}\nand & second", "6 January 2027"]]
    assert len(list(plain.element.body.iter(qn("w:br")))) == 1


async def test_actions_also_reach_a_lead(desk: DocumentDesk, post: Post, keyring: KeyRing) -> None:
    """An action may be a lead's own rather than an agency's."""
    letter = ACTION_LETTER.model_copy(
        update={
            "to": Recipient(kind=RecipientKind.LEAD, key="health"),
            "actions": (ImmediateAction(agency="health", action="Do it", due_on=date(2027, 1, 6)),),
        }
    )
    made = await one(desk, letter, post)
    assert "Do it" in text_of(opened(made.content, people_password(keyring, "RR-2026-07")))


async def test_a_letter_with_no_action_of_the_agency_is_refused(desk: DocumentDesk, post: Post) -> None:
    """An empty sheet of actions would be worse than none."""
    letter = ACTION_LETTER.model_copy(update={"to": to("gp"), "actions": ACTION_LETTER.actions[:1]})
    with pytest.raises(Refused, match="holds none"):
        await desk.attachments(letter, post)


async def test_characters_word_cannot_hold_are_left_out(
    desk: DocumentDesk, post: Post, keyring: KeyRing
) -> None:
    """Control characters pasted from elsewhere do not make a file that Word refuses."""
    action = ImmediateAction(agency="police", action="a\x00b\x0bc\ufffe {{ d }}", due_on=date(2027, 1, 6))
    made = await one(desk, ACTION_LETTER.model_copy(update={"actions": (action,)}), post)
    assert "abc {{ d }}" in text_of(opened(made.content, people_password(keyring, "RR-2026-07")))


def invited(recipient: Recipient, sequence: int = 0) -> Letter:
    """An invitation to a two-hour meeting in summer time."""
    meeting = Invitation(
        starts_at=datetime(2027, 4, 7, 9, 0, tzinfo=UTC),
        minutes=120,
        place="Room 1, Office",
        sequence=sequence,
    )
    return Letter(
        key="invitation/x",
        template="invitation",
        to=recipient,
        facts={},
        attach=(Attachment.INVITATION,),
        invitation=meeting,
    )


async def test_the_invitation_reads_back_as_a_meeting(desk: DocumentDesk, post: Post) -> None:
    """A calendar finds one event with its times, place and organiser, in request form."""
    made = await one(desk, invited(to("police"), 2), post)
    calendar = Calendar.from_ical(made.content)
    (event,) = calendar.events
    assert (made.name, made.media_type, made.params) == (
        "RR-2026-07-meeting.ics",
        "text/calendar",
        {"method": "REQUEST"},
    )
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert event["SUMMARY"] == "[SECURE] RR-2026-07: Rapid Review meeting"
    assert event.start == datetime(2027, 4, 7, 9, 0, tzinfo=UTC)
    assert event.end == datetime(2027, 4, 7, 11, 0, tzinfo=UTC)
    assert event.DTSTAMP == AS_OF
    assert (event["SEQUENCE"], event["LOCATION"]) == (2, "Room 1, Office")
    assert event["ORGANIZER"] == "mailto:office@partners.example"
    assert not calendar.errors
    assert not event.errors


async def test_a_moved_meeting_replaces_the_earlier_entry(desk: DocumentDesk, post: Post) -> None:
    """Every invitation of a case has one UID, whoever it is for; another case's differs."""
    other = post.model_copy(update={"reference": "RR-2026-08"})
    office = Recipient(kind=RecipientKind.OFFICE)
    made = [
        await one(desk, invited(to("police"), 0), post),
        await one(desk, invited(office, 1), post),
        await one(desk, invited(office, 1), other),
    ]
    first, moved, another = (Calendar.from_ical(m.content).events[0]["UID"] for m in made)
    assert first == moved == "rr-2026-07-meeting@replies.partnership.example"
    assert another != first


async def test_the_invitation_names_nobody(desk: DocumentDesk, post: Post) -> None:
    """Attendees are the addresses the mail itself goes to, without names; no name stands anywhere."""
    made = await one(desk, invited(to("police")), post)
    (event,) = Calendar.from_ical(made.content).events
    assert [str(a) for a in event.attendees] == [
        "mailto:one@partners.example",
        "mailto:two@partners.example",
    ]
    assert b"CN=" not in made.content
    assert b" desk" not in made.content


async def test_the_place_of_a_meeting_may_say_anything(desk: DocumentDesk, post: Post) -> None:
    """Words that mean something to a calendar stay words, and the invited stay invited."""
    letter = invited(to("police"))
    assert letter.invitation
    place = letter.invitation.model_copy(update={"place": "END:VEVENT"})
    [made] = await desk.attachments(letter.model_copy(update={"invitation": place}), post)
    [event] = Calendar.from_ical(made.content).events
    assert event["LOCATION"] == "END:VEVENT"
    assert [str(who).partition(":")[0] for who in event.attendees] == ["mailto", "mailto"]


async def test_an_invitation_without_a_meeting_is_refused(desk: DocumentDesk, post: Post) -> None:
    """The sentence names letter and case."""
    letter = invited(to("police")).model_copy(update={"invitation": None})
    with pytest.raises(Refused, match=r"invitation/x of RR-2026-07 .* holds no meeting"):
        await desk.attachments(letter, post)


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        (DOCX, "RR-2026-07-report.docx"),
        ("application/pdf", "RR-2026-07-report.pdf"),
        ("application/x-unknown", "RR-2026-07-report.bin"),
    ],
)
async def test_a_stored_report_is_fetched_and_named_by_its_type(
    desk: DocumentDesk, post: Post, store: DocumentStore, media_type: str, name: str
) -> None:
    """The report goes out as it was put in, under a neutral name."""
    ref = await store.put(b"narrative", media_type)
    letter = request("police").model_copy(update={"documents": (ref,)})
    made = await one(desk, letter, post)
    assert (made.name, made.media_type, made.content) == (name, media_type, b"narrative")
    assert "narrative" not in f"{made!r}"


async def test_several_stored_documents_have_different_names(
    desk: DocumentDesk, post: Post, store: DocumentStore
) -> None:
    """Two files of one mail never share a name."""
    refs = (await store.put(b"one", DOCX), await store.put(b"two", DOCX))
    made = await desk.attachments(request("police").model_copy(update={"documents": refs}), post)
    assert [a.name for a in made] == ["RR-2026-07-report.docx", "RR-2026-07-report-2.docx"]


async def test_nothing_planted_can_be_read_without_the_password(desk: DocumentDesk, post: Post) -> None:
    """No name, and no part of any attachment as it travels, shows what the particulars hold."""
    letters = [
        request("police", Attachment.REQUEST_FORM, Attachment.SUBJECTS),
        request("gp", Attachment.REQUEST_FORM, Attachment.SUBJECTS),
        ACTION_LETTER,
        invited(to("police")),
    ]
    made = [a for letter in letters for a in await desk.attachments(letter, post)]
    assert len(made) == 5
    for attachment in made:
        travels = attachment.content.decode("latin-1")
        if travels.startswith("PK"):
            travels += parts_of(attachment.content)
        for form in (MARKER, "Example Child", "\0".join(MARKER)):
            assert form not in travels
            assert form not in f"{attachment!r}"


def test_a_missing_template_is_told_with_its_remedy(tmp_path: Path) -> None:
    """The sentence names the file as it stands in the partnership's folder."""
    with pytest.raises(NotConfigured, match=r"^documents/form\.docx: .* Put it back\.$"):
        WordTemplate(tmp_path / "form.docx")


def test_a_file_that_is_not_word_is_told_of(tmp_path: Path) -> None:
    """A text file under a Word file's name is found as the program starts."""
    (tmp_path / "form.docx").write_text("not a Word file")
    with pytest.raises(NotConfigured, match="no such Word file"):
        WordTemplate(tmp_path / "form.docx")


def written(folder: Path, *runs: str) -> WordTemplate:
    """A template with one paragraph, in as many runs as Word made of it."""
    document = Document()
    paragraph = document.add_paragraph()
    for run in runs:
        paragraph.add_run(run)
    document.save(str(folder / "form.docx"))
    return WordTemplate(folder / "form.docx")


def test_a_mark_that_word_split_between_runs_is_filled(tmp_path: Path) -> None:
    """Word often splits what was typed; the mark is read all the same."""
    made = written(tmp_path, "Case {", "{ refer", "ence }", "}.").filled({"reference": "RR-2026-07"})
    assert "Case RR-2026-07." in text_of(made)


def test_a_broken_mark_is_told_as_the_program_starts(tmp_path: Path) -> None:
    """A mistake made in Word is found before any letter is due."""
    with pytest.raises(NotConfigured, match=r"^documents/form\.docx: a mark between braces is wrong"):
        written(tmp_path, "{% for x %}")


def test_a_mark_nobody_fills_is_an_error_and_not_a_gap(tmp_path: Path) -> None:
    """A letter with a hole in it never goes out."""
    with pytest.raises(NotConfigured, match="asks for a fact"):
        written(tmp_path, "{{ surname }}").filled({"reference": "RR-2026-07"})
