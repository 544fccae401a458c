"""The letters' templates in a partnership's folder: which there are, what each may say, and checking them.

A letter is a folder ``mail/<name>/`` of three files. Files of ``mail/`` itself whose name begins with an
underscore are shared by all letters. ``docs/partnership.md`` tells a partnership how to change them.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import CodeType

from jinja2 import (
    BytecodeCache,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    TemplateSyntaxError,
    meta,
    select_autoescape,
)
from jinja2.bccache import Bucket

from domain.errors import NotConfigured
from domain.messages import Letter, RecipientKind
from domain.partnership import Partnership

PARTS = ("subject.txt", "body.txt", "body.html")
"""The files of every letter. The subject is one line; the two bodies say the same."""

SHARED = frozenset({"reference", "partnership", "office_name", "office_email", "office_phone"})
"""The facts every letter may use."""

LETTERS: Mapping[str, frozenset[str]] = {
    "request-for-information": frozenset({"agency", "due", "explanation", "sin_sent", "delivery"}),
    "review-opened": frozenset(
        {"lead", "rfi_due", "meeting_window", "draft_due", "panel_due", "explanation", "agencies"}
    ),
    "meeting-nudge": frozenset({"meeting_window", "panel_due"}),
    "agency-checkpoint": frozenset({"asked", "returned", "outstanding"}),
    "reminder": frozenset({"agency", "due", "number"}),
    "overdue": frozenset({"agency", "due"}),
    "overdue-representative": frozenset({"agency", "due"}),
    "escalation": frozenset({"lead", "agencies", "due"}),
    "escalation-digest": frozenset({"agencies", "due"}),
    "invitation": frozenset({"starts", "minutes", "place", "moved"}),
    "sign-off-request": frozenset({"lead", "version", "due", "deputies_allowed", "criteria", "statement"}),
    "sign-off-reminder": frozenset({"lead", "version", "due"}),
    "report-reopened": frozenset({"lead", "version", "next_version"}),
    "amendment": frozenset({"lead", "version", "next_version"}),
    "submission": frozenset({"sin_reference", "version", "signed", "sent"}),
    "submission-copy": frozenset({"sin_reference", "version", "sent"}),
    "immediate-actions": frozenset({"agency", "count", "due"}),
    "meeting-not-held": frozenset({"due"}),
    "draft-missing": frozenset({"due"}),
    "submission-late": frozenset({"due", "waiting_for"}),
    "decision-nudge": frozenset({"sent"}),
    "view-request": frozenset({"lead", "criteria", "statement", "again"}),
    "disagreement": frozenset({"views", "criteria", "statement"}),
    "panel-nudge": frozenset({"sent", "expected"}),
    "reconsideration-nudge": frozenset({"answered", "outcome"}),
    "withdrawn": frozenset({"withdrawn"}),
    "undelivered": frozenset({"letter", "recipient", "status"}),
    "return-received": frozenset({"agency", "kind", "received"}),
    "how-to-sign": frozenset({"lead", "version", "due"}),
    "return-after-draft": frozenset({"agency", "kind", "version"}),
    "dates-moved": frozenset({"moved"}),
    "follow-up-opened": frozenset({"agency", "number", "kind", "due"}),
    "follow-up-reminder": frozenset({"agency", "number", "kind", "due"}),
    "follow-up-overdue": frozenset({"agency", "number", "kind", "due"}),
    "follow-up-late": frozenset({"agency", "number", "kind", "due", "late_by"}),
    "follow-up-escalation": frozenset({"agency", "number", "kind", "due", "late_by"}),
    "follow-up-waiting": frozenset({"agency", "number", "kind", "due", "late_by", "state"}),
    "follow-up-evidence": frozenset({"agency", "number", "kind", "due"}),
    "follow-up-moved": frozenset({"agency", "number", "kind", "due", "original"}),
    "follow-up-undelivered": frozenset({"number", "letter", "recipient", "status"}),
    "follow-up-closed": frozenset({"agency", "number", "kind"}),
    "follow-up-withdrawn": frozenset({"agency", "number", "kind"}),
    "cspr-opened": frozenset({"decided", "due", "explanation", "rule", "what"}),
    "cspr-commission-nudge": frozenset({"due", "what"}),
    "cspr-commissioned": frozenset({"due", "reviewer", "what"}),
    "cspr-notice": frozenset({"decided", "due", "reviewer", "rule"}),
    "cspr-terms-nudge": frozenset({"what"}),
    "cspr-terms": frozenset({"due", "version", "what"}),
    "cspr-monitoring": frozenset({"due", "last", "rule", "what"}),
    "cspr-request": frozenset({"about", "answer_by", "what"}),
    "cspr-sign-off-request": frozenset({"due", "version", "what"}),
    "cspr-sign-off-reminder": frozenset({"due", "version", "what"}),
    "cspr-amendment": frozenset({"amending", "version", "what"}),
    "cspr-approved": frozenset({"due", "holds", "rule", "version", "what"}),
    "cspr-hold": frozenset({"due", "explanation", "proceedings", "review_on"}),
    "cspr-hold-review": frozenset({"due", "proceedings", "review_on"}),
    "cspr-hold-lifted": frozenset({"due", "holds", "proceedings"}),
    "cspr-due-soon": frozenset({"due", "explanation", "holds", "stage"}),
    "cspr-late": frozenset({"due", "explanation", "holds", "stage"}),
    "cspr-full-report": frozenset({"rule", "signed", "version"}),
    "cspr-may-publish": frozenset({"due", "sent"}),
    "cspr-dates-moved": frozenset({"due", "explanation", "original", "was"}),
    "cspr-withdrawn": frozenset({"what", "withdrawn"}),
    "cspr-published": frozenset({"improvements", "published", "rule", "until"}),
    "cspr-last-day": frozenset({"published", "rule"}),
    "cspr-undelivered": frozenset({"letter", "recipient", "status"}),
    "views-request": frozenset({"agency", "due"}),
    "views-reminder": frozenset({"agency", "due"}),
    "views-late": frozenset({"leads", "due"}),
    "sin-decision-request": frozenset({"agency", "by_request", "due", "explanation"}),
    "sin-reminder": frozenset({"due", "explanation", "awaited"}),
    "sin-escalation": frozenset({"due", "explanation", "awaited"}),
    "sin-late": frozenset({"due", "explanation", "awaited"}),
    "outcome-request": frozenset({"outcomes"}),
    "consideration-ended": frozenset({"ended", "outcomes"}),
}
"""Every letter the rules can write, and the facts it may use besides the shared ones."""


class CompiledOnce(BytecodeCache):
    """What each text of a template was compiled to: a folder that is opened again costs no compiling."""

    def __init__(self) -> None:
        """Nothing is compiled yet."""
        self._compiled: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        self._compiled[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledOnce()


def template_environment(folder: Path) -> Environment:
    """The templates of a partnership's folder, named ``reminder/body.txt``.

    A fact a letter was not given is an error, never a gap. Facts are escaped in HTML. A template edited
    while the program runs is taken up when it next starts, so half an edit is never sent.
    """
    return Environment(
        loader=FileSystemLoader(folder / "mail"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default=False, default_for_string=False),
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )


def letter_facts(letter: Letter, reference: str, partnership: Partnership) -> dict[str, str | list[str]]:
    """Everything a letter's template may use: its own facts, the shared ones, and an agency's delivery.

    Raises:
        KeyError: the letter is for an agency the contact book does not have; look it up there first.
    """
    facts: dict[str, str | list[str]] = {
        "reference": reference,
        "partnership": partnership.name,
        "office_name": partnership.office.name,
        "office_email": partnership.office.email,
        "office_phone": partnership.office.phone,
    }
    key = letter.to.key
    if letter.to.kind is RecipientKind.AGENCY and key is not None:
        facts["delivery"] = partnership.agencies[key].delivery
    return facts | letter.facts


def check_templates(folder: Path) -> None:
    """Check every letter of a partnership's folder.

    Raises:
        NotConfigured: a line for each file that is missing, does not parse, uses a fact its letter is
            not given, or belongs to no letter.
    """
    environment = template_environment(folder)
    present = environment.list_templates()
    problems = [
        *(
            f"mail/{path}: {says}"
            for path, facts in _expected(present)
            for says in _wrong(environment, path, facts, present)
        ),
        *(f"mail/{path}: belongs to no letter. Correct its name, or remove it." for path in _unused(present)),
    ]
    if problems:
        raise NotConfigured("\n".join(problems))


def _expected(present: list[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for name, facts in LETTERS.items():
        yield from ((f"{name}/{part}", facts | SHARED) for part in PARTS)
    yield from ((path, SHARED) for path in present if path.startswith("_"))


def _unused(present: list[str]) -> list[str]:
    expected = {path for path, _ in _expected(present)}
    return [path for path in present if path not in expected]


def _wrong(environment: Environment, path: str, facts: frozenset[str], present: list[str]) -> Iterator[str]:
    """What is wrong with one file: at most one sentence for each thing to mend."""
    try:
        source = _source(environment, path)
        used, included = _asked_for(source)
    except TemplateNotFound:
        yield "there is no such file. Copy it from partnerships/northamptonshire/mail."
        return
    except UnicodeDecodeError:
        yield "is not plain text. Save it as UTF-8."
        return
    except TemplateSyntaxError as error:
        yield f"line {error.lineno} cannot be read: {error.message}. Compare it with another letter."
        return
    for name in sorted(used - facts):
        yield f"uses {name}, which this letter is not given. It may use: {', '.join(sorted(facts))}."
    for shared in included:
        if shared not in present:
            yield f"builds on {shared}, which is missing. Copy it from partnerships/northamptonshire/mail."
    if path.endswith("subject.txt") and len(source.strip().splitlines()) != 1:
        yield "must be one line. A subject cannot hold more."


@lru_cache(maxsize=512)
def _asked_for(source: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The facts that a template's text uses, and the files it includes: the same for the same text."""
    tree = Environment().parse(source)  # noqa: S701 - read, and never rendered
    included = (name for name in meta.find_referenced_templates(tree) if name)
    return frozenset(meta.find_undeclared_variables(tree)), tuple(included)


def _source(environment: Environment, path: str) -> str:
    assert environment.loader  # noqa: S101 - template_environment always gives it one
    return environment.loader.get_source(environment, path)[0]
