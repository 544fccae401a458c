"""The key ring: AES-256-GCM keys by short id, and what is sealed, signed and derived with them.

A ring is a JSON file that only its owner may read::

    {"active": "k2", "keys": {"k1": "<base64 of 32 bytes>", "k2": "<base64 of 32 bytes>"}}

New things are sealed and signed under the active key; older keys stay, so that what they sealed still
opens. Sources: NIST SP 800-38D (AES-GCM), RFC 5869 (HKDF), RFC 2104 (HMAC), RFC 4648 (base 32 and 64).
"""

import base64
import binascii
import hmac
import json
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import NotConfigured, NotSealed
from vault.files import write_whole

_KEY_BYTES = 32
_NONCE_BYTES = 12
_SIGNATURE_BYTES = 10
_TAG_BYTES = 16
_VERSION = b"\x01"
_KEY_ID = re.compile(r"k[1-9][0-9]{0,3}")
_HEADER = re.compile(rb"\x01(k[1-9][0-9]{0,3})\x00(.{12})", re.DOTALL)
_SIGNATURE = re.compile(r"(k[1-9][0-9]{0,3})\.[a-z2-7]{16}", re.IGNORECASE | re.ASCII)
_SPOKEN = "acdefhjkmnpqrtuvwxy34679"
"""Twenty-four characters that are not taken for one another: 20 of them carry 91.7 bits."""


class KeyRing:
    """Keys by id (``k1``, ``k2`` ...), of which one is active. Immutable; never shows its keys."""

    def __init__(self, active: str, keys: Mapping[str, bytes]) -> None:
        """Hold ``keys``, 32 bytes each; NotConfigured where an id, a key or ``active`` is wrong."""
        if not all(_KEY_ID.fullmatch(key_id) for key_id in keys):
            raise NotConfigured("a key id in the key ring is not of the form k1, k2 ... k9999: rename it.")
        if any(len(key) != _KEY_BYTES for key in keys.values()):
            raise NotConfigured(f"a key in the key ring is not {_KEY_BYTES} bytes long: restore the backup.")
        if active not in keys:
            raise NotConfigured('the "active" key of the key ring is not among its "keys": name one that is.')
        self.active = active
        self._keys = dict(sorted(keys.items(), key=lambda item: int(item[0][1:])))

    def __repr__(self) -> str:
        """Ids only: key material never reaches a log or a traceback."""
        return f"KeyRing(active={self.active!r}, ids={list(self._keys)!r})"

    @classmethod
    def fresh(cls) -> Self:
        """A ring of one new key, ``k1``, held in memory only."""
        return cls("k1", {"k1": secrets.token_bytes(_KEY_BYTES)})

    @classmethod
    def parse(cls, text: str) -> Self:
        """The ring in the JSON ``text``; NotConfigured where it is not one. Errors never quote it."""
        try:
            ring = json.loads(text)
            keys = {str(name): base64.b64decode(key, validate=True) for name, key in ring["keys"].items()}
            active = str(ring["active"])
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            # The cause is dropped on purpose: a JSON error carries the whole text, keys and all.
            raise NotConfigured(
                'the key ring is not JSON of the form {"active": "k1", "keys": {"k1": "<base64>"}}: '
                "restore it from its backup.",
            ) from None
        return cls(active, keys)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The ring in the file ``path``; NotSealed where there is none, NotConfigured where it is unsafe."""
        with _owned(path):
            if open_to_others(path):
                raise NotConfigured(
                    f"the key ring at {path} can be read by others on this machine: "
                    f"run `chmod 600 {path}`, and rotate the keys if anybody might have copied them.",
                )
            text = path.read_text(encoding="ascii", errors="replace")
        return cls.parse(text)

    @classmethod
    def create(cls, path: Path) -> Self:
        """A fresh ring written to ``path``, or the ring that is there already.

        Whoever comes first wins, and everyone gets the winner's ring. The file has mode 0600, and
        folders made on the way 0700. Raises as `read` does.
        """
        with _owned(path):
            if not path.exists():
                cls.fresh().write(path, replacing=False)
        return cls.read(path)

    def rotated(self) -> Self:
        """This ring with one more key, which is active; the older keys stay and still open."""
        newest = f"k{max(int(key_id[1:]) for key_id in self._keys) + 1}"
        return type(self)(newest, {**self._keys, newest: secrets.token_bytes(_KEY_BYTES)})

    def write(self, path: Path, *, replacing: bool = True) -> None:
        """Put this ring at ``path``, atomically and with mode 0600; NotConfigured where it cannot be.

        What is there is replaced, or left alone where ``replacing`` is False.
        """
        with _owned(path), suppress(FileExistsError):
            write_whole(path, self._text().encode("ascii"), replacing=replacing)

    def seal(self, plain: bytes, bound_to: bytes) -> bytearray:
        """``plain`` encrypted under the active key; it opens only with the same ``bound_to``.

        Layout: version byte 1, key id, a zero byte, 96-bit random nonce, ciphertext with a 128-bit tag.
        The version and key id are authenticated with ``bound_to``. Rotate before 2**32 seals of one key.
        """
        header = _VERSION + self.active.encode() + b"\x00"
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = bytearray(header + nonce)
        begins = len(sealed)
        sealed.extend(bytes(len(plain) + _TAG_BYTES))
        # In place: a large mail is then held twice, and not three times.
        with memoryview(sealed)[begins:] as room:
            AESGCM(self._keys[self.active]).encrypt_into(nonce, plain, header + bound_to, room)
        return sealed

    def open(self, sealed: bytes | bytearray | memoryview, bound_to: bytes) -> bytes:
        """The plain bytes of ``sealed``.

        NotSealed where its key is missing, or it was altered, cut short or bound to something else.
        """
        match = _HEADER.match(sealed)
        if match is None or len(sealed) < match.end() + _TAG_BYTES:
            raise NotSealed("this was not sealed by Rapid Review, or was cut short: restore the backup.")
        key_id, nonce, ciphertext = match[1].decode(), match[2], memoryview(sealed)[match.end() :]
        if key_id not in self._keys:
            raise NotSealed(
                f"this was sealed under key {key_id}, and the key ring holds only {', '.join(self._keys)}: "
                f"restore the key ring that has {key_id}, or name it with RAPID_REVIEW_KEYRING.",
            )
        header = _VERSION + match[1] + b"\x00"
        try:
            return AESGCM(self._keys[key_id]).decrypt(nonce, ciphertext, header + bound_to)
        except InvalidTag:
            raise NotSealed(
                f"this was sealed under a key {key_id}, but was altered or moved since, or that is another "
                f"ring's {key_id}: restore it, or the key ring, from the backup.",
            ) from None

    def sign(self, purpose: str, text: str) -> str:
        """A short signature of ``text`` for one ``purpose``: ``k1.`` and 16 base32 characters (80 bits).

        HMAC-SHA256, truncated, under a key that HKDF derives from the active key for this purpose.
        """
        return self._signature(self.active, purpose, text)

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Whether ``signature`` is ours, by the key it names; its case is ignored, as mail changes it."""
        match = _SIGNATURE.fullmatch(signature)
        if match is None or (key_id := match[1].lower()) not in self._keys:
            return False
        return hmac.compare_digest(self._signature(key_id, purpose, text), signature.lower())

    def password(self, purpose: str) -> str:
        """The password for one ``purpose``, to be told by telephone: five groups of four characters.

        Derived from the *oldest* key of the ring, so that rotating the keys does not change a password
        already told. Removing the oldest key does change them all.
        """
        number = int.from_bytes(self._derived(next(iter(self._keys)), f"password:{purpose}"), "big")
        letters = []
        for _ in range(20):
            number, index = divmod(number, len(_SPOKEN))
            letters.append(_SPOKEN[index])
        return "-".join("".join(letters[start : start + 4]) for start in range(0, 20, 4))

    def _signature(self, key_id: str, purpose: str, text: str) -> str:
        digest = hmac.digest(self._derived(key_id, f"sign:{purpose}"), text.encode(), "sha256")
        return f"{key_id}.{base64.b32encode(digest[:_SIGNATURE_BYTES]).decode().lower()}"

    def _derived(self, key_id: str, use: str) -> bytes:
        hkdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"rapid-review:{use}".encode())
        return hkdf.derive(self._keys[key_id])

    def _text(self) -> str:
        keys = {key_id: base64.b64encode(key).decode() for key_id, key in self._keys.items()}
        return json.dumps({"active": self.active, "keys": keys}, indent=2) + "\n"


@contextmanager
def _owned(path: Path) -> Iterator[None]:
    """Say in our own words that the file is missing, or that the system does not let us at it."""
    try:
        yield
    except FileNotFoundError:
        raise NotSealed(
            f"no key ring at {path}: run `rapid-review up`, or name one with RAPID_REVIEW_KEYRING.",
        ) from None
    except OSError as error:
        raise NotConfigured(
            f"the key ring at {path} cannot be read or written ({error.strerror}): "
            "RAPID_REVIEW_KEYRING must name a file that this account owns.",
        ) from error


def open_to_others(path: Path) -> bool:
    """Whether others than its owner may read or write a file of secrets."""
    return os.name == "posix" and bool(path.stat().st_mode & 0o077)
