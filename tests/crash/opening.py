"""The review that is killed and measured: eight agencies, three leads, a SIN sent when the caller says."""

from datetime import datetime, timedelta
from pathlib import Path

from domain.messages import OpenReview
from domain.particulars import read_opening
from domain.partnership import Partnership
from domain.timetable import LONDON
from starter.reviews import prepared
from vault.documents import DocumentStore

FILE = Path(__file__).with_name("eight_agencies.toml")


async def eight_agencies(
    reference: str, sent_at: datetime, partnership: Partnership, store: DocumentStore
) -> OpenReview:
    """What opens a review under ``reference``, its incident five days before its SIN."""
    given = read_opening(FILE.read_text("utf-8"), FILE.name, now=sent_at + timedelta(days=3660))
    day = sent_at.astimezone(LONDON).date()
    dates = {
        "sent_at": sent_at,
        "incident_on": day - timedelta(days=5),
        "aware_on": day - timedelta(days=4),
    }
    sin = given.sin.model_copy(update=dates)
    return await prepared(given.model_copy(update={"reference": reference, "sin": sin}), partnership, store)
