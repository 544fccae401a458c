"""Finding a letter that went out, from what comes back of it."""

from activities.ledger import MailLedger
from domain.errors import Refused
from domain.tokens import PURPOSE, CaseToken, letter_mark, parse_message_id
from vault.documents import DocumentStore
from vault.keys import KeyRing

NOT_OURS = "This Message-ID is not of one of our letters. Match it to its case by hand."


async def letter_of(message_id: str, keyring: KeyRing, store: DocumentStore) -> tuple[CaseToken, str]:
    """The token of the letter that went out under a Message-ID, its signature verified, and its key.

    Raises:
        Refused: we did not sign the Message-ID, or sent no such letter.
    """
    token, signature, _ = parse_message_id(message_id)
    if not keyring.verify(PURPOSE, token.text, signature):
        raise Refused(NOT_OURS)
    sent_as = message_id.strip().lower().strip("<>")
    for entry in await MailLedger(store).entries(token.reference):
        if entry.message_id.strip("<>") == sent_as:
            return token, entry.letter
    raise Refused(NOT_OURS)


async def letter_marked(store: DocumentStore, reference: str, mark: str) -> str | None:
    """The key of the letter of a case whose Message-ID bears a mark; None where none that was sent does."""
    entries = await MailLedger(store).entries(reference)
    return next((entry.letter for entry in entries if letter_mark(entry.letter) == mark), None)
