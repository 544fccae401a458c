"""The file of sources: whoever may send, read whole, refused with a sentence that shows no secret."""

from pathlib import Path

import pytest

from domain.errors import NotConfigured, NotReadable
from starter.hooks.sources import HookName, fresh_secret, lines_for, read_sources, sources_of
from worker.settings import Settings

SECRET = fresh_secret()


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    """A file of sources."""
    path = folder / "hooks.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_what_the_command_prints_is_a_source(tmp_path: Path) -> None:
    """Two such printouts make a file, each with a secret of its own."""
    first = lines_for("council-form", ["sin", "request-for-consideration"], fresh_secret())
    second = lines_for("mail-provider", ["delivery"], fresh_secret())
    one, two = read_sources(written(tmp_path, f"{first}\n\n{second}\n"))
    assert (one.name, one.hooks) == ("council-form", frozenset({HookName.SIN, HookName.REQUEST}))
    assert (two.name, two.hooks) == ("mail-provider", frozenset({HookName.DELIVERY}))
    assert one.secrets != two.secrets
    assert "whsec_" not in repr(one)


@pytest.mark.parametrize(("name", "hook"), [("Council Form", "sin"), ("council-form", "everything")])
def test_the_command_prints_no_lines_that_would_not_do(name: str, hook: str) -> None:
    """The same rules as the file's."""
    with pytest.raises(NotReadable, match=r"\[council-form\]|list some of sin"):
        lines_for(name, [hook], SECRET)


WRONG = {
    "others on this machine": (lines_for("a-form", ["sin"], SECRET), 0o644),
    "not TOML": (f"[a-form\nsecrets = '{SECRET}'", 0o600),
    "begin each source": (f'[a-form]\nsecrets = ["{SECRET}"]\nhooks = ["sin"]\nmarker = 1', 0o600),
    "begin each source with": (f'["{SECRET}"]\nsecrets = ["{SECRET}"]\nhooks = ["sin"]', 0o600),
    "list some of sin": (f'[a-form]\nsecrets = ["{SECRET}"]\nhooks = ["{SECRET}"]', 0o600),
    "hooks: list some": (f'[a-form]\nsecrets = ["{SECRET}"]\nhooks = []', 0o600),
    "secrets: list one or more": ('[a-form]\nsecrets = []\nhooks = ["sin"]', 0o600),
    "24 to 64 bytes": ('[a-form]\nsecrets = ["whsec_bWFya2Vy"]\nhooks = ["sin"]', 0o600),
    "is not whsec_": (f'[a-form]\nsecrets = ["{SECRET[6:]}"]\nhooks = ["sin"]', 0o600),
    "stands in the file twice": (
        "\n".join(lines_for(name, ["sin"], SECRET) for name in ("a-form", "b-form")),
        0o600,
    ),
}


@pytest.mark.parametrize("says", WRONG)
def test_a_wrong_file_is_refused_whole(tmp_path: Path, says: str) -> None:
    """One sentence with the file and the remedy; never a secret, wherever it was put."""
    path = written(tmp_path, *WRONG[says])
    with pytest.raises(NotConfigured, match=says) as refusal:
        read_sources(path)
    assert str(path) in str(refusal.value)
    assert SECRET[6:] not in str(refusal.value)
    assert "marker" not in str(refusal.value)


def test_no_file_means_no_sources_unless_one_is_named(tmp_path: Path) -> None:
    """A file that is named and not there is a mistake."""
    assert sources_of(Settings(home=tmp_path)) == ()
    with pytest.raises(NotConfigured, match="RAPID_REVIEW_HOOKS"):
        sources_of(Settings(home=tmp_path, hooks=tmp_path / "elsewhere.toml"))
    written(tmp_path, lines_for("a-form", ["sin"], SECRET))
    assert [source.name for source in sources_of(Settings(home=tmp_path))] == ["a-form"]
