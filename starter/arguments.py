"""What people type, read into what the process means: London times, dates, actions, files."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.consideration.messages import LocalOutcome, OutcomeKind
from domain.errors import Mistyped, NotReadable
from domain.messages import ImmediateAction
from domain.timetable import LONDON

Model = TypeVar("Model", bound=BaseModel)

EARLIEST, LATEST = 1900, 2199
"""The years between which every date of a case lies."""


def moment(text: str, what: str) -> datetime:
    """A moment typed as ``2026-12-22 10:00`` (London) or in ISO 8601 with its own offset.

    Raises:
        Mistyped: it is neither.
    """
    try:
        read = datetime.fromisoformat(text.strip())
        read = read if read.tzinfo else read.replace(tzinfo=LONDON)
        read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Mistyped(_no_moment(what, text)) from None
    if not re.search(r"\d[T ]\d", text):
        raise Mistyped(_no_moment(what, text))
    _of_our_time(read, what)
    return read


def _no_moment(what: str, text: str) -> str:
    return f"{what}: {text!r} is not a date and time. Write one like 2026-12-22T10:00 (London time)."


def day(text: str, what: str) -> date:
    """A date typed as ``2026-12-22``.

    Raises:
        Mistyped: it is not one.
    """
    try:
        read = date.fromisoformat(text.strip())
    except ValueError:
        raise Mistyped(f"{what}: {text!r} is not a date. Write one like 2026-12-22.") from None
    _of_our_time(read, what)
    return read


def _of_our_time(read: date, what: str) -> None:
    """Refuse a year in which nothing of a case can lie: a slip of the keys, at the ends of every calendar."""
    if not EARLIEST <= read.year <= LATEST:
        raise Mistyped(f"{what}: no date of a case is in the year {read.year}. Write one like 2026-12-22.")


def action(text: str) -> ImmediateAction:
    """An immediate action typed as ``police | 2026-12-30 | what is to be done``.

    Raises:
        Mistyped: it does not have those three parts.
    """
    parts = [part.strip() for part in text.split("|", 2)]
    if len(parts) != len(ImmediateAction.model_fields):
        raise Mistyped("--action: write the agency, the due date and what is to be done, parted by |.")
    return typed(ImmediateAction, agency=parts[0], due_on=day(parts[1], "--action"), action=parts[2])


def local_outcome(text: str) -> LocalOutcome:
    """A local outcome typed as ``no_further_action`` or ``learning_event | police | 2027-01-29 | what``.

    Raises:
        Mistyped: it is neither.
    """
    kind, *rest = [part.strip() for part in text.split("|", 3)]
    if kind not in set(OutcomeKind):
        raise Mistyped(f"--outcome: begin with one of: {', '.join(OutcomeKind)}.")
    if not rest:
        return LocalOutcome(kind=OutcomeKind(kind))
    if len(rest) + 1 != len(LocalOutcome.model_fields):
        raise Mistyped(
            "--outcome: write the kind, its owner, the due date and what is to be done, parted by |."
        )
    owner, due, what = rest
    return typed(LocalOutcome, kind=kind, owner=owner, due_on=day(due, "--outcome"), what=what)


def reason(text: str) -> tuple[str, str]:
    """A reason against one criterion, typed as ``themes | the reason``; its key, and the reason.

    Raises:
        Mistyped: it does not have those two parts.
    """
    key, bar, words = (part.strip() for part in text.partition("|"))
    if not (key and bar and words):
        raise Mistyped("--reason: write the criterion's key and the reason, parted by |.")
    return key, words


def built(model: type[Model], **fields: object) -> Model:
    """A message of the given fields.

    Raises:
        NotReadable: fields do not have the form the message needs; a line names each, never its value.
    """
    try:
        return model.model_validate(fields)
    except ValidationError as wrong:
        raise NotReadable("\n".join(map(_fault, wrong.errors()))) from None


def typed(model: type[Model], **fields: object) -> Model:
    """The same of what was typed on the command line.

    Raises:
        Mistyped: a field does not have the form it must have.
    """
    try:
        return built(model, **fields)
    except NotReadable as wrong:
        raise Mistyped(str(wrong)) from None


REMEDIES = {
    "by": "say who: --by 'your name' (set RAPID_REVIEW_BY to it once and for all), or --as for a sign-off.",
    "recorded_by": "say who: --by 'your name' (set RAPID_REVIEW_BY to it once and for all).",
    "reason": "say why with --reason 'in a sentence'.",
    "kind": "write complete, partial or nil.",
    "recommendation": "write cspr, no_cspr or other_review.",
    "outcome": "write cspr, no_cspr or other_review.",
    "attended": "name who came, by keys parted by commas: --attended police,icb,health.",
    "place": "say where, or by which link.",
}
"""What to do about the fields most often left out."""


def _fault(mistake: Mapping[str, Any]) -> str:
    where = ".".join(map(str, mistake["loc"]))
    said = re.sub(r"^Value error, ", "", mistake["msg"]).rstrip(".")
    if mistake["type"] == "string_too_short" and mistake["input"]:
        least = mistake["ctx"]["min_length"]
        return f"{where}: this is too short, with fewer than {least} letters. Write it out."
    return f"{where}: {REMEDIES.get(where, said + '.')}"


MEDIA_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".doc": "application/msword",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".pdf": "application/pdf",
    ".msg": "application/vnd.ms-outlook",
    ".eml": "message/rfc822",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".rtf": "application/rtf",
    ".txt": "text/plain",
    ".jpg": "image/jpeg",
    ".png": "image/png",
}
"""The documents an office handles, by their ending."""

ENDINGS = {media: ending for ending, media in MEDIA_TYPES.items()}
"""The ending of a file of each kind."""


REPORTS = (".docx", ".doc", ".odt", ".pdf")
"""What a report may be."""


def report(path: Path) -> bytes:
    """The bytes of a report to be put before the leads.

    Raises:
        NotReadable: it is not a document a lead and the Panel can read, or it cannot be read.
    """
    if path.suffix.lower() not in REPORTS:
        raise NotReadable(f"{path}: a report is a {', '.join(REPORTS)} file. Save it as one of these.")
    return contents(path)


def document(path: Path) -> tuple[bytes, str]:
    """A document that somebody sent us, and its media type: by its bytes, as the mail room knows it.

    Raises:
        NotReadable: it is no document the mail room would take, or it cannot be read.
    """
    from postbox.house import ByHand
    from postbox.kinds import kind_of
    from postbox.verdicts import Seal, Why

    content = contents(path)
    kind = kind_of(content, path.name.lower(), ByHand())
    if isinstance(kind, Seal):
        raise NotReadable(f"{path}: this file is sealed. Open it, save it without its seal, and name that.")
    if isinstance(kind, Why):
        raise NotReadable(
            f"{path}: this is no document that is taken: {SPOKEN.get(kind, 'another kind of file')}. "
            "Name one in Word (.docx), Excel (.xlsx), OpenDocument, PDF, RTF, text, or a scan in JPEG or PNG."
        )
    return content, kind


SPOKEN = {
    "archive": "an archive",
    "damaged": "it is damaged",
    "executable": "a program",
    "macros": "it holds programs, or may",
    "message_within": "a mail",
}
"""What a file is that the mail room would not take, by its reason."""


def media_type(path: Path) -> str:
    """The media type of a file by its ending; plain bytes where the ending is not one of ours."""
    return MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")


def plain_text(path: Path) -> str:
    """The text of a file in UTF-8, with or without the mark that Windows puts before it.

    Raises:
        NotReadable: it cannot be read, or is not UTF-8: a letter read wrongly would be a name spelt wrongly.
    """
    try:
        return contents(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotReadable(f"{path.name}: this is not plain text in UTF-8. Save it again as UTF-8.") from None


@contextmanager
def file_named(name: str) -> Iterator[None]:
    """Say of a mistake found in a file which file it is in.

    Raises:
        NotReadable: there is one.
    """
    try:
        yield
    except NotReadable as mistake:
        raise NotReadable(f"{name}: {mistake}") from None


def contents(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        NotReadable: there is no such file, or it may not be read.
    """
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise NotReadable(f"{path}: this file cannot be read ({wrong.strerror}). Check its name.") from None
    if not content:
        raise NotReadable(f"{path}: this file is empty. Name the one that was meant.")
    return content
