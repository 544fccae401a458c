"""Everything on one machine, as a program of its own: started, killed, started again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from starter.hooks.sources import fresh_secret, lines_for
from tests.ports import free_port
from tests.programs import Program, answered
from vault.keys import KeyRing

EXAMPLE = Path(__file__).parents[2] / "examples" / "sin.toml"
ALERT = EXAMPLE.with_name("alert.toml")
PROGRAM = Path(sys.executable).parent / "rapid-review"

WAIT_FOR_THE_DEAD = 8
"""Seconds: more than an answer takes, less than the ten the server waits for a worker that was killed."""


class Machine:
    """A machine of one's own: a folder, its ports, and the commands run against it."""

    def __init__(self, home: Path) -> None:
        """Nothing runs yet."""
        self.home, self.port, self.ui_port = home, free_port(), free_port()
        hooks = free_port()
        self.hooks = f"http://127.0.0.1:{hooks}"
        self.groups: list[int] = []
        self.environment = os.environ | {
            "RAPID_REVIEW_HOME": str(home),
            "RAPID_REVIEW_BY": "Business Officer",
            "RAPID_REVIEW_CODEC_PORT": str(free_port()),
            "RAPID_REVIEW_HOOKS_PORT": str(hooks),
            "TEMPORAL_ADDRESS": f"127.0.0.1:{self.port}",
        }

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return answered(words, self.environment, self.home.with_suffix(".stderr"))

    def run_afresh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The same as an office starts it: the installed program, which imports what it needs."""
        return subprocess.run(
            [PROGRAM, *words], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    @contextmanager
    def up(self, ended_by: signal.Signals) -> Iterator[None]:
        """`rapid-review up`, ready; ended as asked when the block ends."""
        words = ("up", "--port", str(self.port), "--ui-port", str(self.ui_port))
        process = Program(words, self.environment, self.home.with_suffix(".log"), own_session=True)
        self.groups.append(process.pid)
        try:
            for line in process.out:
                if "Ctrl-C" in line:
                    break
            yield
        finally:
            process.send_signal(ended_by)
            process.ended()

    def letters(self) -> int:
        """How many letters the sink has kept."""
        return len(list((self.home / "mail").glob("*.eml")))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine that leaves nothing running, whatever was killed in it."""
    made = Machine(tmp_path / "office")
    yield made
    for group in made.groups:
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGTERM)


def opening_file(folder: Path) -> Path:
    """The shipped example, its SIN sent an hour ago."""
    now = datetime.now(UTC)
    text = EXAMPLE.read_text("utf-8")
    moved = {
        "2026-12-07T15:20:00": f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "2026-12-02": f"{now - timedelta(days=3):%Y-%m-%d}",
        "2026-12-03": f"{now - timedelta(days=2):%Y-%m-%d}",
    }
    for then, today in moved.items():
        text = text.replace(then, today)
    path = folder / "opening.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_killed_machine_picks_up_its_open_case(machine: Machine, tmp_path: Path) -> None:
    """Opened, asked, killed outright; started again it knows the case at once, and asks nobody twice."""
    with machine.up(signal.SIGKILL):
        opened = machine.run("open", str(opening_file(tmp_path)))
        assert opened.returncode == 0, opened.stderr
        asked = machine.letters()
    assert asked == 15
    assert oct((machine.home / "keyring.json").stat().st_mode & 0o777) == "0o600"
    with machine.up(signal.SIGINT):
        assert "RR-2026-07" in machine.run("list").stdout
        asking = time.monotonic()
        assert machine.run("show", "RR-2026-07").returncode == 0
        assert time.monotonic() - asking < WAIT_FOR_THE_DEAD
        shown_to_the_sub_group(machine, tmp_path)
        recorded = machine.run("record-return", "RR-2026-07", "police", "--kind", "complete")
        assert "complete return, version 1" in recorded.stdout, recorded.stderr
        second = machine.run("open", str(opening_file(tmp_path)))
        assert (second.returncode, second.stderr.count("\n")) == (1, 1)
        assert "already in use" in second.stderr
        busy = machine.run_afresh("up", "--port", str(free_port()))
        assert "already runs" in busy.stderr
    assert machine.letters() == asked


def shown_to_the_sub_group(machine: Machine, folder: Path) -> None:
    """Every form of the overview has the case; what is typed wrongly is refused whole."""
    page, sheet = folder / "overview.html", folder / "overview.csv"
    year = str(datetime.now(UTC).year)
    written = machine.run("overview", "--year", year, "--html", str(page), "--csv", str(sheet))
    assert written.returncode == 0, written.stderr
    assert all("RR-2026-07" in file.read_text("utf-8") for file in (page, sheet))
    told = json.loads(machine.run("overview", "--year", year, "--json").stdout)
    assert [case["reference"] for case in told["cases"]] == ["RR-2026-07"]
    assert told["figures"]["cases"] == 1
    assert json.loads(machine.run("list", "--stage", "signing", "--json").stdout) == []
    for status, *wrong in ((2, "--stage", "gatherin"), (1, "--area", "rutland")):
        refused = machine.run("list", *map(str, wrong))
        assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (status, "", 1)
    nowhere = machine.run("overview", "--html", str(folder / "missing" / "overview.html"))
    assert (nowhere.returncode, nowhere.stderr.count("\n")) == (1, 1)


def test_a_councils_form_opens_a_case_by_a_web_hook(machine: Machine, tmp_path: Path) -> None:
    """Where the folder names a source, `up` takes its web hooks; the office sees the case at once."""
    secret = fresh_secret()
    hooks = machine.home / "hooks.toml"
    machine.home.mkdir()
    hooks.write_text(lines_for("council-form", ["sin"], secret))
    hooks.chmod(0o600)
    with machine.up(signal.SIGINT):
        posted = subprocess.run(
            [sys.executable, EXAMPLE.with_name("post_sin.py"), opening_file(tmp_path), machine.hooks],
            env=machine.environment | {"RAPID_REVIEW_HOOK_SECRET": secret},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert posted.returncode == 0, posted
        assert "RR-2026-07" in machine.run("list").stdout


def alert_file(folder: Path) -> Path:
    """The shipped example, the local authority aware since yesterday."""
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    text = ALERT.read_text("utf-8").replace("2026-12-02", yesterday).replace("2026-12-03", yesterday)
    path = folder / "alert.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_case_is_put_forward_and_becomes_a_review_by_the_commands_it_is_told(
    machine: Machine, tmp_path: Path
) -> None:
    """Alert, decision, SIN: each command is the one the last screen said to type."""
    with machine.up(signal.SIGINT):
        raised = machine.run("alert", str(alert_file(tmp_path)))
        assert "It is notifiable as a SIN" in raised.stdout, raised.stderr
        assert "rapid-review sin-decision RR-2026-08" in raised.stdout
        again = machine.run("alert", str(alert_file(tmp_path)))
        assert (again.returncode, "already in use" in again.stderr) == (1, True)
        why = ("--reason", "Serious harm", "--by", "SQAS Strategic Manager")
        decided = machine.run("sin-decision", "RR-2026-08", "yes", *why)
        assert "It is a SIN" in decided.stdout, decided.stderr
        assert "rapid-review record-sin RR-2026-08" in machine.run("show", "RR-2026-08").stdout
        now = f"{datetime.now(UTC) - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"
        sent = machine.run("record-sin", "RR-2026-08", "--sin-reference", "SIN-8", "--sent", now)
        assert "the Rapid Review opens" in sent.stdout, sent.stderr
        record = machine.run("show", "RR-2026-08", "--record").stdout
        assert record.index("case.put_forward") < record.index("sin.recorded") < record.index("review.opened")


def test_without_a_key_or_a_server_a_command_says_what_to_do(machine: Machine) -> None:
    """One sentence, exit status 1, nothing made."""
    keyless = machine.run_afresh("list")
    assert (keyless.returncode, keyless.stdout, keyless.stderr.count("\n")) == (1, "", 1)
    assert "no key ring" in keyless.stderr
    assert "rapid-review up" in keyless.stderr
    assert not machine.home.exists()
    KeyRing.create(machine.home / "keyring.json")
    serverless = machine.run("list")
    assert (serverless.returncode, serverless.stdout, serverless.stderr.count("\n")) == (1, "", 1)
    assert f"No Temporal server answers at 127.0.0.1:{machine.port}" in serverless.stderr


def test_a_worker_without_a_mail_server_refuses_to_start(machine: Machine) -> None:
    """Letters have to go somewhere: the sentence names the variables."""
    KeyRing.create(machine.home / "keyring.json")
    refused = machine.run_afresh("worker")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "RAPID_REVIEW_SMTP_HOST" in refused.stderr
