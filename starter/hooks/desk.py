"""The office behind the web hooks: the code that the commands call, safe to be asked twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from domain.consideration.messages import PutForward
from domain.errors import Refused
from domain.messages import DeliveryFailed, DocumentRef, OpenReview, PanelReplied
from domain.particulars import OpeningFile, RequestFile
from domain.partnership import Partnership
from starter.considerations import Considerations, not_being_considered, requested
from starter.hooks.hook import LetterReturned, MailDoor
from starter.reviews import Reviews, answering, first_plan, prepared, started_with
from starter.writers import writer_of
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.letters import letter_of


@dataclass(frozen=True)
class HookDesk:
    """Carries out what hooks ask for; ``partnership`` reads the partnership's folder as it is now."""

    reviews: Reviews
    store: DocumentStore
    keyring: KeyRing
    partnership: Callable[[], Partnership]
    mail: MailDoor

    async def open_review(self, opening: OpeningFile) -> None:
        """Open the review, unless this very one is open already.

        Raises:
            Refused: the reference is in use for something else, or the case is put forward.
            NotReadable, NotCovered: as `starter.reviews.prepared`.
        """
        await not_being_considered(self.reviews.client, opening.reference)
        partnership = self.partnership()
        wanted = await prepared(opening, partnership, self.store)
        try:
            await self.reviews.open(wanted, plan=first_plan(opening.sin, partnership))
        except Refused:
            there = await started_with(self.reviews.client, self.reviews.handle(wanted.reference), OpenReview)
            if (there.sin, there.particulars) != (wanted.sin, wanted.particulars):
                raise

    async def put_forward(self, request: RequestFile, received_at: datetime) -> None:
        """Put the case forward, unless this very request did already.

        Raises:
            Refused: it is not countersigned as it must be, or the reference is in use for something else.
            NotReadable, NotCovered: as `starter.considerations.requested`.
        """
        considerations = Considerations(self.reviews.client, self.reviews.task_queue)
        wanted = await requested(request, self.partnership(), self.store, received_at)
        try:
            await considerations.open(wanted)
        except Refused:
            handle = considerations.handle(wanted.reference)
            if not await considerations.exists(wanted.reference):
                raise
            there = await started_with(self.reviews.client, handle, PutForward)
            if there.form != wanted.form:
                raise

    async def keep(self, content: bytes, media_type: str) -> DocumentRef:
        """Put a document into the store."""
        return await self.store.put(content, media_type)

    async def panel_replied(self, reference: str, fact: PanelReplied) -> None:
        """Signal whatever holds the case now; Refused where nothing does."""
        async with answering(reference):
            await (await self.reviews.held_by(reference)).signal("panel_replied", fact)

    async def letter_returned(self, returned: LetterReturned) -> str:
        """Signal the workflow whose letter it was.

        Raises:
            Refused: the letter is not ours, or what sent it has ended.
        """
        token, letter = await letter_of(returned.message_id, self.keyring, self.store)
        fact = DeliveryFailed(
            id=returned.id, letter=letter, status=returned.status, received_at=returned.received_at
        )
        writer = await writer_of(self.reviews, token.reference, letter)
        async with answering(token.reference):
            await writer.signal("delivery_failed", fact)
        return token.reference
