"""Every awkward case of the process, played from its file on a real server, mail sink and store."""

import tomllib
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from domain.errors import NotReadable, Refused
from starter.diary import Diary
from starter.rehearsal import Rehearsal, Serving
from starter.scenario import DEMO, Scenario, read_scenario
from vault.keys import KeyRing
from vault.passwords import people_password
from worker.settings import Settings

HERE = Path(__file__).parent
FILES = [DEMO, *sorted(HERE.glob("*.toml"))]


async def played(scenario: Scenario, home: Path, serving: Serving) -> tuple[Diary, Rehearsal]:
    """The diary of a scenario played to its end, everything kept under ``home``."""
    diary = Diary(silent=True)
    async with Rehearsal(scenario, Settings(home=home), diary, serving=serving).running() as rehearsal:
        await rehearsal.play()
    return diary, rehearsal


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
async def test_it_ends_as_it_expects(file: Path, tmp_path: Path, serving: Serving) -> None:
    """Each step is taken or refused as the file says, and the review ends as the file says."""
    scenario = read_scenario(file)
    diary, _ = await played(scenario, tmp_path, serving)
    diary.check(scenario)


async def test_the_list_of_people_names_every_child(tmp_path: Path, serving: Serving) -> None:
    """Of several children each agency gets one list, sealed, which holds all of them."""
    _, rehearsal = await played(read_scenario(HERE / "several-children.toml"), tmp_path, serving)
    password = people_password(KeyRing.read(rehearsal.settings.keyring_path), rehearsal.reference)
    lists = [
        part.get_payload(decode=True)
        for letter in rehearsal.sink.messages()
        for part in letter.iter_attachments()
        if str(part.get_filename()).endswith("people-to-search-for.docx")
    ]
    assert len(lists) == 2
    for sealed in lists:
        assert isinstance(sealed, bytes)
        text = _word_text(sealed, password)
        assert all(name in text for name in ("Example Eldest", "Example Middle", "Example Unborn"))


def _word_text(sealed: bytes, password: str) -> str:
    opened, plain = OOXMLFile(BytesIO(sealed)), BytesIO()
    opened.load_key(password=password)
    opened.decrypt(plain)
    return ZipFile(plain).read("word/document.xml").decode()


async def test_a_step_taken_that_should_be_refused_is_told_of(tmp_path: Path, serving: Serving) -> None:
    """A scenario does not pass because a refusal it counts on has gone."""
    scenario = read_scenario(HERE / "several-children.toml")
    refusing = scenario.steps[0].model_copy(update={"refused": "for no reason"})
    with pytest.raises(Refused, match="should have been refused"):
        await played(scenario.model_copy(update={"steps": (refusing,)}), tmp_path, serving)


async def test_an_unknown_verb_is_refused(tmp_path: Path, serving: Serving) -> None:
    """A misspelt verb is answered with those there are."""
    scenario = read_scenario(HERE / "several-children.toml")
    misspelt = scenario.steps[0].model_copy(update={"does": "retrun"})
    with pytest.raises(NotReadable, match=r"nobody can 'retrun'\. A step does one of: return"):
        await played(scenario.model_copy(update={"steps": (misspelt,)}), tmp_path, serving)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_says_in_its_first_lines_what_it_shows(file: Path) -> None:
    """A scenario is documentation: it begins with a comment, and it expects something."""
    text = file.read_text("utf-8")
    assert text.startswith("# ")
    assert tomllib.loads(text)["expect"]
