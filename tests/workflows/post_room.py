"""A mail room that keeps every letter it is given, and refuses or fails as a test tells it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.messages import Delivery, Letter, Post


@dataclass(frozen=True)
class Sent:
    """One letter, and the moment the review gave it to the mail room."""

    at: datetime
    letter: Letter


@dataclass
class FakePostRoom:
    """Carries out `activities.signatures.MailRoom` without any mail.

    ``refused`` holds a status code for each recipient (``agency:police``) whose server refuses.
    ``closed_for`` is how long the next post waits before it is tried again.
    """

    sent: list[Sent] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    closed_for: timedelta | None = None

    @activity.defn(name="send_letters")
    async def send_letters(self, post: Post) -> tuple[Delivery, ...]:
        """Keep the letters; say of each whether it was sent or refused."""
        wait, self.closed_for = self.closed_for, None
        if wait:
            closed = ApplicationErrorCategory.BENIGN
            raise ApplicationError("the mail server is down", next_retry_delay=wait, category=closed)
        return tuple(self._deliver(letter, post.as_of) for letter in post.letters)

    def _deliver(self, letter: Letter, at: datetime) -> Delivery:
        status = self.refused.get(str(letter.to), "")
        if not status:
            self.sent.append(Sent(at, letter))
        outcome = "refused" if status else "sent"
        return Delivery.model_validate(
            {"letter": letter.key, "to": letter.to, "outcome": outcome, "status": status}
        )

    def letters(self, template: str) -> list[Letter]:
        """The letters of one template, in the order they went."""
        return [sent.letter for sent in self.sent if sent.letter.template == template]

    def keys(self, template: str) -> list[str]:
        """The keys of those letters."""
        return [letter.key for letter in self.letters(template)]

    def told(self, template: str) -> list[str]:
        """Whom those letters were for, as plain text."""
        return [str(letter.to) for letter in self.letters(template)]

    def moments(self, template: str) -> list[datetime]:
        """When those letters went, each moment once, to the minute."""
        found = (sent.at for sent in self.sent if sent.letter.template == template)
        return list(dict.fromkeys(moment.replace(second=0, microsecond=0) for moment in found))
