"""Workflow code, and the rules it brings in, touch no clock, chance, file or thread of the machine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("domain", "workflows", "activities", "worker", "starter", "vault")

FORBIDDEN_MODULES = {
    *("os", "sys", "io", "pathlib", "shutil", "tempfile", "socket", "subprocess", "threading"),
    *("time", "random", "secrets", "uuid", "platform", "multiprocessing", "concurrent", "contextvars"),
}
FORBIDDEN_CALLS = {"open", "input", "print", "exec", "eval", "id", "hash"}
FORBIDDEN_METHODS = {"now", "utcnow", "today", "fromtimestamp", "getenv", "urandom", "sleep", "create_task"}
ALLOWED = {"workflow.now", "workflow.sleep", "asyncio.create_task"}
"""What a workflow's own clock says, its timers, and a task of its own loop are the same in every replay."""


@pytest.fixture(scope="module")
def brought_in() -> list[Path]:
    """The source of each module of ours that importing the workflows brings in."""
    told = "import workflows.rapid_review, sys; print(*sorted(sys.modules), sep='\\n')"
    listed = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    names = [name for name in listed if name.split(".")[0] in OURS]
    paths = [ROOT / (name.replace(".", "/") + ".py") for name in names]
    return [path for path in paths if path.exists()]


def impurities(source: str) -> list[str]:
    """What a piece of source does that a replay could not do again, each with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found += [f"{node.lineno}: import {a.name}" for a in names if _forbidden(a.name)]
            case ast.ImportFrom(module=str(module)) if _forbidden(module):
                found.append(f"{node.lineno}: from {module}")
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_CALLS:
                found.append(f"{node.lineno}: {name}()")
            case ast.Call(func=ast.Attribute(attr=name) as called) if name in FORBIDDEN_METHODS:
                if ast.unparse(called) not in ALLOWED:
                    found.append(f"{node.lineno}: {ast.unparse(called)}()")
            case ast.Global() | ast.Nonlocal():
                found.append(f"{node.lineno}: global")
    return found


def _forbidden(module: str) -> bool:
    return module.partition(".")[0] in FORBIDDEN_MODULES


def test_what_a_workflow_brings_in_is_pure(brought_in: list[Path]) -> None:
    """Nothing in any module of it depends on when or where it runs."""
    found = {str(path.relative_to(ROOT)): impurities(path.read_text("utf-8")) for path in brought_in}
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_the_workflow_and_its_rules_are_among_them(brought_in: list[Path]) -> None:
    """The test would say nothing if it read nothing."""
    names = {path.stem for path in brought_in}
    assert {"rapid_review", "carrying", "facts", "steps", "letters", "case", "signatures"} <= names
    assert "calendar" not in names


@pytest.mark.parametrize(
    "impure",
    [
        "import random",
        "from time import monotonic",
        "import datetime\ndatetime.datetime.now()",
        "open('x')",
        "def f():\n    global seen\n    seen = 1",
        "import asyncio\nasyncio.sleep(1)",
    ],
)
def test_an_impure_line_is_found(impure: str) -> None:
    """Each kind is seen."""
    assert impurities(impure) != []
