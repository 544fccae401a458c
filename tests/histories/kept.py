"""Where the recorded histories and their snapshots are, and the key ring that opens them."""

from pathlib import Path

from temporalio.client import WorkflowHistory

from vault.keys import KeyRing

FOLDER = Path(__file__).parent


def keyring() -> KeyRing:
    """The key ring of the recorded histories. It is public: it seals made-up reviews and nothing else."""
    return KeyRing.parse((FOLDER / "test-only-keyring.json").read_text("utf-8"))


def names() -> list[str]:
    """The names of the histories there are."""
    return sorted(path.name.removesuffix(".history.json") for path in FOLDER.glob("*.history.json"))


def history_path(name: str) -> Path:
    """The file of a history. It is written once and never changed."""
    return FOLDER / f"{name}.history.json"


def snapshot_path(name: str) -> Path:
    """The file that says what the code does on that history."""
    return FOLDER / f"{name}.snapshot.json"


def history(name: str) -> WorkflowHistory:
    """A recorded history; its workflow id is of no account to a replay."""
    return WorkflowHistory.from_json(name, history_path(name).read_text("utf-8"))
