"""Reading a JSON body into its form, strictly; what is wrong is told by its place, never by its content."""

from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from domain.errors import NotReadable
from domain.particulars import OpeningFile, PutForwardFile, broken_rules, faults, spelled

Form = TypeVar("Form", bound=BaseModel)
Case = TypeVar("Case", bound=OpeningFile | PutForwardFile)

BODY = "body"
"""What errors call what was sent."""

KINDS = {
    "missing": "this is missing",
    "extra_forbidden": "there is a field in it that is not known here",
    "json_invalid": "this is not JSON in UTF-8, or is nested too deeply",
}
"""What each kind of mistake is called; any other is one of form."""


def read_form(form: type[Form], body: bytes) -> Form:
    """The form in a JSON body.

    Raises:
        NotReadable: it is not JSON, or not of that form.
    """
    try:
        return form.model_validate_json(body, strict=True)
    except ValidationError as error:
        raise NotReadable(f"{'; '.join(_told(error))}. See /openapi.json.") from None


def read_case(form: type[Case], body: bytes, now: datetime) -> Case:
    """A form that opens a case, its dates held against each other and against ``now``.

    Raises:
        NotReadable: as `read_form`, or two of its dates or lists cannot both be right.
    """
    read = read_form(form, body)
    if broken := broken_rules(read, now=now):
        raise NotReadable(" ".join(f"{BODY}: {key}: {remedy}" for key, remedy in broken.items()))
    return read


def _told(error: ValidationError) -> Iterator[str]:
    for loc, kind in faults(error):
        # The name of a field that is not ours could be anything.
        place = spelled(loc[:-1] if kind == "extra_forbidden" else loc)
        says = KINDS.get(kind, "this is not in the form expected")
        yield f"{BODY}: {place}: {says}" if place else f"{BODY}: {says}"
