"""Asking the web hooks: an application called in this process, signed as any sender signs."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from standardwebhooks import Webhook

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        read: dict[str, Any] = json.loads(self.body)
        return read

    @property
    def detail(self) -> str:
        """The sentence of a refusal, which must be problem details with the status of the answer."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json["status"] == self.status
        return str(self.json["detail"])


@dataclass
class Sender:
    """A source of web hooks: signs with the library that others use."""

    app: FastAPI
    secret: str
    number: int = field(default=0)

    def signed(self, body: str, name: str = "", at: datetime | None = None) -> dict[str, str]:
        """The headers of a delivery; each has an id of its own unless one is given."""
        self.number += 1
        name, moment = name or f"msg_{self.number}", at or datetime.now(UTC)
        return {
            "webhook-id": name,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(name, moment, body),
        }

    async def post(
        self,
        hook: str,
        body: object,
        name: str = "",
        media_type: str = JSON,
        **headers: str,
    ) -> Answer:
        """Send a delivery, signed."""
        text = body if isinstance(body, str) else json.dumps(body)
        sent = {"content-type": media_type, **self.signed(text, name), **headers}
        return await ask(self.app, "POST", f"/hooks/{hook}", text.encode(), sent)


async def ask(
    app: FastAPI, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
) -> Answer:
    """One request, its body in pieces, as a network would bring it."""
    pieces = [body[start : start + 65536] for start in range(0, len(body), 65536)] or [b""]
    messages = [
        {"type": "http.request", "body": piece, "more_body": number + 1 < len(pieces)}
        for number, piece in enumerate(pieces)
    ]
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:  # noqa: ANN401 - what ASGI says
        said.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8235),
    }
    try:
        await app(scope, receive, send)
    except Exception:
        if not said:  # a fault is answered first, and then raised for the server's log
            raise
    start, *rest = said
    told = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], told, b"".join(part.get("body", b"") for part in rest))
