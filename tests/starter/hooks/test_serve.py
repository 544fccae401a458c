"""``rapid-review serve`` as a program of its own, on a real server, and the example that posts to it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from temporalio.client import Client

from starter.hooks.app import AT_ONCE
from starter.hooks.readiness import wanting
from starter.hooks.sources import fresh_secret, lines_for
from tests.ports import free_port
from tests.programs import Program
from tests.starter.hooks.forms import EXAMPLES
from tests.starter.test_up import PROGRAM, opening_file
from vault.documents import DocumentStore
from vault.keys import KeyRing

SECRET = fresh_secret()
PEOPLE = ("Example Child", "Example Parent", "Exampleton", "hospital")


class Serving:
    """A folder with a key ring and a source, and ``serve`` run on it."""

    def __init__(self, home: Path, temporal: str) -> None:
        """Nothing runs yet."""
        self.home, self.port, self.log = home, free_port(), home / "log"
        KeyRing.create(home / "keyring.json")
        hooks = home / "hooks.toml"
        hooks.write_text(lines_for("council-form", ["sin"], SECRET))
        hooks.chmod(0o600)
        ours = {k: v for k, v in os.environ.items() if not k.startswith(("RAPID_REVIEW_", "TEMPORAL_"))}
        self.environment = ours | {
            "RAPID_REVIEW_HOME": str(home),
            "RAPID_REVIEW_HOOKS_PORT": str(self.port),
            "RAPID_REVIEW_TASK_QUEUE": "nobody-works-here",
            "TEMPORAL_ADDRESS": temporal,
        }

    @contextmanager
    def running(self) -> Iterator[None]:
        """``serve``, from its first word to its end."""
        process = Program(("serve",), self.environment, self.log)
        try:
            assert f":{self.port}/hooks/" in process.out.readline(), self.log.read_text()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.ended()

    def post_example(self, file: Path, secret: str = SECRET) -> subprocess.CompletedProcess[str]:
        """Run the example client."""
        words: list[str | Path] = [
            sys.executable,
            "-I",
            EXAMPLES / "post_sin.py",
            file,
            f"http://127.0.0.1:{self.port}",
        ]
        given = {"RAPID_REVIEW_HOOK_SECRET": secret}
        return subprocess.run(words, env=given, capture_output=True, text=True, timeout=60, check=False)

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        """One question: status, headers, body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()


@pytest.fixture
def serving(server: Client, tmp_path: Path) -> Serving:
    """A place to serve from, on the session's server."""
    return Serving(tmp_path, server.service_client.config.target_host)


async def test_the_example_opens_one_review(serving: Serving, server: Client, tmp_path: Path) -> None:
    """Posted twice it is one delivery, with one answer; a strange secret opens nothing."""
    reference = "HS-2026-01"
    file = opening_file(tmp_path)
    file.write_text(file.read_text("utf-8").replace("RR-2026-07", reference), encoding="utf-8")
    with serving.running():
        strange = await asyncio.to_thread(serving.post_example, file, fresh_secret())
        assert (strange.returncode, strange.stdout[:4]) == (1, "401 "), strange
        first, again = [await asyncio.to_thread(serving.post_example, file) for _ in range(2)]
        assert (first.returncode, first.stdout[:4]) == (0, "201 "), first
        assert again.stdout == first.stdout
        _, headers, described = await asyncio.to_thread(serving.get, "/openapi.json")
        ready = await asyncio.to_thread(serving.get, "/ready")
    found = await server.get_workflow_handle(reference).describe()
    assert found.task_queue == "nobody-works-here"
    assert "/hooks/sin" in json.loads(described)["paths"]
    assert "server" not in {name.lower() for name in headers}
    assert (ready[0], json.loads(ready[2])) == (200, {"ready": True})
    assert serving.log.read_text() == ""
    kept = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    assert not [name for name in PEOPLE if name.encode() in kept]


async def test_more_callers_than_are_served_at_once_are_all_answered_in_one_form(serving: Serving) -> None:
    """Whoever calls in a crowd is refused for what it sends, and not for the crowd."""
    began = b"POST /hooks/sin HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
    with serving.running():
        lines = [await asyncio.open_connection("127.0.0.1", serving.port) for _ in range(AT_ONCE + 4)]
        for _, writer in lines:
            writer.write(began + b"Connection: close\r\n\r\n{")
            await writer.drain()
        for _, writer in lines:
            writer.write(b"}")
        answers = [await reader.read() for reader, _ in lines]
        for _, writer in lines:
            writer.close()
            await writer.wait_closed()
    assert {answer.split(b" ", 2)[1] for answer in answers} == {b"401"}
    assert all(b"content-type: application/problem+json" in answer for answer in answers)


def test_the_example_says_what_it_needs(serving: Serving, tmp_path: Path) -> None:
    """Without a secret nothing is sent: wrong usage, in a sentence."""
    wrong = serving.post_example(opening_file(tmp_path), secret="")
    assert (wrong.returncode, "RAPID_REVIEW_HOOK_SECRET" in wrong.stderr) == (2, True)

    torn = serving.post_example(opening_file(tmp_path), secret="whsec_abc")
    assert (torn.returncode, "RAPID_REVIEW_HOOK_SECRET cannot be read" in torn.stderr) == (2, True)


def test_the_example_says_what_is_wrong_with_its_file_or_that_nobody_answered(
    serving: Serving, tmp_path: Path
) -> None:
    """In a sentence, without the insides of the program."""
    wrong = serving.post_example(tmp_path / "none.toml")
    assert (wrong.returncode, "none.toml cannot be read" in wrong.stderr) == (2, True)
    unheard = serving.post_example(opening_file(tmp_path))  # it is not serving
    assert (unheard.returncode, "No answer from http://127.0.0.1" in unheard.stderr) == (1, True)
    assert "Traceback" not in wrong.stderr + unheard.stderr


def test_a_file_of_sources_that_others_can_read_is_refused(serving: Serving) -> None:
    """Before anything is served."""
    (serving.home / "hooks.toml").chmod(0o644)
    refused = subprocess.run(
        [PROGRAM, "serve"], env=serving.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (1, "", 1)
    assert re.search(r"chmod 600 .*hooks\.toml", refused.stderr)


async def test_readiness_names_what_is_wanting(server: Client, tmp_path: Path) -> None:
    """The key ring, then the store; neither sentence says where it is."""
    ring = tmp_path / "keyring.json"
    KeyRing.create(ring)
    store = DocumentStore((tmp_path / "store").as_uri(), KeyRing.read(ring))
    assert await wanting(server, store, ring) == ""
    ring.chmod(0o644)
    assert "key ring" in (said := await wanting(server, store, ring))
    assert str(tmp_path) not in said
    ring.chmod(0o600)
    (tmp_path / "store" / "ready").unlink()
    (tmp_path / "store" / "ready").mkdir()
    assert "document store" in (said := await wanting(server, store, ring))
    assert str(tmp_path) not in said


async def test_readiness_says_that_temporal_is_gone(tmp_path: Path) -> None:
    """A server that answered once, and no more."""
    from starter.embedded import Place, embedded_server

    ring = KeyRing.create(tmp_path / "keyring.json")
    store = DocumentStore((tmp_path / "store").as_uri(), ring)
    async with embedded_server(Place(), ring) as client:
        assert await wanting(client, store, tmp_path / "keyring.json") == ""
    assert "Temporal server" in await wanting(client, store, tmp_path / "keyring.json")
