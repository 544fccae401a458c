"""``python -m tests.starter.hooks.fuzz [COUNT] [SEED]``: deliveries gone wrong by the hundred thousand.

Half of them are signed as they should be, over a body that mostly is not what it should be; in the other half
the signature is not. Prints how they were answered and the slowest; ends with status 1 where one failed, took
over two seconds, or had something done that it may not.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from fastapi import FastAPI
from pydantic import SecretStr

from starter.hooks.app import HOOKS, hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.hook import LetterReturned
from starter.hooks.sources import HookName, Source, fresh_secret
from tests.postbox.corpus import expected, raw
from tests.postbox.mutations import mutated
from tests.postbox.pieces import KEYS, letter_id, token
from tests.starter.hooks import forms
from tests.starter.hooks.asking import Answer, ask
from tests.starter.hooks.conftest import nothing_wanting
from tests.starter.hooks.desks import KeepingDesk
from tests.starter.hooks.mutations import WRONG, Sent, gone_wrong
from vault.documents import DocumentStore
from worker.letters import letter_of

SLOW = 2.0
"""Seconds of processor time that no delivery may take."""

HANGS = 30.0
"""Seconds after which one that is not answered is given up."""

REFUSED = {401, 403, 413}
"""How what nobody signed who may is answered; the last where it is too large to be read at all."""

WHOLE = 0.25
"""The share of bodies in which nothing is wrong."""

LETTER = {"media_type": "application/pdf", "content": "JVBERi0xLjc="}
BODIES = {
    HookName.SIN: forms.sin(),
    HookName.REQUEST: forms.request(),
    HookName.PANEL_REPLY: {**forms.PANEL, "letter": LETTER},
    HookName.DELIVERY: {**forms.RECEIPT, "message_id": letter_id(token())},
}
ENVELOPE = b"Return-Path: <someone@police.example>\r\nDelivered-To: rfi@partnership.example\r\n"


@dataclass
class CountingDesk(KeepingDesk):
    """Keeps what it is asked to do, and looks a letter up as the office does."""

    store: DocumentStore = field(default_factory=lambda: DocumentStore("memory://", KEYS))

    async def letter_returned(self, returned: LetterReturned) -> str:
        """Look up whose letter it was."""
        found, _ = await letter_of(returned.message_id, KEYS, self.store)
        self._keep(returned)
        return found.reference


@dataclass
class Tally:
    """How deliveries were answered: ``wrong`` are those of which something may not be, each by its number."""

    count: int = 0
    slowest: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Mill:
    """Deliveries, and the application that takes them; the same seed makes the same."""

    def __init__(self, seed: int) -> None:
        """Nothing is sent yet."""
        self._by = Random(seed)  # noqa: S311 - to be repeated, not to be secret
        self._mails = [raw(line.name) for line in expected() if len(raw(line.name)) < 60_000]
        self._secret, self._provider = fresh_secret(), fresh_secret()
        self.desk, self.tally = CountingDesk(), Tally()
        self._app: FastAPI = hooks_app(
            (
                Source("council-form", (SecretStr(self._secret),), frozenset(HookName)),
                Source("mail-provider", (SecretStr(self._provider),), frozenset({HookName.DELIVERY})),
            ),
            Answers(DocumentStore("memory://", KEYS)),
            self.desk,
            nothing_wanting,
        )

    async def run(self, count: int) -> Tally:
        """Send so many, in turn."""
        for number in range(count):
            hook = self._by.choice(HOOKS)
            body = (self._whole if self._by.random() < WHOLE else self._gone_wrong)(hook.name)
            sent = Sent(hook.name, body, f"msg_{number}", int(time.time()), hook.media_type)
            await (self._signed(sent) if number % 2 else self._unsigned(sent))
            self.desk.deeds.clear()
        return self.tally

    async def _signed(self, sent: Sent) -> None:
        """What is signed rightly is taken, or refused with nothing done; again, it is answered alike."""
        answer = await self._ask(sent, sent.headers(self._secret), "signed")
        done = len(self.desk.deeds)
        if answer.status >= 500 or (answer.status >= 300 and done):
            self._is_wrong("signed", sent, answer)
        if answer.status < 300:
            again = await self._ask(sent, sent.headers(self._secret), "signed, again")
            if again != answer or len(self.desk.deeds) > done:
                self._is_wrong("signed, again", sent, again)

    async def _unsigned(self, sent: Sent) -> None:
        """What nobody signed who may is refused, whatever it says, and nothing is done."""
        how = self._by.choice(list(WRONG))
        wrong, headers = WRONG[how](sent, self._secret, self._by)
        if sent.hook != HookName.DELIVERY and self._by.random() < 1 / len(WRONG):
            how, wrong, headers = "a source that may not", sent, sent.headers(self._provider)
        answer = await self._ask(wrong, headers, "unsigned")
        if self.desk.deeds or answer.status not in REFUSED:
            self._is_wrong(how, sent, answer)

    def _whole(self, hook: HookName) -> bytes:
        if hook is HookName.INBOUND_MAIL:
            return ENVELOPE + self._by.choice(self._mails)
        return json.dumps(BODIES[hook]).encode()

    def _gone_wrong(self, hook: HookName) -> bytes:
        if hook is HookName.INBOUND_MAIL:
            return mutated(self._whole(hook), self._whole(hook), self._by)
        return gone_wrong(BODIES[hook], self._by)

    async def _ask(self, sent: Sent, headers: dict[str, str], how: str) -> Answer:
        began = time.process_time()
        async with asyncio.timeout(HANGS):
            answer = await ask(self._app, "POST", f"/hooks/{sent.hook}", sent.body, headers)
        self.tally.count += 1
        self.tally.slowest = max(self.tally.slowest, time.process_time() - began)
        self.tally.statuses[f"{how} {answer.status}"] += 1
        return answer

    def _is_wrong(self, how: str, sent: Sent, answer: Answer) -> None:
        self.tally.wrong.append(f"{sent.name} to {sent.hook}, {how}: {answer.status}")


def main(count: int, seed: int) -> int:
    """Send ``count`` deliveries; the exit status."""
    tally = asyncio.run(Mill(seed).run(count))
    sys.stdout.write(f"{tally.count} deliveries, slowest {tally.slowest:.2f} s, wrong {len(tally.wrong)}\n")
    sys.stdout.writelines(f"{line}\n" for line in tally.wrong[:20])
    sys.stdout.write(f"answers: {dict(sorted(tally.statuses.items()))}\n")
    return int(bool(tally.wrong) or tally.slowest > SLOW)


if __name__ == "__main__":
    sys.exit(main(*[int(n) for n in (sys.argv[1:] + ["100000", "1"][len(sys.argv) - 1 :])]))
