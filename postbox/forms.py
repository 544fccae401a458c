"""The returned Request for Information form, read by the tags of its boxes and tables.

The tags are those of ``request_for_information.docx`` in the partnership's folder. Only the one part of
the Word file that holds its text is unpacked. A form that lost its tags on the way (some programs drop
them) is a document like any other: a person reads it.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from zipfile import ZipFile

from docx.oxml import parse_xml
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from lxml.etree import XMLSyntaxError

from postbox.house import DOCX, House
from postbox.kinds import BROKEN_PACKAGE
from postbox.message import Mail
from postbox.verdicts import Reading, Verdict, Why

SIGNED = ("author", "senior_sign_off", "senior_date")
"""The boxes without which no return is signed off."""

NOT_KNOWN = "not known"
"""How the choice begins by which an agency says that it knows none of these people."""

_PROMPTS = {"", "Click here and write", "Choose one"}
_FILLED_BY_US = {"reference", "agency", "due"}
_TABLES = ("people_searched", "involvement", "key_events")
_MAIN_PART = re.compile(r"word/document\d{0,2}\.xml")


@dataclass(frozen=True)
class Form:
    """What is filled in: the text of each box by its tag, and how many rows of each table.

    The text is a person's writing, and is compared here and kept nowhere.
    """

    boxes: dict[str, str]
    rows: dict[str, int]

    @property
    def untouched(self) -> bool:
        """Whether it is as we sent it: some mail programs attach again what they answer."""
        return not any(self.rows.values()) and not self.boxes.keys() - _FILLED_BY_US

    @property
    def not_known(self) -> bool:
        """Whether it says that none of the people are known."""
        return self.boxes.get("known", "").lower().startswith(NOT_KNOWN)

    @property
    def nil(self) -> bool:
        """Whether it is a whole nil return: signed, with who was searched for, and nothing known."""
        return self.not_known and not self.missing

    @property
    def missing(self) -> tuple[str, ...]:
        """The tags of what a return must hold, and this one does not; ``known`` also where it contradicts."""
        missing = [tag for tag in (*SIGNED, "known") if tag not in self.boxes]
        told = self.rows["involvement"] or self.rows["key_events"]
        missing += [] if self.rows["people_searched"] else ["people_searched"]
        if self.not_known and told:
            missing.append("known")
        if "known" in self.boxes and not self.not_known and not told:
            missing.append("key_events")
        return tuple(missing)


def form_read(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with what the form says, and without forms that nobody filled in."""
    _ = mail
    try:
        forms = {
            ref: form_of(content, house)
            for ref, content in zip(so_far.attachments, so_far.contents, strict=True)
            if ref.media_type == DOCX
        }
    except (*BROKEN_PACKAGE, XMLSyntaxError):
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.DAMAGED)
    untouched = {ref for ref, form in forms.items() if form and form.untouched}
    filled = next((form for ref, form in forms.items() if form and ref not in untouched), None)
    kept = [(r, c) for r, c in zip(so_far.attachments, so_far.contents, strict=True) if r not in untouched]
    rest = replace(so_far, attachments=tuple(r for r, _ in kept), contents=tuple(c for _, c in kept))
    return _with(filled, rest, house) if filled else rest


def _with(form: Form, so_far: Reading, house: House) -> Reading:
    if _of_another(form, so_far, house):
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.FORM_OF_ANOTHER)
    return replace(
        so_far,
        form_read=True,
        missing=form.missing,
        nil=form.nil,
        people_searched=form.rows["people_searched"],
    )


def _of_another(form: Form, so_far: Reading, house: House) -> bool:
    """Whether the form was sent for another case, or to another agency of the contact book."""
    named = {agency.name: key for key, agency in house.partnership.agencies.items()}
    reference = form.boxes.get("reference", so_far.reference)
    agency = named.get(form.boxes.get("agency", ""), so_far.key)
    return so_far.role == "agency" and (reference, agency) != (so_far.reference, so_far.key)


def form_of(content: bytes, house: House) -> Form | None:
    """The form in a Word file; None where the file is another document, or too large to be a form.

    Raises:
        XMLSyntaxError: and those of ``BROKEN_PACKAGE``, where no program could open the file.
    """
    with ZipFile(io.BytesIO(content)) as package:
        main = next((e for e in package.infolist() if _MAIN_PART.fullmatch(e.filename)), None)
        if main is None or main.file_size > house.limits.form:
            return None
        root = parse_xml(package.read(main))
    boxes = dict(_boxes(root))
    rows = dict.fromkeys(_TABLES, 0) | dict(_rows(root))
    return Form({tag: text for tag, text in boxes.items() if text not in _PROMPTS}, rows) if boxes else None


def _boxes(root: BaseOxmlElement) -> Iterator[tuple[str, str]]:
    """Each content control's tag and text."""
    for control in root.iter(qn("w:sdt")):
        tag, content = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}"), control.find(qn("w:sdtContent"))
        if tag is not None and content is not None:
            yield str(tag.get(qn("w:val"))), _text(content)


def _rows(root: BaseOxmlElement) -> Iterator[tuple[str, int]]:
    """Each captioned table's caption, and how many of its rows after the first hold any writing."""
    for table in root.iter(qn("w:tbl")):
        caption = table.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}")
        if caption is not None and caption.get(qn("w:val")) in _TABLES:
            written = [row for row in table.findall(qn("w:tr"))[1:] if _text(row)]
            yield str(caption.get(qn("w:val"))), len(written)


def _text(element: BaseOxmlElement) -> str:
    return "".join(run.text or "" for run in element.iter(qn("w:t"))).strip()
