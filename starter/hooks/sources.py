"""Who may send web hooks: each source's name, its secrets and the hooks it may use, from one file.

::

    [council-form]
    secrets = ["whsec_...", "whsec_..."]
    hooks = ["sin", "request-for-consideration"]

Any of a source's secrets will do, so that they can be changed without a gap. The file holds secrets: it lies
outside the partnership's folder and only its owner may read it.
"""

import base64
import binascii
import secrets
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError

from domain.errors import NotConfigured, NotReadable
from domain.messages import Key
from domain.particulars import faults
from vault.keys import open_to_others
from worker.settings import Settings

PREFIX = "whsec_"
"""What a secret begins with. Source: Standard Webhooks, "Signature scheme"."""

SECRET_BYTES = range(24, 65)
"""How many bytes a secret may have. Source: Standard Webhooks, "Signature scheme"."""


class HookName(StrEnum):
    """The web hooks, by the last part of their address."""

    SIN = "sin"
    REQUEST = "request-for-consideration"
    INBOUND_MAIL = "inbound-mail"
    PANEL_REPLY = "panel-reply"
    DELIVERY = "delivery"


@dataclass(frozen=True)
class Source:
    """Somebody who may send: ``secrets`` are any of those it may sign with, as they are written."""

    name: str
    secrets: tuple[SecretStr, ...]
    hooks: frozenset[HookName]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    secrets: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    hooks: Annotated[frozenset[HookName], Field(min_length=1)]


_FILE = TypeAdapter(dict[Key, _Entry])


def read_sources(path: Path) -> tuple[Source, ...]:
    """The sources in the file ``path``.

    Raises:
        NotConfigured: it cannot be read, is open to others, or says something wrong; nothing is quoted.
    """
    try:
        if open_to_others(path):
            raise NotConfigured(
                f"{path}: others on this machine can read the secrets in it. Run `chmod 600 {path}`, and "
                "change them if anybody might have copied them."
            )
        read = _FILE.validate_python(tomllib.loads(path.read_text("utf-8")))
    except OSError as wrong:
        raise NotConfigured(
            f"{path}: this file of web hook sources cannot be read ({wrong.strerror}). Make one with "
            "`rapid-review hook-secret`, or check RAPID_REVIEW_HOOKS."
        ) from None
    except ValidationError as wrong:
        raise NotConfigured(f"{path}: {'; '.join(sorted(set(_remedies(wrong))))}.") from None
    except ValueError:  # not TOML, or not UTF-8; the parser's own words can quote the file
        raise NotConfigured(
            f"{path}: this is not TOML. Compare it with what `rapid-review hook-secret` prints."
        ) from None
    sources = tuple(Source(name, entry.secrets, entry.hooks) for name, entry in read.items())
    _check_secrets(path, sources)
    return sources


def sources_of(settings: Settings) -> tuple[Source, ...]:
    """The sources of the settings; none where no file is named and none stands in its usual place.

    Raises:
        NotConfigured: as `read_sources`.
    """
    if settings.hooks is None and not settings.hooks_path.exists():
        return ()
    return read_sources(settings.hooks_path)


def fresh_secret() -> str:
    """A new secret, from the system's own randomness."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def lines_for(name: str, hooks: Iterable[str], secret: str) -> str:
    """The lines of the file that let a source in.

    Raises:
        NotReadable: the name or a hook would not do there.
    """
    try:
        read = _FILE.validate_python({name: {"secrets": [secret], "hooks": list(hooks)}})
    except ValidationError as wrong:
        raise NotReadable(f"{'; '.join(sorted(set(_remedies(wrong))))}.") from None
    allowed = ", ".join(f'"{hook}"' for hook in sorted(read[name].hooks))
    return f'[{name}]\nsecrets = ["{secret}"]\nhooks = [{allowed}]'


def _check_secrets(path: Path, sources: tuple[Source, ...]) -> None:
    for source in sources:
        if not all(_well_formed(secret.get_secret_value()) for secret in source.secrets):
            raise NotConfigured(
                f"{path}: {source.name}: a secret is not {PREFIX} and the base64 of {SECRET_BYTES.start} to "
                f"{SECRET_BYTES.stop - 1} bytes. Make one with `rapid-review hook-secret`."
            )
    uses = Counter(secret.get_secret_value() for source in sources for secret in source.secrets)
    for source in sources:
        if any(uses[secret.get_secret_value()] > 1 for secret in source.secrets):
            raise NotConfigured(
                f"{path}: {source.name}: a secret stands in the file twice. The secret tells who sent: give "
                "each source its own."
            )


def _well_formed(secret: str) -> bool:
    try:
        held = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secret.startswith(PREFIX) and len(held) in SECRET_BYTES


def _remedies(error: ValidationError) -> Iterator[str]:
    """What to do about each mistake; only names of our own are shown, for a secret can stand anywhere."""
    for loc, _ in faults(error):
        if "hooks" in loc:
            yield f"hooks: list some of {', '.join(HookName)}"
        elif "secrets" in loc:
            yield f'secrets: list one or more, such as ["{PREFIX}..."]'
        else:
            yield "begin each source with its name, such as [council-form], and give it secrets and hooks"
