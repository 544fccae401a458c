"""A delivery, and the answer it was given: the same delivery twice has one effect and one answer.

Records lie in the store as ``hooks/<source>/<first 32 hex of the id's SHA-256>``: ``.taken`` holds the
delivery's fingerprint, made atomically before anything is done; ``.answered`` the answer, once it is done.
A delivery that was taken and not answered was cut short: it is done again, which every hook allows for.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Self

from pydantic import BaseModel, ConfigDict

from domain.errors import Refused
from domain.messages import Reference
from starter.hooks.sources import HookName, Source
from vault.documents import DocumentStore


@dataclass(frozen=True)
class Delivery:
    """That a source sent something, its signature verified.

    ``mark`` is what the delivery is known by: plain, whatever the sender chose for its id. ``fingerprint``
    says what it held, and where it was sent.
    """

    mark: str
    fingerprint: bytes
    received_at: datetime

    @classmethod
    def of(cls, source: Source, hook: HookName, id: str, body: bytes, received_at: datetime) -> Self:  # noqa: A002 - the specification's word
        """The delivery of a body under its sender's own id."""
        mark = f"hooks/{source.name}/{sha256(id.encode()).hexdigest()[:32]}"
        held = sha256(hook.encode() + b"\0")
        held.update(body)
        return cls(mark, held.hexdigest().encode(), received_at)


class Accepted(BaseModel):
    """What is answered to a delivery that was taken: a sentence, and the case it is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: str
    reference: Reference | None = None


class Answers:
    """The answers given, in the encrypted store."""

    def __init__(self, store: DocumentStore) -> None:
        """Remember in ``store``, which must offer an atomic create."""
        self._store = store

    async def given(self, delivery: Delivery) -> Accepted | None:
        """The answer a delivery was given before.

        Raises:
            Refused: something else came under its id.
        """
        taken = await self._store.read(f"{delivery.mark}.taken")
        if taken is None:
            return None
        if taken != delivery.fingerprint:
            raise Refused(
                "Something else came under this webhook-id before. Send anything new under an id of its own."
            )
        answer = await self._store.read(f"{delivery.mark}.answered")
        return Accepted.model_validate_json(answer) if answer is not None else None

    async def once(self, delivery: Delivery, act: Callable[[], Awaitable[Accepted]]) -> Accepted:
        """The answer to a delivery, done now unless it was before; raises as `given` and ``act`` do."""
        await self._store.create(f"{delivery.mark}.taken", delivery.fingerprint)
        if before := await self.given(delivery):
            return before
        answer = await act()
        await self._store.create(f"{delivery.mark}.answered", answer.model_dump_json().encode())
        return await self.given(delivery) or answer
