"""The shipped partnership: it loads, its letters say all they are given, and its addresses are made up."""

import re
import shutil
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError, meta
from typer.core import TyperGroup
from typer.main import get_command

from activities.templates import (
    LETTERS,
    PARTS,
    SHARED,
    check_templates,
    letter_facts,
    template_environment,
)
from domain.errors import NotConfigured
from domain.messages import CsprRules, Letter, Message, Recipient, RecipientKind, Rule
from domain.partnership import (
    Agency,
    Closure,
    Contact,
    Lead,
    Partnership,
    Proclaimed,
    load_partnership,
)
from starter.command import app

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "partnerships" / "northamptonshire"
ENVIRONMENT = template_environment(SHIPPED)
PARTNERSHIP = load_partnership(SHIPPED)

OFFICE_ONLY = {
    "meeting-nudge",
    "agency-checkpoint",
    "escalation-digest",
    "amendment",
    "decision-nudge",
    "panel-nudge",
    "reconsideration-nudge",
    "undelivered",
    "return-after-draft",
    "follow-up-waiting",
    "follow-up-evidence",
    "follow-up-undelivered",
    "cspr-commission-nudge",
    "cspr-terms-nudge",
    "cspr-monitoring",
    "cspr-approved",
    "cspr-hold-review",
    "cspr-may-publish",
    "cspr-last-day",
    "cspr-undelivered",
    "outcome-request",
}
"""The letters that go to the business office and nobody else."""

LISTS = {
    "agencies",
    "asked",
    "returned",
    "outstanding",
    "signed",
    "waiting_for",
    "moved",
    "holds",
    "amending",
    *("agencies", "asked", "returned", "outstanding", "signed", "waiting_for", "moved"),
    *("leads", "outcomes"),
}
"""The facts that are lists of text; every other fact is text."""


def facts(name: str, mark: str = "") -> dict[str, str | list[str]]:
    """Exactly the facts of a letter, each saying its own name."""
    own: dict[str, str | list[str]] = {
        fact: [f"{fact}-one{mark}", f"{fact}-two{mark}"] if fact in LISTS else f"{fact}-fact{mark}"
        for fact in LETTERS[name]
    }
    return own | {fact: f"{fact}-fact{mark}" for fact in SHARED}


def rendered(name: str, part: str, given: dict[str, str | list[str]]) -> str:
    """One file of a letter, filled in."""
    return ENVIRONMENT.get_template(f"{name}/{part}").render(given)


def used(name: str) -> set[str]:
    """Every fact the three files of a letter use, on whichever branch."""
    sources = [(SHIPPED / "mail" / name / part).read_text(encoding="utf-8") for part in PARTS]
    return set().union(*(meta.find_undeclared_variables(ENVIRONMENT.parse(source)) for source in sources))


def copied(folder: Path) -> Path:
    """A copy of the shipped folder, to be spoilt."""
    return Path(shutil.copytree(SHIPPED, folder / "copy"))


def complaint(folder: Path) -> str:
    """What is said of a folder whose letters are wrong."""
    with pytest.raises(NotConfigured) as refusal:
        check_templates(folder)
    return str(refusal.value)


def typed_commands() -> dict[str, int]:
    """The commands of ``rapid-review``, and how many words each needs after its name."""
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    return {
        name: sum(place.param_type_name == "argument" for place in command.params)
        for name, command in group.commands.items()
    }


class Tags(HTMLParser):
    """The tags of a page in order, those left open, and the attributes that were given."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; ``meta`` has no end."""
        self.seen.append(tag)
        self.attributes |= dict(attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last, which must be this one."""
        assert self.open.pop() == tag


def test_the_twelve_agencies_and_three_leads_are_there() -> None:
    """The shipped partnership is Northamptonshire's, with health's lead the Integrated Care Board."""
    assert list(PARTNERSHIP.agencies) == [
        "childrens-trust",
        "icb",
        "police",
        "hospital",
        "community-health",
        "mental-health",
        "education",
        "early-years",
        "probation",
        "housing",
        "gp",
        "voluntary-sector",
        "neighbouring-council",
    ]
    assert PARTNERSHIP.asked_first() == tuple(PARTNERSHIP.agencies)[:12]
    assert list(PARTNERSHIP.leads) == ["local-authority", "health", "police"]
    assert PARTNERSHIP.leads["health"].title == "Health (Integrated Care Board)"
    assert {agency.delivery for agency in PARTNERSHIP.agencies.values()} == {
        "encrypted_attachment",
        "by_telephone",
    }


def test_the_days_are_the_guides() -> None:
    """The file says the guide's days out loud, and they are the defaults of the programs."""
    given = (SHIPPED / "partnership.toml").read_text(encoding="utf-8")
    rules = PARTNERSHIP.timetable
    assert rules == type(rules)()
    assert [key for key in type(rules).model_fields if f"\n{key} = " not in given] == []


def test_the_christmas_weeks_are_closed() -> None:
    """The office is shut over both Christmases."""
    assert [(c.first.isoformat(), c.last.isoformat()) for c in PARTNERSHIP.closures] == [
        ("2026-12-24", "2027-01-01"),
        ("2027-12-24", "2028-01-03"),
    ]


def test_every_unchecked_rule_says_what_is_left_to_do() -> None:
    """A wording has a source, and one nobody could read in the original says so."""
    assert all(rule.text and rule.source for rule in PARTNERSHIP.rules)
    assert all(rule.checked != bool(rule.note) for rule in PARTNERSHIP.rules)


def test_every_address_is_made_up() -> None:
    """No address outside .example stands anywhere in the folder, nor a number outside the drama range."""
    for path in SHIPPED.rglob("*"):
        if path.suffix in {".toml", ".txt", ".html"}:
            text = path.read_text(encoding="utf-8")
            assert re.findall(r"[\w.+-]+@(?![\w.-]+\.example\b)\S+", text) == []
            assert re.findall(r'phone = "(?!01632 960)', text) == []
    assert PARTNERSHIP.reply_domain.endswith(".example")


def test_every_letter_of_the_shipped_folder_is_in_order() -> None:
    """The check a program makes as it starts finds nothing."""
    check_templates(SHIPPED)


def test_the_letters_are_those_the_rules_write() -> None:
    """Each letter of the folder is written somewhere in the rules, and the rules write no other."""
    rules = sorted((ROOT / "domain").rglob("*letters.py"))
    source = "".join(path.read_text(encoding="utf-8") for path in rules)
    assert [name for name in LETTERS if f'"{name}"' not in source] == []
    assert set(re.findall(r'template="([^"]+)"', source)) <= set(LETTERS)


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_uses_exactly_its_facts(name: str) -> None:
    """Nothing it is given goes unsaid, and it asks for nothing it is not given."""
    assert used(name) - SHARED - {"self"} == LETTERS[name]


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_says_the_same_in_text_and_html(name: str) -> None:
    """Every fact shown in one body is shown in the other, with reference and office in both."""
    marked = facts(name, "#")
    bodies = [rendered(name, part, marked) for part in ("body.txt", "body.html")]
    text, html = (set(re.findall(r"[\w-]+(?=#)", body)) for body in bodies)
    assert text == html
    assert {f"{fact}-fact" for fact in SHARED} <= text


@pytest.mark.parametrize("name", LETTERS)
def test_a_subject_is_one_line_that_opens_with_the_reference(name: str) -> None:
    """Reference, matter and date; the mail room puts [SECURE] before it."""
    subject = rendered(name, "subject.txt", facts(name))
    assert re.fullmatch(r"reference-fact: \S[^\n]*\S", subject)
    assert "secure" not in subject.lower()


@pytest.mark.parametrize("name", LETTERS)
@pytest.mark.parametrize("part", PARTS)
def test_a_letter_without_its_facts_is_never_sent_with_a_gap(name: str, part: str) -> None:
    """A fact left out is an error in every file of every letter."""
    with pytest.raises(UndefinedError):
        rendered(name, part, {})


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_a_plain_accessible_page(name: str) -> None:
    """British English, one first heading, tags closed in order, nothing fetched from elsewhere."""
    page = rendered(name, "body.html", facts(name))
    tags = Tags(page)
    assert tags.open == []
    assert tags.attributes["lang"] == "en-GB"
    assert [tags.seen.count(tag) for tag in ("html", "title", "main", "h1")] == [1, 1, 1, 1]
    assert not {"img", "script", "link", "style", "iframe"} & set(tags.seen)
    assert "src" not in tags.attributes
    assert "://" not in page


@pytest.mark.parametrize("name", LETTERS)
def test_facts_are_escaped_in_html_and_left_alone_in_text(name: str) -> None:
    """An ampersand or a bracket in a name does not become markup, nor an entity in plain text."""
    marked = facts(name, "<&>")
    assert "<&>" not in rendered(name, "body.html", marked)
    assert "&lt;" not in rendered(name, "body.txt", marked)


@pytest.mark.parametrize("name", LETTERS)
def test_only_the_office_is_told_to_type_commands(name: str) -> None:
    """Agencies, leads, the Panel and Ofsted have no such program."""
    bodies = [rendered(name, part, facts(name)) for part in ("body.txt", "body.html")]
    assert [("rapid-review " in body) for body in bodies] == [name in OFFICE_ONLY] * 2


def test_every_command_the_office_is_given_can_be_typed() -> None:
    """A letter names a command that exists, with all the words it needs, or asks it for help."""
    commands = typed_commands()
    for name in OFFICE_ONLY:
        lines = rendered(name, "body.txt", facts(name)).splitlines()
        for _, command, *words in (line.split() for line in lines if line.startswith("    rapid-review ")):
            assert command in commands
            needed = [word for word in words if not word.startswith("--")]
            assert "--help" in words or len(needed) == commands[command]


def test_the_file_and_its_page_name_commands_that_exist() -> None:
    """So do the comments of the file and the page about it."""
    pages = (SHIPPED / "partnership.toml", ROOT / "docs" / "partnership.md")
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert set(re.findall(r"rapid-review ([a-z-]+)", text)) - set(typed_commands()) == set()


@pytest.mark.parametrize(
    ("delivery", "says"), [("encrypted_attachment", "password"), ("by_telephone", "nowhere")]
)
@pytest.mark.parametrize("part", ["body.txt", "body.html"])
def test_an_agency_reads_how_it_learns_whom_to_search_for(part: str, delivery: str, says: str) -> None:
    """The request says where the names are: behind a password, or on the telephone."""
    body = rendered(
        "request-for-information", part, facts("request-for-information") | {"delivery": delivery}
    )
    assert says in body
    assert body.count("people you are asked about") == 1


@pytest.mark.parametrize(
    ("name", "changed", "says"),
    [
        ("invitation", {"moved": ""}, "is booked"),
        ("invitation", {"moved": "yes"}, "has moved"),
        ("sign-off-request", {"deputies_allowed": "yes"}, "a deputy named in our contact book may answer"),
        ("sign-off-request", {"deputies_allowed": ""}, "You have no deputy"),
        ("immediate-actions", {"count": "1"}, "1 immediate action for you"),
        ("immediate-actions", {"count": "2"}, "2 immediate actions for you"),
        ("agency-checkpoint", {"outstanding": []}, "none"),
    ],
)
@pytest.mark.parametrize("part", ["body.txt", "body.html"])
def test_a_letter_says_what_the_case_calls_for(
    name: str, part: str, changed: dict[str, str | list[str]], says: str
) -> None:
    """Where a letter has two wordings, the facts choose."""
    assert says in rendered(name, part, facts(name) | changed)


@pytest.mark.parametrize("name", LETTERS)
def test_a_heading_stands_by_itself(name: str) -> None:
    """In plain text, too: an empty line before each, whatever of the letter falls away."""
    full = facts(name)
    for known in (full, full | {key: "" for key, value in full.items() if isinstance(value, str)}):
        lines = rendered(name, "body.txt", known).splitlines()
        headings = [n for n, line in enumerate(lines) if n > 1 and line.isupper() and len(line) > 3]
        assert [lines[n] for n in headings if lines[n - 1]] == []


@pytest.mark.parametrize(
    "explanation", ["Counted from Day 0; not counted: 1 weekend", "It has its own date."]
)
@pytest.mark.parametrize("part", ["body.txt", "body.html"])
def test_how_a_date_was_set_is_one_sentence(part: str, explanation: str) -> None:
    """It ends with one full stop, whether a date was counted or an agency has its own."""
    request = facts("request-for-information") | {"explanation": explanation}
    assert re.search(
        r"set: [^:]+(: 1 weekend|date)\.(</p>)?\n", rendered("request-for-information", part, request)
    )


@pytest.mark.parametrize("part", ["body.txt", "body.html"])
def test_a_letter_of_a_case_put_forward_is_sent_again_by_what_show_offers(part: str) -> None:
    """Its case may have ended by then and refuses, while a review takes the command until it ends."""
    of_a_review = rendered("undelivered", part, facts("undelivered") | {"letter": "reminder/1/police"})
    assert "rapid-review send-again" in of_a_review
    for key in ("consideration/sin_request/1/sqas-manager", "consideration/ending/office"):
        body = rendered("undelivered", part, facts("undelivered") | {"letter": key})
        assert "rapid-review send-again" not in body
        assert "rapid-review show" in body
        assert "write to the reader from your own mailbox" in body


def test_the_subject_of_a_request_reads_as_the_office_knows_it() -> None:
    """Reference, matter, due date."""
    given = facts("request-for-information") | {"reference": "RR-2026-07", "due": "Thu 17 Dec 2026 17:00"}
    assert (
        rendered("request-for-information", "subject.txt", given)
        == "RR-2026-07: request for information, due Thu 17 Dec 2026 17:00"
    )


@pytest.mark.parametrize(
    ("kind", "key", "delivery"),
    [
        ("agency", "police", "encrypted_attachment"),
        ("agency", "early-years", "by_telephone"),
        ("lead", "health", None),
        ("office", None, None),
    ],
)
def test_a_letters_facts_are_completed_from_the_partnership(
    kind: str, key: str | None, delivery: str | None
) -> None:
    """Office and reference are added to every letter, and how the names are told to an agency's."""
    letter = Letter(
        key="x", template="reminder", to=Recipient(kind=RecipientKind(kind), key=key), facts={"due": "then"}
    )
    complete = letter_facts(letter, "RR-2026-07", PARTNERSHIP)
    assert set(complete) >= SHARED
    assert (complete["due"], complete["reference"]) == ("then", "RR-2026-07")
    assert complete["office_phone"] == PARTNERSHIP.office.phone
    assert complete.get("delivery") == delivery


def test_what_the_rules_write_and_the_partnership_adds_fills_a_request() -> None:
    """The request's own facts come from the case; delivery comes from the agency's entry."""
    own: dict[str, str | list[str]] = {
        fact: fact for fact in LETTERS["request-for-information"] - {"delivery"}
    }
    agency = Recipient(kind=RecipientKind.AGENCY, key="police")
    letter = Letter(key="x", template="request-for-information", to=agency, facts=own)
    given = letter_facts(letter, "RR-2026-07", PARTNERSHIP)
    assert "Telephone the office for its password" in rendered(letter.template, "body.txt", given)


SPOILT = {
    "missing": ("reminder/body.txt", None, "there is no such file. Copy it from"),
    "unreadable": ("reminder/body.txt", "{% if due %}", "line 1 cannot be read: "),
    "unknown fact": ("reminder/body.txt", "{{ child }}", "uses child, which this letter is not given."),
    "fact of another letter": ("overdue/body.html", "{{ number }}", "uses number, which this letter"),
    "fact of one letter in a shared file": ("_foot.txt", "{{ agency }}", "uses agency, which this letter"),
    "unknown filter": ("reminder/body.txt", "{{ due | shout }}", "line 1 cannot be read: No filter named"),
    "unknown base": ("reminder/body.html", '{% extends "_b.html" %}', "builds on _b.html, which is missing."),
    "long subject": ("reminder/subject.txt", "{{ due }}\nmore", "must be one line."),
    "empty subject": ("reminder/subject.txt", "\n", "must be one line."),
    "no letter's file": ("remainder/body.txt", "", "belongs to no letter. Correct its name, or remove it."),
}
"""A file of the folder, what stands in it instead (None: nothing does), and what is said of it."""


@pytest.mark.parametrize(("path", "text", "says"), SPOILT.values(), ids=SPOILT)
def test_a_spoilt_letter_is_named(tmp_path: Path, path: str, text: str | None, says: str) -> None:
    """One line names the file and says how to mend it."""
    file = copied(tmp_path) / "mail" / path
    file.parent.mkdir(exist_ok=True)
    file.unlink() if text is None else file.write_text(text, encoding="utf-8")
    said = complaint(tmp_path / "copy")
    assert said.startswith(f"mail/{path}: {says}")
    assert len(said.splitlines()) == 1


def test_a_letter_in_another_encoding_is_named(tmp_path: Path) -> None:
    """A file saved as something other than UTF-8 is refused with how to save it."""
    (copied(tmp_path) / "mail" / "overdue" / "body.txt").write_bytes("é".encode("utf-16"))
    assert complaint(tmp_path / "copy") == "mail/overdue/body.txt: is not plain text. Save it as UTF-8."


def test_every_spoilt_letter_is_named_at_once(tmp_path: Path) -> None:
    """A folder without letters gets a line for every file that is missing."""
    lines = complaint(tmp_path).splitlines()
    assert len(lines) == len(LETTERS) * len(PARTS)


@pytest.mark.parametrize("model", [Partnership, Contact, Agency, Lead, Closure, Proclaimed, Rule, CsprRules])
def test_the_page_names_every_key_of_the_file(model: type[Message]) -> None:
    """A refusal sends its reader to docs/partnership.md for what a key holds; it is there."""
    page = (ROOT / "docs" / "partnership.md").read_text(encoding="utf-8")
    keys = [field.name for field in fields(model)] if is_dataclass(model) else [*model.model_fields]
    assert [key for key in keys if key != "folder" and f"`{key}`" not in page] == []


def test_the_page_names_every_letter() -> None:
    """The table of letters is complete."""
    page = (ROOT / "docs" / "partnership.md").read_text(encoding="utf-8")
    assert [name for name in LETTERS if f"`{name}`" not in page] == []


@pytest.mark.parametrize("key", PARTNERSHIP.agencies)
def test_every_agency_can_be_written_to(key: str) -> None:
    """Agency, representative, its lead and that lead's partner all have an address."""
    lead = PARTNERSHIP.agencies[key].lead
    for kind, whose in (
        (RecipientKind.AGENCY, key),
        (RecipientKind.REPRESENTATIVE, key),
        (RecipientKind.LEAD, lead),
        (RecipientKind.PARTNER, lead),
    ):
        contacts = PARTNERSHIP.contacts_for(Recipient(kind=kind, key=whose))
        assert all(contact.email.endswith(".example") for contact in contacts)
        assert contacts
