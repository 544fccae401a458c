"""Marked forms sent to the web hooks: nothing of them stands in an answer, a log, an id or the store."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest
from temporalio.client import Client

from domain.particulars import Child, ConsideredChild, FamilyMember, OpeningFile, Referrer, RequestFile
from domain.partnership import load_partnership
from starter.hooks.app import hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.desk import HookDesk
from starter.mailroom.journal import Journal
from starter.reviews import Reviews
from tests.privacy.markers import PREFIX, free_text
from tests.privacy.searching import files, found_in
from tests.starter.hooks import forms
from tests.starter.hooks.asking import Answer, Sender
from tests.starter.hooks.conftest import SECRET, SOURCES, nothing_wanting
from tests.starter.hooks.desks import JournalledMail
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import PROJECT

MARK = f"{PREFIX}999"
FOLDER = PROJECT / "partnerships" / "northamptonshire"
GOOD = [
    ("sin", "HP-2026-01", OpeningFile, Child),
    ("request-for-consideration", "HP-2026-02", RequestFile, ConsideredChild),
]


def mark(body: dict[str, Any], model: type[BaseModel]) -> None:
    """Put a marked word into every field of free text that a form has."""
    body |= dict.fromkeys(free_text(model), f"{MARK} in words")


def marked(hook: str, reference: str, form: type[BaseModel], child: type[BaseModel]) -> dict[str, Any]:
    """A good form, marked wherever a person may write."""
    body = forms.sin(reference) if hook == "sin" else forms.request(reference)
    mark(body, form)
    for one in body["children"]:
        mark(one, child)
        one["pseudonym"] = "Child A" if one is body["children"][0] else "Child B"
    for one in body["family"]:
        mark(one, FamilyMember)
    if "referrer" in body:
        mark(body["referrer"], Referrer)
    return body


def spoilt(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same form with something wrong in it, each time in another place."""
    yield body | {MARK.lower(): MARK}
    yield body | {"reference": MARK}
    yield body | {"area": MARK.lower()[:20]}
    yield body | {"children": [{MARK: MARK}]}
    yield body | {"ask": [MARK]}
    yield body | {"incident_on": MARK, "sin": MARK}


@pytest.fixture
def sending(server: Client, tmp_path: Path) -> Sender:
    """A source whose deliveries reach the real office, on a real server."""
    ring = KeyRing.fresh()
    store = DocumentStore((tmp_path / "store").as_uri(), ring)
    reviews = Reviews(server, "hooks-without-a-worker")
    desk = HookDesk(reviews, store, ring, lambda: load_partnership(FOLDER), JournalledMail(Journal(store)))
    return Sender(hooks_app(SOURCES, Answers(store), desk, nothing_wanting), SECRET)


def everything_said(answer: Answer, caplog: pytest.LogCaptureFixture) -> bytes:
    """What an answer, its headers and the log say."""
    return answer.body + repr(answer.headers).encode() + caplog.text.encode()


@pytest.mark.parametrize("good", GOOD, ids=[row[0] for row in GOOD])
async def test_nothing_of_a_form_goes_anywhere_in_the_clear(
    sending: Sender,
    server: Client,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    good: tuple[str, str, type[BaseModel], type[BaseModel]],
) -> None:
    """Taken or refused: only sealed bytes hold it, and the history of its case."""
    (hook, reference, *_), body = good, marked(*good)
    assert MARK in str(body)
    for wrong in spoilt(body):
        refused = await sending.post(hook, wrong, f"{MARK}_{len(str(wrong))}")
        assert refused.status in (409, 422)
        assert found_in(everything_said(refused, caplog)) == []
    taken = await sending.post(hook, body, f"{MARK}_good")
    assert taken.status == 201, taken
    assert found_in(everything_said(taken, caplog)) == []
    kept = files(tmp_path / "store")
    assert kept
    assert [str(path) for path in kept if found_in(path.read_bytes() + str(path).encode())] == []
    case = reference if hook == "sin" else f"{reference}/consideration"
    asked = GetWorkflowExecutionHistoryRequest(
        namespace=server.namespace, execution=WorkflowExecution(workflow_id=case)
    )
    history = await server.workflow_service.get_workflow_execution_history(asked)
    assert found_in(history.SerializeToString()) == []


async def test_nothing_of_a_mail_lies_in_the_clear(sending: Sender, tmp_path: Path) -> None:
    """Neither its words nor its envelope."""
    envelope = f"Return-Path: <{MARK}@a.example>\r\nDelivered-To: {MARK}@b.example\r\n"
    mail = f"{envelope}Subject: {MARK}\r\n\r\n{MARK}\r\n"
    taken = await sending.post("inbound-mail", mail, MARK, "message/rfc822")
    assert (taken.status, found_in(taken.body)) == (202, [])
    kept = files(tmp_path / "store")
    assert kept
    assert [str(path) for path in kept if found_in(path.read_bytes() + str(path).encode())] == []
