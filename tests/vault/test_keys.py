"""The key ring: what it seals, signs and derives, and what it never shows."""

import base64
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotConfigured, NotSealed
from tests.laws import examples
from vault.keys import KeyRing

KEY = bytes(range(32))
ENCODED = base64.b64encode(KEY).decode()
RING = KeyRing("k1", {"k1": KEY})


def mode(path: Path) -> int:
    """The permission bits of a file or folder."""
    return path.stat().st_mode & 0o777


def names(folder: Path) -> list[str]:
    """The names of everything in a folder."""
    return [path.name for path in folder.iterdir()]


def other_characters(text: str) -> str:
    """The text with its last character changed."""
    return text[:-1] + ("a" if text[-1] != "a" else "b")


@settings(max_examples=examples(100), deadline=None)
@given(plain=st.binary(max_size=300), bound_to=st.binary(max_size=40))
def test_what_is_sealed_opens_again(plain: bytes, bound_to: bytes) -> None:
    """Any bytes, bound to any bytes, come back as they were."""
    assert RING.open(RING.seal(plain, bound_to), bound_to) == plain


def test_sealing_twice_looks_different_each_time() -> None:
    """A nonce is never used again, so equal texts cannot be told to be equal."""
    assert RING.seal(b"same", b"") != RING.seal(b"same", b"")


def test_the_sealed_form_hides_the_plain_text() -> None:
    """Neither the plain text nor the binding can be seen in what is kept."""
    sealed = RING.seal(b"plain-marker", b"binding-marker")
    assert b"marker" not in sealed


def test_every_altered_byte_is_refused() -> None:
    """Header, nonce, ciphertext and tag: a change anywhere is noticed."""
    sealed = RING.seal(b"Child A", b"here")
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(NotSealed):
            RING.open(bytes(altered), b"here")


@pytest.mark.parametrize("kept", [0, 1, 4, 15, 30])
def test_a_cut_short_text_is_refused(kept: int) -> None:
    """A file that was written only in part says so."""
    with pytest.raises(NotSealed, match="cut short"):
        RING.open(RING.seal(b"", b"")[:kept], b"")


def test_a_wrong_binding_is_refused() -> None:
    """What was sealed for one place does not open in another."""
    with pytest.raises(NotSealed, match="altered or moved"):
        RING.open(RING.seal(b"Child A", b"here"), b"there")


def test_another_rings_key_of_the_same_name_is_refused() -> None:
    """Two machines each have a k1; the sentence names the ring as well as the text."""
    with pytest.raises(NotSealed, match="another ring's k1"):
        KeyRing.fresh().open(RING.seal(b"Child A", b""), b"")


def test_a_missing_key_is_named() -> None:
    """The office learns which key to look for, and which it has."""
    with pytest.raises(NotSealed, match=r"under key k2, and the key ring holds only k1"):
        RING.open(RING.rotated().seal(b"Child A", b""), b"")


def test_rotation_adds_a_key_and_old_things_still_open() -> None:
    """The new key seals from now on; the old one opens what it sealed."""
    rotated = RING.rotated()
    assert rotated.active == "k2"
    assert rotated.open(RING.seal(b"old", b""), b"") == b"old"
    assert rotated.seal(b"new", b"")[1:3] == b"k2"
    assert RING.active == "k1"


def test_rotation_counts_on_from_the_highest_number() -> None:
    """After k9 comes k10, and k10 is younger than k9 whatever the alphabet says."""
    ring = KeyRing("k9", {"k10": KEY[::-1], "k9": KEY})
    assert ring.rotated().active == "k11"
    assert ring.password("x") == KeyRing("k9", {"k9": KEY}).password("x")


def test_signatures_are_short_lower_case_and_name_their_key() -> None:
    """They fit a mail address: key id, dot, 16 base32 characters."""
    assert re.fullmatch(r"k1\.[a-z2-7]{16}", RING.sign("reply", "rr-2026-07.police.1"))


def test_a_signature_stays_what_it_was() -> None:
    """Mail sent last year must still verify: the scheme may not change unnoticed."""
    assert RING.sign("reply", "rr-2026-07.police.1") == "k1.5wk534hz5xbq2iak"
    assert RING.password("subjects") == "u6ww-heaj-qqf4-4wkn-ekac"


def test_a_signature_holds_for_its_purpose_and_text_only() -> None:
    """One for replies is none for links, and one for the police is none for health."""
    signature = RING.sign("reply", "police")
    assert RING.verify("reply", "police", signature)
    assert not RING.verify("link", "police", signature)
    assert not RING.verify("reply", "health", signature)
    assert not RING.verify("reply", "police", other_characters(signature))


def test_a_signature_survives_a_change_of_case() -> None:
    """Some mail systems shout."""
    assert RING.verify("reply", "police", RING.sign("reply", "police").upper())


def test_an_old_signature_holds_after_rotation() -> None:
    """The signature names its key; new ones name the new key."""
    rotated = RING.rotated()
    assert rotated.verify("reply", "police", RING.sign("reply", "police"))
    assert rotated.sign("reply", "police").startswith("k2.")
    assert not RING.verify("reply", "police", rotated.sign("reply", "police"))


@pytest.mark.parametrize(
    "junk", ["", "k1", "k1.", "k1.ü234567abcdefghi", "k1." + "a" * 17, "\u212a1." + "a" * 16]
)
def test_junk_is_no_signature(junk: str) -> None:
    """Whatever arrives by mail is answered no, never an error."""
    assert not RING.verify("reply", "police", junk)


def test_a_password_can_be_told_by_telephone() -> None:
    """Five groups of four, without characters that are taken for one another."""
    assert re.fullmatch(
        r"([acdefhjkmnpqrtuvwxy34679]{4}-){4}[acdefhjkmnpqrtuvwxy34679]{4}", RING.password("a")
    )


def test_a_password_belongs_to_its_purpose_and_ring() -> None:
    """Each purpose has its own, always the same; another ring gives another."""
    assert RING.password("a") == RING.password("a")
    assert len({RING.password("a"), RING.password("b"), KeyRing.fresh().password("a")}) == 3


def test_rotation_leaves_told_passwords_alone() -> None:
    """A password already told by telephone goes on working."""
    assert RING.rotated().rotated().password("a") == RING.password("a")


def test_the_parts_of_the_ring_are_kept_apart() -> None:
    """A signing key and a password key for one purpose are different keys."""
    assert RING._derived("k1", "sign:a") != RING._derived("k1", "password:a")


def test_a_new_ring_is_private(tmp_path: Path) -> None:
    """The file is for its owner only, and so is every folder made for it, whatever the umask."""
    path = tmp_path / "var" / "keys" / "ring.json"
    umask = os.umask(0)
    try:
        KeyRing.create(path)
    finally:
        os.umask(umask)
    assert [mode(p) for p in (path, path.parent, path.parent.parent)] == [0o600, 0o700, 0o700]
    assert names(path.parent) == ["ring.json"]


def test_creating_again_returns_the_ring_that_is_there(tmp_path: Path) -> None:
    """Starting twice does not throw the keys away."""
    first = KeyRing.create(tmp_path / "ring.json")
    second = KeyRing.create(tmp_path / "ring.json")
    assert second.open(first.seal(b"x", b""), b"") == b"x"


def test_whoever_creates_at_once_shares_one_ring(tmp_path: Path) -> None:
    """Eight processes starting together never see half a file, and all get the winner's ring."""
    path = tmp_path / "new" / "ring.json"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.create(path), range(8)))
    assert len({ring.password("same") for ring in rings}) == 1
    assert names(path.parent) == ["ring.json"]


def test_a_ring_that_appears_meanwhile_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look before creating may be out of date: the file that is there wins all the same."""
    path = tmp_path / "ring.json"
    RING.write(path)
    monkeypatch.setattr(Path, "exists", lambda self: self != path)
    assert KeyRing.create(path).password("same") == RING.password("same")


def test_a_written_ring_reads_back_whole(tmp_path: Path) -> None:
    """Writing replaces the file at once, privately, in the documented form."""
    path = tmp_path / "ring.json"
    KeyRing.create(path)
    RING.rotated().write(path)
    assert mode(path) == 0o600
    assert KeyRing.read(path).active == "k2"
    assert json.loads(path.read_text())["keys"]["k1"] == ENCODED
    assert names(tmp_path) == ["ring.json"]


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o660])
def test_a_ring_others_can_read_is_refused(tmp_path: Path, bits: int) -> None:
    """The sentence says what to run."""
    path = tmp_path / "ring.json"
    RING.write(path)
    path.chmod(bits)
    with pytest.raises(NotConfigured, match="chmod 600"):
        KeyRing.read(path)


def test_a_missing_ring_says_how_to_get_one(tmp_path: Path) -> None:
    """Both remedies are named."""
    with pytest.raises(
        NotSealed, match=r"no key ring at .*: run `rapid-review up`, or .* RAPID_REVIEW_KEYRING"
    ):
        KeyRing.read(tmp_path / "ring.json")


def test_a_folder_is_no_ring(tmp_path: Path) -> None:
    """A setting that names a folder is answered with a sentence."""
    tmp_path.chmod(0o700)
    with pytest.raises(NotConfigured, match="RAPID_REVIEW_KEYRING must name a file"):
        KeyRing.read(tmp_path)


def test_a_place_where_no_ring_can_be_is_refused(tmp_path: Path) -> None:
    """A file stands where a folder should be: creating and writing say so in a sentence."""
    (tmp_path / "file").write_bytes(b"")
    for attempt in (KeyRing.create, RING.write):
        with pytest.raises(NotConfigured, match="cannot be read or written"):
            attempt(tmp_path / "file" / "ring.json")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        f"{ENCODED}",
        f'{{"active": "k1", "keys": "{ENCODED}"}}',
        f'{{"active": "k1", "keys": {{"k1": "{ENCODED}!"}}}}',
        f'{{"active": "k1", "keys": {{"k1": "{ENCODED[:-8]}"}}}}',
        f'{{"active": "k2", "keys": {{"k1": "{ENCODED}"}}}}',
        f'{{"active": "{ENCODED}", "keys": {{"{ENCODED}": "{ENCODED}"}}}}',
        f'{{"keys": {{"k1": "{ENCODED}"}}}}',
        f'{{"active": "k1", "keys": {{"k1": "{ENCODED}"}}',
    ],
)
def test_a_bad_ring_is_refused_without_quoting_it(text: str) -> None:
    """The remedy is told; the text, which may hold keys, is not, even in the error's causes."""
    with pytest.raises(NotConfigured) as refusal:
        KeyRing.parse(text)
    error: BaseException | None = refusal.value
    assert error is not None
    assert ENCODED[:12] not in f"{error} {error.__cause__}"
    assert error.__suppress_context__ or error.__context__ is None


def test_no_key_material_is_ever_shown() -> None:
    """repr, str and the errors name ids only."""
    with pytest.raises(NotSealed) as refusal:
        RING.open(RING.seal(b"x", b"a"), b"b")
    shown = f"{RING!r} {RING} {refusal.value}"
    assert "k1" in shown
    assert not any(form in shown for form in (ENCODED[:12], KEY.hex()[:12], repr(KEY)[2:20]))
