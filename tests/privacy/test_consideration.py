"""A request with every free word marked: what travels, what lies sealed, and what is written to anybody."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar import CalendarDesk
from domain.calendar import Calendar
from domain.consideration import messages
from domain.consideration.messages import PutForward, View
from domain.messages import Message
from domain.particulars import RequestFile, read_request
from domain.partnership import load_partnership
from starter.clock import ReviewClock
from starter.considerations import Considerations, requested
from tests.domain.consideration import view
from tests.privacy.disclosures import told_by
from tests.privacy.searching import files
from tests.privacy.test_messages import WRONG
from tests.workflows.post_room import FakePostRoom
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import PROJECT
from workflows.consideration import consideration_id

PARTNERSHIP = load_partnership(PROJECT / "partnerships" / "northamptonshire")
STAFF = {"referrer-name", "discussed", "role"}
"""The marks of members of staff, who may travel sealed; every other mark may not travel at all."""


def request() -> RequestFile:
    """The shipped example with a mark for every free word of it."""
    text = (PROJECT / "examples" / "request.toml").read_text("utf-8")
    marks = {
        '"An example only. A criminal': '"Zq-proceedings-zq. A criminal',
        '"None known."': '"Zq-media-zq."',
        '"Designated Teacher"': '"Zq-referrer-name-zq"',
        '"Designated safeguarding lead"': '"Zq-referrer-role-zq"',
        '"01632 960005"': '"Zq-contact-zq"',
        'discussed_with = "Education Representative"': 'discussed_with = "Zq-discussed-zq"',
        '"Representative on the LLR Sub-Group"': '"Zq-role-zq"',
        '"Example Child"': '"Zq-child-zq"',
        '"As recorded by the school"': '"Zq-ethnicity-zq"',
        'legal_status = "None"': 'legal_status = "Zq-legal-zq"',
        '"Child in need plan"': '"Zq-plan-zq"',
        '"1 Example Street, Exampleton"': '"Zq-residence-zq"',
        '"Example Parent"': '"Zq-parent-zq"',
        '"Father"': '"Zq-relationship-zq"',
        "An example only. Child A was": "Zq-circumstances-zq",
        "An example only. Child A stays": "Zq-safety-zq",
        "An example only. The harm is": "Zq-criteria-zq",
        "2014-05-20": "2013-02-17",
    }
    for plain, mark in marks.items():
        assert plain in text
        text = text.replace(plain, mark)
    return read_request(text, "request.toml", now=datetime(2026, 12, 7, tzinfo=UTC))


def marks_in(text: str) -> set[str]:
    """The marks in a text, and the date of birth."""
    return {*re.findall(r"Zq-([a-z-]+)-zq", text), *re.findall("2013-02-17", text)}


@pytest.fixture
def store(tmp_path: Path, session_keys: KeyRing) -> DocumentStore:
    """An encrypted store."""
    return DocumentStore(tmp_path.as_uri(), session_keys)


@pytest.fixture
async def put(store: DocumentStore) -> PutForward:
    """What the request opens."""
    return await requested(request(), PARTNERSHIP, store, datetime(2026, 12, 7, tzinfo=UTC))


async def test_only_names_of_staff_travel(put: PutForward) -> None:
    """No child, family, circumstance, contact or sentence of the form is in what opens a consideration."""
    assert marks_in(put.model_dump_json()) == STAFF


async def test_the_form_lies_sealed_and_whole(put: PutForward, store: DocumentStore, tmp_path: Path) -> None:
    """Opened, it has every mark; as it lies on the disk, none."""
    kept = (await store.get(put.form)).decode()
    assert marks_in(kept) == marks_in(request().model_dump_json())
    assert len(marks_in(kept)) > len(STAFF)
    lies = [path.read_bytes().decode("latin-1") for path in files(tmp_path)]
    assert [marks_in(text) for text in lies if marks_in(text)] == []


async def test_the_server_and_the_letters_say_nothing_of_anybody(server: Client, put: PutForward) -> None:
    """History, description, visibility and answers are sealed, reasons too; letters hold no reason at all."""
    clock, desk, post = ReviewClock(server), CalendarDesk(lambda: Calendar.of(PARTNERSHIP)), FakePostRoom()
    put = put.model_copy(update={"reference": "RR-2026-7701"})
    async with Worker(
        server, task_queue="marked-request", activities=[desk.plan_consideration, post.send_letters]
    ):
        considerations = Considerations(clock.client, "marked-request")
        handle = await considerations.open(put)
        await clock.move_on(handle, timedelta(seconds=5))
        lead = PARTNERSHIP.leads["health"]
        told = view("health", View.MAY_MEET, by=lead.name).model_copy(update={"reason": "Zq-reason-zq"})
        await considerations.tell(put.reference, told)
        record = await considerations.record(put.reference)
        assert "reason" in marks_in("".join(entry.says for entry in record))
        async for name, message in told_by(server, consideration_id(put.reference)):
            answered = message.SerializeToString().decode("latin-1")
            assert marks_in(answered) == set(), name
            assert lead.name not in answered, name
    assert len(post.sent) == len(PARTNERSHIP.leads)
    assert marks_in("".join(sent.letter.model_dump_json() for sent in post.sent)) == set()


MODELS = [
    model
    for model in vars(messages).values()
    if isinstance(model, type) and issubclass(model, Message) and model.__module__ == messages.__name__
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_message_out_of_form_does_not_repeat_what_it_was_given(model: type[Message]) -> None:
    """The SDK writes such an error to the worker's log, as it stands."""
    with pytest.raises(ValueError, match="unheard_of") as mistake:
        model.model_validate({**WRONG, "unheard_of": "Some Body", "role": "No", "lead": "Some Body"})
    assert "Some" not in str(mistake.value)
