"""What a screen says while something outside keeps a step from being done."""

from datetime import timedelta
from io import StringIO

from rich.console import Console

from starter.screens import standing_screen
from tests.workflows import facts
from tests.workflows.playing import PlayedReview
from tests.workflows.post_room import FakePostRoom


async def first_trouble(review: PlayedReview) -> list[str]:
    """The troubles, as soon as the first attempt has told of its failure."""
    for _ in range(500):
        if troubles := await review.reviews.troubles(review.reference):
            return troubles
    return []


async def test_a_silent_mail_server_is_a_trouble_on_the_screen(
    review: PlayedReview, post: FakePostRoom
) -> None:
    """The case waits, the screen says since when and why, and it is gone when the server is back."""
    post.closed_for = timedelta(hours=1)
    await review.reviews.tell(review.reference, facts.booking(review.at("day 11 10:00")))
    troubles = await first_trouble(review)
    assert troubles == ["the mail server is down"]
    out = Console(width=200, file=StringIO())
    with out.capture() as screen:
        out.print(standing_screen(await review.standing(), troubles))
    assert "TROUBLE  the mail server is down" in screen.get()
    assert "Being sent: invitations to the meeting go out" in screen.get()
    await review.until("day 1 10:00")
    assert await review.reviews.troubles(review.reference) == []
    assert post.keys("invitation")
