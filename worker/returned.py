"""Finding a letter of ours again by the mark that its Message-ID bears."""

from activities.ledger import MailLedger
from domain.tokens import letter_mark
from vault.documents import DocumentStore


async def letter_marked(store: DocumentStore, reference: str, mark: str) -> str | None:
    """The key of the letter of a case that bears a mark; None where none that was sent does."""
    entries = await MailLedger(store).entries(reference)
    return next((entry.letter for entry in entries if letter_mark(entry.letter) == mark), None)
