"""The returned form: what must be filled in, and that our template still has the boxes that are read."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import XMLSyntaxError

from postbox.forms import form_of
from tests.laws import examples
from tests.postbox.bad_shapes import FILES
from tests.postbox.pieces import COMPLETE, EVENTS, HOUSE, NIL, SEARCHED, SIGNED, form_bytes, packed

INVOLVED = {"involvement": ["Child A", "Visits", "1 May", "2 May", "Nurse"]}
LACKING: tuple[tuple[Mapping[str, str], Mapping[str, list[str]], tuple[str, ...]], ...] = (
    ({**SIGNED, **COMPLETE}, {**SEARCHED, **EVENTS}, ()),
    ({**SIGNED, **COMPLETE}, {**SEARCHED, **INVOLVED}, ()),
    ({**SIGNED, **COMPLETE}, SEARCHED, ("key_events",)),
    ({**SIGNED, **COMPLETE}, EVENTS, ("people_searched",)),
    ({**COMPLETE}, {**SEARCHED, **EVENTS}, ("author", "senior_sign_off", "senior_date")),
    (SIGNED, {**SEARCHED, **EVENTS}, ("known",)),
    ({**SIGNED, **NIL}, SEARCHED, ()),
    ({**SIGNED, **NIL}, {}, ("people_searched",)),
    ({**SIGNED, **NIL}, {**SEARCHED, **INVOLVED}, ("known",)),
)
"""Boxes and rows, and what a return with no more than these lacks."""


@pytest.mark.parametrize(("boxes", "rows", "missing"), LACKING)
def test_a_form_says_what_it_lacks(
    boxes: dict[str, str], rows: dict[str, list[str]], missing: tuple[str, ...]
) -> None:
    """Signed off, who was searched for, known or not; and where known, what happened."""
    form = form_of(form_bytes(boxes, rows), HOUSE)
    assert form is not None
    assert form.missing == missing
    assert form.nil == (form.not_known and not missing)
    assert not form.untouched


def test_the_form_as_we_send_it_is_untouched() -> None:
    """Nothing of ours counts as an answer: not the prompts, and not what we filled in."""
    form = form_of(form_bytes({}, {}), HOUSE)
    assert form is not None
    assert form.untouched
    assert not form.nil


def test_another_document_is_no_form() -> None:
    """Nor is one without a text part."""
    assert form_of(FILES["embedded"], HOUSE) is None
    assert form_of(packed({"a": b"b"}), HOUSE) is None


def test_a_text_too_large_for_a_form_is_not_unpacked() -> None:
    """It is a document like any other, for a person to read."""
    assert form_of(packed({"word/document.xml": bytes(HOUSE.limits.form + 1)}), HOUSE) is None


def test_a_broken_text_is_raised() -> None:
    """No program could open it."""
    with pytest.raises(XMLSyntaxError):
        form_of(packed({"word/document.xml": b"<w:document>"}), HOUSE)


@settings(max_examples=examples(60), deadline=None)
@given(filled=st.sets(st.sampled_from(sorted({*SIGNED, "known"}))), searched=st.booleans())
def test_no_nil_return_is_unsigned_or_names_nobody(filled: set[str], *, searched: bool) -> None:
    """Whatever boxes are filled in: silence about who signed or who was searched for is no nil return."""
    boxes = {tag: text for tag, text in {**SIGNED, **NIL}.items() if tag in filled}
    form = form_of(form_bytes(boxes, SEARCHED if searched else {}), HOUSE)
    assert form is not None
    assert form.nil == (searched and filled >= {"author", "senior_sign_off", "senior_date", "known"})
