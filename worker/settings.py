"""Settings of every program of ours, from ``RAPID_REVIEW_*`` environment variables.

The connection to Temporal is not among them: it follows ``TEMPORAL_*`` and the profiles of the
``temporal`` command, by `temporalio.envconfig`.
"""

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from domain.errors import NotConfigured

PROJECT = Path(__file__).resolve().parents[1]


class Settings(BaseSettings):
    """What a program needs to know of the place it runs in.

    ``home`` holds everything kept on this machine; ``keyring``, ``store`` and ``hooks`` default to places in
    it. Where neither ``smtp_host`` nor ``smtp_port`` is set no mail server is configured: mail then goes to
    the embedded sink, where one runs. ``retention_days`` is how long the server keeps a closed case.
    What begins with ``mail_in`` and ``imap`` is about mail that arrives, and told in ``docs/mail-in.md``.
    """

    model_config = SettingsConfigDict(env_prefix="RAPID_REVIEW_", env_ignore_empty=True, frozen=True)

    home: Path = Path("var")
    partnership: Path = PROJECT / "partnerships" / "northamptonshire"
    keyring: Path | None = None
    store: str | None = None
    smtp_host: str = "127.0.0.1"
    smtp_port: int = Field(default=0, ge=0, le=65535)
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_ca_file: Path | None = None
    task_queue: str = "rapid-review"
    retention_days: int = Field(default=90, ge=1)
    codec_host: str = "127.0.0.1"
    codec_port: int = Field(default=8234, ge=1, le=65535)
    hooks: Path | None = None
    hooks_host: str = "127.0.0.1"
    hooks_port: int = Field(default=8235, ge=1, le=65535)
    ui_origins: tuple[str, ...] = ("http://127.0.0.1:8233", "http://localhost:8233")
    by: str = ""
    mail_in_host: str = "127.0.0.1"
    mail_in_port: int = Field(default=0, ge=0, le=65535)
    mail_in_protocol: Literal["smtp", "lmtp"] = "smtp"
    mail_in_authserv_ids: tuple[str, ...] = ()
    mail_in_size_limit: int = Field(default=50 * 1024 * 1024, ge=1024)
    mail_in_per_case: int = Field(default=300, ge=1)
    mail_in_per_sender: int = Field(default=100, ge=1)
    clamd: str = ""
    imap_host: str = ""
    imap_port: int = Field(default=993, ge=1, le=65535)
    imap_username: str = ""
    imap_password: SecretStr = SecretStr("")
    imap_token_file: Path | None = None
    imap_security: Literal["tls", "starttls", "none"] = "tls"
    imap_ca_file: Path | None = None
    imap_inbox: str = "INBOX"
    imap_done: str = "Processed"
    imap_held: str = "Quarantine"
    imap_poll_seconds: int = Field(default=60, ge=1)

    @property
    def mail_port(self) -> int:
        """The mail server's port: as set, else 587 where a host is set, else 0 for none configured."""
        return self.smtp_port or (587 if "smtp_host" in self.model_fields_set else 0)

    @property
    def keyring_path(self) -> Path:
        """Where the key ring is."""
        return self.keyring or self.home / "keyring.json"

    @property
    def hooks_path(self) -> Path:
        """Where the sources of web hooks are named, with their secrets."""
        return self.hooks or self.home / "hooks.toml"

    @property
    def store_url(self) -> str:
        """Where the encrypted store is, as a URL."""
        return self.store or (self.home / "store").resolve().as_uri()


def read_settings(**given: object) -> Settings:
    """The settings from the environment, with some given here.

    Raises:
        NotConfigured: a variable is wrong; the sentence names it without its value.
    """
    try:
        return Settings(**given)  # type: ignore[arg-type]  # checked by pydantic itself
    except SettingsError as wrong:
        named = re.search(r'field "(\w+)"', str(wrong))
        name = named[1].upper() if named else "UI_ORIGINS"
        raise NotConfigured(
            f'RAPID_REVIEW_{name}: this is not a list. Write it like ["http://127.0.0.1:8233"].'
        ) from wrong
    except ValidationError as wrong:
        faults = [
            f"RAPID_REVIEW_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].lower()}."
            for e in wrong.errors()
        ]
        raise NotConfigured(
            f"A setting is wrong. {' '.join(faults)} Mend the variable and start again."
        ) from None
