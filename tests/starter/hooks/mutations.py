"""How a delivery goes wrong on its way, or is made to: its body, its headers, and what was signed of them."""

import base64
import copy
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from typing import Any

from tests.postbox.mutations import mutated

ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**400, float("nan"), float("inf")),
    *("", "a" * 5000, "\0", "\ud800", "\u202e", "<b>", "====", "RR-2026-07", "../../x", "<a@b>"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *([], {}, [[]] * 200, {"a": {"b": {}}}),
)
"""What is put in place of a value: of other types, and at the ends of what a type holds."""


@dataclass(frozen=True)
class Sent:
    """A delivery before it is signed: ``name`` is its id, ``at`` its timestamp in seconds since 1970."""

    hook: str
    body: bytes
    name: str
    at: int
    media_type: str = "application/json"

    def headers(self, secret: str) -> dict[str, str]:
        """Its headers, signed with a secret as it is written: ``v1`` of Standard Webhooks, over bytes."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = hmac.new(key, f"{self.name}.{self.at}.".encode() + self.body, sha256).digest()
        return {
            "content-type": self.media_type,
            "webhook-id": self.name,
            "webhook-timestamp": str(self.at),
            "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
        }


def gone_wrong(form: dict[str, Any], by: Random) -> bytes:
    """A JSON body with one to four values changed, lost, renamed or doubled; now and then as bytes too."""
    form = copy.deepcopy(form)
    for _ in range(by.randint(1, 4)):
        if places := list(_places(form)):
            by.choice(CHANGES)(*by.choice(places), by)
    body = json.dumps(form, ensure_ascii=by.random() < 0.5).encode("utf-8", "surrogatepass")
    return mutated(body, body[::-1], by) if by.random() < 0.3 else body


def _places(form: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - any JSON
    """Every value of a form, by what holds it and its key or number there."""
    inner = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, value in inner:
        yield form, key
        yield from _places(value)


def _change(holder: Any, key: Any, by: Random) -> None:  # noqa: ANN401 - any JSON
    holder[key] = copy.deepcopy(by.choice(ODD))


def _lose(holder: Any, key: Any, by: Random) -> None:  # noqa: ANN401 - any JSON
    _ = by
    del holder[key]


def _rename(holder: Any, key: Any, by: Random) -> None:  # noqa: ANN401 - any JSON
    if isinstance(holder, dict):
        holder[f"{key}{by.choice(('x', ' ', '.', '0'))}"] = holder.pop(key)


def _double(holder: Any, key: Any, by: Random) -> None:  # noqa: ANN401 - any JSON
    if isinstance(holder, list):
        holder.extend([copy.deepcopy(holder[key])] * by.choice((1, 2, 300)))
    else:
        holder[key] = [holder[key]]


CHANGES: tuple[Callable[[Any, Any, Random], None], ...] = (_change, _change, _change, _lose, _rename, _double)

Wrong = Callable[[Sent, str, Random], tuple[Sent, dict[str, str]]]
"""What arrives of a delivery, its headers wrong in one way; the secret is the right one."""


def _altered(header: str, change: Callable[[str, Random], str]) -> Wrong:
    def wrong(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
        headers = sent.headers(secret)
        return sent, {**headers, header: change(headers[header], by)}

    return wrong


def _without(header: str) -> Wrong:
    def wrong(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
        _ = by
        return sent, {name: value for name, value in sent.headers(secret).items() if name != header}

    return wrong


def _flipped(value: str, by: Random) -> str:
    """A signature with one of its first characters changed; the last may hold bits that count for nothing."""
    at = by.randrange(3, len(value) - 4)
    return value[:at] + by.choice([c for c in "AQgw+/09" if c != value[at]]) + value[at + 1 :]


def _of_another(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
    _ = secret
    return sent, sent.headers("whsec_" + base64.b64encode(by.randbytes(32)).decode())


def _long_ago(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
    """Signed as it should be, and sent too late or too early."""
    sent = replace(sent, at=sent.at + by.choice((-1, 1)) * by.choice((400, 3600, 10**8)))
    return sent, sent.headers(secret)


def _dotted(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
    """Signed under an id that could be read as another id and a timestamp."""
    sent = replace(sent, name=f"{sent.name}.{by.randrange(10**9)}")
    return sent, sent.headers(secret)


def _other_body(sent: Sent, secret: str, by: Random) -> tuple[Sent, dict[str, str]]:
    """The signature of one body on another."""
    other = mutated(sent.body, sent.body[::-1], by)
    return replace(sent, body=other if other != sent.body else other + b" "), sent.headers(secret)


WRONG: dict[str, Wrong] = {
    "another secret": _of_another,
    "another body": _other_body,
    "another time, signed": _long_ago,
    "another time": _altered("webhook-timestamp", lambda at, by: str(int(at) + by.choice((-60, -1, 1, 60)))),
    "no time": _without("webhook-timestamp"),
    "a time that is none": _altered("webhook-timestamp", lambda at, by: by.choice(("", "now", f"{at}.0"))),
    "another id": _altered("webhook-id", lambda name, by: f"{name}{by.randrange(10)}"),
    "an id with a full stop, signed": _dotted,
    "no id": _without("webhook-id"),
    "no signature": _without("webhook-signature"),
    "another signature": _altered("webhook-signature", _flipped),
    "a signature cut short": _altered("webhook-signature", lambda s, by: s[: by.randrange(len(s) - 4)]),
    "a signature of another version": _altered("webhook-signature", lambda s, by: by.choice("2a") + s),
    "a signature of odd characters": _altered(
        "webhook-signature", lambda s, by: s[:3] + "".join(map(chr, by.choices(range(1, 256), k=44)))
    ),
}
"""By what is wrong with it."""
