"""The bodies that tests send: the shipped examples, in JSON, with their dates moved to just now."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

NOW = datetime.now(UTC).replace(microsecond=0)
"""One moment for all, so that the same form is the same bytes a second later."""

EXAMPLES = Path(__file__).parents[3] / "examples"


@cache
def _example(name: str) -> dict[str, Any]:
    return tomllib.loads((EXAMPLES / name).read_text("utf-8"))


def _plain(value: Any) -> Any:  # noqa: ANN401 - any TOML
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def _ago(**past: float) -> datetime:
    return NOW - timedelta(**past)


def sin(reference: str = "RR-2026-07", **changes: object) -> dict[str, Any]:
    """A SIN sent an hour ago."""
    body: dict[str, Any] = {**_plain(_example("sin.toml")), "reference": reference, **changes}
    body["sin"] = {
        "reference": "SIN-2026-0113",
        "sent_at": _ago(hours=1).isoformat(),
        "incident_on": _ago(days=3).date().isoformat(),
        "aware_on": _ago(days=2).date().isoformat(),
    }
    return body


def request(reference: str = "RR-2026-09", **changes: object) -> dict[str, Any]:
    """A Request for Consideration, countersigned today."""
    body: dict[str, Any] = {**_plain(_example("request.toml")), "reference": reference, **changes}
    body |= {"incident_on": _ago(days=3).date().isoformat(), "aware_on": _ago(days=2).date().isoformat()}
    signed = {
        "discussed_on": _ago(days=2).date().isoformat(),
        "countersigned_on": _ago(days=1).date().isoformat(),
    }
    body["countersignature"] |= signed
    return body


MAIL = (
    "Return-Path: <someone@police.example>\r\n"
    "Delivered-To: rfi@partnership.example\r\n"
    "From: Someone <someone@police.example>\r\n"
    "Subject: Re: request\r\n\r\nThe form is attached.\r\n"
)
"""A mail with its envelope, as it is sent."""

PANEL = {"reference": "RR-2026-07", "agrees": True}
RECEIPT = {"message_id": "<someone@elsewhere.example>", "outcome": "failed", "status": "5.1.1"}
