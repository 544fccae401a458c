"""Finding a letter that went out, from what comes back of it."""

from activities.ledger import MailLedger
from domain.errors import Refused
from domain.tokens import PURPOSE, CaseToken, parse_message_id
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
