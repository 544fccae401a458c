"""A mail that is no return, as a case is told of it."""

from domain.messages import MailFiled, MailKind
from tests.sample import at, document


def filed(kind: MailKind, **changes: object) -> MailFiled:
    """A mail of the police, received on Day 1."""
    usual: dict[str, object] = {
        "id": "mail-1",
        "kind": kind,
        "role": "agency",
        "party": "police",
        "document": document("e"),
        "received_at": at("day 1 10:00"),
    }
    given = {"received_at": at("day 2 10:00")} if changes.get("id") == "mail-2" else {}
    return MailFiled.model_validate({**usual, **given, **changes})
