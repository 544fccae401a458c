"""Makes the three Word templates that stand beside this file, so that their wording can be reviewed as text.

Run it from this folder with ``python make_templates.py``. It overwrites the three files: a partnership
that has changed them in Word has made them its own, and should not run it again.

In ``request_for_information.docx`` every box is a Word content control with a tag, and every table
carries its tag as its caption (its alternative text), so that a returned form can be read by a program.
The questions are those of "What an agency returns".
"""  # noqa: INP001 -- a partnership's folder is configuration, not a package

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt
from docx.table import Table

HERE = Path(__file__).parent

REQUEST = (
    ("reference", "Reference", "{{ reference }}"),
    ("agency", "Agency", "{{ agency }}"),
    ("due", "Return it by", "{{ due }}"),
)
ABOUT = (
    ("author", "Completed by", ""),
    ("role", "Role", ""),
    ("author_contact", "Telephone or e-mail", ""),
    ("senior_sign_off", "Senior sign-off: name", ""),
    ("senior_role", "Senior sign-off: role", ""),
    ("senior_date", "Senior sign-off: date", ""),
)

QUESTIONS = (
    (
        "assessments_and_plans",
        "Assessments and plans",
        "Which assessments were made and which plans were in place, with their dates? Were they followed?",
    ),
    (
        "childs_voice",
        "The child's voice",
        "What did the child say, show or do? What was each day like? Who listened, and what changed?",
    ),
    (
        "ethnicity_culture_disability",
        "Ethnicity, culture and disability",
        "What did you know of these, of faith and of language? Did racism or inequality play a part?",
    ),
    ("good_practice", "Good practice", "What was done well, and what made that possible?"),
    (
        "concerns_own_practice",
        "Concerns about our own practice",
        "What should your agency have done differently? Describe practice, not blame.",
    ),
    (
        "concerns_joint_working",
        "Concerns about joint working",
        "Where did agencies not work well together, your own among them?",
    ),
    (
        "immediate_actions",
        "Immediate actions taken or needed",
        "What has been done to keep this child and others safe? What is still needed, by whom, by when?",
    ),
    (
        "single_agency_learning",
        "Single-agency learning",
        "What has your agency learned already, and how will it be put into practice?",
    ),
    (
        "other_agencies",
        "Other agencies known to be involved",
        "Name every other service that you know worked with this family, in this area or another.",
    ),
    (
        "parallel_processes",
        "Parallel processes",
        """Which are under way, and who leads them: criminal investigation, inquest, family court, \
child death overview, patient safety, adult review, LADO, internal inquiry?""",
    ),
    (
        "other_children_at_risk",
        "Other children at risk",
        "Are other children at risk now? Tell children's social care at once, not only this form.",
    ),
)

CRITERIA = (
    "Improvements are needed to safeguard and promote children's welfare, including ones identified before",
    "Themes recur in safeguarding and promoting children's welfare",
    "There is concern about two or more agencies working together to safeguard children",
)

PLACEHOLDER = "Click here and write"


def blank(title: str, *, wide: bool = False) -> Word:
    """An A4 document in British English and a legible font, with the reference in its header."""
    word = Document()
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    if wide:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(2)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    normal.element.get_or_add_rPr().append(language)
    section.header.paragraphs[0].text = f"Official: sensitive · {{{{ reference }}}} · {title}"
    section.footer.paragraphs[0].text = "{{ partnership }} · {{ office_email }} · {{ office_phone }}"
    about(word, title)
    word.add_heading(title, level=1)
    return word


def about(word: Word, title: str) -> None:
    """Fill in the file's own properties, which hold the reference and no person."""
    properties = word.core_properties
    properties.title, properties.author = f"{{{{ reference }}}}: {title}", "{{ partnership }}"
    properties.comments = properties.last_modified_by = properties.keywords = ""
    properties.language = "en-GB"
    properties.created = properties.modified = datetime(2026, 1, 1, tzinfo=UTC)


def lighten(word: Word) -> None:
    """Leave out what these forms never show: the picture of a blank page and some 90 table styles.

    Every form sent is a copy of its template, so this makes each mail smaller and quicker to make.
    """
    unused = ("thumbnail", "stylesWithEffects", "customXml")
    for rels in (word.part.rels, word.part.package.rels):
        for key in [key for key, rel in rels.items() if rel.reltype.endswith(unused)]:
            del rels[key]
    for style in list(word.styles):
        if style.type is WD_STYLE_TYPE.TABLE and style.name not in {"Normal Table", "Table Grid"}:
            style.delete()


def box(tag: str, label: str, *, filled: str = "", inline: bool = False) -> BaseOxmlElement:
    """A content control for plain text, found by its tag: a prompt, or ``filled`` and locked."""
    prompt = '<w:lock w:val="sdtContentLocked"/>' if filled else "<w:showingPlcHdr/>"
    run = f'<w:r><w:t xml:space="preserve">{filled or PLACEHOLDER}</w:t></w:r>'
    border = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="4" w:color="808080"/>'
        for side in ("top", "left", "bottom", "right")
    )
    boxed = f'<w:p><w:pPr><w:pBdr>{border}</w:pBdr><w:spacing w:after="240"/></w:pPr>{run}</w:p>'
    plain = f"<w:p>{run}</w:p>"
    return parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtPr>"
        f'<w:alias w:val="{label}"/><w:tag w:val="{tag}"/>{prompt}<w:text w:multiLine="1"/></w:sdtPr>'
        f"<w:sdtContent>{plain if inline else boxed}</w:sdtContent></w:sdt>"
    )


def choice(tag: str, label: str, *options: str) -> BaseOxmlElement:
    """A drop-down content control with its options."""
    items = "".join(f'<w:listItem w:displayText="{o}" w:value="{o}"/>' for o in options)
    return parse_xml(
        f"<w:sdt {nsdecls('w')}><w:sdtPr>"
        f'<w:alias w:val="{label}"/><w:tag w:val="{tag}"/><w:showingPlcHdr/>'
        f"<w:dropDownList>{items}</w:dropDownList></w:sdtPr><w:sdtContent>"
        "<w:p><w:r><w:t>Choose one</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    )


def append(word: Word, element: BaseOxmlElement) -> None:
    """Put an element at the end of the text, before the section's own properties."""
    word.element.body.insert_element_before(element, "w:sectPr")


def grid(
    word: Word,
    tag: str,
    heads: Sequence[str],
    widths: Sequence[float],
    body: Sequence[Sequence[str]],
) -> Table:
    """A table whose first row repeats on every page and whose caption is its tag; widths in cm."""
    table: Table = word.add_table(rows=1 + len(body), cols=len(heads), style="Table Grid")
    caption = OxmlElement("w:tblCaption")
    caption.set(qn("w:val"), tag)
    table._tbl.tblPr.append(caption)  # noqa: SLF001 -- python-docx has no call for a table's alternative text
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 -- nor for this
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row, texts in zip(table.rows, (heads, *body), strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.text, cell.width = text, Cm(width)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    return table


def blanks(count: int, columns: int) -> list[list[str]]:
    """Rows to be written in."""
    return [[""] * columns for _ in range(count)]


def labelled(word: Word, tag: str, fields: Sequence[tuple[str, str, str]]) -> None:
    """A two-column table: a label, and a content control to answer in or that is filled already."""
    heads, body = ("Question", "Answer"), [[label, ""] for _, label, _ in fields]
    table = grid(word, tag, heads, (7, 18.5), body)
    for (key, label, filled), row in zip(fields, table.rows[1:], strict=True):
        control = box(key, label, filled=filled, inline=True)
        row.cells[1]._tc.insert(1, control)  # noqa: SLF001 -- content controls are raw XML
    word.add_paragraph()


def request_for_information() -> Word:
    """The form every agency fills in, with what is known of the request already written."""
    word = blank("Request for Information", wide=True)
    labelled(word, "request", REQUEST)
    word.add_heading("Before you start", level=2)
    for text in (
        "Secure your records now: nobody changes, moves or destroys anything about these people.",
        "The people to search for reach you separately: in an encrypted file, or by telephone.",
        "If you searched and know nothing, that is a nil return: fill in sections 1 and 2, signed off.",
        "Silence is not a nil return.",
        "Write about the children as Child A, Child B. Keep facts apart from opinion.",
    ):
        word.add_paragraph(text, style="List Bullet")
    word.add_heading("How to return it", level=2)
    word.add_paragraph(
        "Reply to the e-mail that brought this form, leave its subject line as it is, and attach the form. "
        "Put no name in the name of the file. If you cannot reply, write to {{ office_email }} "
        "or telephone {{ office_phone }}."
    )
    _about_the_return(word)
    _what_is_known(word)
    for number, (tag, heading, hint) in enumerate(QUESTIONS, 5):
        word.add_heading(f"{number}. {heading}", level=2)
        word.add_paragraph(hint)
        append(word, box(tag, heading))
    _criteria(word, len(QUESTIONS) + 5)
    return word


def _about_the_return(word: Word) -> None:
    word.add_heading("1. Agency, author and senior sign-off", level=2)
    labelled(word, "about", ABOUT)
    word.add_heading("2. Known or not known, and who was searched for", level=2)
    word.add_paragraph("Are any of these people known to your agency?")
    append(word, choice("known", "Known or not known", "Known", "Not known: this is a nil return"))
    word.add_paragraph("Name everybody you searched for. Press Tab in the last box for another row.")
    grid(
        word,
        "people_searched",
        ("Name searched", "Date of birth searched", "Systems searched", "Known or not known"),
        (8, 4.5, 8, 5),
        blanks(6, 4),
    )


def _what_is_known(word: Word) -> None:
    word.add_heading("3. Involvement by person", level=2)
    grid(
        word,
        "involvement",
        ("Person", "What your agency did, and why", "From", "To", "Lead worker's role"),
        (4, 11.5, 3, 3, 4),
        blanks(6, 5),
    )
    word.add_heading("4. Key events", level=2)
    word.add_paragraph("One row for each event, oldest first. They become one chronology.")
    grid(
        word,
        "key_events",
        ("Date", "Time", "Source", "Event", "Response", "Comment"),
        (2.5, 1.8, 3.2, 7, 6, 5),
        blanks(12, 6),
    )


def _criteria(word: Word, number: int) -> None:
    word.add_heading(f"{number}. View on the criteria for a Child Safeguarding Practice Review", level=2)
    word.add_paragraph("The leads decide. Meeting a criterion does not by itself oblige a review.")
    heads, body = ("Criterion", "Met: yes, no or unsure", "Why"), [[text, "", ""] for text in CRITERIA]
    grid(word, "cspr_criteria", heads, (9, 4.5, 12), body)
    word.add_paragraph()
    append(word, box("cspr_view", "View on the criteria"))


def people_to_search_for() -> Word:
    """Who is asked about: only ever sent encrypted, and with no more than a search needs."""
    word = blank("People to search for")
    word.add_paragraph("Search your records for each of these people, under every spelling you hold.")
    word.add_paragraph("List all of them on the form as searched, also those you do not know.")
    word.add_heading("Children", level=2)
    grid(
        word,
        "children",
        ("Written as", "Name", "Date of birth", "Lives"),
        (2.5, 5, 4.5, 5),
        (
            ("{%tr for child in children %}", "", "", ""),
            ("{{ child.pseudonym }}", "{{ child.name }}", "{{ child.born }}", "{{ child.residence }}"),
            ("{%tr endfor %}", "", "", ""),
        ),
    )
    word.add_heading("Family and significant others", level=2)
    grid(
        word,
        "family",
        ("Name", "Relationship", "Date of birth"),
        (6.5, 6, 4.5),
        (
            ("{%tr for person in family %}", "", ""),
            ("{{ person.name }}", "{{ person.relationship }}", "{{ person.born }}"),
            ("{%tr endfor %}", "", ""),
        ),
    )
    word.add_paragraph()
    word.add_paragraph("Keep this file only as long as the search needs it. Never pass it on unencrypted.")
    return word


def immediate_actions() -> Word:
    """What one agency must do now: only ever sent encrypted."""
    word = blank("Immediate actions")
    word.add_paragraph("The Rapid Review {{ reference }} asks {{ agency }} to do this now.")
    grid(
        word,
        "actions",
        ("Action", "Due"),
        (12.5, 4.5),
        (
            ("{%tr for action in actions %}", ""),
            ("{{ action.text }}", "{{ action.due }}"),
            ("{%tr endfor %}", ""),
        ),
    )
    word.add_paragraph()
    word.add_paragraph("Tell the business office when each is done, and what shows it: {{ office_email }}.")
    return word


if __name__ == "__main__":
    for make in (request_for_information, people_to_search_for, immediate_actions):
        made = make()
        lighten(made)
        made.save(str(HERE / f"{make.__name__}.docx"))
